"""Statistics read from facts: what a question's figures are, for who asks, with what came before beside them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from customers.files.models import Customer, Grade
from orders.catalogue.models import Category, Product
from orders.facts.models import AccountFact, Fact, FactQuerySet, GoodsFact
from salesops.kernel.errors import require
from salesops.kernel.periods import Period
from salesops.users.models import Region, Team, User, in_reader_language
from salesops.users.regions.queries import subtree_ids

from .measures import DIMENSIONS, MEASURES, Dimension, Measure
from .questions import ITSELF, NOBODY, Question, month_now, spell_period
from .spans import period_around

Key = tuple[Any, ...]
Figures = dict[str, Decimal]
Keep = Callable[[FactQuerySet], FactQuerySet]
"""Which facts count: those in somebody's scope, or those of a place."""
ZERO = Decimal(0)


@dataclass(frozen=True)
class Cell:
    """A figure with that of the period before and that of the same period a year before."""

    now: Decimal = ZERO
    before: Decimal = ZERO
    last_year: Decimal = ZERO

    @property
    def growth(self) -> Decimal | None:
        """Growth against last year in percent; None where there was nothing."""
        return _growth(self.now, self.last_year)

    @property
    def growth_before(self) -> Decimal | None:
        """Growth against the period before in percent; None where there was nothing."""
        return _growth(self.now, self.before)


def _growth(now: Decimal, then: Decimal) -> Decimal | None:
    return (now - then) / abs(then) * 100 if then else None


@dataclass(frozen=True)
class Head:
    """What a row or column is of: its key, what it is called, and how an address names it."""

    key: Any
    label: str
    code: str
    sub: str = ""


class Across(dict[Any, Mapping[str, Cell]]):
    """Figures by column; of a column that has none for the row, noughts, which are kept once."""

    def __init__(self, noughts: Mapping[str, Cell], found: Mapping[Any, Mapping[str, Cell]]) -> None:
        super().__init__(found)
        self.noughts = noughts

    def __missing__(self, column: Any) -> Mapping[str, Cell]:
        return self.noughts


@dataclass(frozen=True)
class Row:
    """Figures by measure, and by column where there are any."""

    head: Head
    cells: Mapping[str, Cell]
    across: Mapping[Any, Mapping[str, Cell]] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """A question's figures: rows, columns, and the total, which is read by itself."""

    question: Question
    measures: Sequence[Measure]
    rows: Sequence[Row]
    columns: Sequence[Head]
    total: Row

    def share(self, row: Row, measure: str) -> Decimal | None:
        """A row's share of the total in percent."""
        whole = self.total.cells[measure].now
        return row.cells[measure].now / whole * 100 if whole else None


def answer(question: Question, user: User) -> Answer:
    """Return the figures that a person may see: of its customers, as lists of documents are.

    Money with tax in the company's currency. A constant number of queries. Rows are sorted by the first measure, the
    largest first; those of time in order. RuleBroken where what is kept is not there, or not in the person's scope.
    """
    question = told_to(question, user)
    return read(question, seen_by(user, conditions(question, user)))


def seen_by(user: User, kept: Q) -> Keep:
    """Return what keeps the facts of the customers in somebody's scope, under a condition."""
    return lambda facts: facts.visible_to(user).filter(kept)


def read(question: Question, keep: Keep) -> Answer:
    """Return the figures of the facts that `keep` leaves, whoever asks: scope is the caller's."""
    periods = (question.counted, question.before, question.last_year)
    reader = Reader(question, keep)
    rows = [reader.figures(period, question.dimensions[:1]) for period in periods]
    wholes = [reader.figures(period, ()) for period in periods]
    across: list[dict[Key, Figures]] = [{}, {}, {}]
    if question.across:
        across = [reader.figures(period, question.dimensions) for period in periods]
    heads = heads_of(question.dimensions[0], {key[0] for found in rows for key in found}, question.period)
    columns = {}
    crossed: dict[Any, dict[Any, Mapping[str, Cell]]] = defaultdict(dict)
    if question.across:
        for key, column in {pair for found in across for pair in found}:
            crossed[key][column] = _cells(question.asked, across, (key, column))
        names = {column for found in crossed.values() for column in found}
        columns = heads_of(question.dimensions[1], names, question.period)
    noughts = {one.key: Cell() for one in question.asked}
    made = [
        Row(head, _cells(question.asked, rows, (key,)), Across(noughts, crossed[key])) for key, head in heads.items()
    ]
    return Answer(
        question,
        question.asked,
        _in_order(made, question),
        _columns_in_order(columns, question),
        Row(Head(None, _("Total"), ""), _cells(question.asked, wholes, ())),
    )


def told_to(question: Question, user: User) -> Question:
    """Return the question with the measures that may be told: of single customers accounts only to who sees them."""
    is_of_customers = "customer" in (question.by, question.across, *question.kept)
    if not is_of_customers or user.has_perm("orders.view_accounts"):
        return question
    told = tuple(key for key in question.measures if not MEASURES[key].of_accounts)
    return replace(question, measures=told or ("delivered",))


def _cells(measures: Iterable[Measure], found: Sequence[dict[Key, Figures]], key: Key) -> dict[str, Cell]:
    nothing: Figures = {}
    now, before, last_year = (figures.get(key, nothing) for figures in found)
    return {
        one.key: Cell(now.get(one.key, ZERO), before.get(one.key, ZERO), last_year.get(one.key, ZERO))
        for one in measures
    }


def _in_order(rows: list[Row], question: Question) -> list[Row]:
    if DIMENSIONS[question.by].is_time:
        return sorted(rows, key=lambda row: row.head.key)
    first = question.asked[0].key
    return sorted(rows, key=lambda row: (-row.cells[first].now, row.head.label))


def _columns_in_order(columns: dict[Any, Head], question: Question) -> list[Head]:
    is_time = question.across and DIMENSIONS[question.across].is_time
    return sorted(columns.values(), key=lambda head: (head.key if is_time else head.code, head.label))


class Reader:
    """Reads the facts that are kept of one question."""

    def __init__(self, question: Question, keep: Keep) -> None:
        self.question = question
        model: type[Fact] = GoodsFact if question.is_of_goods else AccountFact
        self.facts = keep(model.objects.current())
        is_by_region = "region" in (question.by, question.across)
        self.places = places_below(open_region_id(question.kept.get("region"))) if is_by_region else {}

    def figures(self, period: Period, dimensions: Sequence[Dimension]) -> dict[Key, Figures]:
        """Return the figures of a period by the keys of the dimensions.

        The months of last year and of the period before are called as those of the question that they stand beside.
        """
        paths = [dimension.path_by(today=self.question.today) for dimension in dimensions]
        times = [dimension for dimension in dimensions if dimension.is_time]
        time = min(times, key=lambda dimension: LENGTHS[dimension.key], default=None)
        moved = months_between(period, self.question.counted)
        sums = {one.key: self._sum(one, period, is_by_time=time is not None) for one in self.question.asked}
        # what an ordering would add to the groups is taken out
        found = self.facts.within(period).order_by().values(*dict.fromkeys(paths)).annotate(**sums)
        added: dict[Key, Figures] = defaultdict(lambda: defaultdict(Decimal))
        folds = [self._fold(dimension, period) for dimension in dimensions]
        asked = self.question.asked
        for row in found if paths else [self.facts.within(period).aggregate(**sums)]:
            key = tuple(fold(row[path]) for fold, path in zip(folds, paths, strict=True))
            for one in asked:
                if row[one.key] and self._counts(one, row, time, moved):
                    added[key][one.key] += row[one.key]
        return dict(added)

    def _sum(self, measure: Measure, period: Period, *, is_by_time: bool) -> Sum:
        """The expression that adds a measure up; of balances only the month at whose edge they stand."""
        if is_by_time or measure.over == "sum":
            return Sum(measure.field)
        return Sum(measure.field, filter=Q(month=_edge(measure, period)))

    def _counts(self, measure: Measure, row: Mapping[str, Any], time: Dimension | None, moved: int) -> bool:
        """Whether a month's balance stands at the edge of the shortest span that its row or column is of."""
        if time is None or measure.over == "sum":
            return True
        month = _moved(row["month"], moved)
        return bool(month == _edge(measure, span_of(time, month, self.question.counted)))

    def _fold(self, dimension: Dimension, period: Period) -> Callable[[Any], Any]:
        """What makes a key of the answer out of one of the facts."""
        if dimension.key == "region":
            return lambda region: self.places.get(region, region)
        if dimension.is_time:
            moved = months_between(period, self.question.counted)
            return lambda month: span_of(dimension, _moved(month, moved), self.question.counted).start
        return lambda key: key


LENGTHS = {"month": 1, "quarter": 3, "year": 12}
"""Months of each dimension of time."""


def _edge(measure: Measure, period: Period) -> Any:
    """The month of a period whose balance counts: its first, or the last that has begun."""
    if measure.over == "first":
        return period.start
    return min(Period.month(period.last_day.year, period.last_day.month).start, month_now().start)


def span_of(dimension: Dimension, month: Any, period: Period) -> Period:
    """The month, quarter or fiscal year around a month, as far as it lies in the period."""
    if dimension.key == "month":
        return Period.month(month.year, month.month)
    around = period_around(Period.month(month.year, month.month), LENGTHS[dimension.key])
    return Period(max(around.start, period.start), min(around.end, period.end))


def months_between(one: Period, other: Period) -> int:
    return (other.start.year - one.start.year) * 12 + other.start.month - one.start.month


def _moved(month: Any, months: int) -> Any:
    return Period.month(month.year, month.month).shifted(months).start


PLACES = """
WITH RECURSIVE tree(region_id, place) AS (
    SELECT id, id FROM users_region WHERE parent_id IS NOT DISTINCT FROM %s
    UNION ALL SELECT below.id, tree.place FROM users_region below JOIN tree ON below.parent_id = tree.region_id
) SELECT region_id, place FROM tree
"""


def places_below(region_id: int | None) -> dict[int, int]:
    """Return for each region below one the region directly below it in which it lies."""
    with connection.cursor() as cursor:
        cursor.execute(PLACES, [region_id])
        return dict(cursor.fetchall())


# ---- what is kept ----
LOOKUPS: dict[str, tuple[Any, str]] = {
    "region": (Region, "code"),
    "team": (Team, "pk"),
    "representative": (User, "username"),
    "customer": (Customer, "code"),
    "category": (Category, "pk"),
    "product": (Product, "sku"),
}
"""How an address names the keys of a dimension."""


def conditions(question: Question, user: User, at: Callable[[str], str] = str) -> Q:
    """Return the condition that keeps what the question keeps; RuleBroken where something of it is not there.

    `at` says where rows other than facts have what a path of a fact leads to.
    """
    kept = Q()
    for name, code in question.kept.items():
        path = at(DIMENSIONS[name].path_by(today=question.today))
        if code == NOBODY:
            kept &= Q(**{f"{path}__isnull": True})
        elif name == "region" and not code.startswith(ITSELF):
            kept &= Q(**{f"{path}__in": subtree_ids(key_of(name, code, user))})
        else:
            kept &= Q(**{path: key_of(name, code, user)})
    return kept


def key_of(name: str, code: str, user: User) -> Any:
    """Return the key that an address names; RuleBroken where there is none, or a customer is not in scope."""
    if name == "grade":
        found = code if code in Grade.values else None
    else:
        model, by = LOOKUPS[name]
        rows = Customer.objects.visible_to(user) if model is Customer else model._default_manager.all()
        is_code = code.isprintable() if by != "pk" else code.isascii() and code.isdecimal() and len(code) < 16
        text = code.removeprefix(ITSELF) if name == "region" else code
        found = rows.filter(**{by: text}).values_list("pk", flat=True).first() if is_code else None
    message = _("%(what)s “%(code)s” is not there.") % {"what": DIMENSIONS[name].label, "code": code}
    require(found is not None, message, rule="not there", field=name)
    return found


def open_region_id(code: str | None) -> int | None:
    """The region that is open; the only highest one, or the company, where none is kept."""
    if code:
        return Region.objects.filter(code=code.removeprefix(ITSELF)).values_list("pk", flat=True).first()
    highest = list(Region.objects.filter(parent=None).values_list("pk", flat=True)[:2])
    return highest[0] if len(highest) == 1 else None


# ---- what rows are called ----
NAMES: dict[str, tuple[str, str, str]] = {
    "region": ("code", "name", "name_zh"),
    "team": ("pk", "name", "name_zh"),
    "representative": ("username", "full_name", "full_name_zh"),
    "customer": ("code", "name", "name_zh"),
    "category": ("pk", "name", "name_zh"),
    "product": ("sku", "name", "name_zh"),
}


def heads_of(dimension: Dimension, keys: Iterable[Any], period: Period | None = None) -> dict[Any, Head]:
    """Return what rows or columns of those keys are called, in one query.

    Spans of time are called by the months of theirs that lie in the period, where that is said.
    """
    wanted = list(keys)
    if dimension.is_time:
        return {key: Head(key, _span_words(dimension, key, period), f"{key:%Y-%m}") for key in wanted}
    if dimension.key == "grade":
        return {key: Head(key, _("Grade %(grade)s") % {"grade": key}, key) for key in wanted}
    model, _by = LOOKUPS[dimension.key]
    code, name, name_zh = NAMES[dimension.key]
    rows = model._default_manager.filter(pk__in=[key for key in wanted if key is not None]).order_by()
    heads = {
        key: Head(key, in_reader_language(first, second), str(short), str(short) if code != "pk" else "")
        for key, short, first, second in rows.values_list("pk", code, name, name_zh)
    }
    if None in wanted:
        nobody = {"representative": _("No representative"), "team": _("No team")}
        heads[None] = Head(None, nobody.get(dimension.key, "–"), NOBODY)
    return heads


def _span_words(dimension: Dimension, start: Any, period: Period | None) -> str:
    """A month, or the quarter or year that begins with it."""
    whole = Period(start, _moved(start, LENGTHS[dimension.key]))
    return spell_period(span_of(dimension, start, period) if period else whole)
