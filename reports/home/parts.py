"""What cards of the home page are made of: figures for the row on top, and lists of things with their reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from salesops.kernel.money import Money, percent_of
from salesops.web.figures import money_text, percent_text
from salesops.web.page import Action, Empty

THOUSAND = Decimal(1000)


@dataclass(frozen=True)
class Delta:
    """A change in percent, and what it is compared with. `good` colours it; the arrow says the direction."""

    text: str
    against: Any
    rises: bool
    good: bool


@dataclass(frozen=True)
class Tile:
    """A figure of the row on top; the whole tile leads to its rows. `order` places it, `notes` explain it."""

    label: Any
    value: str
    url: str
    order: int = 50
    delta: Delta | None = None
    notes: Sequence[Any] = ()
    tone: str = ""


@dataclass(frozen=True)
class Todo:
    """One thing of a list: what it is, why it stands here, its figure. The whole line leads to it."""

    title: str
    url: str
    sub: Any = ""
    title_zh: str = ""
    icon: str = ""
    money: Money | None = None
    figure: Any = ""
    note: Any = ""
    flags: Sequence[Any] = ()
    is_bad: bool = False


@dataclass(frozen=True)
class CardContext:
    """What a card of the home page answers. Tiles, sentences and buttons go to the head of the page."""

    rows: Sequence[Todo] = ()
    empty: Empty | None = None
    note: Any = ""
    url: str = ""
    link: Any = ""
    tiles: Sequence[Tile] = ()
    says: Sequence[str] = ()
    actions: Sequence[Action] = ()
    more: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The context of the card's template."""
        return {
            "rows": self.rows,
            "empty": self.empty,
            "head_note": self.note,
            "head_url": self.url,
            "head_link": self.link,
            "tiles": self.tiles,
            "says": self.says,
            "actions": self.actions,
            **self.more,
        }


def thousands(amount: Decimal | int) -> str:
    """Return an amount in thousands with one decimal: 1,749.3."""
    return f"{(Decimal(amount) / THOUSAND).quantize(Decimal('0.1'), ROUND_HALF_UP):,}".replace("-", "−")


def short_money(amount: Decimal) -> str:
    """Return an amount without cents where there are none."""
    return money_text(amount).removesuffix(".00")


def change(now: Decimal, then: Decimal, against: Any) -> Delta | None:
    """Return how much more or less it is, in percent; None where there was nothing to compare with."""
    if not then:
        return None
    percent = percent_of(now - then, then)
    return Delta(percent_text(abs(percent)), against, rises=percent >= 0, good=percent >= 0)


def share_text(part: Decimal, whole: Decimal, words: Any) -> str:
    """Return “12.6% of receivables”; empty where the whole is nothing."""
    return str(words) % {"share": percent_text(percent_of(part, whole))} if whole else ""


def days_text(days: int) -> str:
    """Return a span of days in words."""
    return _("1 day") if days == 1 else _("%(days)d days") % {"days": days}
