"""Books for tests: a folder of files, and the way from there into the product."""

from pathlib import Path

from django.db import transaction

from bench.one_import import Silent
from salesops.imports.books import KindCount, RowError, open_books
from salesops.imports.mapping import read_mapping
from salesops.users.models import User

CUSTOMERS, DELIVERIES = 20, 60
"""Of a small company. Half of its deliveries have left, half are to leave."""
COMPANY = """
name = "company"
[[table]]
kind = "regions"
rows = [{ code = "EAST", name = "East" }]
[[table]]
kind = "customers"
file = "customers.csv"
columns = { code = "code", name = "code" }
constants = { region = "EAST" }
[[table]]
kind = "products"
file = "products.csv"
columns = { sku = "sku", name = "sku" }
constants = { category = "Kitchen" }
[[table]]
kind = "stock"
file = "products.csv"
columns = { product = "sku" }
constants = { warehouse = "SH", quantity = %d }
"""
HISTORY = """
[[table]]
kind = "deliveries"
file = "deliveries.csv"
columns = { key = "key", customer = "customer", state = "state", shipped_on = "day", ordered_on = "day" }
constants = { warehouse = "SH" }
[[table]]
kind = "delivery_lines"
file = "deliveries.csv"
columns = { delivery = "key", product = "sku" }
constants = { quantity = 3, unit_price = 10 }
[[table]]
kind = "payments"
file = "payments.csv"
columns = { customer = "customer", reference = "reference" }
constants = { received_on = "2025-02-01", amount = 5 }
"""
"""Deliveries, of one line of 30 each, and payments: a mapping to go behind that of the company."""


def company(*, stock: int) -> str:
    """Return the mapping of the company's files, without its history, with so many pieces of each product."""
    return COMPANY % stock


def company_files() -> dict[str, str]:
    """Return the company's files by name."""
    codes = [f"C{number}" for number in range(CUSTOMERS)]
    states = ("shipped", "approved")
    days = [f"2025-01-{at % 28 + 1:02d}" for at in range(DELIVERIES)]
    lines = {
        "customers": ["code", *codes],
        "products": ["sku", "KT", "PN"],
        "deliveries": [
            "key,customer,state,day,sku",
            *(f"D{at},{codes[at % CUSTOMERS]},{states[at % 2]},{day},KT" for at, day in enumerate(days)),
        ],
        "payments": ["customer,reference", *(f"{code},B-{code}" for code in codes)],
    }
    return {f"{name}.csv": "\n".join([*rows, ""]) for name, rows in lines.items()}


def check(folder: Path, mapping: str) -> tuple[list[KindCount], list[RowError]]:
    """Read and check books; write nothing."""
    with open_books(read_mapping(mapping), folder) as books:
        books.read(Silent())
        books.check(Silent())
        return books.counts(), list(books.errors())


def load(folder: Path, mapping: str, *, by: User) -> tuple[dict[str, KindCount], list[RowError]]:
    """Read, check and load the good rows of books."""
    with open_books(read_mapping(mapping), folder) as books:
        books.read(Silent())
        books.check(Silent())
        counts, errors = books.counts(), list(books.errors())
        with transaction.atomic():
            books.load(by=by, progress=Silent())
        return {count.key: count for count in counts}, errors
