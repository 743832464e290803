"""The books of one run: read out of files, checked as a whole, loaded in one transaction.

    with open_books(mapping, folder) as books:
        books.read(progress)
        books.check(progress)
        if not books.count_errors():
            with transaction.atomic():
                books.load(by=user, progress=progress)

Reading and checking write nothing that anybody sees. Every row is told apart by its source key, which is remembered:
loading the same books again changes nothing, and a row that says something else now is reported and left as it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.db import connection
from django.utils.translation import gettext as _
from psycopg import sql

from salesops.kernel.numbering import next_numbers
from salesops.users.models import User

from . import limits
from .checking import check_kind, prepare_checks
from .intake import read_part
from .kinds import Kind, Total, kinds, kinds_in_order, require_may_load
from .mapping import Mapping
from .staging import ERROR_COLUMNS, chunks, copy_in, create_tables, drop_tables, execute, fetch, settle_down, staged
from .translating import MAPPING, Translator

WRONG, FOLLOWS, CHANGED = "wrong", "follows", "changed"
"""How grave: the row itself is wrong; it is left out with another one; it was loaded before and differs now."""

NO_TRIGGER_IGNORED = "SELECT set_config('pgtrigger.ignore', '{{}}', true)"
"""Said outright. Where the setting is absent every trigger of ours raises and catches an error to find out, and that
takes the longer the more foreign keys are still to be checked."""

GOOD_NEW = "s.standing = 'new' AND NOT s.bad"


class Progress(Protocol):
    """Whom to tell how far it is: a job's progress, or the console of a command."""

    def start_part(self, saying: Any, total: int | None = None) -> None: ...

    def step(self, done: int, total: int | None = None) -> None: ...


@dataclass(frozen=True)
class RowError:
    """One line of the report: where, what stands there, and why it cannot be."""

    severity: str
    kind: str
    file: str
    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class KindCount:
    """What became of the rows of one kind."""

    key: str
    label: str
    read: int
    new: int
    there: int
    changed: int
    left_out: int
    totals: list[Total]


@contextmanager
def open_books(mapping: Mapping, folder: Path) -> Iterator["Books"]:
    """Make room for the books of a run, and clear it away afterwards whatever happened."""
    create_tables(kinds)
    try:
        yield Books(mapping, folder)
    finally:
        if connection.is_usable() and not connection.needs_rollback:
            drop_tables(kinds)


class Books:
    """What was read of one company's books. Kinds speak to it in their checks and when they load."""

    def __init__(self, mapping: Mapping, folder: Path) -> None:
        self.mapping = mapping
        self.parts = [Translator(mapping, table, folder) for table in mapping.table]
        self.seq = 0
        self.lines_read: dict[str, int] = {}
        self.noted = 0
        self._notes: list[tuple[Any, ...]] = []

    def read(self, progress: Progress) -> None:
        """Read every table of the mapping; what is wrong with single rows is noted, and so are files that cannot be."""
        for at, part in enumerate(self.parts):
            read_part(self, at, part, progress)

    def check(self, progress: Progress) -> None:
        """Check the books as a whole: keys, references, what is there already, and the rules of each kind."""
        ordered = kinds_in_order()
        progress.start_part(_("Checking"), len(ordered))
        prepare_checks(self)
        for number, kind in enumerate(ordered, start=1):
            check_kind(self, kind)
            progress.step(number)

    # ---- what is wrong ----
    def note_wrong(self, kind: str, part: int, line: int, field: str, value: str, reason: str) -> None:
        """Note what is wrong with a line that could not even be read; beyond some number they are counted only."""
        self.noted += 1
        if self.noted <= limits.MOST_ERRORS:
            self._notes.append((WRONG, kind, part, line, field, value, reason))

    def flush_notes(self) -> None:
        """Write what was noted."""
        copy_in("book_errors", ERROR_COLUMNS, self._notes)
        self._notes = []

    def refuse(self, kind: Kind, field: str, where: str, reason: Any, *, value: str = "") -> int:
        """Refuse the rows `s` of a kind for which a condition in SQL holds; returns how many there were.

        {value} in the reason is what stands in the field, or what another SQL expression gives.
        """
        return self.refuse_rows(kind, field, sql.SQL(where), reason, value=sql.SQL(value) if value else None)

    def refuse_rows(
        self,
        kind: Kind,
        field: str,
        where: sql.Composable,
        reason: Any,
        *,
        value: sql.Composable | None = None,
        severity: str = WRONG,
    ) -> int:
        """The same with composed SQL; `severity` "follows" for rows that are left out with another one."""
        return execute(
            "WITH found AS (SELECT s.seq, left(coalesce(({value})::text, ''), 80) AS value FROM {own} s"
            " WHERE NOT s.bad AND ({where})), hit AS (UPDATE {own} s SET bad = true FROM found WHERE found.seq = s.seq"
            " RETURNING s.seq, s.part, s.line, left(coalesce(s.{field}::text, ''), 80) AS own_value, found.value)"
            " INSERT INTO book_errors (severity, kind, part, line, field, value, reason)"
            " SELECT %s, %s, part, line, %s, own_value, replace(%s, '{{value}}', value) FROM hit ORDER BY seq",
            [severity, kind.key, field, str(reason)],
            own=staged(kind.key),
            where=where,
            field=field,
            value=value or sql.Identifier("s", field),
        )

    def count_errors(self) -> int:
        """Return how many things are wrong; changed rows do not count."""
        written: int = fetch("SELECT count(*) FROM book_errors WHERE severity <> 'changed'")[0][0]
        return written + max(self.noted - limits.MOST_ERRORS, 0)

    def errors(self, limit: int = limits.MOST_ERRORS) -> Iterator[RowError]:
        """Yield what is wrong, in the order of the mapping's tables and of their lines; changed rows last."""
        rows = fetch(
            "SELECT severity, kind, part, line, field, value, reason FROM book_errors"
            " ORDER BY severity = 'changed', part, line, seq LIMIT %s",
            [limit],
        )
        for severity, kind, part, line, field, value, reason in rows:
            source = self.parts[part] if part >= 0 else None
            file, column = (source.file, source.column_of(field)) if source else (MAPPING, field)
            yield RowError(severity, kind, file, line, column, value, reason)

    def counts(self) -> list[KindCount]:
        """Return for each kind in these books what became of its rows."""
        return [self._count(kind) for kind in kinds_in_order() if self.lines_read.get(kind.key)]

    def _count(self, kind: Kind) -> KindCount:
        ((new, there, changed),) = fetch(
            "SELECT count(*) FILTER (WHERE standing = 'new'), count(*) FILTER (WHERE standing = 'there'),"
            " count(*) FILTER (WHERE standing = 'changed') FROM {own} WHERE NOT bad",
            own=staged(kind.key),
        )
        ((left_out,),) = fetch(
            "SELECT (SELECT count(*) FROM {own} WHERE bad) + (SELECT count(DISTINCT (part, line)) FROM book_errors e"
            " WHERE kind = %s AND line > 0"
            " AND NOT EXISTS (SELECT 1 FROM {own} s WHERE s.part = e.part AND s.line = e.line))",
            [kind.key],
            own=staged(kind.key),
        )
        read, totals = self.lines_read[kind.key], list(kind.totals(self))
        return KindCount(kind.key, str(kind.label), read, new, there, changed, left_out, totals)

    # ---- loading ----
    def load(self, *, by: User, progress: Progress, run_id: int | None = None) -> None:
        """Write the good new rows of every kind, and remember their keys. Call it inside one transaction."""
        ordered = kinds_in_order()
        require_may_load(by, [kind.key for kind in ordered if self.has_new(kind.key)])
        execute(NO_TRIGGER_IGNORED)
        for kind in ordered:
            kind.lock(self)
        for number, kind in enumerate(ordered, start=1):
            if self.has_new(kind.key):
                progress.start_part(_("Loading: %(kind)s") % {"kind": kind.label}, len(ordered))
                progress.step(number)
                kind.load(self, by=by)
                settle_down(kind.model._meta.db_table)
        for kind in ordered:
            kind.conclude(self, by=by)
        for kind in ordered:
            if not kind.part_of:
                self._remember_keys(kind, run_id)

    def has_new(self, kind: str) -> bool:
        """Whether a kind has good new rows."""
        rows = fetch("SELECT EXISTS (SELECT 1 FROM {own} s WHERE {good})", own=staged(kind), good=sql.SQL(GOOD_NEW))
        return bool(rows[0][0])

    def new_rows(self, kind: str) -> Iterator[list[dict[str, Any]]]:
        """Yield the good new rows of a kind, a chunk at a time, as dicts with ids."""
        return chunks(staged(kind), GOOD_NEW)

    def source_key(self, kind: Kind, key: str) -> str:
        """Return the key under which a row is remembered: classicmodels/deliveries/10100."""
        return f"{self.mapping.name}/{kind.key}/{key}"

    def give_numbers(self, kind: str, column: str, series: str, day: str) -> None:
        """Give the good new rows that lack a number in a column the next ones of a series, by the year of a day."""
        wanted = sql.SQL("s.standing = 'new' AND NOT s.bad AND s.{column} = '' AND s.{day} IS NOT NULL").format(
            column=sql.Identifier(column), day=sql.Identifier(day)
        )
        years = fetch(
            "SELECT extract(year FROM s.{day})::int, count(*) FROM {own} s WHERE {wanted} GROUP BY 1 ORDER BY 1",
            own=staged(kind),
            day=day,
            wanted=wanted,
        )
        for year, count in years:
            execute(
                "UPDATE {own} t SET {column} = given.number FROM ("
                "SELECT s.seq, row_number() OVER (ORDER BY s.{day}, s.seq) AS rank FROM {own} s"
                " WHERE {wanted} AND extract(year FROM s.{day}) = %s) ranked"
                " JOIN unnest(%s::text[]) WITH ORDINALITY given(number, rank) USING (rank)"
                " WHERE ranked.seq = t.seq",
                [year, next_numbers(series, year, count)],
                own=staged(kind),
                column=column,
                day=day,
                wanted=wanted,
            )

    def give_ids(self, kind: str, column: str, table: str) -> None:
        """Give each good new row of a kind an id of another table, in a column, for what is made of it beside."""
        execute(
            "UPDATE {own} s SET {column} = nextval(pg_get_serial_sequence(%s, 'id')) WHERE {good}",
            [table],
            own=staged(kind),
            column=column,
            good=sql.SQL(GOOD_NEW),
        )

    def _remember_keys(self, kind: Kind, run_id: int | None) -> None:
        execute(
            "INSERT INTO imports_sourcekey (kind, key, object_id, fingerprint, run_id)"
            " SELECT %s, %s || s.key, s.id, CASE WHEN s.standing = 'new' THEN s.fingerprint END, %s FROM {own} s"
            " WHERE NOT s.bad AND s.standing IN ('new', 'there') ON CONFLICT (key) DO UPDATE"
            " SET object_id = excluded.object_id WHERE imports_sourcekey.object_id <> excluded.object_id",
            [kind.key, self.source_key(kind, ""), run_id],
            own=staged(kind.key),
        )
