"""What every test may ask for.

Database. `django_db` (or the fixture `db`) rolls back; `django_db(transaction=True)` (or `transactional_db`) really
commits and empties the tables afterwards: ask for it where threads, a worker or a browser must see the rows.
See tests/support/emptying.py.
The database is migrated once and then put back from a dump until its code changes: see tests/support/database.py.

Background work. Nothing consumes the queue of its own accord: a task that the code under test sends lies in Valkey and
has no effect.
- `run_tasks` executes what was queued, here and in order: `with run_tasks() as done: approve(...)`. It runs on-commit
  callbacks also in tests that roll back. See tests/support/tasks.py.
- `celery_worker_process` is a real `celery worker` on the test database, for tests about workers (killed ones too) and
  for the browser. Transactional. See tests/support/worker.py.

Browser. `page` of pytest-playwright on Debian's Chromium, `sign_in(page, "supervisor")`; mark the test `browser`; it
uses `live_server`, so it is transactional. See tests/support/browser.py.

The servers are started by salesops/testservices.py.
"""

import os

# Playwright's synchronous interface runs an event loop in the thread in which the tests ask the database
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from salesops.jobs import heart
from salesops.web.cache import ForgivingClient

pytest_plugins = ["tests.support.database", "tests.support.tasks", "tests.support.worker", "tests.support.browser"]


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    """Leave no language active for the next test: a page answered in Chinese would."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def no_heart_in_a_rollback(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the heart of a job still in a test that rolls back: on a connection of its own it would see no such job."""
    marker = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (marker is not None and marker.kwargs.get("transaction"))
    if not commits:
        monkeypatch.setattr(heart, "PULSE_SECONDS", 3_600.0)


@pytest.fixture
def dead_cache(settings: Any) -> Iterator[None]:
    """A cache whose server is not there; nobody has noticed yet."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        port = taken.getsockname()[1]
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": f"redis://127.0.0.1:{port}/0"}}
        ForgivingClient.away_until = 0.0
        yield
        ForgivingClient.away_until = 0.0
