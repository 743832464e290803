"""The Excel file of a hundred thousand delivery lines, as the job writes it, against a cursor and the same writer."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from .results import ROOT, Result
from .room import MANY, Room

SPEED, MEMORY = "export: 100,000 delivery lines", "export: memory, 10,000 to 100,000 lines"
NAMES = (SPEED, MEMORY)
MOST_SECONDS = 3
TURNS = 3


def measure(room: Room, wanted: Sequence[str]) -> Iterator[Result]:
    """Write the lines since a day, each time in a process of its own; the two take turns."""
    room.use_books(MANY)
    since = _day_with(100_000)
    ours: list[dict[str, Any]] = []
    floor: list[dict[str, Any]] = []
    for _turn in range(TURNS):
        ours.append(_write(room, since))
        floor.append(_write(room, since, "by hand"))
    seconds, least = (median(one["seconds"] for one in times) for times in (ours, floor))
    same = {(one["rows"], one["digest"]) for one in [*ours, *floor]}
    per = 100_000 / ours[0]["rows"]
    if SPEED in wanted:
        yield Result(
            name=SPEED,
            ours=seconds * per,
            floor=least * per,
            unit="s",
            ratio=seconds / least,
            goal=f"at most {MOST_SECONDS} s, the rows of the filter",
            holds=seconds * per <= MOST_SECONDS and len(same) == 1,
            detail=f"measured with {ours[0]['rows']:,} lines",
        )
    if MEMORY in wanted:
        few = _write(room, _day_with(10_000))
        ratio = ours[0]["peak_mb"] / few["peak_mb"]
        yield Result(
            name=MEMORY,
            ours=ours[0]["peak_mb"],
            floor=few["peak_mb"],
            unit="MB at most",
            ratio=ratio,
            goal="flat: at most 1.25 times",
            holds=ratio <= 1.25,
            detail=f"{few['base_mb']:.0f} MB before the first row",
        )


def _day_with(lines: int) -> str:
    """The day since which there are about so many lines."""
    from orders.models import Delivery

    rows = Delivery.objects.order_by("-ordered_on", "-pk").values_list("ordered_on", flat=True)
    return str(rows[lines // 3])


def _write(room: Room, since: str, *more: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.one_export", since, *more],
        env=room.environment(f"books_{MANY}"),
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
