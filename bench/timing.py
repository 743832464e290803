"""Taking times: turns taken in one run, a warm-up before, medians after."""

from collections.abc import Callable, Sequence
from statistics import median, quantiles
from time import perf_counter
from typing import Any


def seconds_of(work: Callable[[], Any]) -> float:
    """How long one turn takes."""
    started = perf_counter()
    work()
    return perf_counter() - started


def alternate(works: Sequence[Callable[[], Any]], *, turns: int, warm_up: int = 2) -> list[list[float]]:
    """Return the times of each piece of work, all of them taking turns: what disturbs one disturbs the others."""
    for _turn in range(warm_up):
        for work in works:
            work()
    times: list[list[float]] = [[] for _work in works]
    for _turn in range(turns):
        for taken, work in zip(times, works, strict=True):
            taken.append(seconds_of(work))
    return times


def p95(times: Sequence[float]) -> float:
    """The time that 95 of 100 turns do not pass."""
    return quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


__all__ = ["alternate", "median", "p95", "seconds_of"]
