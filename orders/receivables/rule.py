"""The rule by which credits settle debits, and how all that an entry settled is taken back, for any number of accounts.

PLAN says what settles what of the open items of accounts (`customers`), all of them or those of `{only}`; the others go
on from there.
"""

PLAN = """
WITH side AS MATERIALIZED (
    SELECT id, entry_id, customer_id, is_debit, due_on, posted_on, open_amount
    FROM orders_openitem WHERE customer_id = ANY(%(customers)s) AND open_amount > 0 {only}
), called AS (
    SELECT side.id, side.customer_id, is_debit, side.due_on, side.posted_on, open_amount,
           UPPER(document) COLLATE "C" AS document
    FROM side JOIN orders_receivableentry entry ON entry.id = entry_id WHERE is_debit
    UNION ALL
    SELECT DISTINCT side.id, side.customer_id, is_debit, side.due_on, side.posted_on, open_amount,
           UPPER(TRIM(BOTH './_-' FROM said)) COLLATE "C"
    FROM side JOIN orders_receivableentry entry ON entry.id = entry_id
    CROSS JOIN LATERAL (
        SELECT regexp_split_to_table(entry.text, '[^A-Za-z0-9./_-]+') UNION ALL
        SELECT regexp_split_to_table(entry.text, '[[:space:],;:，；：、]+')
        WHERE entry.text ~ '[^A-Za-z0-9./_[:space:],;:-]'
    ) words(said)
    WHERE NOT is_debit AND said ~ '[0-9]'
), naming AS (
    SELECT called.*, ARRAY_AGG(id) FILTER (WHERE is_debit) OVER there AS ids,
           ARRAY_AGG(open_amount) FILTER (WHERE is_debit) OVER there AS opens,
           ARRAY_AGG(due_on) FILTER (WHERE is_debit) OVER there AS dues,
           ARRAY_AGG(posted_on) FILTER (WHERE is_debit) OVER there AS days
    FROM called WINDOW there AS (PARTITION BY customer_id, document)
), pair AS (
    SELECT naming.id AS credit_id, debit.id AS debit_id, customer_id, naming.due_on AS credit_due,
           debit.due_on AS debit_due, debit.open AS debit_open,
           GREATEST(naming.posted_on, debit.posted_on) AS first_day,
           open_amount - SUM(debit.open) OVER (PARTITION BY naming.id ORDER BY debit.due_on, debit.id)
           + debit.open AS credit_left
    FROM naming CROSS JOIN LATERAL UNNEST(ids, opens, dues, days) AS debit(id, open, due_on, posted_on)
    WHERE NOT is_debit
), wanted AS (
    SELECT pair.*, share.amount, SUM(share.amount) OVER (
               PARTITION BY debit_id ORDER BY credit_due, credit_id) - share.amount AS before
    FROM pair CROSS JOIN LATERAL (SELECT LEAST(debit_open, credit_left)) share(amount) WHERE credit_left > 0
), named AS (
    SELECT customer_id, debit_id, credit_id, LEAST(amount, debit_open - before) AS amount,
           debit_due, credit_due, first_day
    FROM wanted WHERE debit_open > before
), rest AS (
    SELECT id, MAX(customer_id) AS customer_id, BOOL_OR(is_debit) AS is_debit, MAX(due_on) AS due_on,
           MAX(posted_on) AS posted_on, SUM(amount) AS amount
    FROM (
        SELECT id, customer_id, is_debit, due_on, posted_on, open_amount AS amount FROM side
        UNION ALL SELECT debit_id, NULL, NULL, NULL, NULL, -amount FROM named
        UNION ALL SELECT credit_id, NULL, NULL, NULL, NULL, -amount FROM named
    ) what GROUP BY id HAVING SUM(amount) > 0
), laid AS (
    SELECT rest.*, SUM(amount) OVER (PARTITION BY customer_id, is_debit ORDER BY due_on, id) AS upto FROM rest
), stretch AS (
    SELECT laid.*, upto - LAG(upto, 1, 0::numeric) OVER along AS length,
           COUNT(*) FILTER (WHERE is_debit) OVER before AS debits_before,
           COUNT(*) FILTER (WHERE NOT is_debit) OVER before AS credits_before
    FROM laid
    WINDOW along AS (PARTITION BY customer_id ORDER BY upto, is_debit),
           before AS (PARTITION BY customer_id ORDER BY upto, is_debit
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), both_ends AS (
    SELECT customer_id, length,
           MAX(id) FILTER (WHERE is_debit) OVER of_debit AS debit_id,
           MAX(due_on) FILTER (WHERE is_debit) OVER of_debit AS debit_due,
           MAX(posted_on) FILTER (WHERE is_debit) OVER of_debit AS debit_day,
           MAX(id) FILTER (WHERE NOT is_debit) OVER of_credit AS credit_id,
           MAX(due_on) FILTER (WHERE NOT is_debit) OVER of_credit AS credit_due,
           MAX(posted_on) FILTER (WHERE NOT is_debit) OVER of_credit AS credit_day
    FROM stretch
    WINDOW of_debit AS (PARTITION BY customer_id, debits_before),
           of_credit AS (PARTITION BY customer_id, credits_before)
), plan AS (
    SELECT customer_id, debit_id, credit_id, amount, debit_due, credit_due, first_day, TRUE AS is_named FROM named
    UNION ALL
    SELECT customer_id, debit_id, credit_id, length, debit_due, credit_due, GREATEST(debit_day, credit_day), FALSE
    FROM both_ends WHERE length > 0 AND debit_id IS NOT NULL AND credit_id IS NOT NULL
)
"""
"""Which credit settles how much of which debit. First what the text of a credit names, in order of due days, as far as
credits that are due before leave something of it. What is left of debits and credits is laid end to end by due day:
each stretch between two ends is of the debit and of the credit that end next, and that much is settled.

Rows find each other by windows, never by a join: how many items an account has open is guessed badly, and a join that
was planned for a few took half a minute for 10,000 payments of one account."""

AND_SETTLE = """
, made AS (
    INSERT INTO orders_allocation (debit_id, credit_id, amount, allocated_on, made_by_id, made_at)
    SELECT debit_id, credit_id, amount,
           GREATEST(%(day)s::date, first_day,
                    (SELECT MAX(allocated_on) FROM orders_allocation WHERE debit_id = plan.debit_id AND amount < 0),
                    (SELECT MAX(allocated_on) FROM orders_allocation WHERE credit_id = plan.credit_id AND amount < 0)),
           %(by)s::bigint, now()
    FROM plan
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
ORDER BY customer_id, credit_due, credit_id, NOT is_named, debit_due, debit_id
"""
"""What would be settled."""

EVERYTHING = ""
ONE_ENTRY = "AND (entry_id = %(entry)s OR is_debit <> %(is_debit)s)"
THESE_ITEMS = "AND (entry_id = %(entry)s OR is_debit <> %(is_debit)s AND id = ANY(%(against)s::bigint[]))"
ONE_CREDIT = "AND (is_debit OR id = %(credit)s)"
"""The open items that are looked at."""
