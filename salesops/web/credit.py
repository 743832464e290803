"""The geometry of the credit bar: how much of the limit is used, by what, and what is over.

Everything is a share of the bar's width in percent, for SVG attributes: no style, no script, and it prints.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from django.utils.translation import gettext as _

from .figures import money_text, percent_text

ZERO = Decimal(0)
ROOM = Decimal("1.06")
"""The bar is a little longer than its longest figure, so that the limit's stroke does not stand at the edge."""

ROOM_FOR_LABEL = 25
"""Percent of the bar that the limit's words may take."""


class Picture(Protocol):
    """What a credit bar needs. A limit of None is not controlled; of 0 means prepaid only."""

    @property
    def limit(self) -> Decimal | None: ...
    @property
    def balance(self) -> Decimal: ...
    @property
    def committed(self) -> Decimal: ...
    @property
    def this(self) -> Decimal | None: ...
    @property
    def exposure(self) -> Decimal: ...


@dataclass(frozen=True)
class Part:
    """A stretch of the bar: its class, where it begins, how wide it is, and the pattern drawn over it."""

    css: str
    x: str
    width: str
    pattern: str = ""
    cut: bool = True


@dataclass
class Bar:
    """A credit bar ready to be drawn, and its equation."""

    parts: list[Part] = field(default_factory=list)
    track_x: str = "0%"
    track_width: str = "100%"
    limit_x: str = ""
    limit_text_x: str = ""
    limit_anchor: str = "end"
    zero_x: str = ""
    zero_label: bool = False
    says: str = ""
    over: Decimal | None = None
    over_percent: Decimal | None = None
    remains: Decimal | None = None
    is_prepaid: bool = False


def draw(picture: Picture) -> Bar:
    """Return the bar of a credit picture. A negative balance is the customer's own money, left of zero."""
    terms = list(_stack(picture))
    low = min(ZERO, picture.balance)
    reach = max([ZERO, picture.limit or ZERO, *(end for _css, _start, end in terms)])
    span = (reach - low) * ROOM or Decimal(1)

    def at(amount: Decimal) -> Decimal:
        return max(ZERO, min(Decimal(100), (amount - low) * 100 / span))

    bar = Bar(is_prepaid=picture.balance < 0)
    limit = picture.limit
    track_end = limit if limit is not None else reach
    bar.track_width = _percent(at(max(track_end, ZERO)))
    if bar.is_prepaid:
        bar.parts.append(Part("so-f-prepaid", "0%", _percent(at(ZERO)), cut=False))
        bar.zero_x = _percent(at(ZERO))
        bar.zero_label = picture.limit is None or at(picture.limit) - at(ZERO) > ROOM_FOR_LABEL
    for css, start, end in terms:
        inside = end if limit is None else min(end, max(limit, low))
        if inside > start:
            pattern = "p-hatch" if css == "so-f-committed" else ""
            bar.parts.append(Part(css, _percent(at(start)), _percent(at(inside) - at(start)), pattern, start > low))
    if limit is not None:
        highest = max([end for _css, _start, end in terms], default=ZERO)
        if highest > limit:
            start = max(limit, low)
            bar.parts.append(Part("so-f-over", _percent(at(start)), _percent(at(highest) - at(start)), "p-cross"))
        bar.limit_x = _percent(at(limit))
        left = at(limit) < ROOM_FOR_LABEL
        bar.limit_anchor = "start" if left else "end"
        bar.limit_text_x = _percent(at(limit) + (Decimal("0.8") if left else Decimal("-0.8")))
        _settle(bar, picture, limit)
    bar.says = _in_words(bar, picture)
    return bar


def _stack(picture: Picture) -> Iterable[tuple[str, Decimal, Decimal]]:
    """The terms one after another, each from where the one before ended."""
    at = picture.balance if picture.balance < 0 else ZERO
    if picture.balance > 0:
        yield "so-f-balance", ZERO, picture.balance
        at = picture.balance
    for css, amount in (("so-f-committed", picture.committed), ("so-f-this", picture.this or ZERO)):
        if amount > 0:
            yield css, at, at + amount
            at += amount


def _settle(bar: Bar, picture: Picture, limit: Decimal) -> None:
    over = picture.exposure - limit
    if over > 0:
        bar.over = getattr(picture, "over_amount", None) or over
        bar.over_percent = getattr(picture, "over_percent", None) or (over * 100 / limit if limit else None)
    else:
        bar.remains = -over


def _in_words(bar: Bar, picture: Picture) -> str:
    facts: dict[str, Any] = {"exposure": money_text(picture.exposure)}
    if picture.limit is None:
        return _("Exposure %(exposure)s; the limit is not controlled.") % facts
    facts |= {"limit": money_text(picture.limit)}
    if bar.over is None:
        facts["remains"] = money_text(bar.remains)
        return _("Exposure %(exposure)s against a limit of %(limit)s: %(remains)s remains.") % facts
    facts["over"] = money_text(bar.over)
    if bar.over_percent is None:
        return _("Exposure %(exposure)s against a limit of %(limit)s: %(over)s too much.") % facts
    facts["percent"] = percent_text(bar.over_percent)
    return _("Exposure %(exposure)s against a limit of %(limit)s: %(over)s too much, %(percent)s.") % facts


def _percent(share: Decimal) -> str:
    return f"{share:.3f}%"
