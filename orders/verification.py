"""Whether the books add up: every figure that is kept is compared with the rows that it is the sum of."""

from collections.abc import Iterator

from django.db import connection

BALANCES = """
SELECT customer.code, account.balance, COALESCE(SUM(entry.debit - entry.credit), 0) AS booked
FROM customers_creditaccount account
JOIN customers_customer customer ON customer.id = account.customer_id
LEFT JOIN orders_receivableentry entry ON entry.customer_id = account.customer_id
GROUP BY customer.code, account.balance
HAVING account.balance <> COALESCE(SUM(entry.debit - entry.credit), 0)
"""

COMMITTED = """
SELECT customer.code, account.committed,
       COALESCE(SUM(delivery.approved_amount - delivery.cancelled_amount - delivery.shipped_amount), 0) AS open
FROM customers_creditaccount account
JOIN customers_customer customer ON customer.id = account.customer_id
LEFT JOIN orders_delivery delivery ON delivery.customer_id = account.customer_id
GROUP BY customer.code, account.committed
HAVING account.committed
       <> COALESCE(SUM(delivery.approved_amount - delivery.cancelled_amount - delivery.shipped_amount), 0)
"""

OPEN_ITEMS = """
SELECT customer.code, account.balance,
       COALESCE(SUM(CASE WHEN item.is_debit THEN item.open_amount ELSE -item.open_amount END), 0) AS open
FROM customers_creditaccount account
JOIN customers_customer customer ON customer.id = account.customer_id
LEFT JOIN orders_openitem item ON item.customer_id = account.customer_id
GROUP BY customer.code, account.balance
HAVING account.balance <> COALESCE(SUM(CASE WHEN item.is_debit THEN item.open_amount ELSE -item.open_amount END), 0)
"""

SETTLED = """
SELECT entry.document, found.settled, found.made
FROM (
    SELECT entry_id, SUM(settled) AS settled, SUM(made) AS made FROM (
        SELECT entry_id, amount - open_amount AS settled, 0 AS made FROM orders_openitem
        UNION ALL SELECT debit_id, 0, amount FROM orders_allocation
        UNION ALL SELECT credit_id, 0, amount FROM orders_allocation
    ) both_sides
    GROUP BY entry_id HAVING SUM(settled) <> SUM(made)
) found JOIN orders_receivableentry entry ON entry.id = found.entry_id
"""
"""Added up in one pass: a join of two sums is planned row by row where there are many of them."""

SHIPPED = """
WITH sent AS (SELECT delivery_id, SUM(amount) AS amount FROM orders_shipment GROUP BY delivery_id)
SELECT delivery.number, delivery.shipped_amount, COALESCE(sent.amount, 0)
FROM orders_delivery delivery LEFT JOIN sent ON sent.delivery_id = delivery.id
WHERE delivery.shipped_amount <> COALESCE(sent.amount, 0)
"""

POSTED = """
SELECT document.number, document.amount, COALESCE(entry.debit + entry.credit, 0)
FROM (
    SELECT 'shipment' AS source, id, number, amount FROM orders_shipment
    UNION ALL SELECT 'payment', id, number, amount FROM orders_payment
    UNION ALL
    SELECT 'payment_reversal', reversal.id, reversal.number, payment.amount
    FROM orders_paymentreversal reversal JOIN orders_payment payment ON payment.id = reversal.payment_id
) document
LEFT JOIN orders_receivableentry entry ON entry.source = document.source AND entry.source_id = document.id
WHERE document.amount <> COALESCE(entry.debit + entry.credit, 0)
"""

PIECES = """
WITH sent AS (SELECT line_id, SUM(quantity) AS quantity FROM orders_shipmentline GROUP BY line_id)
SELECT delivery.number || ' ' || product.sku, line.shipped_quantity, COALESCE(sent.quantity, 0)
FROM orders_deliveryline line
JOIN orders_delivery delivery ON delivery.id = line.delivery_id
JOIN orders_product product ON product.id = line.product_id
LEFT JOIN sent ON sent.line_id = line.id
WHERE line.shipped_quantity <> COALESCE(sent.quantity, 0)
"""

RESERVED = """
WITH promised AS (
    SELECT delivery.warehouse_id, line.product_id, SUM(line.reserved_quantity) AS pieces
    FROM orders_deliveryline line JOIN orders_delivery delivery ON delivery.id = line.delivery_id
    WHERE line.reserved_quantity > 0
    GROUP BY delivery.warehouse_id, line.product_id
)
SELECT warehouse.code || ' ' || product.sku, COALESCE(stock.reserved, 0), COALESCE(promised.pieces, 0)
FROM orders_stock stock
FULL JOIN promised ON promised.warehouse_id = stock.warehouse_id AND promised.product_id = stock.product_id
JOIN orders_warehouse warehouse ON warehouse.id = COALESCE(stock.warehouse_id, promised.warehouse_id)
JOIN orders_product product ON product.id = COALESCE(stock.product_id, promised.product_id)
WHERE COALESCE(stock.reserved, 0) <> COALESCE(promised.pieces, 0)
"""

CLAIMS: dict[str, str] = {
    "{0}: the balance is {1}, its entries add up to {2}": BALANCES,
    "{0}: committed is {1}, approved and not shipped is {2}": COMMITTED,
    "{0}: the balance is {1}, its open items add up to {2}": OPEN_ITEMS,
    "{0}: {1} of it is settled, its allocations add up to {2}": SETTLED,
    "{0}: shipped is {1}, its shipments add up to {2}": SHIPPED,
    "{0}: the document says {1}, its entry {2}": POSTED,
    "{0}: {1} pieces are shipped, the shipments have {2}": PIECES,
    "{0}: {1} pieces are reserved, for lines {2}": RESERVED,
}
"""What must hold, in words for one row that does not: what it is about, the figure kept, the sum of its rows."""


def differences(most: int = 100) -> list[str]:
    """Return a sentence for each figure that is not the sum of its rows, at most `most` of a kind; none is right."""
    return list(_differences(most))


def _differences(most: int) -> Iterator[str]:
    with connection.cursor() as cursor:
        for words, statement in CLAIMS.items():
            cursor.execute(f"{statement} ORDER BY 1 LIMIT %s", [most])
            for row in cursor.fetchall():
                yield words.format(*row)
