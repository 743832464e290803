"""Addresses on the servers of the test run."""

import os
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from psycopg import Connection, sql

from salesops.testservices import RUN_FOLDER

# Whether the run's database is on its own embedded server, which is thrown away with everything on it
EMBEDDED = (Path(os.environ[RUN_FOLDER]) / "postgresql").is_dir()


def url_of_database(name: str) -> str:
    """DATABASE_URL, with another database of the same server."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def drop_database(server: Connection, name: str) -> None:
    """Drop the database, if it is there, with our own sessions in it; the server itself stops its vacuum worker there.

    WITH (FORCE) is refused to a role that is no superuser while a vacuum worker, which runs as one, is at work.
    """
    if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        return
    server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
    server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user", [name]
    )
    server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
