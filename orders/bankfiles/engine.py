"""Whose money a line is: by the payer's account, by what its reference names, by the payer's name; set-based."""

from django.db import connection

from customers.files.matching import NameKey

from .models import BankFile

MATCH = f"""
WITH line AS MATERIALIZED (
    SELECT id, regexp_replace(upper(payer_account), '[\\W_]', '', 'g') AS number,
           {NameKey.template % {"expressions": "payer_name"}} AS name, upper(normalize(reference, NFKC)) AS said
    FROM orders_bankline
    WHERE file_id = %(file)s AND state = 'open' AND amount > 0 AND decided_by_id IS NULL
), word AS MATERIALIZED (
    SELECT DISTINCT line.id, trim(BOTH './_-' FROM words.word) AS word
    FROM line CROSS JOIN LATERAL regexp_split_to_table(said, '[^A-Z0-9./_-]+') words(word)
    WHERE words.word ~ '[0-9]' AND words.word ~ '[A-Z]'
), evidence AS MATERIALIZED (
    SELECT line.id, 1 AS way, customer_id FROM line JOIN orders_customerbankaccount known USING (number)
    WHERE number <> ''
    UNION SELECT word.id, 2, c.id FROM word JOIN customers_customer c ON upper(c.code) = word
    UNION SELECT word.id, 2, d.customer_id FROM word JOIN orders_delivery d ON d.number = word
    UNION SELECT word.id, 2, d.customer_id
          FROM word JOIN orders_shipment s ON s.number = word JOIN orders_delivery d ON d.id = s.delivery_id
    UNION SELECT word.id, 2, s.customer_id FROM word JOIN orders_issuedstatement s ON s.number = word
    UNION SELECT word.id, 2, r.customer_id FROM word JOIN orders_reconciliation r ON r.number = word
    UNION SELECT word.id, 2, a.customer_id FROM word JOIN orders_adjustment a ON a.number = word
    UNION SELECT line.id, 3, c.id FROM line
          JOIN customers_customer c ON {NameKey.template % {"expressions": "c.name"}} = line.name WHERE line.name <> ''
    UNION SELECT line.id, 3, c.id FROM line
          JOIN customers_customer c ON {NameKey.template % {"expressions": "c.name_zh"}} = line.name
          WHERE line.name <> ''
), ways AS (
    SELECT id, COUNT(DISTINCT way) AS ways, MIN(way) AS way FROM evidence GROUP BY id
), fits AS (
    SELECT id, customer_id, COUNT(*) AS ways FROM evidence GROUP BY id, customer_id
), found AS (
    SELECT ways.id, ways.way, COUNT(fits.customer_id) AS customers, MIN(fits.customer_id) AS customer_id
    FROM ways LEFT JOIN fits ON fits.id = ways.id AND fits.ways = ways.ways
    GROUP BY ways.id, ways.way
), judged AS (
    SELECT found.*, CASE WHEN customers = 0 THEN 'contradicts' WHEN customers > 1 THEN 'several'
        WHEN EXISTS (
            SELECT FROM orders_payment p
            WHERE p.customer_id = found.customer_id AND p.received_on = line.day AND p.amount = line.amount
              AND NOT EXISTS (SELECT FROM orders_paymentreversal WHERE payment_id = p.id)
              AND NOT EXISTS (SELECT FROM orders_bankreceipt WHERE payment_id = p.id)
        ) THEN 'paid' ELSE '' END AS doubt
    FROM found JOIN orders_bankline line USING (id)
)
UPDATE orders_bankline line
SET state = CASE doubt_ WHEN '' THEN 'proposed' ELSE 'open' END, doubt = doubt_,
    way = CASE doubt_ WHEN '' THEN (ARRAY['account', 'reference', 'name'])[judged_way] ELSE '' END,
    customer_id = CASE doubt_ WHEN '' THEN judged_customer END
FROM (SELECT id, doubt AS doubt_, way AS judged_way, customer_id AS judged_customer FROM judged) judged
WHERE line.id = judged.id
"""  # noqa: S608  our own words
"""A line is certain where one customer fits all that it says: each way that finds anybody at all finds that one."""

PROPOSED = "SELECT COUNT(*) FROM orders_bankline WHERE file_id = %(file)s AND state = 'proposed'"


def match_lines(one: BankFile) -> int:
    """Propose a customer for each open line of which it is certain; returns how many lines are proposed now.

    What a person decided is left as it is. Call it with the company's account locked.
    """
    with connection.cursor() as cursor:
        cursor.execute(MATCH, {"file": one.pk})
        cursor.execute(PROPOSED, {"file": one.pk})
        return int(cursor.fetchone()[0])
