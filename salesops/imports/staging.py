"""Temporary tables that hold what was read until it is loaded: rows by kind, references, and what is wrong.

Nothing of it is seen by anybody else; it is gone with the connection. Memory stays flat: rows come and go in chunks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any, get_args

from django.db import connection
from django.db.models import Model
from django.utils import timezone
from psycopg import sql

from .kinds import Kind
from .rows import references

CHUNK = 2000
Params = Sequence[Any] | dict[str, Any]
TYPES = {str: "text", int: "bigint", Decimal: "numeric", date: "date", bool: "boolean"}

OWN_COLUMNS = (
    ("seq", "bigint PRIMARY KEY"),
    ("part", "int NOT NULL"),
    ("line", "int NOT NULL"),
    ("may_repeat", "boolean NOT NULL"),
    ("id", "bigint"),
    ("standing", "text NOT NULL DEFAULT 'new'"),
    ("bad", "boolean NOT NULL DEFAULT false"),
    ("fingerprint", "uuid"),
)
"""seq: order of reading; part: table of the mapping; standing: new, there (loaded or filed before), changed."""

ERROR_COLUMNS = ("severity", "kind", "part", "line", "field", "value", "reason")
SHARED_TABLES = {
    "book_errors": (
        "seq bigserial PRIMARY KEY, severity text NOT NULL, kind text NOT NULL, part int NOT NULL,"
        " line int NOT NULL, field text NOT NULL, value text NOT NULL, reason text NOT NULL"
    ),
    "book_refs": "kind text NOT NULL, ref text NOT NULL, id bigint NOT NULL, PRIMARY KEY (kind, ref)",
    "book_bad": "kind text NOT NULL, ref text NOT NULL",
    "book_torn": "kind text NOT NULL, ref text NOT NULL",
}
"""book_torn: wholes of which a part could not even be read."""


def staged(kind: str) -> str:
    """Return the name of a kind's table."""
    return f"staged_{kind}"


def create_tables(kinds: Iterable[Kind]) -> None:
    """Make the tables, empty."""
    kinds = list(kinds)
    drop_tables(kinds)
    for name, columns in SHARED_TABLES.items():
        execute("CREATE TEMP TABLE {table} ({columns})", table=name, columns=sql.SQL(columns))
    for kind in kinds:
        pieces = [sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(form)) for name, form in _columns_of(kind)]
        execute(
            "CREATE TEMP TABLE {table} ({columns}) WITH (fillfactor = 40)",  # rows change in place, indexes do not
            table=staged(kind.key),
            columns=sql.SQL(", ").join(pieces),
        )


def drop_tables(kinds: Iterable[Kind]) -> None:
    """Remove the tables, if they are there."""
    for name in [*SHARED_TABLES, *(staged(kind.key) for kind in kinds)]:
        execute("DROP TABLE IF EXISTS pg_temp.{table}", table=name)


def fields_of(kind: Kind) -> list[str]:
    """Return the columns of a kind's table that hold the fields of its row, in the order in which they are copied."""
    return list(kind.row.model_fields)


def _columns_of(kind: Kind) -> Iterator[tuple[str, str]]:
    yield from OWN_COLUMNS
    for name, field in kind.row.model_fields.items():
        yield name, TYPES[_plain_type(field.annotation)]
    for name in references(kind.row):
        yield f"{name}_id", "bigint"
    yield from kind.extra_columns.items()


def _plain_type(annotation: Any) -> type:
    """The type behind Annotated[...] and `| None`."""
    if annotation in TYPES:
        return annotation
    return next(_plain_type(arg) for arg in get_args(annotation) if arg is not type(None))


# ---- talking to the database ----
def execute(text: str, params: Params = (), **names: str | sql.Composable) -> int:
    """Execute SQL with identifiers, or pieces of SQL, in braces; return the number of rows."""
    with connection.cursor() as cursor:
        cursor.execute(_sql(text, names), params or None)
        return int(cursor.rowcount)


def fetch(text: str, params: Params = (), **names: str | sql.Composable) -> list[tuple[Any, ...]]:
    """Return the rows of a query with identifiers, or pieces of SQL, in braces."""
    with connection.cursor() as cursor:
        cursor.execute(_sql(text, names), params or None)
        return list(cursor.fetchall())


def copy_in(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows the fastest way there is; the database's errors come as Django's, as from `execute`."""
    names = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(command) as copy:
        for row in rows:
            copy.write_row(row)


def insert_rows(model: type[Model], rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows, given by columns, the fastest way there is; what they leave out gets the model's defaults.

    No instance is made: of a hundred thousand rows that is most of the time. All rows name the same columns.
    """
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    fields = [field for field in model._meta.concrete_fields if field.attname not in first and not field.primary_key]
    names = [*first, *(field.attname for field in fields)]
    rest = tuple(timezone.now() if getattr(field, "auto_now_add", False) else field.get_default() for field in fields)
    copy_in(model._meta.db_table, names, ((*row.values(), *rest) for row in chain([first], rows)))


def settle_down(*tables: str) -> None:
    """Check the foreign keys that were put off, and let the planner see what was filled: what follows looks it up."""
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("SET CONSTRAINTS ALL DEFERRED")
    for table in tables:
        execute("ANALYZE {table}", table=table)


def chunks(table: str, where: str = "true", size: int = CHUNK) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of a staged table in the order of reading, so many at a time."""
    last = -1
    query = "SELECT * FROM {table} s WHERE seq > %s AND ({where}) ORDER BY seq LIMIT %s"
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_sql(query, {"table": table, "where": sql.SQL(where)}), [last, size])
            columns = [column.name for column in cursor.description or ()]
            rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        if not rows:
            return
        last = rows[-1]["seq"]
        yield rows


def _sql(text: str, names: Mapping[str, str | sql.Composable]) -> str:
    """The statement as text: what keeps the history puts its own words before it."""
    pieces = {key: sql.Identifier(name) if isinstance(name, str) else name for key, name in names.items()}
    connection.ensure_connection()
    return sql.SQL(text).format(**pieces).as_string(connection.connection)
