"""Executes queued tasks in the test's own process: deterministic, in order, within the test's transaction."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.test import TestCase
from kombu.connection import Connection
from kombu.entity import Queue

from salesops.celery import app

MOST_TASKS = 1_000  # more in one go is a task that queues itself again and again


@dataclass
class Executed:
    """What `run_tasks` executed: names in order, and what each task raised."""

    names: list[str] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)


RunTasks = Callable[..., AbstractContextManager[Executed]]


@pytest.fixture
def run_tasks(db: None) -> RunTasks:
    """`with run_tasks() as done: ...` is `running_tasks`; what earlier tests left in the queue is thrown away."""
    purge_queues()
    return running_tasks


@contextmanager
def running_tasks(*, failing: bool = False) -> Iterator[Executed]:
    """Execute on leaving what the block queued, and what that queued in turn.

    On-commit callbacks run as if the block had committed, also where the test rolls back. Countdowns are not waited
    for. A task's exception ends the test; with `failing=True` it is kept in `done.failures` instead.
    """
    done = Executed()
    with committing():
        yield done
    while message := next_message():
        if len(done.names) == MOST_TASKS:
            raise AssertionError(f"more than {MOST_TASKS} tasks, the last: {done.names[-5:]}")
        with committing():
            execute(message, done, failing=failing)


def committing() -> AbstractContextManager[list[Any]]:
    """Run the on-commit callbacks of a block at its end, as they would be outside a test that rolls back."""
    return TestCase.captureOnCommitCallbacks(using=connection.alias, execute=True)


def execute(message: Any, done: Executed, *, failing: bool) -> None:
    """Execute one message as a worker would, and note its name and failure."""
    name = message.headers["task"]
    args, kwargs, _ = message.decode()
    done.names.append(name)
    result = app.tasks[name].apply(args=args, kwargs=kwargs, task_id=message.headers["id"])
    if result.failed():
        if not failing:
            raise result.result
        done.failures.append(result.result)


def next_message() -> Any | None:
    """Take the oldest message of the first queue that has one; None when all are empty."""
    with app.connection_for_read() as broker:
        return next(filter(None, (bound.get(no_ack=True) for bound in queues(broker))), None)


def purge_queues() -> None:
    """Throw away every message that nobody has taken."""
    with app.connection_for_read() as broker:
        for bound in queues(broker):
            bound.purge()


def queues(broker: Connection) -> list[Queue]:
    """The product's queues, on one channel."""
    channel = broker.default_channel
    bound = [queue(channel) for queue in app.amqp.queues.values()]
    for queue in bound:
        queue.declare()
    return bound
