"""Real threads on connections of their own, begun at the same moment or when another waits."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from salesops.kernel.errors import RuleBroken
from tests.setup.product import wait_until


def at_once(*actions: Callable[[], object], seconds: float = 60, refusal: type[Exception] = RuleBroken) -> list[object]:
    """Run the actions at the same moment, each on a connection of its own; returns results, or the refusal.

    Whatever else is raised (a deadlock above all) ends the test, and so does waiting for longer than so many seconds.
    """
    barrier = Barrier(len(actions))

    def run(action: Callable[[], object]) -> object:
        try:
            barrier.wait(timeout=20)
            return action()
        except refusal as refused:
            return refused

    with ThreadPoolExecutor(len(actions)) as pool:
        return [
            future.result(timeout=seconds) for future in [pool.submit(on_its_own, run, action) for action in actions]
        ]


def on_its_own(action: Callable[..., Any], *args: Any) -> Any:
    """Do it in a thread, on that thread's connection, which is closed afterwards."""
    try:
        return action(*args)
    finally:
        connection.close()


def begun(pool: ThreadPoolExecutor, action: Callable[[], Any]) -> Future[Any]:
    """Begin an action on a connection of its own; return as soon as it waits for a lock, or has ended without."""
    running = pool.submit(on_its_own, action)
    wait_until(lambda: somebody_waits() or running.done(), lambda: "it neither waits for a lock nor ends")
    return running


def somebody_waits() -> bool:
    """Whether a session of the database waits for a lock, also asked within a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def refusals(results: list[object]) -> list[RuleBroken]:
    """What was refused among the results."""
    return [result for result in results if isinstance(result, RuleBroken)]
