"""What must hold in the books, each claim as one query over whole tables that returns the rows where it does not.

A query returns four columns: what it is about, the figure that is kept, the figure that its rows make, and the
documents to open, each written as `kind:number`. Nothing here trusts a constraint or a trigger of the database: the
books are proved as they are, whatever was switched off when they were written.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Claim:
    """One thing that must hold. `words` say it of one row that differs: {0} what, {1} kept, {2} found."""

    key: str
    words: Any
    sql: str


# ---- accounts ----
BALANCES = """
SELECT customer.code, account.balance::text, COALESCE(booked.amount, 0)::text, ARRAY['account:' || customer.code]
FROM customers_creditaccount account
JOIN customers_customer customer ON customer.id = account.customer_id
LEFT JOIN (
    SELECT customer_id, SUM(debit - credit) AS amount FROM orders_receivableentry GROUP BY customer_id
) booked ON booked.customer_id = account.customer_id
WHERE account.balance <> COALESCE(booked.amount, 0)
"""

COMMITTED = """
SELECT customer.code, account.committed::text, COALESCE(promised.amount, 0)::text,
       ARRAY['account:' || customer.code] || COALESCE(promised.numbers[1:10], '{}')
FROM customers_creditaccount account
JOIN customers_customer customer ON customer.id = account.customer_id
LEFT JOIN (
    SELECT customer_id, SUM(approved_amount - cancelled_amount - shipped_amount) AS amount,
           ARRAY_AGG('delivery:' || number ORDER BY id) FILTER (
               WHERE approved_amount <> cancelled_amount + shipped_amount) AS numbers
    FROM orders_delivery
    WHERE approved_amount <> 0 OR cancelled_amount <> 0 OR shipped_amount <> 0
    GROUP BY customer_id
) promised ON promised.customer_id = account.customer_id
WHERE account.committed <> COALESCE(promised.amount, 0)
"""

OPEN_ITEMS = """
SELECT customer.code, account.balance::text, COALESCE(item.amount, 0)::text, ARRAY['account:' || customer.code]
FROM customers_creditaccount account
JOIN customers_customer customer ON customer.id = account.customer_id
LEFT JOIN (
    SELECT customer_id, SUM(CASE WHEN is_debit THEN open_amount ELSE -open_amount END) AS amount
    FROM orders_openitem WHERE open_amount <> 0 GROUP BY customer_id
) item ON item.customer_id = account.customer_id
WHERE account.balance <> COALESCE(item.amount, 0)
"""

KNOWN_OVERDUE = """
SELECT customer.code, account.known_overdue_amount || ' / ' || account.known_overdue_days,
       COALESCE(item.amount, 0) || ' / ' || COALESCE(account.known_overdue_on - item.oldest, 0),
       ARRAY['account:' || customer.code]
FROM customers_creditaccount account
JOIN customers_customer customer ON customer.id = account.customer_id
CROSS JOIN LATERAL (
    SELECT SUM(open_amount) AS amount, MIN(due_on) AS oldest FROM orders_openitem own
    WHERE own.customer_id = account.customer_id AND own.is_debit AND own.open_amount > 0
      AND own.due_on < account.known_overdue_on
) item
WHERE account.known_overdue_on IS NOT NULL
  AND (account.known_overdue_amount <> COALESCE(item.amount, 0)
       OR account.known_overdue_days <> COALESCE(account.known_overdue_on - item.oldest, 0))
"""

# ---- entries and the documents that they come from ----
DOCUMENTS = """
    SELECT 'shipment' AS source, id, number, customer_id, amount, 'shipment:' || number AS place FROM orders_shipment
    UNION ALL SELECT 'payment', id, number, customer_id, -amount, 'payment:' || number FROM orders_payment
    UNION ALL
    SELECT 'payment_reversal', reversal.id, reversal.number, payment.customer_id, payment.amount,
           'payment:' || payment.number
    FROM orders_paymentreversal reversal JOIN orders_payment payment ON payment.id = reversal.payment_id
    UNION ALL
    SELECT 'opening', opening.id, customer.code, opening.customer_id, opening.amount, 'account:' || customer.code
    FROM orders_openingbalance opening JOIN customers_customer customer ON customer.id = opening.customer_id
    UNION ALL
    SELECT CASE COALESCE(done.kind, '') WHEN '' THEN
               CASE made.kind WHEN 'write_off' THEN 'write_off' WHEN 'refund' THEN 'refund' ELSE 'adjustment' END
               ELSE 'adjustment_reversal' END,
           made.id, made.number, made.customer_id,
           CASE WHEN made.kind IN ('debit', 'refund') OR done.kind IN ('credit', 'write_off')
                THEN made.amount ELSE -made.amount END,
           'adjustment:' || made.number
    FROM orders_adjustment made LEFT JOIN orders_adjustment done ON done.id = made.reverses_id
    WHERE made.state IN ('approved', 'reversed')
"""
"""Every document that posts, with what it adds to the balance."""

POSTED = f"""
SELECT document.number, document.amount::text, COALESCE(entry.debit - entry.credit, 0)::text, ARRAY[document.place]
FROM ({DOCUMENTS}) document
LEFT JOIN orders_receivableentry entry ON entry.source = document.source AND entry.source_id = document.id
WHERE document.amount <> COALESCE(entry.debit - entry.credit, 0)
"""  # noqa: S608  our own words

OWNERS = f"""
SELECT document.number, owner.code, booked.code,
       ARRAY[document.place, 'account:' || owner.code, 'account:' || booked.code]
FROM ({DOCUMENTS}) document
JOIN orders_receivableentry entry ON entry.source = document.source AND entry.source_id = document.id
JOIN customers_customer owner ON owner.id = document.customer_id
JOIN customers_customer booked ON booked.id = entry.customer_id
WHERE entry.customer_id <> document.customer_id
"""  # noqa: S608  our own words

FOUNDLINGS = f"""
SELECT entry.document, (entry.debit - entry.credit)::text, entry.source || ' ' || entry.source_id,
       ARRAY['account:' || customer.code]
FROM orders_receivableentry entry
JOIN customers_customer customer ON customer.id = entry.customer_id
LEFT JOIN ({DOCUMENTS}) document ON document.source = entry.source AND document.id = entry.source_id
WHERE document.id IS NULL
"""  # noqa: S608  our own words

TWICE = """
SELECT twice.document, '1', twice.times::text, ARRAY['account:' || customer.code]
FROM (
    SELECT MIN(document) AS document, MIN(customer_id) AS customer_id, COUNT(*) AS times
    FROM orders_receivableentry GROUP BY source, source_id HAVING COUNT(*) > 1
) twice
JOIN customers_customer customer ON customer.id = twice.customer_id
"""

ITEMS = """
SELECT entry.document, (entry.debit - entry.credit)::text, COALESCE(item.amount, 0)::text,
       ARRAY['account:' || customer.code]
FROM orders_receivableentry entry
JOIN customers_customer customer ON customer.id = entry.customer_id
LEFT JOIN (
    SELECT entry_id, customer_id, SUM(CASE WHEN is_debit THEN amount ELSE -amount END) AS amount
    FROM orders_openitem GROUP BY entry_id, customer_id
) item ON item.entry_id = entry.id AND item.customer_id = entry.customer_id
WHERE entry.debit - entry.credit <> COALESCE(item.amount, 0)
"""

LATE = """
SELECT entry.document, entry.posted_on::text, step.closed_through::text, ARRAY['account:' || customer.code]
FROM (
    SELECT closed_through, entries_through, LEAD(entries_through) OVER (ORDER BY id) AS until FROM orders_closingstep
) step
JOIN orders_receivableentry entry ON entry.id > step.entries_through AND entry.posted_on <= step.closed_through
 AND (step.until IS NULL OR entry.id <= step.until)
JOIN customers_customer customer ON customer.id = entry.customer_id
"""
"""Each step says which entry was the last before it: keys are drawn under the lock of the months (closing/days.py)."""

# ---- settling ----
SETTLED = """
SELECT entry.document, found.settled::text, found.made::text, ARRAY['account:' || customer.code]
FROM (
    SELECT id, SUM(settled) AS settled, SUM(made) AS made FROM (
        SELECT id, is_debit, amount - open_amount AS settled, 0 AS made FROM orders_openitem
        UNION ALL SELECT debit_id, TRUE, 0, amount FROM orders_allocation
        UNION ALL SELECT credit_id, FALSE, 0, amount FROM orders_allocation
    ) both_sides
    GROUP BY id, is_debit HAVING SUM(settled) <> SUM(made)
) found
JOIN orders_openitem item ON item.id = found.id
JOIN orders_receivableentry entry ON entry.id = item.entry_id
JOIN customers_customer customer ON customer.id = entry.customer_id
"""
"""Added up in one pass: a join of two sums is planned row by row where there are many of them."""

OVERSETTLED = """
SELECT entry.document, CASE WHEN item.is_debit = made.is_debit THEN item.amount ELSE 0 END::text, made.amount::text,
       ARRAY['account:' || customer.code]
FROM (
    SELECT debit_id AS id, TRUE AS is_debit, SUM(amount) AS amount FROM orders_allocation GROUP BY debit_id
    UNION ALL
    SELECT credit_id, FALSE, SUM(amount) FROM orders_allocation GROUP BY credit_id
) made
JOIN orders_openitem item ON item.id = made.id
JOIN orders_receivableentry entry ON entry.id = item.entry_id
JOIN customers_customer customer ON customer.id = entry.customer_id
WHERE made.amount > CASE WHEN item.is_debit = made.is_debit THEN item.amount ELSE 0 END OR made.amount < 0
"""

CROSSED = """
SELECT paid.document || ' → ' || owed.document, payer.code, debtor.code,
       ARRAY['account:' || payer.code, 'account:' || debtor.code]
FROM orders_allocation allocation
JOIN orders_openitem debit ON debit.id = allocation.debit_id
JOIN orders_openitem credit ON credit.id = allocation.credit_id
JOIN orders_receivableentry owed ON owed.id = debit.entry_id
JOIN orders_receivableentry paid ON paid.id = credit.entry_id
JOIN customers_customer debtor ON debtor.id = owed.customer_id
JOIN customers_customer payer ON payer.id = paid.customer_id
WHERE owed.customer_id <> paid.customer_id
"""

TAKEN_BACK = """
SELECT entry.document, made.amount::text, (-back.amount)::text, ARRAY['account:' || customer.code]
FROM orders_allocation back
JOIN orders_allocation made ON made.id = back.reverses_id
JOIN orders_openitem item ON item.id = made.credit_id
JOIN orders_receivableentry entry ON entry.id = item.entry_id
JOIN customers_customer customer ON customer.id = entry.customer_id
WHERE (back.debit_id, back.credit_id, back.amount) <> (made.debit_id, made.credit_id, -made.amount)
   OR back.allocated_on < made.allocated_on OR made.reverses_id IS NOT NULL
"""

# ---- adjustments ----
ADJUSTED = """
SELECT made.number, made.state, COALESCE(request.state, '–'), ARRAY['adjustment:' || made.number]
FROM orders_adjustment made
LEFT JOIN (
    SELECT DISTINCT ON (object_id) object_id, state FROM approvals_request
    WHERE document_type = 'adjustment' ORDER BY object_id, id DESC
) request ON request.object_id = made.id
WHERE CASE made.state WHEN 'submitted' THEN 'waiting' WHEN 'reversed' THEN 'approved' ELSE made.state END
   IS DISTINCT FROM request.state
  AND (made.state, request.state) IS DISTINCT FROM ('withdrawn', 'returned')
"""

TAKEN_BY = """
SELECT made.number, made.state, COALESCE(back.number, '–'),
       ARRAY['adjustment:' || made.number] || COALESCE(ARRAY['adjustment:' || back.number], '{}')
FROM orders_adjustment made
LEFT JOIN orders_adjustment back ON back.reverses_id = made.id AND back.state = 'approved'
WHERE (made.state = 'reversed') <> (back.id IS NOT NULL)
   OR (back.amount, back.customer_id) <> (made.amount, made.customer_id)
"""

WRITTEN_OFF = """
SELECT made.number, made.amount::text, COALESCE(line.amount, 0)::text, ARRAY['adjustment:' || made.number]
FROM orders_adjustment made
LEFT JOIN (
    SELECT adjustment_id, SUM(own.amount) AS amount, COUNT(DISTINCT item.customer_id) AS owners,
           MIN(item.customer_id) AS customer_id
    FROM orders_adjustmentitem own JOIN orders_openitem item ON item.id = own.item_id GROUP BY adjustment_id
) line ON line.adjustment_id = made.id
WHERE made.kind IN ('write_off', 'refund') AND made.amount <> COALESCE(line.amount, 0)
   OR line.owners > 1 OR line.customer_id <> made.customer_id
"""

# ---- bills ----
BILLS = """
SELECT bill.number, bill.state || ' ' || bill.amount || ' ' || owner.code,
       COALESCE(payment.number || ' ' || payment.amount || ' ' || payer.code
                || CASE WHEN reversal.id IS NULL THEN '' ELSE ' ' || reversal.number END, '–'),
       array_remove(ARRAY['bill:' || bill.number, 'payment:' || payment.number], NULL)
FROM orders_bill bill
JOIN customers_customer owner ON owner.id = bill.customer_id
LEFT JOIN orders_payment payment ON payment.id = bill.payment_id
LEFT JOIN customers_customer payer ON payer.id = payment.customer_id
LEFT JOIN orders_paymentreversal reversal ON reversal.payment_id = payment.id
WHERE (payment.id IS NOT NULL AND (payment.amount, payment.customer_id) <> (bill.amount, bill.customer_id))
   OR NOT CASE bill.state WHEN 'settled' THEN payment.id IS NOT NULL AND reversal.id IS NULL
                          WHEN 'dishonoured' THEN payment.id IS NULL OR reversal.id IS NOT NULL
                          ELSE payment.id IS NULL END
"""

# ---- deliveries ----
SHIPPED = """
SELECT delivery.number, delivery.shipped_amount::text, COALESCE(sent.amount, 0)::text,
       ARRAY['delivery:' || delivery.number] || COALESCE(sent.numbers[1:10], '{}')
FROM orders_delivery delivery
LEFT JOIN (
    SELECT delivery_id, SUM(amount) AS amount, ARRAY_AGG('shipment:' || number ORDER BY id) AS numbers
    FROM orders_shipment GROUP BY delivery_id
) sent ON sent.delivery_id = delivery.id
WHERE delivery.shipped_amount <> COALESCE(sent.amount, 0)
"""

PIECES = """
SELECT delivery.number || ' ' || product.sku, line.shipped_quantity::text, COALESCE(sent.quantity, 0)::text,
       ARRAY['delivery:' || delivery.number, 'product:' || product.sku]
FROM orders_deliveryline line
LEFT JOIN (
    SELECT line_id, SUM(quantity) AS quantity FROM orders_shipmentline GROUP BY line_id
) sent ON sent.line_id = line.id
JOIN orders_delivery delivery ON delivery.id = line.delivery_id
JOIN orders_product product ON product.id = line.product_id
WHERE line.shipped_quantity <> COALESCE(sent.quantity, 0)
"""


def share(pieces: str) -> str:
    """The money of some pieces of a line, rounded where salesops.kernel.money.share_of rounds it."""
    return (
        f"CASE WHEN {pieces} = line.quantity THEN line.amount"
        f" ELSE ROUND(line.amount * ({pieces}) / line.quantity::numeric(40, 20), 2) END"
    )


KEPT = "line.approved_quantity - line.cancelled_quantity"
OF_LINES = f"""
    SELECT delivery_id, SUM(net) AS net, SUM(tax) AS tax, SUM(amount) AS amount,
           SUM({share("line.approved_quantity")}) AS approved, SUM({share("line.shipped_quantity")}) AS shipped,
           SUM({share("line.approved_quantity")} - ({share(KEPT)})) AS cancelled
    FROM orders_deliveryline line GROUP BY delivery_id
"""  # noqa: S608  our own words

HEADS = f"""
SELECT delivery.number,
       CONCAT_WS(' / ', delivery.net, delivery.tax, delivery.amount, delivery.approved_amount,
                 delivery.cancelled_amount, delivery.shipped_amount),
       CONCAT_WS(' / ', COALESCE(line.net, 0), COALESCE(line.tax, 0), COALESCE(line.amount, 0),
                 COALESCE(line.approved, 0), COALESCE(line.cancelled, 0), COALESCE(line.shipped, 0)),
       ARRAY['delivery:' || delivery.number]
FROM orders_delivery delivery
LEFT JOIN ({OF_LINES}) line ON line.delivery_id = delivery.id
WHERE (delivery.net, delivery.tax, delivery.amount, delivery.approved_amount, delivery.cancelled_amount,
       delivery.shipped_amount)
   <> (COALESCE(line.net, 0), COALESCE(line.tax, 0), COALESCE(line.amount, 0), COALESCE(line.approved, 0),
       COALESCE(line.cancelled, 0), COALESCE(line.shipped, 0))
"""  # noqa: S608  our own words

STATES = """
SELECT line.number, line.state,
       CONCAT_WS(' / ', line.approved, line.cancelled, line.shipped), ARRAY['delivery:' || line.number]
FROM (
    SELECT delivery.id, delivery.number, delivery.state, COALESCE(SUM(own.approved_quantity), 0) AS approved,
           COALESCE(SUM(own.cancelled_quantity), 0) AS cancelled, COALESCE(SUM(own.shipped_quantity), 0) AS shipped
    FROM orders_delivery delivery LEFT JOIN orders_deliveryline own ON own.delivery_id = delivery.id
    GROUP BY delivery.id
) line
WHERE NOT CASE
    WHEN line.state = 'approved' THEN line.approved > 0 AND line.shipped = 0 AND line.cancelled = 0
    WHEN line.state = 'partly_shipped' THEN line.shipped > 0 AND line.approved > line.shipped + line.cancelled
    WHEN line.state = 'shipped' THEN line.shipped > 0 AND line.approved = line.shipped + line.cancelled
    WHEN line.state = 'cancelled' THEN line.shipped = 0 AND line.approved = line.cancelled AND line.approved > 0
    ELSE line.approved = 0 AND line.shipped = 0 AND line.cancelled = 0
END
"""

WAITING = """
SELECT COALESCE(delivery.number, request.number), COALESCE(delivery.state, '–'), COALESCE(request.state, '–'),
       ARRAY['delivery:' || COALESCE(delivery.number, request.number)]
FROM (SELECT * FROM orders_delivery WHERE state = 'submitted') delivery
FULL JOIN (
    SELECT * FROM approvals_request WHERE document_type = 'delivery' AND state = 'waiting'
) request ON request.object_id = delivery.id
WHERE delivery.id IS NULL OR request.id IS NULL
"""

DECIDED = "('approved', 'partly_shipped', 'shipped', 'cancelled')"
LAST_REQUESTS = """
    SELECT DISTINCT ON (object_id) object_id, id, state FROM approvals_request
    WHERE document_type = 'delivery' ORDER BY object_id, id DESC
"""

UNDECIDED = f"""
SELECT delivery.number, delivery.state, COALESCE(request.state, '–'), ARRAY['delivery:' || delivery.number]
FROM orders_delivery delivery
LEFT JOIN ({LAST_REQUESTS}) request ON request.object_id = delivery.id
WHERE delivery.state IN {DECIDED} AND (delivery.source_key IS NULL OR request.id IS NOT NULL)
  AND request.state IS DISTINCT FROM 'approved'
"""  # noqa: S608  our own words
"""A delivery that came with books was decided before them, unless it was asked for here."""

ACCEPTED = f"""
SELECT number, COALESCE(amount::text, '–') || ' / ' || COALESCE(accepted::text, '–'),
       approved_amount || ' / ' || COALESCE(over::text, '–'), ARRAY['delivery:' || number]
FROM (
    SELECT number, approved_amount, amount, accepted,
           CASE WHEN free THEN 0 WHEN beyond < 0 THEN 0 ELSE beyond END AS over
    FROM (
        SELECT delivery.number, delivery.approved_amount, (last.facts ->> 'amount')::numeric AS amount,
               COALESCE(CASE last.verdict WHEN 'submitted' THEN last.facts ELSE last.accepted END
                        ->> 'over_amount', CASE last.verdict WHEN 'approved' THEN '0' END)::numeric AS accepted,
               last.facts -> 'limit' = 'null' AS free,
               (last.facts ->> 'balance')::numeric + (last.facts ->> 'committed')::numeric
               + delivery.approved_amount - (last.facts ->> 'limit')::numeric AS beyond
        FROM orders_delivery delivery
        JOIN ({LAST_REQUESTS}) request ON request.object_id = delivery.id AND request.state = 'approved'
        LEFT JOIN (
            SELECT DISTINCT ON (request_id) request_id, verdict, facts, accepted FROM approvals_decision
            WHERE verdict = 'approved' OR verdict = 'submitted' AND stage_id IS NULL
            ORDER BY request_id, at DESC, id DESC
        ) last ON last.request_id = request.id
        WHERE delivery.state IN {DECIDED}
    ) decision
) decided
WHERE amount IS DISTINCT FROM approved_amount OR over IS NULL OR accepted IS DISTINCT FROM over
"""  # noqa: S608  our own words
"""A submission without a stage decides by itself: the policy asked nobody. A limit of null is no limit; a figure that
is missing is a difference. A decision names what it accepted only where there was something, so 0 is not named."""

GRANTED = f"""
SELECT delivery.number || ' ' || product.sku, line.approved_quantity::text,
       COALESCE(line.granted_quantity, line.quantity)::text,
       ARRAY['delivery:' || delivery.number, 'product:' || product.sku]
FROM orders_deliveryline line
JOIN orders_delivery delivery ON delivery.id = line.delivery_id
JOIN orders_product product ON product.id = line.product_id
WHERE delivery.state IN {DECIDED} AND line.approved_quantity <> COALESCE(line.granted_quantity, line.quantity)
"""  # noqa: S608  our own words

# ---- shipments ----
PARTS = """
SELECT shipment.number, shipment.amount::text, COALESCE(part.amount, 0)::text,
       ARRAY['shipment:' || shipment.number]
FROM orders_shipment shipment
LEFT JOIN (
    SELECT shipment_id, SUM(amount) AS amount FROM orders_shipmentline GROUP BY shipment_id
) part ON part.shipment_id = shipment.id
WHERE shipment.amount <> COALESCE(part.amount, 0)
"""

STRAYS = """
SELECT shipment.number, delivery.number, other.number,
       ARRAY['shipment:' || shipment.number, 'delivery:' || delivery.number, 'delivery:' || other.number]
FROM orders_shipmentline part
JOIN orders_deliveryline line ON line.id = part.line_id
JOIN orders_shipment shipment ON shipment.id = part.shipment_id
JOIN orders_delivery delivery ON delivery.id = shipment.delivery_id
JOIN orders_delivery other ON other.id = line.delivery_id
WHERE (shipment.delivery_id, shipment.customer_id, shipment.warehouse_id)
   <> (line.delivery_id, other.customer_id, other.warehouse_id)
"""

# ---- stock ----
ON_HAND = """
SELECT warehouse.code || ' ' || product.sku, COALESCE(stock.on_hand, 0)::text, COALESCE(moved.pieces, 0)::text,
       ARRAY['product:' || product.sku]
FROM orders_stock stock
FULL JOIN (
    SELECT warehouse_id, product_id, SUM(quantity) AS pieces FROM orders_stockmovement GROUP BY 1, 2
) moved ON moved.warehouse_id = stock.warehouse_id AND moved.product_id = stock.product_id
JOIN orders_warehouse warehouse ON warehouse.id = COALESCE(stock.warehouse_id, moved.warehouse_id)
JOIN orders_product product ON product.id = COALESCE(stock.product_id, moved.product_id)
WHERE COALESCE(stock.on_hand, 0) <> COALESCE(moved.pieces, 0)
"""

MOVED = """
SELECT COALESCE(sent.number, moved.number) || ' ' || product.sku, COALESCE(sent.pieces, 0)::text,
       COALESCE(moved.pieces, 0)::text,
       ARRAY['shipment:' || COALESCE(sent.number, moved.number), 'product:' || product.sku]
FROM (
    SELECT shipment.number, shipment.warehouse_id, line.product_id, SUM(part.quantity) AS pieces
    FROM orders_shipment shipment
    JOIN orders_shipmentline part ON part.shipment_id = shipment.id
    JOIN orders_deliveryline line ON line.id = part.line_id
    WHERE shipment.source_key IS NULL GROUP BY 1, 2, 3
) sent
FULL JOIN (
    SELECT document AS number, warehouse_id, product_id, -SUM(quantity) AS pieces
    FROM orders_stockmovement WHERE kind = 'shipment' GROUP BY 1, 2, 3
) moved USING (number, warehouse_id, product_id)
JOIN orders_product product ON product.id = product_id
WHERE COALESCE(sent.pieces, 0) <> COALESCE(moved.pieces, 0)
"""

RESERVED = """
SELECT warehouse.code || ' ' || product.sku, COALESCE(stock.reserved, 0)::text, COALESCE(promised.pieces, 0)::text,
       ARRAY['product:' || product.sku] || COALESCE(promised.numbers[1:10], '{}')
FROM orders_stock stock
FULL JOIN (
    SELECT delivery.warehouse_id, line.product_id, SUM(line.reserved_quantity) AS pieces,
           ARRAY_AGG('delivery:' || delivery.number ORDER BY delivery.id) AS numbers
    FROM orders_deliveryline line JOIN orders_delivery delivery ON delivery.id = line.delivery_id
    WHERE line.reserved_quantity <> 0
    GROUP BY delivery.warehouse_id, line.product_id
) promised ON promised.warehouse_id = stock.warehouse_id AND promised.product_id = stock.product_id
JOIN orders_warehouse warehouse ON warehouse.id = COALESCE(stock.warehouse_id, promised.warehouse_id)
JOIN orders_product product ON product.id = COALESCE(stock.product_id, promised.product_id)
WHERE COALESCE(stock.reserved, 0) <> COALESCE(promised.pieces, 0)
"""

RESERVED_LINES = """
SELECT delivery.number || ' ' || product.sku, line.reserved_quantity::text,
       CASE WHEN delivery.state IN ('approved', 'partly_shipped')
            THEN line.approved_quantity - line.cancelled_quantity - line.shipped_quantity ELSE 0 END::text,
       ARRAY['delivery:' || delivery.number, 'product:' || product.sku]
FROM orders_deliveryline line
JOIN orders_delivery delivery ON delivery.id = line.delivery_id
JOIN orders_product product ON product.id = line.product_id
WHERE line.reserved_quantity <> 0 AND (
    delivery.state NOT IN ('approved', 'partly_shipped') OR line.reserved_quantity < 0
    OR line.reserved_quantity > line.approved_quantity - line.cancelled_quantity - line.shipped_quantity)
"""

BELOW = """
SELECT warehouse.code || ' ' || product.sku, stock.on_hand::text, stock.reserved::text,
       ARRAY['product:' || product.sku]
FROM orders_stock stock
JOIN orders_warehouse warehouse ON warehouse.id = stock.warehouse_id
JOIN orders_product product ON product.id = stock.product_id
WHERE stock.on_hand < 0 OR stock.reserved < 0 OR stock.reserved > stock.on_hand
"""

CLAIMS: tuple[Claim, ...] = (
    Claim("balance", _("{0}: the balance is {1}, its entries add up to {2}"), BALANCES),
    Claim("committed", _("{0}: committed is {1}, approved and not shipped is {2}"), COMMITTED),
    Claim("open items", _("{0}: the balance is {1}, its open items add up to {2}"), OPEN_ITEMS),
    Claim("known overdue", _("{0}: remembered as overdue is {1} (amount / days), open items say {2}"), KNOWN_OVERDUE),
    Claim("posted", _("{0}: the document says {1}, its entry {2}"), POSTED),
    Claim("owner", _("{0}: the document is of customer {1}, its entry stands on the account of {2}"), OWNERS),
    Claim("entry without document", _("{0}: an entry of {1} names a document that is not there: {2}"), FOUNDLINGS),
    Claim("posted twice", _("{0}: one document has {2} entries"), TWICE),
    Claim("closed month", _("{0}: posted on {1}, when the books were closed through {2}"), LATE),
    Claim("item", _("{0}: the entry says {1}, its open item {2}"), ITEMS),
    Claim("settled", _("{0}: {1} of it is settled, its allocations add up to {2}"), SETTLED),
    Claim("allocated", _("{0}: {1} can be settled on this side, {2} is allocated"), OVERSETTLED),
    Claim("allocated across", _("{0}: a credit of {1} settles a debit of {2}"), CROSSED),
    Claim("taken back", _("{0}: {1} was settled, {2} was taken back, or not on the same documents"), TAKEN_BACK),
    Claim("adjustment decided", _("{0}: it is “{1}”, its last request “{2}”"), ADJUSTED),
    Claim("adjustment reversed", _("{0}: it is “{1}”, taken back by {2}"), TAKEN_BY),
    Claim("adjusted items", _("{0}: the adjustment says {1}, its items of that account {2}"), WRITTEN_OFF),
    Claim("bill", _("{0}: the bill is {1}, its payment {2}"), BILLS),
    Claim("shipped", _("{0}: shipped is {1}, its shipments add up to {2}"), SHIPPED),
    Claim("pieces", _("{0}: {1} pieces are shipped, the shipments have {2}"), PIECES),
    Claim(
        "head",
        _("{0}: net / tax / amount / approved / cancelled / shipped are {1}, by its lines {2}"),
        HEADS,
    ),
    Claim("state", _("{0}: it is “{1}”, with {2} pieces approved / cancelled / shipped"), STATES),
    Claim("waiting", _("{0}: the delivery is “{1}”, its request “{2}”"), WAITING),
    Claim("undecided", _("{0}: it is “{1}”, its last request “{2}”"), UNDECIDED),
    Claim("accepted", _("{0}: amount / beyond the limit were decided as {1}, they are {2}"), ACCEPTED),
    Claim("granted", _("{0}: {1} pieces are approved, deciders granted {2}"), GRANTED),
    Claim("parts", _("{0}: the shipment says {1}, its lines {2}"), PARTS),
    Claim("stray", _("{0}: the shipment is one of {1}, its pieces are of {2}"), STRAYS),
    Claim("on hand", _("{0}: {1} pieces are on hand, its movements add up to {2}"), ON_HAND),
    Claim("moved", _("{0}: the shipment has {1} pieces, stock moved by {2}"), MOVED),
    Claim("reserved", _("{0}: {1} pieces are reserved, for lines {2}"), RESERVED),
    Claim("reserved line", _("{0}: {1} pieces are reserved for a line of which {2} are still to ship"), RESERVED_LINES),
    Claim("below", _("{0}: {1} pieces are on hand, {2} reserved"), BELOW),
)
"""All claims, accounts first."""
