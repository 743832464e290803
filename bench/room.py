"""Where measuring happens: a database and a broker of our own, set up as `make run` sets up its own, then gone."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from salesops.embedded import Postgres, Valkey

EMPTY = "empty"
"""The database that is migrated and holds nothing: every other one starts as its copy."""
FEW, MANY = 10_000, 1_000_000
"""Deliveries of the two companies that pages are measured with."""


class Room:
    """The servers, and the databases made on them when somebody first asks for one."""

    def __init__(self, folder: Path, postgres: Postgres) -> None:
        self.folder, self.postgres = folder, postgres
        self.made: dict[str, float] = {}
        """Seconds that making each database took."""

    def migrate(self) -> None:
        """Migrate the empty database."""
        from django.core.management import call_command

        call_command("migrate", interactive=False, verbosity=0)

    def use(self, name: str) -> None:
        """Let this process speak to a database of the room."""
        from django.db import connection

        connection.close()
        connection.settings_dict["NAME"] = name

    def use_books(self, deliveries: int) -> None:
        """Speak to the books of a company with so many deliveries, made by COPY where they are not there yet."""
        name = f"books_{deliveries}"
        if name not in self.made:
            self.copy(EMPTY, name)
            self.use(name)
            from bench.books.making import make_books

            self.made[name] = make_books(deliveries).seconds
        self.use(name)

    def copy(self, source: str, name: str) -> None:
        """Make a database that holds what another holds now."""
        import psycopg
        from psycopg import sql

        self.use(source)
        with psycopg.connect(self.postgres.url("postgres"), autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            server.execute(statement.format(sql.Identifier(name), sql.Identifier(source)))

    def environment(self, name: str) -> dict[str, str]:
        """The environment of a process of its own that speaks to a database of the room."""
        return {**os.environ, "DATABASE_URL": self.postgres.url(name)}


@contextmanager
def open_room() -> Iterator[Room]:
    """Start the servers, name them in the environment and set Django up; in the end nothing of it is left."""
    folder = Path(tempfile.mkdtemp(prefix="salesops-bench-"))
    postgres, valkey = Postgres(folder / "postgresql"), Valkey(folder / "valkey")
    try:
        postgres.start()
        postgres.create_database(EMPTY)
        valkey.start()
        (folder / "static").mkdir()
        given: dict[str, Any] = {
            "DJANGO_SETTINGS_MODULE": "salesops.settings",
            "DATABASE_URL": postgres.url(EMPTY),
            "REDIS_URL": valkey.url(),
            "SALESOPS_DATA": str(folder),
            "SALESOPS_DEMO": "no",
            "API_REQUESTS_PER_PERSON": "100000",
            "SECRET_KEY": secrets.token_urlsafe(64),
        }
        os.environ |= given
        import django

        django.setup()
        room = Room(folder, postgres)
        room.migrate()
        yield room
    finally:
        _close_connections()
        postgres.stop()
        valkey.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _close_connections() -> None:
    from django.apps import apps
    from django.db import connections

    if apps.ready:
        connections.close_all()
