"""Filling large tables by COPY: indexes, keys and triggers are taken off before and put back after.

What is put back checks every row that came in: a foreign key that points nowhere, a number that stands twice, and the
load fails. Check constraints hold all the time.
"""

from collections.abc import Mapping, Sequence
from queue import Queue
from threading import Thread

from django.db import connection
from psycopg import Connection, connect, sql

CONSTRAINTS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid), contype::text
FROM pg_constraint WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('p', 'u', 'f')
   OR confrelid = ANY(%s::regclass[]) AND contype = 'f'
ORDER BY contype = 'f', conname
"""
INDEXES = """
SELECT index.indexrelid::regclass::text, pg_get_indexdef(index.indexrelid)
FROM pg_index index WHERE index.indrelid = ANY(%s::regclass[])
  AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = index.indexrelid AND c.contype IN ('p', 'u'))
ORDER BY 1
"""


class BareTables:
    """Some tables without what makes filling them slow; `finish` makes them whole again, or raises."""

    def __init__(self, tables: Sequence[str]) -> None:
        self.tables = list(tables)
        self.database: Connection = connect(**connection.get_connection_params(), autocommit=True)
        self.database.execute("SET synchronous_commit = off")
        self.database.execute("SET maintenance_work_mem = '384MB'")
        self.constraints = self.database.execute(CONSTRAINTS, [self.tables, self.tables]).fetchall()
        self.indexes = self.database.execute(INDEXES, [self.tables]).fetchall()
        for table, name, _definition, _kind in reversed(self.constraints):
            self._run(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _definition in self.indexes:
            self._run(f"DROP INDEX {name}")
        for table in self.tables:
            self._run(f"ALTER TABLE {table} DISABLE TRIGGER USER")

    def copy(self, table: str, columns: Sequence[str], rows: Sequence[str]) -> None:
        """Write rows that are text already, as COPY reads it."""
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        command = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
        with self.database.cursor() as cursor, cursor.copy(command) as copy:
            copy.write("".join(rows))

    def finish(self) -> None:
        """Put everything back, let the counters follow the keys, and let the planner see what is there."""
        for table in self.tables:
            self._run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        keys = [one for one in self.constraints if one[3] != "f"]
        for table, name, definition, _kind in keys:
            self._run(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        for _name, definition in self.indexes:
            self._run(definition)
        for table, name, definition, kind in self.constraints:
            if kind == "f":
                self._run(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        for table, _name, definition, kind in keys:
            if kind == "p":
                self._follow(table, definition.partition("(")[2].rstrip(")"))
        for table in self.tables:
            self._run(f"VACUUM ANALYZE {table}")  # also writes which pages are all visible, as autovacuum would
        self.database.close()

    def _follow(self, table: str, key: str) -> None:
        found = self.database.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, key]).fetchone()
        if found and found[0]:
            last = f"SELECT max({key}) FROM {table}"  # noqa: S608  the names are our own tables'
            self._run(f"SELECT setval('{found[0]}', coalesce(({last}), 0) + 1, false)")

    def _run(self, statement: str) -> None:
        self.database.execute(statement.encode())


class Writer:
    """Writes chunks of rows in a thread of its own, so that making rows and storing them go side by side."""

    def __init__(self, tables: BareTables, columns: Mapping[str, Sequence[str]]) -> None:
        self.tables, self.columns = tables, columns
        self.waiting: Queue[dict[str, list[str]] | None] = Queue(maxsize=2)
        self.failure: BaseException | None = None
        self.thread = Thread(target=self._write)
        self.thread.start()

    def put(self, rows: dict[str, list[str]]) -> None:
        """Hand over rows by table."""
        self.waiting.put(rows)

    def close(self) -> None:
        """Wait until everything is written; raises what went wrong."""
        self.waiting.put(None)
        self.thread.join()
        if self.failure:
            raise self.failure

    def _write(self) -> None:
        while (rows := self.waiting.get()) is not None:
            if self.failure:
                continue
            try:
                for table, lines in rows.items():
                    self.tables.copy(table, self.columns[table], lines)
            except BaseException as failure:  # noqa: BLE001  handed to the thread that waits
                self.failure = failure
