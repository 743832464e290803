"""One export in a process of its own, as a job's worker writes it: says seconds, rows and the peak in MB, as JSON."""

import json
import os
import sys
from io import BytesIO
from time import perf_counter
from typing import Any

import django

from .one_import import peak_mb

HEAD = ("Delivery", "Date", "Customer", "Chinese", "SKU", "Product", "Chinese name", "Price", "Discount", "Quantity",
        "Approved", "Shipped", "Amount", "State")  # fmt: skip
BY_HAND = """
SELECT d.number, d.ordered_on, c.name, c.name_zh, p.sku, p.name, p.name_zh, l.unit_price::float8,
       l.discount_percent::float8, l.quantity, l.approved_quantity, l.shipped_quantity, l.amount::float8, d.state
FROM orders_deliveryline l JOIN orders_delivery d ON d.id = l.delivery_id
JOIN customers_customer c ON c.id = d.customer_id JOIN orders_product p ON p.id = l.product_id
WHERE d.ordered_on >= %s ORDER BY d.ordered_on DESC, d.id DESC, l.position
"""


def main() -> None:
    """Write the file of all delivery lines since a day: by the job's own way, or by hand."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesops.settings")
    django.setup()
    write = by_hand if sys.argv[2:] == ["by hand"] else by_the_job
    base = peak_mb()
    started = perf_counter()
    rows = write(sys.argv[1])
    seconds = perf_counter() - started
    print(json.dumps({"seconds": seconds, "rows": rows, "base_mb": base, "peak_mb": peak_mb()}))


def by_the_job(since: str) -> int:
    """As the job's worker does, with the rights of who asks."""
    from salesops.users.models import User
    from salesops.web.exports import ListExport, write_list_export

    export = ListExport("/delivery-lines/", f"ordered_after={since}", "Delivery lines", "lines.xlsx")
    return write_list_export(export, User.objects.get(username="sales-manager"), BytesIO())


def by_hand(since: str) -> int:
    """A cursor and the writer: no page, no rights, no words, no heads, no formats."""
    import psycopg
    from rustpy_xlsxwriter import write_worksheet

    count = 0

    def rows() -> Any:
        nonlocal count
        with psycopg.connect(os.environ["DATABASE_URL"]) as database, database.cursor(name="lines") as cursor:
            cursor.itersize = 2_000
            for row in cursor.execute(BY_HAND, [since]):
                count += 1
                yield dict(zip(HEAD, row, strict=True))

    write_worksheet(rows(), BytesIO())
    return count


if __name__ == "__main__":
    main()
