"""Books from files: check and load of delivery lines, against COPY of the same rows into the same tables.

The floor writes a part of the deliveries that the import has just written once more, under other keys: deliveries as
drafts, lines, shipments with theirs, entries and open items, with all indexes, keys and triggers. It reads no file,
checks nothing, settles nothing and moves no state.
"""

import csv
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

from .results import ROOT, Result
from .room import EMPTY, Room

SPEED, MEMORY = "import: 500,000 delivery lines", "import: memory, 10,000 to 500,000 lines"
NAMES = (SPEED, MEMORY)
FEW_LINES, MANY_LINES = 10_000, 500_000
LINES_EACH = 5
LINES_A_SECOND = 3_000
SHIFT = 10**9
"""What the floor adds to every key."""


def measure(room: Room, wanted: Sequence[str]) -> Iterator[Result]:
    """Import few lines and many, each in a process of its own."""
    few, many = (_import(room, lines) for lines in (FEW_LINES, MANY_LINES))
    speed = MANY_LINES / many["seconds"]
    if SPEED in wanted:
        floor = _copy_again(room, f"import_{MANY_LINES}")
        parts = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in many["parts"].items())
        yield Result(
            name=SPEED,
            ours=speed,
            floor=floor,
            unit="lines a second",
            ratio=floor / speed,
            goal=f"{LINES_A_SECOND:,} lines a second",
            holds=speed >= LINES_A_SECOND,
            detail=parts,
        )
    if MEMORY in wanted:
        ratio = many["peak_mb"] / few["peak_mb"]
        yield Result(
            name=MEMORY,
            ours=many["peak_mb"],
            floor=few["peak_mb"],
            unit="MB at most",
            ratio=ratio,
            goal="flat: at most 1.25 times",
            holds=ratio <= 1.25,
            detail=f"{few['base_mb']:.0f} MB before the first line",
        )


def _import(room: Room, lines: int) -> dict[str, Any]:
    folder = room.folder / f"lines-{lines}"
    write_files(folder, lines)
    name = f"import_{lines}"
    room.copy(EMPTY, name)
    done = subprocess.run(
        [sys.executable, "-m", "bench.one_import", str(folder)],
        env=room.environment(name),
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def write_files(folder: Path, lines: int) -> None:
    """Write the books: customers, products, and deliveries of five lines each over three years."""
    folder.mkdir()
    rng, today = Random(lines), date.today()  # noqa: DTZ011  days of the past
    customers = [f"K{at:05d}" for at in range(1_000)]
    products = [f"S{at:05d}" for at in range(500)]
    _write(folder / "customers.csv", ("code", "name"), ((code, f"Customer {code}") for code in customers))
    _write(folder / "products.csv", ("sku", "name"), ((sku, f"Product {sku}") for sku in products))
    with (
        (folder / "deliveries.csv").open("w", newline="") as heads,
        (folder / "lines.csv").open("w", newline="") as own,
    ):
        head, line = csv.writer(heads), csv.writer(own)
        head.writerow(("key", "customer", "ordered", "shipped"))
        line.writerow(("delivery", "product", "quantity", "price"))
        for at in range(lines // LINES_EACH):
            day = today - timedelta(days=1_000 - at * 900 // (lines // LINES_EACH))
            head.writerow((f"D{at:07d}", rng.choice(customers), day, day + timedelta(days=2)))
            for product in rng.sample(products, LINES_EACH):
                line.writerow((f"D{at:07d}", product, rng.randint(1, 50), f"{rng.randint(100, 99_999) / 100:.2f}"))


def _write(path: Path, names: Sequence[str], rows: Any) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(rows)


COPIED = {
    "orders_delivery": {
        "id": "id + {shift}",
        "number": "'F' || right(number, 15)",
        "state": "'draft'",
        "source_key": "NULL",
    },
    "orders_deliveryline": {"id": "id + {shift}", "delivery_id": "delivery_id + {shift}"},
    "orders_shipment": {
        "id": "id + {shift}",
        "number": "'F' || right(number, 15)",
        "delivery_id": "delivery_id + {shift}",
        "source_key": "NULL",
    },
    "orders_shipmentline": {
        "id": "id + {shift}",
        "shipment_id": "shipment_id + {shift}",
        "line_id": "line_id + {shift}",
    },
    "orders_receivableentry": {"id": "id + {shift}", "source_id": "source_id + {shift}"},
    "orders_openitem": {"id": "id + {shift}", "entry_id": "entry_id + {shift}"},
}
PART = {
    "orders_delivery": "id <= {last}",
    "orders_deliveryline": "delivery_id <= {last}",
    "orders_shipment": "delivery_id <= {last}",
    "orders_shipmentline": "shipment_id IN (SELECT id FROM orders_shipment WHERE delivery_id <= {last})",
    "orders_receivableentry": (
        "source = 'shipment' AND source_id IN (SELECT id FROM orders_shipment WHERE delivery_id <= {last})"
    ),
    "orders_openitem": (
        "entry_id IN (SELECT e.id FROM orders_receivableentry e JOIN orders_shipment s ON s.id = e.source_id"
        " WHERE e.source = 'shipment' AND s.delivery_id <= {last})"
    ),
}


def _copy_again(room: Room, name: str) -> float:
    """Write a tenth of the deliveries once more by COPY; returns lines a second."""
    import psycopg

    with psycopg.connect(room.postgres.url(name)) as database:
        given = database.execute("SELECT min(id) + (max(id) - min(id)) / 10 FROM orders_delivery").fetchone()
        assert given
        texts = {table: _copied(database, table, int(given[0])) for table in COPIED}
        started = perf_counter()
        for table, (columns, text) in texts.items():
            with database.cursor().copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as copy:
                copy.write(text)
        database.commit()
        seconds = perf_counter() - started
        lines = texts["orders_deliveryline"][1].count(b"\n")
    return lines / seconds


def _copied(database: Any, table: str, last: int) -> tuple[str, bytes]:
    rows = database.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped", [table]
    )
    names = [name for (name,) in rows.fetchall()]
    chosen = ", ".join(COPIED[table].get(name, f'"{name}"').format(shift=SHIFT) for name in names)
    query = f"COPY (SELECT {chosen} FROM {table} WHERE {PART[table].format(last=last)}) TO STDOUT"  # noqa: S608
    with database.cursor().copy(query) as copy:
        text = b"".join(bytes(piece) for piece in copy)
    return ", ".join(f'"{name}"' for name in names), text
