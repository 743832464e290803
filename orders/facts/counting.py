"""Counting facts from documents: two statements, the same for one customer, for a part of all, and for a test.

Each fills a generation with the facts of some customers and months. What is counted:

- goods: lines of shipments by day of shipment, with region and representative of their delivery;
- accounts: entries by day of posting, with the region and representative that the customer had on that day; the
  balance at the end of each month is the sum of all entries until then, and what is overdue the sum of all debits past
  their day less what was allocated to them until then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, Self

from django.conf import settings
from django.db import connection

COUNT_GOODS = """
INSERT INTO orders_goodsfact
    (generation, month, customer_id, product_id, representative_id, region_id, quantity, amount, lines)
SELECT %(generation)s, date_trunc('month', shipment.shipped_on)::date AS month, shipment.customer_id, asked.product_id,
       delivery.representative_id, delivery.region_id, SUM(line.quantity), SUM(line.amount), COUNT(*)
FROM orders_shipment shipment
JOIN orders_delivery delivery ON delivery.id = shipment.delivery_id
JOIN orders_shipmentline line ON line.shipment_id = shipment.id
JOIN orders_deliveryline asked ON asked.id = line.line_id
WHERE {goods}
GROUP BY month, shipment.customer_id, asked.product_id, delivery.representative_id, delivery.region_id
"""

COUNT_ACCOUNTS = """
WITH customer AS (
    SELECT id, region_id, representative_id FROM customers_customer WHERE {of:id}
), moved AS (
    SELECT DISTINCT ON (customer_id, day) customer_id, day, region_id, representative_id FROM (
        SELECT pgh_obj_id AS customer_id, (pgh_created_at AT TIME ZONE %(zone)s)::date AS day, pgh_id, region_id,
               representative_id
        FROM customers_customerevent WHERE {of:pgh_obj_id}
    ) event ORDER BY customer_id, day, pgh_id DESC
), place AS (
    SELECT customer_id, region_id, representative_id,
           CASE WHEN ROW_NUMBER() OVER days = 1 THEN DATE '0001-01-01' ELSE day END AS day_from,
           COALESCE(LEAD(day) OVER days, DATE '9999-12-31') AS day_until
    FROM moved WINDOW days AS (PARTITION BY customer_id ORDER BY day)
    UNION ALL
    SELECT id, region_id, representative_id, DATE '0001-01-01', DATE '9999-12-31'
    FROM customer WHERE id NOT IN (SELECT customer_id FROM moved)
), posted AS (
    SELECT entry.customer_id, date_trunc('month', posted_on)::date AS month, region_id, representative_id,
           SUM(CASE WHEN source = 'payment_reversal' THEN 0 ELSE debit END) AS debits,
           SUM(CASE source WHEN 'payment' THEN credit WHEN 'payment_reversal' THEN -debit ELSE 0 END) AS payments,
           SUM(CASE WHEN source = 'payment' THEN 0 ELSE credit END) AS credits
    FROM orders_receivableentry entry
    JOIN place ON place.customer_id = entry.customer_id AND posted_on >= day_from AND posted_on < day_until
    WHERE {of:entry.customer_id}
    GROUP BY 1, 2, 3, 4
), delivered AS (
    SELECT shipment.customer_id, date_trunc('month', shipped_on)::date AS month, delivery.region_id,
           delivery.representative_id, SUM(line.quantity) AS quantity, SUM(line.amount) AS amount
    FROM orders_shipment shipment
    JOIN orders_delivery delivery ON delivery.id = shipment.delivery_id
    JOIN orders_shipmentline line ON line.shipment_id = shipment.id
    WHERE {of:shipment.customer_id}
    GROUP BY 1, 2, 3, 4
), late AS (
    SELECT customer_id, date_trunc('month', day)::date AS month, SUM(amount) AS amount FROM (
        SELECT customer_id, GREATEST(posted_on, due_on + 1) AS day, amount
        FROM orders_openitem WHERE is_debit AND {of:customer_id}
        UNION ALL
        SELECT item.customer_id, GREATEST(allocated_on, item.posted_on, item.due_on + 1), -made.amount
        FROM orders_openitem item JOIN orders_allocation made ON made.debit_id = item.id
        WHERE is_debit AND {of:item.customer_id}
    ) change WHERE day <= %(today)s GROUP BY 1, 2
), moving AS (
    SELECT customer_id, month, debits - payments - credits AS change, FALSE AS ships, 0 AS late FROM posted
    UNION ALL SELECT customer_id, month, 0, TRUE, 0 FROM delivered
    UNION ALL SELECT customer_id, month, 0, FALSE, amount FROM late
), happening AS (
    SELECT customer_id, month, SUM(change) AS change, BOOL_OR(ships) AS ships, SUM(late) AS late FROM (
        TABLE moving
        UNION ALL
        SELECT customer_id,
               generate_series(MIN(month), GREATEST(MAX(month), %(this_month)s), interval '1 month')::date, 0, FALSE, 0
        FROM moving GROUP BY customer_id
    ) each_month GROUP BY customer_id, month
), running AS (
    SELECT customer_id, month, change, SUM(change) OVER so_far AS closing, SUM(late) OVER so_far AS overdue,
           MIN(month) FILTER (WHERE ships) OVER so_far AS first_shipped,
           MAX(month) FILTER (WHERE ships) OVER so_far AS last_shipped
    FROM happening WINDOW so_far AS (PARTITION BY customer_id ORDER BY month)
), balance AS (
    SELECT running.customer_id, month, region_id, representative_id, closing - change AS opening, closing, overdue,
           (first_shipped IS NOT DISTINCT FROM month)::int AS is_new,
           (month < %(this_month)s
            AND last_shipped IS NOT DISTINCT FROM (month - %(lost_after)s * interval '1 month')::date)::int AS is_lost
    FROM running
    JOIN place ON place.customer_id = running.customer_id
     AND LEAST((month + interval '1 month' - interval '1 day')::date, %(today)s) >= day_from
     AND LEAST((month + interval '1 month' - interval '1 day')::date, %(today)s) < day_until
), fact AS (
    SELECT customer_id, month, region_id, representative_id, 0 AS quantity, 0 AS amount, debits, payments, credits,
           0 AS opening, 0 AS closing, 0 AS overdue, 0 AS is_new, 0 AS is_lost FROM posted
    UNION ALL
    SELECT customer_id, month, region_id, representative_id, quantity, amount, 0, 0, 0, 0, 0, 0, 0, 0 FROM delivered
    UNION ALL
    SELECT customer_id, month, region_id, representative_id, 0, 0, 0, 0, 0, opening, closing, overdue, is_new, is_lost
    FROM balance
    WHERE opening <> 0 OR closing <> 0 OR overdue <> 0 OR is_new = 1 OR is_lost = 1
)
INSERT INTO orders_accountfact
    (generation, customer_id, month, region_id, representative_id, quantity, amount, debits, payments, credits,
     opening, closing, overdue, new_customers, lost_customers)
SELECT %(generation)s, customer_id, month, region_id, representative_id, SUM(quantity), SUM(amount), SUM(debits),
       SUM(payments), SUM(credits), SUM(opening), SUM(closing), SUM(overdue), SUM(is_new), SUM(is_lost)
FROM fact {months} GROUP BY customer_id, month, region_id, representative_id
"""
"""A customer's place on a day is what its history says last of that day; before its history begins, the first.
A debit is late from the day after the one on which it is due, and what settles it later counts from its own day on."""

DEFINITION = sha256(
    f"{COUNT_GOODS}{COUNT_ACCOUNTS}{settings.TIME_ZONE}{settings.LOST_AFTER_MONTHS}".encode()
).hexdigest()
"""What a count that was broken off must have been begun with, to be gone on with."""


@dataclass(frozen=True)
class Asked:
    """Which facts to count: a condition on goods, one on customers, one on months, and their values by name."""

    goods: str = ""
    customers: str = ""
    months: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def goods_of_months(cls, first: date, until: date) -> Self:
        """The goods of all customers from one month up to, not including, another."""
        goods = "shipment.shipped_on >= %(first)s AND shipment.shipped_on < %(until)s"
        return cls(goods=goods, values={"first": first, "until": until})

    @classmethod
    def accounts_of(cls, first: int, last: int) -> Self:
        """All months of the accounts of customers from one key to another, both included."""
        return cls(customers="{} BETWEEN %(first)s AND %(last)s", values={"first": first, "last": last})

    @classmethod
    def marked(cls, months: Mapping[int, set[date]]) -> Self:
        """The goods of each customer's months, and its account from the first of them on."""
        pairs = [(customer, month) for customer, own in months.items() for month in sorted(own)]
        return cls(
            goods=(
                "EXISTS (SELECT 1 FROM unnest(%(of)s::bigint[], %(month)s::date[]) marked (customer_id, month)"
                " WHERE marked.customer_id = shipment.customer_id AND shipped_on >= month"
                " AND shipped_on < month + interval '1 month')"
            ),
            customers="{} = ANY(%(customers)s)",
            months=(
                "JOIN unnest(%(customers)s::bigint[], %(since)s::date[]) marked (of_customer, since)"
                " ON of_customer = customer_id AND month >= since"
            ),
            values={
                "of": [customer for customer, _month in pairs],
                "month": [month for _customer, month in pairs],
                "customers": list(months),
                "since": [min(own) for own in months.values()],
            },
        )


@dataclass(frozen=True)
class Condition:
    """A condition on a column: `f"{condition:entry.customer_id}"` names the column."""

    text: str

    def __format__(self, column: str) -> str:
        return self.text.format(column)


def count_facts(asked: Asked, *, generation: int, today: date) -> None:
    """Add the facts that are asked for to a generation, as of a day; that none of them stands there is the caller's."""
    values = {
        "generation": generation,
        "today": today,
        "this_month": today.replace(day=1),
        "zone": settings.TIME_ZONE,
        "lost_after": settings.LOST_AFTER_MONTHS,
        **asked.values,
    }
    with connection.cursor() as cursor:
        if asked.goods:
            cursor.execute(COUNT_GOODS.format(goods=asked.goods), values)
        if asked.customers:
            of = Condition(asked.customers)
            cursor.execute(COUNT_ACCOUNTS.format(of=of, months=asked.months), values)


DROPS = (
    """
    DELETE FROM orders_goodsfact fact USING unnest(%(of)s::bigint[], %(month)s::date[]) marked (of_customer, of_month)
    WHERE customer_id = of_customer AND month = of_month AND generation = %(generation)s
    """,
    """
    DELETE FROM orders_accountfact fact USING
        unnest(%(customers)s::bigint[], %(since)s::date[]) marked (of_customer, since)
    WHERE customer_id = of_customer AND month >= since AND generation = %(generation)s
    """,
)


def drop_facts(asked: Asked, *, generation: int) -> None:
    """Take the facts that are asked for, by marks, out of a generation."""
    with connection.cursor() as cursor:
        for statement in DROPS:
            cursor.execute(statement, {"generation": generation, **asked.values})
