"""One import in a process of its own, so that its memory is its own: says seconds and the peak in MB, as JSON."""

import json
import os
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import django

MAPPING = """
name = "bench"
[[table]]
kind = "regions"
rows = [{ code = "EAST", name = "East" }]
[[table]]
kind = "customers"
file = "customers.csv"
columns = { code = "code", name = "name" }
constants = { region = "EAST", due_days = 30 }
[[table]]
kind = "products"
file = "products.csv"
columns = { sku = "sku", name = "name" }
constants = { category = "All", tax_rate = 13 }
[[table]]
kind = "stock"
file = "products.csv"
columns = { product = "sku" }
constants = { warehouse = "MAIN", quantity = 1000000 }
[[table]]
kind = "deliveries"
file = "deliveries.csv"
columns = { key = "key", customer = "customer", ordered_on = "ordered", shipped_on = "shipped" }
constants = { state = "shipped", warehouse = "MAIN" }
[[table]]
kind = "delivery_lines"
file = "lines.csv"
columns = { delivery = "delivery", product = "product", quantity = "quantity", unit_price = "price" }
"""


class Silent:
    """Progress that nobody watches."""

    def start_part(self, saying: Any, total: int | None = None) -> None:
        """Nobody hears it."""

    def step(self, done: int, total: int | None = None) -> None:
        """Nobody sees it."""


def main() -> None:
    """Read, check and load the books of a folder."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesops.settings")
    django.setup()
    import pghistory
    from django.db import transaction

    from salesops.imports.books import open_books
    from salesops.imports.mapping import read_mapping
    from salesops.users.models import User

    by = User.objects.create(username="importer", full_name="Importer", is_superuser=True)
    base = peak_mb()
    started = perf_counter()
    # The history knows who did it, as in a job; without, each of its rows raises and catches an error to find out
    with pghistory.context(user=by.pk), open_books(read_mapping(MAPPING), Path(sys.argv[1])) as books:
        books.read(Silent())
        read = perf_counter() - started
        books.check(Silent())
        checked = perf_counter() - started
        if errors := list(books.errors(3)):
            raise SystemExit(f"the books are wrong: {errors}")
        with transaction.atomic():
            books.load(by=by, progress=Silent())
    seconds = perf_counter() - started
    parts = {"read": read, "check": checked - read, "load": seconds - checked}
    print(json.dumps({"seconds": seconds, "parts": parts, "base_mb": base, "peak_mb": peak_mb()}))


def peak_mb() -> float:
    """The most memory that this program has had; what getrusage says begins with that of whoever started it."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
