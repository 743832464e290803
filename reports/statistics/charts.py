"""The pictures of a statistic: its months against last year, payments and receivables by month, who makes it up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import accumulate

from django.conf import settings
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from salesops.kernel.periods import Period
from salesops.users.models import User
from salesops.web.charts import Chart, Series

from .answers import ZERO, Figures, Key, Reader, heads_of, seen_by, told_to
from .measures import DIMENSIONS, MEASURES, Measure
from .questions import Question
from .spans import period_around

MOST_BARS = 20
FEWEST_CUSTOMERS = 3
MOST = Decimal(80)
"""Percent: how many customers make most of it."""
YEAR = 12
MONTHLY = ("delivered", "payments", "closing", "overdue")


@dataclass(frozen=True)
class Months:
    """The months around a period, with their figures and those of a year before; of months to come there are none."""

    period: Period
    shown: Sequence[Period]
    asked: Period
    now: dict[Key, Figures]
    then: dict[Key, Figures]

    def of(self, measure: str) -> list[Decimal | None]:
        """The figures of a measure, in thousands where it is money."""
        return [_scaled(measure, self.now.get((month.start,), {})) if month in self else None for month in self.shown]

    def last_year_of(self, measure: str) -> list[Decimal | None]:
        """Those of a year before."""
        return [_scaled(measure, self.then.get((month.start,), {})) for month in self.shown]

    def __contains__(self, month: Period) -> bool:
        return month.start in self.period

    def has(self, measure: str, *, then: bool = False) -> bool:
        """Whether there is anything to draw of a measure; with `then` a year before is enough."""
        figures = [*self.now.values(), *(self.then.values() if then else ())]
        return any(found.get(measure) for found in figures)

    @property
    def names(self) -> list[str]:
        """What the months are called."""
        is_year = len(self.shown) <= YEAR
        return [date_format(month.start, "M") if is_year else f"{month.start:%Y-%m}" for month in self.shown]

    @property
    def strong(self) -> list[int]:
        """The positions of the months that are asked for, where others stand beside them."""
        places = [at for at, month in enumerate(self.shown) if month.start in self.asked]
        return places if len(places) < len(self.shown) else []

    @property
    def years(self) -> tuple[str, str]:
        """What this year and the one before are called."""
        if len(self.shown) > YEAR:
            return _("Now"), _("Year before")
        return str(self.shown[0].start.year), str(self.shown[0].start.year - 1)


def _scaled(measure: str, figures: Figures) -> Decimal:
    value = figures.get(measure, ZERO)
    return value / 1000 if MEASURES[measure].kind == "money" else value


def read_months(question: Question, main: str, user: User, kept: Q) -> Months:
    """Return the months of the fiscal year around a period, or of the period where it is longer; two queries."""
    whole = period_around(Period.month(question.period.start.year, question.period.start.month), YEAR)
    period = whole if question.period.end <= whole.end else question.period
    wanted = tuple(dict.fromkeys((main, *MONTHLY)))
    monthly = replace(question, period=period, by="month", across="", measures=wanted)
    reader = Reader(monthly, seen_by(user, kept))
    return Months(
        period=monthly.counted,
        shown=period.months(),
        asked=question.period,
        now=reader.figures(monthly.counted, monthly.dimensions),
        then=reader.figures(period.last_year, monthly.dimensions),
    )


def unit(measure: Measure) -> str:
    """What a picture's figures are in."""
    thousand = _("%(currency)s thousand") % {"currency": settings.CURRENCY}
    return thousand if measure.kind == "money" else str(measure.label)


def trend(months: Months, measure: Measure) -> Chart | None:
    """A measure by month against last year; those asked for stand out."""
    if not months.has(measure.key, then=True):
        return None
    this, last = months.years
    return Chart(
        "trend",
        _("%(measure)s by month") % {"measure": measure.label},
        months.names,
        [
            Series(this, months.of(measure.key), "now", kind="bar"),
            Series(last, months.last_year_of(measure.key), "then", kind="line"),
        ],
        sub=unit(measure),
        kind="bar",
        strong=months.strong,
        decimals=1 if measure.kind == "money" else 0,
        category_label=_("Month"),
    )


def payments(months: Months) -> Chart | None:
    """What was paid beside what was delivered."""
    if not (months.has("payments") and months.has("delivered")):
        return None
    return _pair(months, "payments", _("Payments against deliveries"), ("delivered", "now"), ("payments", "then"))


def receivable(months: Months) -> Chart | None:
    """What was owed at the end of each month, and how much of it was late."""
    if not months.has("closing"):
        return None
    return _pair(months, "receivable", _("Receivable and overdue"), ("closing", "age0"), ("overdue", "age4"))


def _pair(months: Months, key: str, title: str, *pair: tuple[str, str]) -> Chart:
    """Two measures as bars side by side, each with its look."""
    series = [Series(MEASURES[measure].label, months.of(measure), look, kind="bar") for measure, look in pair]
    return Chart(
        key,
        title,
        months.names,
        series,
        sub=unit(MEASURES[pair[0][0]]),
        kind="bar",
        low=True,
        category_label=_("Month"),
    )


def pareto(question: Question, measure: Measure, user: User, kept: Q) -> Chart | None:
    """Customers by size, and how much of the whole the largest make together; two queries."""
    if measure.over == "first" or measure.key.endswith("_customers"):
        return None
    of_customers = replace(question, by="customer", across="", measures=(measure.key,))
    if told_to(of_customers, user) != of_customers:
        return None
    reader = Reader(of_customers, seen_by(user, kept))
    found = reader.figures(of_customers.counted, of_customers.dimensions)
    sizes = sorted(((figures[measure.key], key[0]) for key, figures in found.items()), reverse=True)
    sizes = [(size, key) for size, key in sizes if size > 0]
    if len(sizes) < FEWEST_CUSTOMERS:
        return None
    whole = sum(size for size, _key in sizes)
    together = [part * 100 / whole for part in accumulate(size for size, _key in sizes)]
    enough = next(at for at, percent in enumerate(together, start=1) if percent >= MOST)
    shown = sizes[:MOST_BARS]
    heads = heads_of(DIMENSIONS["customer"], [key for _size, key in shown])
    scale = 1000 if measure.kind == "money" else 1
    says = _("%(few)d of %(all)d make %(most)d%% of it") % {"few": enough, "all": len(sizes), "most": MOST}
    return Chart(
        "pareto",
        _("Customers by size"),
        [heads[key].label for _size, key in shown],
        [
            Series(measure.label, [size / scale for size, _key in shown], "now", kind="bar"),
            Series(_("Together, percent"), together[: len(shown)], "plan", kind="line", percent=True),
        ],
        sub=f"{says}; {unit(measure)}",
        kind="bar",
        slanted=True,
        category_label=_("Customer"),
    )
