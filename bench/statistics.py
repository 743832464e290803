"""The workbook of a statistic, made by its whole job in a process of its own: the figures, and 100,000 lines."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from statistics import median
from typing import Any

from .receivables import run
from .results import ROOT, Result
from .room import Room

DELIVERIES = 40_000
"""So many have about 110,000 shipped lines, of a thousand customers, over two years."""
SUMMARY, LINES = "statistics: workbook of a year", "statistics: 100,000 lines in a workbook"
MEMORY = "statistics: memory, 10,000 to 100,000 lines"
NAMES = (SUMMARY, LINES, MEMORY)
SUMMARY_SECONDS, LINES_SECONDS, FLAT = 2, 3, 1.25
TURNS = 3


def measure(room: Room, wanted: Sequence[str]) -> Iterator[Result]:
    """Make the workbook of the last year, and that of all days with its lines."""
    room.use_books(DELIVERIES)
    _count_facts()
    last = run("SELECT max(shipped_on) FROM orders_shipment")[0][0]
    year = _months(last - timedelta(days=364), last)
    if SUMMARY in wanted:
        yield _summary(room, year)
    if LINES in wanted:
        yield _lines(room, _months(run("SELECT min(shipped_on) FROM orders_shipment")[0][0], last))
    if MEMORY in wanted:
        yield _memory(room, _months(last - timedelta(days=62), last), _months(date(2020, 1, 1), last))


def _months(first: date, last: date) -> str:
    return f"{first:%Y-%m}..{last:%Y-%m}"


def _count_facts() -> None:
    """All facts anew, and in use: the books are loaded without the triggers that mark them."""
    from orders.facts.building import begin_count, count_next_part, finish_count

    build = begin_count()
    while count_next_part(build.pk):
        pass
    finish_count(build.pk)
    for table in ("orders_goodsfact", "orders_accountfact"):
        run(f"ANALYZE {table}")


def _summary(room: Room, period: str) -> Result:
    made = [_make(room, period) for _turn in range(TURNS)]
    seconds = median(one["seconds"] for one in made)
    sheets = {name: count for name, count in made[0]["sheets"].items() if isinstance(count, int)}
    return Result(
        name=SUMMARY,
        ours=seconds,
        unit="s",
        goal=f"at most {SUMMARY_SECONDS} s",
        holds=seconds <= SUMMARY_SECONDS,
        detail=", ".join(f"{name} {count:,}" for name, count in sheets.items()),
    )


def _lines(room: Room, period: str) -> Result:
    """What the lines add to the same workbook, against a cursor and the same writer."""
    without, lines, floor = [], [], []
    for _turn in range(TURNS):
        without.append(_make(room, period))
        lines.append(_make(room, period, "lines"))
        floor.append(_make(room, period, "by hand"))
    bare, whole, least = (median(one["seconds"] for one in made) for made in (without, lines, floor))
    rows = {one["rows"] for one in [*lines, *floor]}
    per = 100_000 / lines[0]["rows"]
    return Result(
        name=LINES,
        ours=(whole - bare) * per,
        floor=least * per,
        unit="s",
        ratio=(whole - bare) / least,
        goal=f"at most {LINES_SECONDS} s more than without",
        holds=(whole - bare) * per <= LINES_SECONDS and len(rows) == 1,
        detail=f"measured with {lines[0]['rows']:,} lines: {whole:.1f} s with them, {bare:.1f} s without",
    )


def _memory(room: Room, few: str, many: str) -> Result:
    small, large = _make(room, few, "lines"), _make(room, many, "lines")
    ratio = large["peak_mb"] / small["peak_mb"]
    return Result(
        name=MEMORY,
        ours=large["peak_mb"],
        floor=small["peak_mb"],
        unit="MB at most",
        ratio=ratio,
        goal=f"flat: at most {FLAT} times",
        holds=ratio <= FLAT,
        detail=f"{small['rows']:,} and {large['rows']:,} lines; {small['base_mb']:.0f} MB before the first",
    )


def _make(room: Room, period: str, *how: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.one_workbook", period, *how],
        env=room.environment(f"books_{DELIVERIES}"),
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
