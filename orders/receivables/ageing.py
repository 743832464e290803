"""Who owed what, and since when, on any day: the open items of a day by age, added up by what one asks for.

What is open on a day is what is open now, and what was settled after it: entries and allocations of a later day count
as not yet there. The columns of a row add up to its outstanding amount, and all rows to the ledger of that day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from customers.files.models import Customer
from salesops.kernel.money import ZERO, Money, MoneyField
from salesops.users.regions.queries import subtree_ids

from .models import Allocation, OpenItem, OpenItemQuerySet

EDGES = (30, 60, 90, 120)
"""Where a next column begins, in days: not due, 1-30, 31-60, 61-90, 91-120, more."""
BY_DUE, BY_POSTING = "due_on", "posted_on"
CREDITS = "credits"
"""What the column of credits is called beside the numbers of the others."""
NOTHING = Value(ZERO, output_field=MoneyField())
CUSTOMER, REGION = "customer", "region"
GROUPS = {
    CUSTOMER: ("'customer'", "aged.customer_id"),
    REGION: (
        "CASE WHEN tree.place IS NULL THEN 'customer' ELSE 'region' END",
        "COALESCE(tree.place, aged.customer_id)::text",
    ),
    "representative": ("'representative'", "customer.representative_id"),
    "grade": ("'grade'", "customer.grade"),
}
"""What rows may be added up by, and the columns that say so: what a row is, and its key."""

AGEING = """
WITH RECURSIVE tree(region_id, place) AS (
    SELECT id, id FROM users_region WHERE parent_id IS NOT DISTINCT FROM %(region)s
    UNION ALL
    SELECT below.id, tree.place FROM users_region below JOIN tree ON below.parent_id = tree.region_id
), later AS (
    SELECT id, SUM(amount) AS amount FROM (
        SELECT debit_id AS id, amount FROM orders_allocation WHERE allocated_on > %(day)s
        UNION ALL SELECT credit_id, amount FROM orders_allocation WHERE allocated_on > %(day)s
    ) made GROUP BY id
), item AS (
    SELECT customer_id, is_debit, {age} AS since, open_amount FROM orders_openitem
    WHERE open_amount > 0 AND posted_on <= %(day)s
    UNION ALL
    SELECT customer_id, is_debit, {age}, later.amount FROM later JOIN orders_openitem USING (id)
    WHERE posted_on <= %(day)s
), aged AS (
    SELECT customer_id, {columns}
           SUM(open_amount) FILTER (WHERE NOT is_debit) AS credits
    FROM item WHERE {scope} GROUP BY customer_id
)
SELECT {kind}, {key}, {sums}, COALESCE(SUM(credits), 0)
FROM aged {joins} GROUP BY 1, 2 HAVING {anything}
UNION ALL
SELECT '', NULL, {nothing}, (
    SELECT COALESCE(SUM(debit - credit), 0) FROM orders_receivableentry WHERE posted_on <= %(day)s AND {scope}
)
"""
"""Two rows of one item may stand in `item`: what is open now and what was settled later; they are of one age.
The ledger comes along in a row without a kind: what is posted meanwhile stands in both or in neither."""


@dataclass(frozen=True)
class AgeingRow:
    """What is open of one customer, region, representative or grade: debits by age, the youngest first, and credits.

    `kind` says what it is a row of; `key` is the id, or the grade, None where customers have no representative.
    """

    key: Any
    debits: Sequence[Money]
    credits: Money
    kind: str = ""

    @property
    def owed(self) -> Money:
        """All debits."""
        return sum(self.debits, ZERO)

    @property
    def outstanding(self) -> Money:
        """Debits less credits that are not allocated: what the ledger says is owed."""
        return self.owed - self.credits

    @property
    def overdue(self) -> Money:
        """What is past its day."""
        return sum(self.debits[1:], ZERO)


@dataclass(frozen=True)
class AgeingReport:
    """The rows, their sum, and what the ledger says of the same customers and day."""

    day: date
    edges: Sequence[int]
    rows: Sequence[AgeingRow]
    ledger: Money

    @property
    def total(self) -> AgeingRow:
        """All rows added up."""
        columns = [[row.debits[at] for row in self.rows] for at in range(len(self.edges) + 2)]
        return AgeingRow("", [sum(column, ZERO) for column in columns], sum((row.credits for row in self.rows), ZERO))

    @property
    def is_proved(self) -> bool:
        """Whether the rows add up to the ledger."""
        return self.total.outstanding == self.ledger


def spans_of(edges: Sequence[int]) -> list[tuple[int | None, int | None]]:
    """The columns in days of age: from the first to the last, both included, None where there is no end."""
    return [(None if first is None else first + 1, last) for first, last in pairwise([None, 0, *edges, None])]


def labels_of(edges: Sequence[int], by: str = BY_DUE) -> list[Any]:
    """What the columns are called, the youngest first."""
    young = _("Not due") if by == BY_DUE else _("Of the day")
    between = [format_lazy(_("{first}–{last} days"), first=first, last=last) for first, last in spans_of(edges)[1:-1]]
    return [young, *between, format_lazy(_("Over {days} days"), days=edges[-1] if edges else 0)]


def ageing_on(
    day: date,
    customers: QuerySet[Customer],
    *,
    group: str = CUSTOMER,
    region_id: int | None = None,
    by: str = BY_DUE,
    edges: Sequence[int] = EDGES,
) -> AgeingReport:
    """Return what was open at the end of a day of those customers, by age and by `group` (see GROUPS).

    `by` is BY_DUE or BY_POSTING: from which day on an item is old. `edges` are days, rising: up to the day itself, then
    1 to the first edge, and so on, and what is older than the last. By region, rows are the regions directly below
    `region_id` (the highest without one), each with all below it, and the customers of that region itself. Money with
    tax, in the company's currency. Rows of which nothing is open are left out; one statement, however many rows there
    are, so that rows and ledger are of one moment.
    """
    assert group in GROUPS and by in (BY_DUE, BY_POSTING) and list(edges) == sorted(set(edges))
    if group == REGION and region_id is not None:
        customers = customers.filter(region__in=subtree_ids(region_id))
    scope, given = _scope_of(customers)
    kind, key = GROUPS[group]
    names = [f"age_{at}" for at in range(len(edges) + 2)]
    statement = AGEING.format(
        age=by,
        columns="".join(_column(name, *span) for name, span in zip(names, spans_of(edges), strict=True)),
        scope=scope,
        kind=kind,
        key=key,
        sums=", ".join(f"COALESCE(SUM({name}), 0)" for name in names),
        joins=_joins_of(group),
        anything=" OR ".join(f"COALESCE(SUM({name}), 0) <> 0" for name in [*names, CREDITS]),
        nothing=", ".join("0" for _name in names),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"day": day, "region": region_id, **given})
        found = cursor.fetchall()
    ledger = next(last for kind, *_columns, last in found if not kind)
    rows = [AgeingRow(_key_of(kind, key), debits, credit, kind) for kind, key, *debits, credit in found if kind]
    return AgeingReport(day, edges, rows, ledger)


def _column(name: str, first: int | None, last: int | None) -> str:
    above = "" if first is None else f" AND since <= %(day)s - {first:d}"
    below = "" if last is None else f" AND since >= %(day)s - {last:d}"
    return f"SUM(open_amount) FILTER (WHERE is_debit{above}{below}) AS {name},\n           "


def _joins_of(group: str) -> str:
    if group == CUSTOMER:
        return ""
    joins = "JOIN customers_customer customer ON customer.id = aged.customer_id"
    return f"{joins} LEFT JOIN tree ON tree.region_id = customer.region_id" if group == REGION else joins


def _key_of(kind: str, key: Any) -> Any:
    return int(key) if kind in (CUSTOMER, REGION) else key


def _scope_of(customers: QuerySet[Customer]) -> tuple[str, dict[str, Any]]:
    """The condition that a row is of one of the customers, and its values by name; nothing is asked where all are."""
    query = customers.order_by().values("pk").query
    if not (query.has_filters() or query.is_sliced or query.combinator):
        return "TRUE", {}
    try:
        statement, values = query.sql_with_params()
    except EmptyResultSet:
        return "FALSE", {}
    first, *rest = statement.split("%s")
    named = "".join(f"%(scope_{at})s{part}" for at, part in enumerate(rest))
    return f"customer_id IN ({first}{named})", {f"scope_{at}": value for at, value in enumerate(values)}


def items_on(day: date, customers: QuerySet[Customer]) -> OpenItemQuerySet:
    """Return what was open at the end of a day of those customers, each with `open_then`: below zero for a credit.

    Their sum is the outstanding amount of `ageing_on`.
    """
    later = Allocation.objects.filter(allocated_on__gt=day).order_by()
    settled_later: Any = NOTHING
    for side in ("debit", "credit"):
        made = later.filter(**{side: OuterRef("pk")}).values(side).annotate(sum=Sum("amount")).values("sum")
        settled_later = settled_later + Coalesce(Subquery(made), NOTHING, output_field=MoneyField())
    touched = Q(open_amount__gt=0) | Q(pk__in=later.values("debit")) | Q(pk__in=later.values("credit"))
    items = OpenItem.objects.filter(touched, posted_on__lte=day)
    if customers.query.has_filters() or customers.query.is_sliced:
        items = items.filter(customer__in=customers.order_by().values("pk"))
    return (
        items.annotate(unsigned=F("open_amount") + settled_later)
        .filter(unsigned__gt=0)
        .annotate(
            open_then=Case(When(is_debit=True, then=F("unsigned")), default=-F("unsigned"), output_field=MoneyField())
        )
    )


def of_age(
    items: OpenItemQuerySet, age: str, *, day: date, by: str = BY_DUE, edges: Sequence[int] = EDGES
) -> OpenItemQuerySet:
    """Keep the items of one column: its number, the youngest is 0, or CREDITS; what is no column keeps them all."""
    if age == CREDITS:
        return items.filter(is_debit=False)
    spans = spans_of(edges)
    if not (age.isdecimal() and int(age) < len(spans)):
        return items
    first, last = spans[int(age)]
    items = items.debits()
    if first is not None:
        items = items.filter(**{f"{by}__lte": day - timedelta(days=first)})
    return items if last is None else items.filter(**{f"{by}__gte": day - timedelta(days=last)})
