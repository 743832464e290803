"""Who owed what, and since when, on any day: the open items of a day by age, added up by what one asks for.

What is open on a day is what is open now, and what was settled after it: entries and allocations of a later day count
as not yet there. The columns of a row add up to its outstanding amount, and all rows to the ledger of that day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from customers.files.models import Customer
from salesops.kernel.money import ZERO, Money

EDGES = (30, 60, 90, 120)
"""Where a next column begins, in days: not due, 1-30, 31-60, 61-90, 91-120, more."""
BY_DUE, BY_POSTING = "due_on", "posted_on"
GROUPS = {
    "customer": "customer.id",
    "region": "customer.region_id",
    "representative": "customer.representative_id",
    "grade": "customer.grade",
}
"""What rows may be added up by, and the column that says so; a region's row has its own customers, none below."""

AGEING = """
WITH later AS (
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
)
SELECT {group} AS place, {columns}
       COALESCE(SUM(item.open_amount) FILTER (WHERE NOT item.is_debit), 0)
FROM item JOIN customers_customer customer ON customer.id = item.customer_id
WHERE customer.id IN ({scope})
GROUP BY 1
HAVING SUM(item.open_amount) <> 0
"""
"""Two rows of one item may stand in `item`: what is open now and what was settled later; they are of one age."""

LEDGER = """
SELECT COALESCE(SUM(debit - credit), 0) FROM orders_receivableentry entry
WHERE posted_on <= %(day)s AND customer_id IN ({scope})
"""


@dataclass(frozen=True)
class AgeingRow:
    """What is open of one customer, region, representative or grade: debits by age, the youngest first, and credits."""

    key: Any
    debits: Sequence[Money]
    credits: Money

    @property
    def outstanding(self) -> Money:
        """Debits less credits that are not allocated: what the ledger says is owed."""
        return sum(self.debits, ZERO) - self.credits

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


def ageing_on(
    day: date,
    customers: QuerySet[Customer],
    *,
    group: str = "customer",
    by: str = BY_DUE,
    edges: Sequence[int] = EDGES,
) -> AgeingReport:
    """Return what was open at the end of a day of those customers, by age and by `group` (see GROUPS).

    `by` is BY_DUE or BY_POSTING: from which day on an item is old. `edges` are days, rising, at least one: up to the
    day itself, then 1 to the first edge, and so on, and what is older than the last. Money with tax, in the company's
    currency. Rows of which nothing is open are left out; two statements, however many rows there are.
    """
    assert group in GROUPS and by in (BY_DUE, BY_POSTING) and list(edges) == sorted(set(edges))
    scope, given = customers.order_by().values("pk").query.sql_with_params()
    named = {f"scope_{at}": value for at, value in enumerate(given)}
    scope = scope % tuple(f"%({name})s" for name in named) if named else scope
    bounds = [None, 0, *edges, None]
    columns = ""
    for first, last in pairwise(bounds):
        above = "TRUE" if first is None else f"%(day)s - item.since > {first:d}"
        below = "TRUE" if last is None else f"%(day)s - item.since <= {last:d}"
        columns += f"COALESCE(SUM(item.open_amount) FILTER (WHERE item.is_debit AND {above} AND {below}), 0),\n       "
    with connection.cursor() as cursor:
        values = {"day": day, **named}
        cursor.execute(AGEING.format(age=by, group=GROUPS[group], columns=columns, scope=scope), values)
        rows = [AgeingRow(key, debits, credit) for key, *debits, credit in cursor.fetchall()]
        cursor.execute(LEDGER.format(scope=scope), values)
        (ledger,) = cursor.fetchone()
    return AgeingReport(day, edges, rows, ledger)
