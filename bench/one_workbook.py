"""The workbook of a statistic in a process of its own, made as a worker makes it; says as JSON what it took.

python -m bench.one_workbook PERIOD [lines | "by hand"]: without lines, with them, or the lines by a cursor and the same
writer. `seconds` and `peak_mb` are of the making, `base_mb` before it; `rows` and `amount` are of the lines.
"""

import json
import os
import sys
from io import BytesIO
from time import perf_counter
from typing import Any

import django

from .one_import import peak_mb

HEAD = ("Shipment", "Day", "Delivery", "Code", "Customer", "Region", "Representative", "SKU", "Product", "Category",
        "Batch", "Pieces", "Amount")  # fmt: skip
BY_HAND = """
SELECT s.number, s.shipped_on, d.number, c.code, c.name, r.name, u.full_name, p.sku, p.name, g.name, l.batch,
       l.quantity, l.amount::float8
FROM orders_shipmentline l JOIN orders_shipment s ON s.id = l.shipment_id
JOIN orders_delivery d ON d.id = s.delivery_id JOIN customers_customer c ON c.id = s.customer_id
JOIN orders_deliveryline a ON a.id = l.line_id JOIN orders_product p ON p.id = a.product_id
JOIN orders_category g ON g.id = p.category_id JOIN users_region r ON r.id = d.region_id
LEFT JOIN users_user u ON u.id = d.representative_id
WHERE s.shipped_on >= %s AND s.shipped_on < %s ORDER BY s.shipped_on, s.id, l.id
"""


def main() -> None:
    """Make it, and say what it took."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesops.settings")
    django.setup()
    import reports.statistics.workbook.making  # noqa: F401  a worker has it already
    from reports.statistics.questions import Question, read_period

    period, *how = sys.argv[1:]
    question = Question(read_period(period))
    base, started = peak_mb(), perf_counter()
    found = by_hand(question.period) if how == ["by hand"] else by_the_job(question, with_lines=how == ["lines"])
    seconds, peak = perf_counter() - started, peak_mb()
    print(json.dumps({"seconds": seconds, "base_mb": base, "peak_mb": peak, **found}))


def by_the_job(question: Any, *, with_lines: bool) -> dict[str, Any]:
    """The whole job: facts, figures, sheets, file."""
    from reports.statistics.jobs import start_workbook
    from salesops.jobs.running import run_job
    from salesops.users.models import User

    job = start_workbook(question, by=User.objects.get(username="sales-manager"), details=with_lines)
    run_job(job.pk)
    job.refresh_from_db()
    if job.state != "done":
        raise RuntimeError(job.error)
    return {"rows": job.summary.get("Lines", 0), "sheets": job.summary}


def by_hand(period: Any) -> dict[str, Any]:
    """A cursor and the writer: no scope, no words, no heads, no formats, no sum."""
    import psycopg
    from rustpy_xlsxwriter import write_worksheet

    count = 0

    def rows() -> Any:
        nonlocal count
        with psycopg.connect(os.environ["DATABASE_URL"]) as database, database.cursor(name="lines") as cursor:
            cursor.itersize = 5_000
            for row in cursor.execute(BY_HAND, [period.start, period.end]):
                count += 1
                yield dict(zip(HEAD, row, strict=True))

    write_worksheet(rows(), BytesIO())
    return {"rows": count}


if __name__ == "__main__":
    main()
