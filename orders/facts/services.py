"""Keeping facts up to date: what is marked is counted anew; the turn of a day and of a month marks what it changes."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from .counting import Asked, count_facts, drop_facts
from .models import BuildState, FactBuild, FactMark, FactTurn

LOCK = int.from_bytes(b"facts")
"""The advisory lock of whoever changes facts that are read, or begins or ends a full count."""
CUSTOMERS_AT_ONCE = 500


def lock_facts(*, wait: bool = True) -> bool:
    """Wait until nobody else changes facts; held until the transaction ends. False where it is not waited for."""
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        (is_ours,) = cursor.fetchone()
        return bool(is_ours)


def generation_in_use() -> int:
    """The generation that everybody reads."""
    return FactBuild.objects.filter(state=BuildState.IN_USE).values_list("pk", flat=True).first() or 0


def last_turn() -> date | None:
    """The last day whose beginning was counted."""
    return FactTurn.objects.order_by("-day").values_list("day", flat=True).first()


def day_of_facts() -> date:
    """The day as of which facts are counted: today, and never one before the last that was turned."""
    return max(timezone.localdate(), last_turn() or date.min)


def bring_facts_along(today: date | None = None, *, wait: bool = True) -> int:
    """Count anew what was marked until now; returns how many customers that were. Harmless when run twice at once.

    Without `wait` it leaves the work to whoever is at it.
    """
    counted = 0
    turn_day(today or timezone.localdate(), wait=wait)
    while customers := count_marked(wait=wait):
        counted += customers
    return counted


@transaction.atomic
def count_marked(at_once: int = CUSTOMERS_AT_ONCE, *, wait: bool = True) -> int:
    """Count anew what is marked of so many customers, in one transaction: readers see all of it or nothing.

    Marks that come meanwhile stay for the next time; what is read here is at least as late as the marks that are taken.
    """
    if not FactMark.objects.filter(is_counted=False).exists() or not lock_facts(wait=wait):
        return 0
    months = take_marks(at_once)
    if months:
        asked = Asked.marked(months)
        generation = generation_in_use()
        drop_facts(asked, generation=generation)
        count_facts(asked, generation=generation, today=day_of_facts())
    return len(months)


def take_marks(at_once: int) -> dict[int, set[date]]:
    """Take the marks of so many customers: their months by customer. While a full count goes on, they are kept."""
    waiting = FactMark.objects.filter(is_counted=False).order_by("customer_id").values_list("customer_id", flat=True)
    customers = list(waiting.distinct()[:at_once])
    is_counting = FactBuild.objects.filter(state=BuildState.COUNTING).exists()
    take = "UPDATE orders_factmark SET is_counted = TRUE" if is_counting else "DELETE FROM orders_factmark"
    with connection.cursor() as cursor:
        cursor.execute(
            f"{take} WHERE NOT is_counted AND customer_id = ANY(%s) RETURNING customer_id, month",
            [customers],
        )
        return months_by_customer(cursor.fetchall())


def months_by_customer(marks: Iterable[tuple[int, date]]) -> dict[int, set[date]]:
    """Gather what is marked."""
    months: dict[int, set[date]] = defaultdict(set)
    for customer, month in marks:
        months[customer].add(month)
    return months


TURN = """
INSERT INTO orders_factmark (customer_id, month)
SELECT customer_id, %(month)s FROM orders_openitem
WHERE is_debit AND open_amount > 0 AND due_on >= %(last)s AND due_on < %(today)s
UNION
SELECT customer_id, %(month)s FROM customers_creditaccount WHERE %(turns_month)s
"""

MOVED = """
INSERT INTO orders_factmark (customer_id, month)
SELECT DISTINCT pgh_obj_id, %(month)s::date FROM customers_customerevent event
WHERE pgh_created_at >= %(last)s::timestamp AT TIME ZONE %(zone)s
  AND EXISTS (
      SELECT FROM customers_customerevent before
      WHERE before.pgh_obj_id = event.pgh_obj_id AND before.pgh_id < event.pgh_id
        AND (before.region_id, before.representative_id) IS DISTINCT FROM (event.region_id, event.representative_id)
  )
"""

CARRY = """
INSERT INTO orders_accountfact
    (generation, customer_id, month, region_id, representative_id, quantity, amount, debits, payments, credits,
     opening, closing, overdue, new_customers, lost_customers)
SELECT generation, customer_id, begun::date, region_id, representative_id, 0, 0, 0, 0, 0,
       closing, closing, overdue, 0, 0
FROM orders_accountfact fact
CROSS JOIN generate_series(%(month)s::date + interval '1 month', %(this_month)s::date, interval '1 month') begun
WHERE month = %(month)s AND generation = %(generation)s AND (closing <> 0 OR overdue <> 0)
  AND NOT EXISTS (
      SELECT FROM orders_accountfact own
      WHERE own.customer_id = fact.customer_id AND own.month = begun::date AND own.generation = fact.generation
  )
"""
"""What was owed is owed in the month that begins, until each account is counted: no month is without balances."""


def mark_moved(last: date) -> None:
    """Mark the customers that moved since a day began: their balances stand where they are now."""
    with connection.cursor() as cursor:
        cursor.execute(MOVED, {"month": last.replace(day=1), "last": last, "zone": settings.TIME_ZONE})


@transaction.atomic
def turn_day(today: date, *, wait: bool = True) -> bool:
    """Mark what a new day changes: debts that fell overdue, customers that moved, at a new month every account.

    A new month begins with what was owed at the end of the last. Days on which nothing ran are made up for. Returns
    whether the day was not turned before.
    """
    if FactTurn.objects.filter(day__gte=today).exists() or not lock_facts(wait=wait):
        return False
    last = last_turn()
    if last is not None and last >= today:  # another one was faster
        return False
    if last is not None:
        values: dict[str, Any] = {
            "month": last.replace(day=1),
            "last": last,
            "today": today,
            "this_month": today.replace(day=1),
            "turns_month": last.replace(day=1) < today.replace(day=1),
            "generation": generation_in_use(),
        }
        mark_moved(last)
        with connection.cursor() as cursor:
            cursor.execute(TURN, values)
            cursor.execute(CARRY, values)
    FactTurn.objects.create(day=today)
    return True
