"""An installation of a test's own, with servers that may be killed: nothing of the run's shared servers is touched."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from salesops.embedded import Postgres, Valkey
from salesops.embedded.processes import start_process, stop_process, wait_until_ready
from salesops.run import answers, celery_command, web_command
from tests.setup.product import PATIENCE
from tests.support.database import program

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "x" * 32  # our own, in the cookie and in the header


class Installation:
    """PostgreSQL that writes through to disk, Valkey, and what runs on them, in a folder of its own.

    What is started next is the code that lies in `root`.
    """

    root = ROOT

    def __init__(self, folder: Path, dump: Path) -> None:
        self.folder, self.dump = folder, dump
        self.postgres = Postgres(folder / "postgresql")
        self.valkey = Valkey(folder / "valkey")
        self.processes: list[subprocess.Popen[bytes]] = []
        self.url = ""
        self.more_env: dict[str, str] = {}

    def start_servers(self) -> None:
        """Afterwards an empty, migrated database and an empty broker answer."""
        (self.folder / "static").mkdir()
        self.postgres.start()
        self.postgres.create_database()
        load: list[str | Path] = [
            program("psql"),
            "-q",
            "-X",
            "-1",
            "-v",
            "ON_ERROR_STOP=1",
            f"--file={self.dump}",
            self.postgres.url(),
        ]
        subprocess.run(load, check=True, stdout=subprocess.DEVNULL)
        self.valkey.start()

    @property
    def env(self) -> dict[str, str]:
        """What its processes read their settings from.

        They are not told that tests run side by side: older code would then take another Redis database than is given.
        """
        inherited = {name: value for name, value in os.environ.items() if name != "PYTEST_XDIST_WORKER"}
        return inherited | {
            "DATABASE_URL": self.postgres.url(),
            "REDIS_URL": self.valkey.url(),
            "SALESOPS_DATA": str(self.folder),
            "DJANGO_SETTINGS_MODULE": "salesops.settings_test",
            **self.more_env,
        }

    def start_web(self, application: str = "salesops.wsgi") -> None:
        """gunicorn as `make run` starts it, with the product or what a test puts around it."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
            self.url = f"http://127.0.0.1:{port}"
            command = [application if part == "salesops.wsgi" else part for part in web_command(listener.fileno())]
            web = self._start(command, "web", [listener.fileno()])
        wait_until_ready(lambda: answers("127.0.0.1", port), web, name="the web process", seconds=60)

    def start_background(self) -> None:
        """A worker and beat, as `make run` starts them."""
        self._start(celery_command("worker", "--concurrency=1", "--without-mingle", "--without-gossip"), "worker")
        self.start_beat()

    def start_beat(self) -> subprocess.Popen[bytes]:
        """Beat alone, as `make run` starts it."""
        return self._start(celery_command("beat", "--pidfile="), "beat")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of Python in the installation to its end."""
        return subprocess.run(
            [sys.executable, *command],
            cwd=self.root,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def ask(self, what: str, *arguments: str) -> Any:
        """What tests/proof/inside.py answers from within the installation."""
        done = self.run("-m", "tests.proof.inside", what, *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def browser(self, session: str) -> requests.Session:
        """Somebody who is signed in."""
        browser = requests.Session()
        browser.cookies.update({"sessionid": session, "csrftoken": TOKEN})
        browser.headers.update({"X-CSRFToken": TOKEN, "Referer": self.url})
        return browser

    def kill_postgres(self) -> None:
        """kill -9 of every process of the server, as when the power fails."""
        assert self.postgres.process
        for process in Path("/proc").iterdir():
            if process.name.isdecimal() and works_in(process, self.postgres.folder):
                os.kill(int(process.name), signal.SIGKILL)
        self.postgres.process.wait()

    def kill_valkey(self, *, and_its_file: bool = False) -> None:
        """kill -9 of the broker; what it had written to its file is kept, or lost with the disk."""
        assert self.valkey.process
        self.valkey.process.kill()
        self.valkey.process.wait()
        if and_its_file:
            shutil.rmtree(self.valkey.folder)

    def stop(self) -> None:
        """End all of it."""
        for process in self.processes:
            stop_process(process, signal.SIGTERM, seconds=15)
        self.valkey.stop()
        self.postgres.stop()

    def _start(self, command: list[str], name: str, fds: list[int] | None = None) -> subprocess.Popen[bytes]:
        log = self.folder / f"{name}.log"
        process = start_process(
            command, when_parent_dies=signal.SIGKILL, cwd=self.root, env=self.env, log=log, pass_fds=fds or []
        )
        self.processes.append(process)
        return process


def works_in(process: Path, folder: Path) -> bool:
    """Whether a process is at work in the folder."""
    try:
        return (process / "cwd").readlink() == folder
    except OSError:
        return False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The dump that an installation starts from is of the run's own database, which is made where a test is marked."""
    for item in items:
        if "installation" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.django_db)


@pytest.fixture
def installation(django_db_setup: None, kept_dump: Path | None) -> Iterator[Installation]:
    """Servers that may be killed, with an empty database; no web process and no worker yet."""
    if kept_dump is None:
        pytest.skip("needs the embedded PostgreSQL, whose processes may be killed")
    folder = Path(tempfile.mkdtemp(prefix="salesops-proof-"))
    made = Installation(folder, kept_dump)
    try:
        made.start_servers()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)
