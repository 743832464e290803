"""The floor that an approval is measured against writes the rows that the service writes, and locks what it locks."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from bench.approvals import Desk
from bench.books.making import make_books

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WRITTEN = """
SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables
WHERE n_tup_ins + n_tup_upd + n_tup_del > 0
"""
LOCKED = """
SELECT class.relname, count(*) FROM pg_locks JOIN pg_class class ON class.oid = relation
WHERE pid = pg_backend_pid() AND mode = 'RowShareLock' AND class.relkind = 'r' GROUP BY 1
"""


def rows_of(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def written() -> Counter[tuple[str, str]]:
    """How many rows this session has added, changed and removed so far, by table."""
    return Counter(
        {(table, what): count for table, *counts in rows_of(WRITTEN) for what, count in zip("+~-", counts, strict=True)}
    )


def done_by(approve: Callable[[int], Any], request: int) -> tuple[Counter[tuple[str, str]], set[str]]:
    """What an approval writes, and of which tables it locks rows; it is undone."""
    with transaction.atomic():
        before = written()
        approve(request)
        after = written()
        locked = {table for table, _count in rows_of(LOCKED)}
        transaction.set_rollback(True)
    return after - before, locked


def test_by_hand_as_much_is_written_and_locked_as_by_the_service() -> None:
    make_books(400)
    desk = Desk()
    one, other = desk.submit(2)
    ours, locked_by_us = done_by(desk.approve, one)
    floor, locked_by_hand = done_by(desk.approve_by_hand, other)
    assert floor == ours
    assert sum(floor.values()) > 10
    assert locked_by_hand <= locked_by_us
    assert {"customers_creditaccount", "orders_delivery", "orders_deliveryline", "orders_stock"} <= locked_by_hand
