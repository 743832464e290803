"""What a backup has to know of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from psycopg import sql

OURS = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg!_%' ESCAPE '!'
    AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    {} ORDER BY 1, 2
"""


def is_empty() -> bool:
    """Whether nobody has made anything in the database."""
    with connection.cursor() as cursor:
        cursor.execute(OURS.format(""))
        return cursor.fetchone() is None


def count_rows() -> dict[str, int]:
    """Return the number of rows of each table."""
    with connection.cursor() as cursor:
        cursor.execute(OURS.format("AND c.relkind = 'r'"))
        tables = cursor.fetchall()
        return {".".join(table): _count(cursor, table) for table in tables}


def _count(cursor: Any, table: tuple[str, str]) -> int:
    cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*table)))
    return int(cursor.fetchone()[0])


def applied_migrations() -> list[str]:
    """Return the names of the migrations that the database records."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


@contextmanager
def one_snapshot() -> Iterator[str]:
    """Within the block this connection sees the database of one moment; what is yielded lets pg_dump see the same."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield str(cursor.fetchone()[0])
