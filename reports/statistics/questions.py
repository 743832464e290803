"""What a statistic is asked: a period, measures, what to add them up by, and what to keep; written into an address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from salesops.kernel.errors import RuleBroken, require
from salesops.kernel.periods import MEANT_YEARS, Period

from .measures import DIMENSIONS, MEASURES, Dimension, Measure

USUAL = ("delivered", "payments", "closing", "overdue")
NOBODY = "none"
"""What an address says of facts without a representative or team."""
ITSELF = "="
"""What an address puts before the code of a region that is meant without those below it."""
SPELLINGS = (
    (re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII), lambda year, month: Period.month(year, month)),
    (re.compile(r"(\d{4})-Q([1-4])", re.ASCII), lambda year, quarter: _part_of_year(year, quarter, 3)),
    (re.compile(r"(\d{4})-H([12])", re.ASCII), lambda year, half: _part_of_year(year, half, 6)),
    (re.compile(r"(\d{4})", re.ASCII), lambda year: Period.year(year, settings.FISCAL_YEAR_FIRST_MONTH)),
)
RANGE = re.compile(r"(\d{4})-(0[1-9]|1[0-2])\.\.(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
LONGEST_MONTHS = 240
YEAR = 12


def _part_of_year(year: int, number: int, months: int) -> Period:
    first = Period.month(year, settings.FISCAL_YEAR_FIRST_MONTH).shifted((number - 1) * months)
    return Period(first.start, first.shifted(months).start)


def read_period(text: str) -> Period:
    """Return the period that an address spells: 2026-03, 2026-Q1, 2026-H1, 2026, or 2026-01..2026-08.

    Quarters, halves and years are those of the fiscal year that begins in that year. RuleBroken where it is none.
    """
    found = None
    try:
        if ends := RANGE.fullmatch(text):
            first_year, first, last_year, last = map(int, ends.groups())
            found = Period(Period.month(first_year, first).start, Period.month(last_year, last).end)
        for pattern, make in SPELLINGS:
            if numbers := pattern.fullmatch(text):
                found = make(*map(int, numbers.groups()))
    except ValueError:
        found = None
    is_meant = found is not None and found.start.year in MEANT_YEARS and found.last_day.year in MEANT_YEARS
    if found is None or not is_meant or not 0 < (found.whole_months or 0) <= LONGEST_MONTHS:
        raise RuleBroken(
            _("“%(text)s” is no period: write 2026-03, 2026-Q1, 2026-H1, 2026 or 2026-01..2026-08.") % {"text": text},
            rule="period",
            field="period",
        )
    return found


def spell_period(period: Period) -> str:
    """Return the shortest way to write a period of whole months into an address."""
    months, since = period.whole_months, (period.start.month - settings.FISCAL_YEAR_FIRST_MONTH) % YEAR
    year = period.start.year - (period.start.month < settings.FISCAL_YEAR_FIRST_MONTH)
    if months == 1:
        return f"{period.start:%Y-%m}"
    if months == YEAR and not since:
        return f"{year}"
    for length, letter in ((3, "Q"), (6, "H")):
        if months == length and since % length == 0:
            return f"{year}-{letter}{since // length + 1}"
    return f"{period.start:%Y-%m}..{period.last_day:%Y-%m}"


def month_now() -> Period:
    """The month that runs."""
    today = timezone.localdate()
    return Period.month(today.year, today.month)


@dataclass(frozen=True)
class Question:
    """One statistic. `kept` narrows it: a key of each dimension named; a region keeps all below it.

    `by` gives the rows, `across` the columns where there are any. Region and representative are those of the
    documents' days, or today's (`today`). `region` as a row opens the region that is kept, the highest without one.
    """

    period: Period
    by: str = "region"
    across: str = ""
    measures: tuple[str, ...] = USUAL
    kept: Mapping[str, str] = field(default_factory=dict)
    today: bool = False

    def __post_init__(self) -> None:
        for dimension in (self.by, *([self.across] if self.across else []), *self.kept):
            require(dimension in DIMENSIONS, _("There is no “%(name)s”.") % {"name": dimension}, rule="dimension")
        for measure in self.measures:
            require(measure in MEASURES, _("There is no “%(name)s”.") % {"name": measure}, rule="measure")
        require(self.across != self.by, _("Rows and columns are of the same."), rule="dimension", field="across")
        require(
            not any(DIMENSIONS[key].is_time for key in self.kept), _("Choose the period instead."), rule="dimension"
        )

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """Rows, then columns."""
        return tuple(DIMENSIONS[key] for key in (self.by, self.across) if key)

    @property
    def is_of_goods(self) -> bool:
        """Whether it tells products apart, so that only goods can answer it."""
        return any(DIMENSIONS[key].of_goods for key in (self.by, self.across, *self.kept) if key)

    @property
    def asked(self) -> tuple[Measure, ...]:
        """The measures that can be told: of products there are only those of goods."""
        chosen = [MEASURES[key] for key in self.measures]
        return tuple(one for one in chosen if one.of_goods or not self.is_of_goods) or (MEASURES["delivered"],)

    @property
    def counted(self) -> Period:
        """The months of the period that have begun; the first one where none has."""
        end = min(self.period.end, max(month_now().end, self.period.start))
        return Period(self.period.start, end) if end > self.period.start else Period.month(*_month(self.period.start))

    def _as_many(self, period: Period) -> Period:
        """As many months from its start as have begun of ours: a running year is compared with the same months."""
        months = self.counted.whole_months
        assert months is not None
        return Period(period.start, _after(period.start, months))

    @property
    def before(self) -> Period:
        """What it is compared with: the months before."""
        return self._as_many(self.period.previous)

    @property
    def last_year(self) -> Period:
        """What it is compared with: the same months a year before."""
        return self._as_many(self.period.last_year)

    @property
    def still_runs(self) -> bool:
        """Whether the period has not ended yet."""
        return self.period.end > timezone.localdate()

    def narrowed(self, **kept: str | None) -> Self:
        """Return the same question with more, or less, kept."""
        both = {**self.kept, **kept}
        return replace(self, kept={key: value for key, value in both.items() if value is not None})

    def as_query(self) -> dict[str, Any]:
        """What the address says."""
        said: dict[str, Any] = {"period": spell_period(self.period), "by": self.by}
        if self.across:
            said["across"] = self.across
        if self.measures != USUAL:
            said["measures"] = list(self.measures)
        if self.today:
            said["structure"] = "today"
        return said | dict(self.kept)

    @classmethod
    def read(cls, query: Any) -> Self:
        """Return what an address (a QueryDict) asks, of this month without a period; RuleBroken where it is wrong."""
        measures = tuple(dict.fromkeys(query.getlist("measures")))
        return cls(
            period=read_period(query["period"]) if query.get("period") else month_now(),
            by=query.get("by") or "region",
            across=query.get("across", ""),
            measures=measures or USUAL,
            kept={key: query[key] for key in DIMENSIONS if not DIMENSIONS[key].is_time and query.get(key)},
            today=query.get("structure") == "today",
        )


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


def _after(start: date, months: int) -> date:
    return Period.month(*_month(start)).shifted(months).start
