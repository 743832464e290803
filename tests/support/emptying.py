"""The tables after a test that really commits: again what they were after the migrations.

Django's own way, TRUNCATE and all signals of a migration, takes a second and a half a test: every table and index gets
a new file, and every role is granted its rights anew. Here only tables that hold rows are emptied, and the rows of the
migrations are put back as they were, their ids too. Like TRUNCATE it waits for transactions that are still open.

It passes over triggers, also those that keep a ledger's rows, for which the account needs the right to set
session_replication_role: the embedded server's has it, `make test-servers` grants it. Without it Django's way is taken.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TransactionTestCase
from psycopg import sql

MAY_PASS_OVER_TRIGGERS = "SELECT has_parameter_privilege(current_user, 'session_replication_role', 'SET')"


@contextmanager
def emptied_quickly() -> Iterator[None]:
    """Within the block, begun on the migrated database, tests that commit leave it as it is now."""
    with connection.cursor() as cursor:
        cursor.execute(MAY_PASS_OVER_TRIGGERS)
        (may_pass_over_triggers,) = cursor.fetchone()
    if not may_pass_over_triggers:
        yield
        return
    rows = rows_of(filled_tables())
    connection.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda test: put_back_rows(rows))
        yield


def put_back_rows(rows: dict[str, bytes]) -> None:
    """Empty every table, and fill those that are named with these rows."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(_listed(all_tables())))
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in filled_tables():
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        for table, content in rows.items():
            with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
                copy.write(content)
    ContentType.objects.clear_cache()


def rows_of(tables: list[str]) -> dict[str, bytes]:
    """What the tables hold, as COPY writes it."""
    rows = {}
    with connection.cursor() as cursor:
        for table in tables:
            with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as copy:
                rows[table] = b"".join(bytes(part) for part in copy)
    return rows


def filled_tables() -> list[str]:
    """The tables that hold any row."""
    asked = [
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(table), sql.Identifier(table))
        for table in all_tables()
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(asked))
        return [table for (table,) in cursor.fetchall()]


def all_tables() -> list[str]:
    """The tables of all models, as Django's flush takes them: not the record of the migrations."""
    return connection.introspection.django_table_names(only_existing=True, include_views=False)


def _listed(tables: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, tables))
