"""Figures of a statistic as people read them: money in thousands, growth with its direction and whether it is good."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from reports.home.parts import thousands
from salesops.web.badges import icon_html
from salesops.web.figures import DASH, money_text, percent_text, quantity_text

from .measures import Measure

STRONG, MIDDLE, WEAK = Decimal(18), Decimal(8), Decimal(2)
"""From how much growth or decline in percent on a cell of the heat map is tinted how strongly."""
TENTH = Decimal("0.1")


def short_text(measure: Measure, value: Decimal) -> str:
    """A figure in a table: money in thousands with one decimal, counts as they are."""
    return thousands(value) if measure.kind == "money" else quantity_text(value)


def exact_text(measure: Measure, value: Decimal) -> str:
    """A figure to the cent."""
    return money_text(value) if measure.kind == "money" else quantity_text(value)


def linked(text: Any, url: str, title: str = "") -> SafeString:
    """A figure that leads to what it is made of, where it leads anywhere."""
    if not url:
        return format_html('<span title="{}">{}</span>', title, text)
    return format_html('<a class="so-quiet" href="{}" title="{}">{}</a>', url, title, text)


def growth_html(growth: Decimal | None, measure: Measure, now: Decimal = Decimal(0)) -> SafeString:
    """Growth in percent with its direction; coloured by whether it is good news. “new” where there was nothing."""
    if growth is None:
        return format_html('<span class="so-muted">{}</span>', _("new")) if now else DASH
    rounded = growth.quantize(TENTH, ROUND_HALF_UP)
    if not rounded:
        return format_html('<span class="so-delta">{}</span>', percent_text(Decimal(0)))
    rises = rounded > 0
    return format_html(
        '<span class="so-delta so-delta--{}">{}<span class="visually-hidden">{} </span>{}</span>',
        "up" if rises == measure.is_good else "down",
        icon_html("up" if rises else "fall", "sm"),
        _("up") if rises else _("down"),
        percent_text(abs(rounded)),
    )


def signed_percent(growth: Decimal | None) -> str:
    """Growth with its sign and without that of percent: +13.7, −7.9; nothing where there was nothing."""
    if growth is None:
        return ""
    rounded = growth.quantize(TENTH, ROUND_HALF_UP)
    return f"{rounded:+,}".replace("-", "−") if rounded else "0.0"


def heat_of(growth: Decimal | None) -> str:
    """How a cell of the heat map is tinted: stronger the more it grew or fell."""
    if growth is None or abs(growth) < WEAK:
        return ""
    level = 3 if abs(growth) >= STRONG else 2 if abs(growth) >= MIDDLE else 1
    return f"is-{'p' if growth > 0 else 'n'}{level}"


NOTHING = mark_safe("")

__all__ = ["NOTHING", "exact_text", "growth_html", "heat_of", "linked", "short_text", "signed_percent"]
