"""What was measured: one row a question, as JSON, in the terminal, and as the table of docs/performance.md."""

import json
import os
import platform
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "bench" / "results.json"
PAGE = ROOT / "docs" / "performance.md"
START, END = "<!-- table: written by make bench -->", "<!-- end of table -->"


@dataclass(frozen=True)
class Result:
    """One row: what we take, what the floor takes (or the smaller case), and whether the goal holds.

    `ours` and `floor` are in `unit`; `ratio` is ours to floor, or what else the goal speaks of.
    """

    name: str
    ours: float
    unit: str
    goal: str
    holds: bool
    floor: float | None = None
    ratio: float | None = None
    detail: str = ""


def machine() -> dict[str, Any]:
    """What it was measured on."""
    words = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.+)$", words, re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)
    return {
        "processor": model.group(1) if model else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(int(memory.group(1)) / 1024 / 1024) if memory else None,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def this_run() -> dict[str, Any]:
    """When a run begins, and beside how much other work; kept with each row that it measures."""
    return {
        "measured_at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "load_at_start": round(os.getloadavg()[0], 2),
    }


def keep(results: Sequence[Result], run: dict[str, Any]) -> None:
    """Write results.json and the page's table. Rows that were not measured this time stay as they were."""
    before = json.loads(FILE.read_text()) if FILE.exists() else {"rows": []}
    rows = {row["name"]: row for row in before["rows"]} | {one.name: asdict(one) | run for one in results}
    about = machine()
    FILE.write_text(json.dumps({"machine": about, "rows": list(rows.values())}, indent=2) + "\n")
    if PAGE.exists():
        text = PAGE.read_text()
        head, rest = text.split(START)
        PAGE.write_text(f"{head}{START}\n{page_table(rows.values(), about)}\n{END}{rest.split(END)[1]}")


def page_table(rows: Iterable[dict[str, Any]], about: dict[str, Any]) -> str:
    """The rows as a table of the page."""
    words = (
        f"{about['processor']}, {about['cores']} cores, {about['memory_gb']} GB, Python {about['python']}."
        " Each row says when it was last measured, and the load of the machine when that run began."
    )
    lines = [
        words,
        "",
        "| row | ours | floor | ratio | goal | holds | measured |",
        "| --- | ---: | ---: | ---: | --- | --- | --- |",
    ]
    for row in rows:
        name = f"{row['name']}<br>{row['detail']}" if row["detail"] else row["name"]
        cells = [name, *_figures(row), row["goal"], "yes" if row["holds"] else "**no**", _when(row)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def print_row(one: Result) -> None:
    """One line in the terminal."""
    ours, floor, ratio = _figures(asdict(one))
    holds = "holds" if one.holds else "DOES NOT HOLD"
    print(f"{one.name:<44} {ours:>14} {floor:>14} {ratio:>8}  {one.goal:<46} {holds}", flush=True)
    if one.detail:
        print(f"    {one.detail}", flush=True)


def _figures(row: dict[str, Any]) -> list[str]:
    unit = row["unit"]
    floor = "" if row["floor"] is None else f"{_figure(row['floor'])} {unit}"
    ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
    return [f"{_figure(row['ours'])} {unit}", floor, ratio]


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _when(row: dict[str, Any]) -> str:
    return f"{row['measured_at']}, load {row['load_at_start']:.1f}"
