"""Spans of days: half-open, so that one period's end is the next one's start."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from django.utils.translation import gettext as _

from .errors import require

MEANT_YEARS = range(2000, 2101)
"""The years of days that people can mean of what they do now; another is a typing error."""
REMEMBERED_YEARS = range(1950, 2101)
"""The years of days that old papers and books can bear."""


def _month_start(year: int, months: int) -> date:
    """The first day of the month that lies `months` after January of `year`."""
    return date(year + months // 12, months % 12 + 1, 1)


@dataclass(frozen=True, order=True)
class Period:
    """Days from `start` up to, not including, `end`."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a period cannot end ({self.end}) before it starts ({self.start})")

    @classmethod
    def day(cls, day: date) -> Self:
        """Return the period of one day."""
        return cls(day, day + timedelta(days=1))

    @classmethod
    def month(cls, year: int, month: int) -> Self:
        """Return a calendar month."""
        return cls(_month_start(year, month - 1), _month_start(year, month))

    @classmethod
    def quarter(cls, year: int, quarter: int) -> Self:
        """Return a calendar quarter, 1 to 4."""
        return cls(_month_start(year, quarter * 3 - 3), _month_start(year, quarter * 3))

    @classmethod
    def year(cls, year: int, first_month: int = 1) -> Self:
        """Return the year that starts in `first_month` of `year`; a fiscal year where that is not January."""
        return cls(_month_start(year, first_month - 1), _month_start(year, first_month + 11))

    @classmethod
    def last_months(cls, count: int, today: date) -> Self:
        """Return the `count` calendar months that end with today's month."""
        return cls(_month_start(today.year, today.month - count), _month_start(today.year, today.month))

    @property
    def whole_months(self) -> int | None:
        """How many whole calendar months this is; None where it is none."""
        if self.start.day != 1 or self.end.day != 1:
            return None
        return (self.end.year - self.start.year) * 12 + self.end.month - self.start.month

    def shifted(self, months: int) -> Self:
        """Return the period of as many whole months, moved by `months`; ValueError where it is not of whole months."""
        if self.whole_months is None:
            raise ValueError("only whole months move by months")
        start = _month_start(self.start.year, self.start.month - 1 + months)
        return type(self)(start, _month_start(start.year, start.month - 1 + self.whole_months))

    @property
    def previous(self) -> Self:
        """The period of the same length that ends where this one starts."""
        months = self.whole_months
        if months:
            return self.shifted(-months)
        return type(self)(self.start - (self.end - self.start), self.start)

    @property
    def last_year(self) -> Self:
        """The same days one year before; 29 February becomes the 28th."""
        if self.whole_months:
            return self.shifted(-12)
        return type(self)(_year_before(self.start), _year_before(self.end))

    @property
    def last_day(self) -> date:
        """The last day that belongs to the period."""
        return self.end - timedelta(days=1)

    def months(self) -> list[Self]:
        """Return the calendar months that the period touches, in order."""
        found = []
        month = type(self).month(self.start.year, self.start.month)
        while month.start < self.end:
            found.append(month)
            month = month.shifted(1)
        return found

    def lookup(self, field: str) -> dict[str, date]:
        """Return keyword arguments for filter() that keep rows whose `field` lies in the period."""
        return {f"{field}__gte": self.start, f"{field}__lt": self.end}

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __str__(self) -> str:
        if self.whole_months == 1:
            return f"{self.start:%Y-%m}"
        if self.whole_months == 12 and self.start.month == 1:
            return f"{self.start:%Y}"
        if self.whole_months == 3 and self.start.month % 3 == 1:
            return f"{self.start:%Y}-Q{self.start.month // 3 + 1}"
        return f"{self.start} – {self.last_day}"


def require_meant(day: date | None, *, field: str, years: range = MEANT_YEARS) -> None:
    """Raise RuleBroken at the field where a day lies in a year that nobody means; no day is none of them."""
    first, last = date(years[0], 1, 1), date(years[-1], 12, 31)
    require(
        day is None or day.year in years, _("This year is not meant."), rule="year", field=field, first=first, last=last
    )


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
