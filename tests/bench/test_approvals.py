"""The floor of the approval's benchmark does what the service does to the database: no less, or the comparison is
unfair to us, and no more, or it flatters us."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from psycopg import sql

from bench.approvals import Desk
from bench.books.making import make_books
from tests.support.servers import url_of_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

NEW = {"id", "pgh_id", "pgh_context_id"}

Traces = dict[str, Any]


def test_the_floor_writes_the_rows_and_takes_the_locks_of_the_service() -> None:
    make_books(100)
    desk = Desk()
    (request,) = desk.submit(1)

    by_service = traces_of(lambda: desk.approve(request))
    by_hand = traces_of(lambda: desk.approve_by_hand(request))

    assert by_service["written"]["inserted", "approvals_decision"] == 1
    assert by_service["locked"]["orders_stock"] == 3
    assert by_hand == by_service


def traces_of(approve: Callable[[], None]) -> Traces:
    """What an approval leaves behind in its open transaction, which is then rolled back."""
    with psycopg.connect(url_of_database(str(connection.settings_dict["NAME"]))) as beside, transaction.atomic():
        before = written()
        approve()
        counted = written() - before
        tables = sorted({table for _kind, table in counted})
        found = {
            "written": dict(counted),
            "rows": {table: changed(table, beside) for table in tables},
            "locked": locked(beside),
        }
        transaction.set_rollback(True)
    return found


def written() -> Counter[tuple[str, str]]:
    """How many rows of each table this session has inserted, updated and deleted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables")
        return Counter(
            {
                (kind, table): number
                for table, *numbers in cursor.fetchall()
                for kind, number in zip(("inserted", "updated", "deleted"), numbers, strict=True)
            }
        )


def changed(table: str, beside: psycopg.Connection[Any]) -> list[Any]:
    """The rows of a table that are new or different in this transaction."""
    query = sql.SQL("SELECT to_jsonb(t)::text FROM {} t").format(sql.Identifier(table))
    old = {row for (row,) in beside.execute(query)}
    with connection.cursor() as cursor:
        rows = cursor.connection.execute(query).fetchall()
    return [neutral(json.loads(row)) for (row,) in rows if row not in old]


def neutral(value: Any, name: str = "") -> Any:
    """A row without what differs at every turn: numbers of new rows and moments."""
    if isinstance(value, dict):
        return {key: neutral(inner, key) for key, inner in value.items()}
    is_of_the_moment = name in NEW or ((name.endswith("_at") or name == "at") and value is not None)
    return ... if is_of_the_moment else value


def locked(beside: psycopg.Connection[Any]) -> dict[str, int]:
    """How many rows of each table nobody else can lock now."""
    tables = beside.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    found = {}
    for (table,) in tables.fetchall():
        query = sql.SQL(
            "SELECT (SELECT count(*) FROM {0}) - count(*) FROM (SELECT FROM {0} FOR UPDATE SKIP LOCKED) free"
        )
        row = beside.execute(query.format(sql.Identifier(table))).fetchone()
        if row and row[0]:
            found[table] = row[0]
    return found
