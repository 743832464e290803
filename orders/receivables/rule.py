"""The rule by which credits settle debits, and how all that an entry settled is taken back, for any number of accounts.

PLAN says what settles what of the open items of accounts (`customers`), all of them or those of `{only}`; the others go
on from there.
"""

PLAN = """
WITH side AS MATERIALIZED (
    SELECT id, entry_id, customer_id, is_debit, due_on, posted_on, open_amount
    FROM orders_openitem WHERE customer_id = ANY(%(customers)s) AND open_amount > 0 {only}
), word AS (
    SELECT DISTINCT credit.id, credit.customer_id, UPPER(TRIM(BOTH './_-' FROM said)) AS document
    FROM side credit JOIN orders_receivableentry entry ON entry.id = credit.entry_id
    CROSS JOIN LATERAL (
        SELECT regexp_split_to_table(entry.text, '[^A-Za-z0-9./_-]+') UNION ALL
        SELECT regexp_split_to_table(entry.text, '[[:space:],;:，；：、]+')
    ) words(said)
    WHERE NOT credit.is_debit AND said ~ '[0-9]'
), pair AS (
    SELECT credit.id AS credit_id, debit.id AS debit_id, credit.due_on AS credit_due,
           debit.open_amount AS debit_open, credit.open_amount - SUM(debit.open_amount) OVER (
               PARTITION BY credit.id ORDER BY debit.due_on, debit.id) + debit.open_amount AS credit_left
    FROM word JOIN side credit USING (id)
    JOIN side debit ON debit.is_debit AND debit.customer_id = word.customer_id
    JOIN orders_receivableentry named ON named.id = debit.entry_id AND UPPER(named.document) = word.document
), wanted AS (
    SELECT credit_id, debit_id, debit_open, amount, SUM(amount) OVER (
               PARTITION BY debit_id ORDER BY credit_due, credit_id) - amount AS before
    FROM pair CROSS JOIN LATERAL (SELECT LEAST(debit_open, credit_left)) share(amount) WHERE credit_left > 0
), named AS (
    SELECT debit_id, credit_id, LEAST(amount, debit_open - before) AS amount FROM wanted WHERE debit_open > before
), rest AS (
    SELECT id, customer_id, is_debit, rest,
           SUM(rest) OVER in_order AS upto, ROW_NUMBER() OVER in_order AS number
    FROM side LEFT JOIN (
        SELECT id, SUM(amount) AS amount FROM (
            SELECT debit_id AS id, amount FROM named UNION ALL SELECT credit_id, amount FROM named
        ) both_sides GROUP BY id
    ) gone USING (id) CROSS JOIN LATERAL (SELECT open_amount - COALESCE(gone.amount, 0)) what(rest)
    WHERE rest > 0
    WINDOW in_order AS (PARTITION BY customer_id, is_debit ORDER BY due_on, id)
), stretch AS (
    SELECT customer_id, upto - LAG(upto, 1, 0::numeric) OVER along AS amount,
           1 + COUNT(*) FILTER (WHERE is_debit) OVER before AS debit_number,
           1 + COUNT(*) FILTER (WHERE NOT is_debit) OVER before AS credit_number
    FROM rest
    WINDOW along AS (PARTITION BY customer_id ORDER BY upto, is_debit),
           before AS (PARTITION BY customer_id ORDER BY upto, is_debit
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), plan AS (
    SELECT debit_id, credit_id, amount, TRUE AS is_named FROM named
    UNION ALL
    SELECT debit.id, credit.id, stretch.amount, FALSE FROM stretch
    JOIN rest debit ON debit.is_debit AND debit.customer_id = stretch.customer_id
     AND debit.number = stretch.debit_number
    JOIN rest credit ON NOT credit.is_debit AND credit.customer_id = stretch.customer_id
     AND credit.number = stretch.credit_number
    WHERE stretch.amount > 0
)
"""
"""Which credit settles how much of which debit. First what the text of a credit names, in order of due days, as far as
credits that are due before leave something of it. What is left of debits and credits is laid end to end by due day:
each stretch between two ends is of one debit and one credit, and that much is settled."""

AND_SETTLE = """
, made AS (
    INSERT INTO orders_allocation (debit_id, credit_id, amount, allocated_on, made_by_id, made_at)
    SELECT debit_id, credit_id, amount,
           GREATEST(%(day)s::date, debit.posted_on, credit.posted_on,
                    (SELECT MAX(allocated_on) FROM orders_allocation WHERE debit_id = debit.id AND amount < 0),
                    (SELECT MAX(allocated_on) FROM orders_allocation WHERE credit_id = credit.id AND amount < 0)),
           %(by)s::bigint, now()
    FROM plan JOIN side debit ON debit.id = debit_id JOIN side credit ON credit.id = credit_id
    RETURNING debit_id, credit_id, amount
), settled AS (
    SELECT id, SUM(amount) AS amount FROM (
        SELECT debit_id AS id, amount FROM made UNION ALL SELECT credit_id, amount FROM made
    ) both_sides GROUP BY id
), moved AS (
    UPDATE orders_openitem item SET open_amount = item.open_amount - settled.amount
    FROM settled WHERE item.id = settled.id
)
SELECT COUNT(*), COUNT(DISTINCT credit_id), COALESCE(SUM(amount), 0) FROM made
"""
"""It counts from the day on which both are there, and neither has anything to be taken back later: so that on no day
more is settled of an item than it has."""

TAKE_BACK = """
WITH back AS (
    INSERT INTO orders_allocation (debit_id, credit_id, amount, allocated_on, reverses_id, made_by_id, made_at)
    SELECT debit_id, credit_id, -amount, GREATEST(%(day)s, allocated_on), id, %(by)s::bigint, now()
    FROM orders_allocation made
    WHERE {side}_id IN (SELECT id FROM orders_openitem WHERE entry_id = %(entry)s) AND reverses_id IS NULL
      AND NOT EXISTS (SELECT FROM orders_allocation WHERE reverses_id = made.id)
    RETURNING debit_id, credit_id, amount
), freed AS (
    SELECT id, SUM(amount) AS amount FROM (
        SELECT debit_id AS id, amount FROM back UNION ALL SELECT credit_id, amount FROM back
    ) both_sides GROUP BY id
)
UPDATE orders_openitem item SET open_amount = item.open_amount - freed.amount
FROM freed WHERE item.id = freed.id
"""

AND_SHOW = """
SELECT debit_id, credit_id, amount, is_named FROM plan
JOIN side credit ON credit.id = credit_id JOIN side debit ON debit.id = debit_id
ORDER BY credit.customer_id, credit.due_on, credit.id, NOT is_named, debit.due_on, debit.id
"""
"""What would be settled."""

EVERYTHING = ""
ONE_ENTRY = "AND (entry_id = %(entry)s OR is_debit <> %(is_debit)s)"
TWO_ENTRIES = "AND entry_id IN (%(entry)s, %(against)s)"
ONE_CREDIT = "AND (is_debit OR id = %(credit)s)"
"""The open items that are looked at."""
