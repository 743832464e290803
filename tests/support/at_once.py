"""Real threads on connections of their own, begun at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from salesops.kernel.errors import RuleBroken


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
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return [future.result(timeout=seconds) for future in [pool.submit(run, action) for action in actions]]


def refusals(results: list[object]) -> list[RuleBroken]:
    """What was refused among the results."""
    return [result for result in results if isinstance(result, RuleBroken)]
