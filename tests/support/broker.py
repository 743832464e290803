"""A broker that does not answer, for tests of what happens then."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from salesops.celery import app

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@contextmanager
def dead_broker() -> Iterator[None]:
    """Within the block every attempt to queue a task is refused by the operating system, as with a stopped server."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELERY_BROKER_URL", NOBODY_LISTENS)
        patch.setattr(app.amqp, "_producer_pool", None)
        yield
