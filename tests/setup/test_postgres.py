"""The embedded PostgreSQL: starts, stops, recovers, and lets nobody in by the network."""

import os
import pwd
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from salesops.embedded import CannotStart, Postgres, folders
from salesops.embedded.accounts import Account, account_for_postgres

ONLY_ROOT_CHANGES_ACCOUNT = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it under another account")


def ask(server: Postgres, query: str) -> object:
    with psycopg.connect(server.url()) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def test_rows_are_there_after_a_stop_and_a_start(postgres: Postgres) -> None:
    postgres.start()
    postgres.create_database()
    with psycopg.connect(postgres.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    postgres.stop()
    postgres.start()
    postgres.create_database()
    assert ask(postgres, "SELECT answer FROM kept") == 42


def test_it_listens_on_no_network_address(postgres: Postgres) -> None:
    postgres.start()
    postgres.create_database()
    assert ask(postgres, "SHOW listen_addresses") == ""
    assert postgres.socket_folder.stat().st_mode & 0o777 == 0o700


def test_it_keeps_texts_in_unicode_and_sorts_them_alike_on_every_machine(postgres: Postgres) -> None:
    postgres.start()
    postgres.create_database()
    assert ask(postgres, "SHOW server_encoding") == "UTF8"
    assert ask(postgres, "SELECT upper('é') = 'É'") is True


def test_stopping_ends_the_process_and_removes_the_sockets(postgres: Postgres) -> None:
    postgres.start()
    process = postgres.process
    postgres.stop()
    assert process
    assert process.returncode == 0
    assert not postgres.sockets.path.exists()


def test_a_second_server_on_the_same_folder_is_refused(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "SHUTDOWN_SECONDS", 0.1)
    postgres.start()
    postgres.create_database()
    second = Postgres(postgres.folder)
    with pytest.raises(CannotStart, match="in use by another copy"):
        second.start()
    second.stop()
    assert ask(postgres, "SELECT 1") == 1


def test_it_recovers_from_a_kill_though_its_pid_is_now_another_process(postgres: Postgres) -> None:
    postgres.start()
    postgres.create_database()
    assert postgres.process
    os.killpg(postgres.process.pid, signal.SIGKILL)
    postgres.process.wait()
    pid_file = postgres.folder / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{pid_file.read_text().partition(chr(10))[2]}")
    postgres.start()
    assert ask(postgres, "SELECT 1") == 1


def test_a_server_that_was_started_by_hand_is_not_disturbed(postgres: Postgres) -> None:
    postgres.start()
    postgres.stop()
    by_hand = subprocess.Popen([sys.executable, "-c", "input()"], cwd=postgres.folder, stdin=subprocess.PIPE)
    pid_file = postgres.folder / "postmaster.pid"
    pid_file.write_text(f"{by_hand.pid}\n")
    with pytest.raises(CannotStart, match=f"process {by_hand.pid}"):
        postgres.start()
    assert pid_file.exists()
    by_hand.communicate(b"\n")


def test_half_a_cluster_of_a_killed_start_is_made_anew(postgres: Postgres) -> None:
    unfinished = postgres.folder.with_suffix(".new")
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    postgres.start()
    postgres.create_database()
    assert ask(postgres, "SELECT 1") == 1


def test_a_broken_cluster_is_refused_with_the_place_of_the_log(postgres: Postgres) -> None:
    postgres.folder.mkdir()
    with pytest.raises(CannotStart, match=f"PostgreSQL ended with code .*{postgres.log}"):
        postgres.start()


@ONLY_ROOT_CHANGES_ACCOUNT
def test_root_runs_it_under_an_account_without_rights(postgres: Postgres) -> None:
    postgres.start()
    account = account_for_postgres(postgres.folder)
    assert account
    assert postgres.process
    assert Path(f"/proc/{postgres.process.pid}").stat().st_uid == account.uid != 0


@ONLY_ROOT_CHANGES_ACCOUNT
def test_root_runs_the_cluster_of_another_person_under_their_account(postgres: Postgres) -> None:
    postgres.start()
    postgres.stop()
    nobody = pwd.getpwnam("nobody").pw_uid
    for path in (postgres.folder, *postgres.folder.rglob("*")):
        os.chown(path, nobody, -1)
    postgres.start()
    assert postgres.process
    assert Path(f"/proc/{postgres.process.pid}").stat().st_uid == nobody


@ONLY_ROOT_CHANGES_ACCOUNT
def test_it_runs_where_a_closed_folder_keeps_the_account_from_the_wheel(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    can_enter = Account.can_enter
    monkeypatch.setattr(
        Account, "can_enter", lambda self, folder: "site-packages" not in folder.parts and can_enter(self, folder)
    )
    postgres.start()
    postgres.create_database()
    assert postgres.process
    assert postgres.sockets.path in Path(f"/proc/{postgres.process.pid}/exe").readlink().parents
    assert ask(postgres, "SELECT 1") == 1


def test_a_foreign_folder_in_the_place_of_our_sockets_is_refused(
    postgres: Postgres, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data / "elsewhere").mkdir()
    monkeypatch.setattr(postgres.sockets, "path", data / "sockets")
    (data / "sockets").symlink_to(data / "elsewhere")
    with pytest.raises(CannotStart, match="belongs to somebody else"):
        postgres.start()
    (data / "sockets").unlink()
