"""`python -m salesops.run` as a test sees it: what it says, where it answers, and which processes it has made."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY = re.compile(r"ready at (http://\S+)")
PATIENCE = 240.0
"""Seconds: a first start migrates a new database, which two at once on a busy machine took over 90 for."""


class Product:
    """One start on one data folder."""

    def __init__(self, data: Path, **env: str) -> None:
        self.data = data
        self.output = data / "output.txt"
        self.env = without_servers() | {"SALESOPS_DATA": str(data), "PORT": "0", "SALESOPS_DEMO": "no"} | env
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, as `make run` does; return at once."""
        with self.output.open("wb") as output:
            command = [sys.executable, "-m", "salesops.run"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=output, stderr=subprocess.STDOUT)

    def said(self) -> str:
        """All that it has printed."""
        return self.output.read_text()

    def address(self) -> str:
        """Where it answers, once it says so."""
        wait_until(lambda: bool(READY.search(self.said())) or not self.alive(), self.said)
        found = READY.search(self.said())
        assert found, self.said()
        return found.group(1)

    def alive(self) -> bool:
        """Whether the supervisor runs."""
        assert self.process
        return self.process.poll() is None

    def ask(self, path: str) -> str:
        """The body of a page."""
        with urllib.request.urlopen(self.address() + path, timeout=10) as answer:
            return str(answer.read().decode())

    def send(self, number: signal.Signals) -> None:
        """Signal the supervisor alone."""
        assert self.process
        self.process.send_signal(number)

    def end(self) -> int:
        """Wait for the supervisor to end; return its exit code."""
        assert self.process
        return self.process.wait(PATIENCE)

    def processes(self) -> list[str]:
        """Every process of this data folder that still lives, whoever its parent is by now."""
        return [found for process in Path("/proc").iterdir() if (found := described(process, self.data))]


def described(process: Path, data: Path) -> str:
    """The command of a process that works in the data folder or was told of it; empty for others and for the dead."""
    try:
        told = f"SALESOPS_DATA={data}".encode() in (process / "environ").read_bytes().split(b"\0")
        if told or (process / "cwd").readlink().is_relative_to(data):
            return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (OSError, ValueError):
        pass
    return ""


def wait_until(holds: Callable[[], bool], explain: Callable[[], object], *, seconds: float = PATIENCE) -> None:
    """Return as soon as it holds; fail with the explanation when it does not hold in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, explain()
        time.sleep(0.05)


def without_servers() -> dict[str, str]:
    """The environment without what the test run has set for itself."""
    ours = ("DATABASE_URL", "REDIS_URL", "SALESOPS_", "DJANGO_", "SECRET_KEY", "PYTEST_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
