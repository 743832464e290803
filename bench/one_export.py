"""One export in a process of its own, as a job's worker writes it; says as JSON what it took and what came out.

`seconds` and `peak_mb` are of the writing, `base_mb` before it; `rows` and `digest` are of the file, read again.
"""

import hashlib
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
    base, target = peak_mb(), BytesIO()
    started = perf_counter()
    write(sys.argv[1], target)
    seconds, peak = perf_counter() - started, peak_mb()
    print(json.dumps({"seconds": seconds, "base_mb": base, "peak_mb": peak, **read_again(target)}))


def by_the_job(since: str, target: BytesIO) -> None:
    """As the job's worker does, with the rights of who asks."""
    from salesops.users.models import User
    from salesops.web.exports import ListExport, write_list_export

    export = ListExport("/delivery-lines/", f"ordered_after={since}", "Delivery lines", "lines.xlsx")
    write_list_export(export, User.objects.get(username="sales-manager"), target)


def by_hand(since: str, target: BytesIO) -> None:
    """A cursor and the writer: no page, no rights, no words, no heads, no formats."""
    import psycopg
    from rustpy_xlsxwriter import write_worksheet

    def rows() -> Any:
        with psycopg.connect(os.environ["DATABASE_URL"]) as database, database.cursor(name="lines") as cursor:
            cursor.itersize = 2_000
            for row in cursor.execute(BY_HAND, [since]):
                yield dict(zip(HEAD, row, strict=True))

    write_worksheet(rows(), target)


def read_again(file: BytesIO) -> dict[str, Any]:
    """How many lines of deliveries a file has, and a digest of which, in their order, of how many pieces and what."""
    from python_calamine import CalamineWorkbook

    file.seek(0)
    table = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()
    first = next(at for at, row in enumerate(table) if str(row[0]).startswith("DL-"))
    where = [table[first - 1].index(name) for name in ("SKU", "Quantity", "Amount")]
    digest, count = hashlib.sha256(), 0
    for row in table[first:]:
        if str(row[0]).startswith("DL-"):
            digest.update(repr([row[0], *(row[at] for at in where)]).encode())
            count += 1
    return {"rows": count, "digest": digest.hexdigest()}


if __name__ == "__main__":
    main()
