"""Servers of a test run: imported by the test settings, because pytest-django reads those before any conftest.py.

DATABASE_URL and REDIS_URL win where they are given. Else private embedded servers are started in a folder of their own,
which is gone after the run. Processes that inherit the environment (pytest-xdist's, a Celery worker) start nothing.
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


def provide_servers() -> None:
    """Afterwards SALESOPS_DATA, DATABASE_URL and REDIS_URL name a folder and servers of this run alone."""
    if RUN_FOLDER not in os.environ:
        folder = _folder_for_this_run()
        os.environ[RUN_FOLDER] = str(folder)
        (folder / "data" / "static").mkdir(parents=True)
        os.environ["SALESOPS_DATA"] = str(folder / "data")
        os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(64))
        _start_servers(folder)
    _give_each_process_its_own_redis_database()


def _start_servers(folder: Path) -> None:
    if "DATABASE_URL" not in os.environ:
        postgres = Postgres(folder / "postgresql", throwaway=True)
        atexit.register(postgres.stop)
        postgres.start()
        postgres.create_database()
        os.environ["DATABASE_URL"] = postgres.url()
    if "REDIS_URL" not in os.environ:
        valkey = Valkey(folder / "valkey")
        atexit.register(valkey.stop)
        valkey.start()
        os.environ["REDIS_URL"] = valkey.url()


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
    for server in ("postgresql", "valkey"):
        SocketFolder(lock_file.parent / server).remove()
    shutil.rmtree(lock_file.parent, ignore_errors=True)
    lock.release()


def _give_each_process_its_own_redis_database() -> None:
    """Tests side by side must not take each other's messages: gw0 gets database 1, gw1 database 2 and so on."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker.startswith("gw"):
        return
    number = int(worker.removeprefix("gw")) + 1
    pattern = r"\?db=\d+$" if os.environ["REDIS_URL"].startswith("unix:") else r"/\d+$"
    ending = f"?db={number}" if os.environ["REDIS_URL"].startswith("unix:") else f"/{number}"
    os.environ["REDIS_URL"] = re.sub(pattern, "", os.environ["REDIS_URL"]) + ending


provide_servers()
