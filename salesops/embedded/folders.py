"""Folders of the servers: one process at a time on the data, and short private places for sockets."""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

from .errors import CannotStart

# An address of a socket has at most 107 bytes, as in /tmp/salesops-4294967295-0123456789/pg/.s.PGSQL.5432.lock
LONGEST_TEMPORARY_FOLDER = 50


# How long a start waits for a server of a killed run, which shuts down by itself
SHUTDOWN_SECONDS = 30.0


class FolderLock:
    """Held by one process, and by every child that inherits `fd`; the kernel lets go when the last of them ends."""

    def __init__(self, file: Path, *, what: str, wait_seconds: float = 0) -> None:
        self.fd = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + wait_seconds
        while not self._taken():
            if time.monotonic() >= deadline:
                holder = os.pread(self.fd, 32, 0).decode() or "unknown"
                os.close(self.fd)
                raise CannotStart(f"{what} is in use by another copy (process {holder})")
            time.sleep(0.05)
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, str(os.getpid()).encode(), 0)

    def _taken(self) -> bool:
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let go of our hold; children that inherited the lock keep theirs."""
        os.close(self.fd)


def lock_for_server(folder: Path) -> FolderLock:
    """The lock that a server on this folder inherits: whoever gets it knows that no other server is at work there."""
    return FolderLock(folder.with_suffix(".lock"), what=str(folder), wait_seconds=SHUTDOWN_SECONDS)


class SocketFolder:
    """A folder with a short name, ours alone, the same at each start for the same data."""

    def __init__(self, data: Path) -> None:
        tag = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:10]
        self.path = _short_temporary_folder() / f"salesops-{os.geteuid()}-{tag}"

    def open(self) -> Path:
        """Make the folder, or take over what a killed run left; raise CannotStart when somebody else put it there.

        Others may pass through, which the account of PostgreSQL must; what lies in it is closed by its own mode.
        """
        self.path.mkdir(mode=0o711, exist_ok=True)
        found = self.path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise CannotStart(f"{self.path} belongs to somebody else: set TMPDIR to another folder")
        self.path.chmod(0o711)
        return self.path

    def remove(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self.path, ignore_errors=True)


def _short_temporary_folder() -> Path:
    folder = Path(tempfile.gettempdir())
    return folder if len(str(folder)) <= LONGEST_TEMPORARY_FOLDER else Path("/tmp")  # noqa: S108 ours below is private


def package_folder(name: str, *, instead: str) -> Path:
    """Where an installed package lies, without importing it; raise CannotStart naming the setting to use `instead`."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise CannotStart(
            f"the package {name} is not installed: run make setup, or set {instead} to a server of your own"
        )
    return Path(spec.origin).parent
