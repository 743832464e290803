"""Who is to be reminded, of what, at which level: by rule, in one statement over any number of accounts.

An item is reminded of once it is overdue, by what is open of it less what is disputed. Its level is the highest whose
days have passed, at most one above the level it was reminded at last, and that level's gap after the first letter at
it. A customer gets a letter where one of its items reaches a further level; all its overdue items stand on it, the
letter has the highest. Whoever has open credits of all that is overdue gets none: they are to be settled. Whoever was
reminded on the day already gets no other.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from customers.files.models import Customer
from salesops.kernel.money import Money

LATE = """
SELECT item.customer_id, item.id AS item_id, entry.document, item.due_on, %(day)s - item.due_on AS days,
       disputed.amount AS disputed, item.open_amount - disputed.amount AS amount,
       COALESCE(last.level, 0) AS before, GREATEST(COALESCE(last.level, 0), COALESCE((
           SELECT MAX(level.number) FROM orders_reminderlevel level
           WHERE level.days <= %(day)s - item.due_on AND level.number <= COALESCE(last.level, 0) + 1
             AND (last.made_on IS NULL OR last.made_on + level.gap <= %(day)s)), 0)) AS level
FROM orders_openitem item
JOIN orders_receivableentry entry ON entry.id = item.entry_id
LEFT JOIN LATERAL (
    SELECT LEAST(COALESCE(SUM(amount), 0), item.open_amount) AS amount FROM orders_dispute
    WHERE item_id = item.id AND closed_at IS NULL
) disputed ON TRUE
LEFT JOIN LATERAL (
    SELECT level, made_on FROM orders_reminderitem WHERE item_id = item.id ORDER BY level DESC, made_on LIMIT 1
) last ON TRUE
WHERE item.is_debit AND item.open_amount > 0 AND item.due_on < %(day)s AND item.customer_id IN ({scope})
  AND item.open_amount > disputed.amount
"""

BY_CUSTOMER = """
SELECT customer_id, MAX(level) AS level, SUM(amount) AS amount, SUM(disputed) AS disputed, MAX(days) AS days,
       COUNT(*) AS count
FROM ({late}) late GROUP BY customer_id HAVING BOOL_OR(level > before) AND SUM(amount) > COALESCE((
    SELECT SUM(credit.open_amount) FROM orders_openitem credit
    WHERE credit.customer_id = late.customer_id AND NOT credit.is_debit AND credit.open_amount > 0), 0)
  AND NOT EXISTS (SELECT FROM orders_reminder sent WHERE sent.customer_id = late.customer_id AND sent.made_on = %(day)s)
ORDER BY MAX(level) DESC, SUM(amount) DESC, customer_id
"""


@dataclass(frozen=True)
class LateItem:
    """An overdue item, and the level at which a letter of the day would remind of it. Money with tax."""

    customer_id: int
    item_id: int
    document: str
    due_on: date
    days: int
    disputed: Money
    amount: Money
    before: int
    level: int


@dataclass(frozen=True)
class Proposal:
    """A letter that is due: to whom, at which level, of how much, how old the oldest of `count` items is."""

    customer_id: int
    level: int
    amount: Money
    disputed: Money
    days: int
    count: int


def proposals(day: date, customers: QuerySet[Customer]) -> list[Proposal]:
    """Return the letters that are due on a day to some customers, the highest level and the largest amount first."""
    return [Proposal(*row) for row in _asked(BY_CUSTOMER, day, customers)]


def late_items(day: date, customers: QuerySet[Customer]) -> list[LateItem]:
    """Return what a letter of the day to some customers would stand on, the oldest first; also where none is due."""
    return sorted(
        (LateItem(*row) for row in _asked("{late}", day, customers)), key=lambda one: (one.due_on, one.item_id)
    )


def _asked(statement: str, day: date, customers: QuerySet[Customer]) -> list[tuple[Any, ...]]:
    try:
        scope, given = customers.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # nobody is in scope
        return []
    named = {f"scope_{at}": value for at, value in enumerate(given)}
    scope = scope % tuple(f"%({name})s" for name in named) if named else scope
    with connection.cursor() as cursor:
        cursor.execute(statement.format(late=LATE.format(scope=scope)), {"day": day, **named})
        return list(cursor.fetchall())
