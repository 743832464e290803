"""Counting what waits, for the whole menu in one query."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

MOST = 999
"""No row is counted beyond this: a menu says 999+."""


def count_rows(rows: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """Return how many rows there are behind each key, in one query."""
    return count_all({}, exactly=rows)


def count_all(
    asked: Mapping[str, int | QuerySet[Any]], *, exactly: Mapping[str, QuerySet[Any]] | None = None
) -> dict[str, int]:
    """Return the number behind each key. Querysets are counted together in one query.

    Those in `asked` up to MOST + 1 rows, those in `exactly` whatever they are.
    """
    numbers = {key: value for key, value in asked.items() if not isinstance(value, QuerySet)}
    rows = {key: _bare(value)[: MOST + 1] for key, value in asked.items() if isinstance(value, QuerySet)}
    rows |= {key: _bare(value) for key, value in (exactly or {}).items()}
    parts: dict[str, str] = {}
    params: list[Any] = []
    for key, value in rows.items():
        try:
            sql, values = value.query.sql_with_params()
        except EmptyResultSet:
            numbers[key] = 0
            continue
        parts[key] = f"(SELECT count(*) FROM ({sql}) AS counted)"  # noqa: S608  the ORM's own text
        params.extend(values)
    if parts:
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(parts.values()), params)
            numbers |= dict(zip(parts, cursor.fetchone(), strict=True))
    return numbers


def _bare(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by().values("pk")
