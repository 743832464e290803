"""A real Celery worker for tests about workers and for the browser."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from salesops.celery import app
from salesops.embedded.processes import start_process, stop_process
from tests.support.servers import url_of_database
from tests.support.tasks import purge_queues

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


class WorkerProcess:
    """`celery worker` with one process on the test database; takes messages only between `listen` and `pause`."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.name = f"test-{os.getpid()}@localhost"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process to kill in tests of dying workers."""
        assert self.process
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Afterwards the worker runs and takes messages; nothing happens when it runs already."""
        if self.alive:
            return
        command = [sys.executable, "-m", "celery", "-A", "salesops", "worker", "--pool=solo", f"--hostname={self.name}"]
        command += ["--without-mingle", "--without-gossip", "--without-heartbeat", "--loglevel=INFO"]
        env = os.environ | {
            "DATABASE_URL": url_of_database(connection.settings_dict["NAME"]),
            "DJANGO_SETTINGS_MODULE": "salesops.settings_test",
        }
        self.process = start_process(command, when_parent_dies=signal.SIGKILL, cwd=ROOT, log=self.log, env=env)
        self._wait_for_answer()

    def kill(self) -> None:
        """kill -9: whatever it worked on stays as it is."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        """A new process takes over."""
        if self.alive:
            self.kill()
        self.start()

    def listen(self) -> None:
        """From now on it takes messages."""
        self.start()
        for queue in app.amqp.queues:
            app.control.add_consumer(queue, destination=[self.name], reply=True, limit=1, timeout=START_SECONDS)

    def pause(self) -> None:
        """Return when it works on nothing any more and takes no messages (its one process answers between tasks)."""
        if not self.alive:
            return
        for queue in app.amqp.queues:
            app.control.cancel_consumer(queue, destination=[self.name], reply=True, limit=1, timeout=START_SECONDS)

    def stop(self) -> None:
        """End it."""
        if self.process:
            stop_process(self.process, signal.SIGTERM, seconds=10)

    def _wait_for_answer(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not app.control.ping(destination=[self.name], limit=1, timeout=0.5):
            if not self.alive or time.monotonic() > deadline:
                raise AssertionError(f"the worker did not start:\n{self.log.read_text()}")


@pytest.fixture(scope="session")
def paused_worker_process(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    """The one worker of the run; ask for `celery_worker_process`, which makes it take messages."""
    worker = WorkerProcess(tmp_path_factory.mktemp("worker") / "worker.log")
    yield worker
    worker.stop()


@pytest.fixture
def celery_worker_process(transactional_db: None, paused_worker_process: WorkerProcess) -> Iterator[WorkerProcess]:
    """A real worker that executes what this test commits and queues; killed ones are replaced for the next test.

    Its log is `.log`. Wait for effects with a deadline on the rows, never by a fixed sleep.
    """
    purge_queues()
    paused_worker_process.listen()
    yield paused_worker_process
    purge_queues()
    paused_worker_process.pause()
