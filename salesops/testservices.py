"""Servers of a test run: imported by the test settings, because pytest-django reads those before any conftest.py.

DATABASE_URL and REDIS_URL win where they are given. Else private embedded servers are started in a folder of their own,
which is gone after the run. Tests side by side (pytest-xdist) each have a data folder and a broker of their own;
pytest-django gives each a database of its own on the one PostgreSQL. Other processes that inherit the environment, such
as a Celery worker, start nothing.
"""

import atexit
import os
import re
import secrets
import shutil
import tempfile
from pathlib import Path

from salesops.embedded import FolderLock, Postgres, SocketFolder, Valkey
from salesops.embedded.errors import CannotStart

PREFIX = "salesops-test-"
RUN_FOLDER = "SALESOPS_TEST_RUN"  # set for the processes that inherit this run's servers
SIDE = "SALESOPS_TEST_SIDE"  # which of the tests side by side those servers are for: gw0, gw1 ...


def provide_servers() -> None:
    """Afterwards SALESOPS_DATA, DATABASE_URL and REDIS_URL name a folder and servers of this run, and side, alone."""
    if RUN_FOLDER not in os.environ:
        folder = _folder_for_this_run()
        os.environ[RUN_FOLDER] = str(folder)
        _make_data(folder)
        os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(64))
        _start_servers(folder)
    side = os.environ.get("PYTEST_XDIST_WORKER", "")
    if side.startswith("gw") and os.environ.get(SIDE) != side:
        os.environ[SIDE] = side
        _provide_for_side(side, Path(os.environ[RUN_FOLDER]))


def _start_servers(folder: Path) -> None:
    if "DATABASE_URL" not in os.environ:
        postgres = Postgres(folder / "postgresql", throwaway=True)
        atexit.register(postgres.stop)
        postgres.start()
        postgres.create_database()
        os.environ["DATABASE_URL"] = postgres.url()
    if "REDIS_URL" not in os.environ:
        _start_valkey(folder)


def _start_valkey(folder: Path) -> None:
    valkey = Valkey(folder / "valkey")
    atexit.register(valkey.stop)
    valkey.start()
    os.environ["REDIS_URL"] = valkey.url()


def _make_data(folder: Path) -> None:
    (folder / "data" / "static").mkdir(parents=True)
    os.environ["SALESOPS_DATA"] = str(folder / "data")


def _folder_for_this_run() -> Path:
    """A new folder, locked while this process lives; those of killed runs are removed."""
    for old in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/run.lock"):
        _remove_if_abandoned(old)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    FolderLock(folder / "taken.lock", what=str(folder))
    (folder / "taken.lock").rename(folder / "run.lock")
    return folder


def _remove_if_abandoned(lock_file: Path) -> None:
    try:
        lock = FolderLock(lock_file, what=str(lock_file.parent))
    except (CannotStart, OSError):
        return
    for server in ("postgresql", "valkey", "gw*/valkey"):
        for data in lock_file.parent.glob(server):
            SocketFolder(data).remove()
    shutil.rmtree(lock_file.parent, ignore_errors=True)
    lock.release()


def _provide_for_side(side: str, run: Path) -> None:
    """Give one side its own files and broker: of a given Redis gw0 gets database 1, gw1 database 2 and so on."""
    _make_data(run / side)
    if (run / "valkey").is_dir():
        _start_valkey(run / side)
    else:
        os.environ["REDIS_URL"] = re.sub(r"/\d+$", "", os.environ["REDIS_URL"]) + f"/{int(side[2:]) + 1}"


provide_servers()
