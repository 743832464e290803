"""Writing many rows at once, with the keys, numbers and moments that they have."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection, models

from salesops.kernel.numbering import next_numbers


class Numbers:
    """Document numbers of several years, taken at once."""

    def __init__(self, series: str, years: Iterable[int]) -> None:
        wanted: dict[int, int] = defaultdict(int)
        for year in years:
            wanted[year] += 1
        self.numbers = {year: iter(next_numbers(series, year, many)) for year, many in wanted.items()}

    def take(self, year: int) -> str:
        """The next number of a year."""
        return next(self.numbers[year])


def _columns(model: Any) -> set[str]:
    return {field.column for field in model._meta.concrete_fields}


def execute(statement: str, params: Sequence[Any] = ()) -> None:
    """Run one statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params or None)


def copy_in(model: type[models.Model], rows: Iterable[Any]) -> None:
    """Write many rows by COPY, with the keys and the moments that they have; triggers and constraints hold as ever."""
    rows = list(rows)
    fields = model._meta.concrete_fields
    key = model._meta.pk
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if isinstance(key, models.AutoField) and rows:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [table, key.column, len(rows)],
            )
            for row, (number,) in zip(rows, cursor.fetchall(), strict=True):
                row.pk = number
        columns = ", ".join(f'"{field.column}"' for field in fields)
        readers = [_reader(field) for field in fields]
        with cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row([read(row) for read in readers])


def _reader(field: Any) -> Callable[[Any], Any]:
    """What reads a column of a row as the database takes it."""
    name = field.attname
    if isinstance(field, models.JSONField):
        return lambda row: json.dumps(row.__dict__[name])
    if not field.is_relation:
        return lambda row: row.__dict__[name]

    def key_of_other(row: Any) -> Any:
        """The key of the other row, which may have been given after this one was made."""
        other = row._state.fields_cache.get(field.name)
        return row.__dict__[name] if other is None else other.pk

    return key_of_other
