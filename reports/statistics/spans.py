"""The picker of the period: its kinds, the one before and the one after, and months from and to."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from salesops.kernel.periods import MEANT_YEARS, Period

from .questions import month_now, spell_period

KINDS: dict[str, tuple[int, Any, str]] = {
    "month": (1, _("Month"), r"\d{4}-\d\d"),
    "quarter": (3, _("Quarter"), r"\d{4}-Q\d"),
    "half": (6, _("Half-year"), r"\d{4}-H\d"),
    "year": (12, _("Year"), r"\d{4}"),
}
"""Months, name and spelling of each kind of period."""


@dataclass(frozen=True)
class Kind:
    """One kind of period, with the address of the one that holds the last months shown."""

    label: Any
    url: str
    is_current: bool


@dataclass(frozen=True)
class Picker:
    """What the picker shows: `before` and `after` are addresses, empty where there is nothing to see."""

    label: str
    kinds: list[Kind]
    before: str
    after: str
    first: str
    last: str


def period_around(month: Period, length: int) -> Period:
    """Return the month, quarter, half or fiscal year that a month lies in."""
    since = (month.start.month - settings.FISCAL_YEAR_FIRST_MONTH) % length
    first = month.shifted(-since)
    return Period(first.start, first.shifted(length - 1).end)


def picker_of(period: Period, address: Callable[[str], str]) -> Picker:
    """Return the picker of a period; `address` makes that of the page with another one, as it is spelled."""
    spelled = spell_period(period)
    last = Period.month(period.last_day.year, period.last_day.month)
    shown = max(min(last, month_now()), Period.month(period.start.year, period.start.month))
    months = period.whole_months or 1
    kinds = [
        Kind(label, address(spell_period(period_around(shown, length))), bool(re.fullmatch(spelling, spelled)))
        for length, label, spelling in KINDS.values()
    ]
    begun = period.end <= month_now().start
    return Picker(
        spelled,
        kinds,
        _moved(period, -months, address),
        _moved(period, months, address) if begun else "",
        f"{period.start:%Y-%m}",
        f"{period.last_day:%Y-%m}",
    )


def _moved(period: Period, months: int, address: Callable[[str], str]) -> str:
    moved = period.shifted(months)
    is_meant = moved.start.year in MEANT_YEARS and moved.last_day.year in MEANT_YEARS
    return address(spell_period(moved)) if is_meant else ""
