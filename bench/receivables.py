"""What is owed: the ageing of a million open items, and 10,000 payments settled, against SQL by hand, taking turns.

The floor of ageing adds the columns up for each customer in one pass, and the ledger in another; of a past day it adds
what was settled later. It knows no scope, no other rows and no other edges. The floor of settling locks the same
accounts, lays debits and credits end to end and writes the same rows; it reads no texts, so that a credit cannot name
what it settles, and looks at nothing that was taken back. What both answer is compared.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import count
from typing import Any

from .results import Result
from .room import EMPTY, Room
from .timing import alternate, median

ITEMS, SETTLED, CUSTOMERS = 1_000_000, 400_000, 8_000
PAYMENTS = 10_000
AGEING, AGEING_PAST = f"ageing: {ITEMS:,} open items", "ageing: the same, half a year ago"
SETTLING, SETTLING_ONE = f"settling: {PAYMENTS:,} payments of 500 accounts", f"settling: {PAYMENTS:,} payments of one"
NAMES = (AGEING, AGEING_PAST, SETTLING, SETTLING_ONE)
MOST = 2
TURNS = 7
SETTLING_TURNS, SETTLING_WARM_UP = 5, 1
DATABASE = "receivables"
DAY = date(2026, 6, 30)
PAST = DAY - timedelta(days=182)


def measure(room: Room, wanted: Sequence[str]) -> Iterator[Result]:
    """Measure the rows that are wanted."""
    room.copy(EMPTY, DATABASE)
    room.use(DATABASE)
    books = Books()
    for name, day in ((AGEING, DAY), (AGEING_PAST, PAST)):
        if name in wanted:
            yield books.aged(name, day)
    for name, accounts in ((SETTLING, 500), (SETTLING_ONE, 1)):
        if name in wanted:
            yield books.settled(name, accounts)


class Books:
    """Customers with open items of every age, credits beside debits, and a past that was settled."""

    def __init__(self) -> None:
        from customers.models import Customer
        from salesops.users.models import Region, User

        self.region = Region.objects.create(code="D", name="Desk", level=1)
        self.by = User.objects.create(username="desk", full_name="Desk", is_superuser=True)
        past(CUSTOMERS_OF, customers=CUSTOMERS, region=self.region.pk)
        past(ITEMS_OF, items=ITEMS, settled=SETTLED, customers=CUSTOMERS, day=DAY)
        past(ALLOCATIONS_OF, items=ITEMS, settled=SETTLED)
        for table in ("customers_customer", "orders_receivableentry", "orders_openitem", "orders_allocation"):
            vacuum(table)
        self.customers = Customer.objects.visible_to(self.by)
        self.sets = count(1)

    # ---- ageing ----
    def aged(self, name: str, day: date) -> Result:
        """The ageing of a day by both."""
        report = self.age(day)
        by_hand, ledger = self.age_by_hand(day)
        same = {row.key: [*row.debits, row.credits] for row in report.rows} == by_hand and report.ledger == ledger
        if not (same and report.is_proved):
            raise RuntimeError("the report and the floor do not say the same")
        ours, floor = map(median, alternate([lambda: self.age(day), lambda: self.age_by_hand(day)], turns=TURNS))
        rows = f"{len(report.rows):,} customers; rows, total and proof in one statement"
        return against_floor(name, ours, floor, rows)

    def age(self, day: date) -> Any:
        """As the page does."""
        from orders.receivables.ageing import ageing_on

        return ageing_on(day, self.customers)

    def age_by_hand(self, day: date) -> tuple[dict[int, list[Any]], Any]:
        """The floor."""
        later = run("SELECT EXISTS (SELECT FROM orders_allocation WHERE allocated_on > %(day)s)", day=day)[0][0]
        rows = run(AGE_PAST if later else AGE, day=day)
        ((ledger,),) = run("SELECT sum(debit - credit) FROM orders_receivableentry WHERE posted_on <= %(day)s", day=day)
        return {key: list(columns) for key, *columns in rows}, ledger

    # ---- settling ----
    def settled(self, name: str, accounts: int) -> Result:
        """Payments settled by both, each turn those of accounts of its own."""
        turns = SETTLING_TURNS + SETTLING_WARM_UP
        ours, floor = ([self._owing(accounts) for _turn in range(turns)] for _side in range(2))
        vacuum("orders_openitem")
        works = [_each(self.settle, ours), _each(self.settle_by_hand, floor)]
        times = alternate(works, turns=SETTLING_TURNS, warm_up=SETTLING_WARM_UP)
        made = {tuple(run(OUTCOME, customers=customers)[0]) for customers in (*ours, *floor)}
        if len(made) != 1:
            raise RuntimeError(f"the service and the floor do not settle the same: {made}")
        return against_floor(name, median(times[0]), median(times[1]), f"{made.pop()[0]:,} allocations each")

    def _owing(self, accounts: int) -> list[int]:
        """New accounts, between them so many open payments and half as many debits more."""
        number = next(self.sets)
        values = {"set": number, "accounts": accounts, "payments": PAYMENTS, "day": DAY, "region": self.region.pk}
        for statement in OWING:
            past(statement, **values)
        return [
            key for (key,) in run("SELECT id FROM customers_customer WHERE code LIKE %(like)s", like=f"S{number}-%")
        ]

    def settle(self, customers: list[int]) -> None:
        """As the page does."""
        from orders.receivables.settlement import settle_accounts

        settle_accounts(customers, by=self.by)

    def settle_by_hand(self, customers: list[int]) -> None:
        """The floor."""
        from django.db import transaction

        with transaction.atomic():
            run(LOCK, customers=customers)
            run(SETTLE, customers=customers, by=self.by.pk)


def against_floor(name: str, ours: float, floor: float, detail: str) -> Result:
    """A row of the table."""
    return Result(
        name=name,
        ours=ours * 1000,
        floor=floor * 1000,
        unit="ms",
        ratio=ours / floor,
        goal=f"at most {MOST} times the floor",
        holds=ours / floor <= MOST,
        detail=detail,
    )


def _each(work: Callable[[list[int]], None], sets: list[list[int]]) -> Callable[[], None]:
    waiting = iter(sets)
    return lambda: work(next(waiting))


def run(statement: str, **values: Any) -> list[Any]:
    """Send a statement; returns its rows, if it has any."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []


def past(statement: str, **values: Any) -> None:
    """Make what has long been there: nothing is checked, and no trigger runs."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)


def vacuum(table: str) -> None:
    """Leave the table as days of business would."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {table}")


CUSTOMERS_OF = """
WITH made AS (
    INSERT INTO customers_customer
        (code, kind, name, name_zh, tax_number, phone, email, region_id, grade, is_active, created_at)
    SELECT 'C' || n, 'agent', 'Customer ' || n, '', '', '', '', %(region)s, 'B', true, now()
    FROM generate_series(1, %(customers)s) n RETURNING id
)
INSERT INTO customers_creditaccount
    (customer_id, "limit", balance, committed, due_rule, due_days, tolerance_days, is_on_hold, hold_reason)
SELECT id, 0, 0, 0, 'shipment', 30, 0, false, '' FROM made
"""

ITEMS_OF = """
WITH customer AS (
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS number FROM customers_customer
), entry AS (
    INSERT INTO orders_receivableentry
        (customer_id, source, source_id, document, text, posted_on, due_on, debit, credit, posted_at)
    SELECT customer.id, 'opening', n, 'D-' || n, '', posted, posted + 30,
           CASE WHEN is_debit THEN amount ELSE 0 END, CASE WHEN is_debit THEN 0 ELSE amount END, now()
    FROM generate_series(1, %(items)s + %(settled)s) n
    CROSS JOIN LATERAL (SELECT
        CASE WHEN n <= %(items)s THEN n %% 20 <> 0 ELSE n %% 2 = 0 END AS is_debit,
        CASE WHEN n <= %(items)s THEN 50 + n %% 9000 ELSE 50 + (n + n %% 2) / 2 %% 900 END AS amount,
        %(day)s::date - (n::bigint * 7919 %% 400)::int AS posted) what
    JOIN customer ON customer.number = (CASE WHEN n <= %(items)s THEN n ELSE (n + n %% 2) / 2 END) %% %(customers)s
    RETURNING id, customer_id, posted_on, due_on, debit, credit, source_id
)
INSERT INTO orders_openitem (id, entry_id, customer_id, is_debit, posted_on, due_on, amount, open_amount)
SELECT id, id, customer_id, debit > 0, posted_on, due_on, debit + credit,
       CASE WHEN source_id <= %(items)s THEN debit + credit ELSE 0 END
FROM entry
"""
"""Items of which the later ones are settled in pairs: a credit, and the debit of the next number."""

ALLOCATIONS_OF = """
INSERT INTO orders_allocation (debit_id, credit_id, amount, allocated_on, made_at)
SELECT debit.id, credit.id, credit.credit, GREATEST(debit.posted_on, credit.posted_on), now()
FROM orders_receivableentry credit JOIN orders_receivableentry debit
  ON debit.source_id = credit.source_id + 1 AND debit.source = 'opening'
WHERE credit.source = 'opening' AND credit.source_id > %(items)s AND credit.source_id %% 2 = 1
"""

OWING = (
    """
    WITH made AS (
        INSERT INTO customers_customer
            (code, kind, name, name_zh, tax_number, phone, email, region_id, grade, is_active, created_at)
        SELECT 'S' || %(set)s || '-' || n, 'agent', 'Owes', '', '', '', '', %(region)s, 'B', true, now()
        FROM generate_series(1, %(accounts)s) n RETURNING id
    )
    INSERT INTO customers_creditaccount
        (customer_id, "limit", balance, committed, due_rule, due_days, tolerance_days, is_on_hold, hold_reason)
    SELECT id, 0, 0, 0, 'shipment', 30, 0, false, '' FROM made
    """,
    """
    WITH customer AS (
        SELECT id, row_number() OVER (ORDER BY id) - 1 AS number FROM customers_customer
        WHERE code LIKE 'S' || %(set)s || '-%%'
    ), entry AS (
        INSERT INTO orders_receivableentry
            (customer_id, source, source_id, document, text, posted_on, due_on, debit, credit, posted_at)
        SELECT customer.id, 'payment_reversal', %(set)s * 1000000 + n, 'SH-2025-' || %(set)s * 1000000 + n,
               CASE WHEN n > %(payments)s THEN '' ELSE 'Bank transfer TT-' || n END, posted, posted,
               CASE WHEN n > %(payments)s THEN 120 + n %% 331 ELSE 0 END,
               CASE WHEN n > %(payments)s THEN 0 ELSE 100 + n %% 317 END, now()
        FROM generate_series(1, %(payments)s * 5 / 2) n
        CROSS JOIN LATERAL (SELECT %(day)s::date - (n::bigint * 7919 %% 400)::int AS posted) what
        JOIN customer ON customer.number = n %% %(accounts)s
        RETURNING id, customer_id, posted_on, due_on, debit, credit
    )
    INSERT INTO orders_openitem (id, entry_id, customer_id, is_debit, posted_on, due_on, amount, open_amount)
    SELECT id, id, customer_id, debit > 0, posted_on, due_on, debit + credit, debit + credit FROM entry
    """,
)

OUTCOME = """
SELECT count(*), sum(made.amount), count(DISTINCT credit_id), max(made.amount)
FROM orders_allocation made JOIN orders_openitem item ON item.id = credit_id WHERE item.customer_id = ANY(%(customers)s)
"""

COLUMNS = """
       coalesce(sum(open_amount) FILTER (WHERE is_debit AND due_on >= %(day)s), 0),
       coalesce(sum(open_amount) FILTER (WHERE is_debit AND %(day)s - due_on BETWEEN 1 AND 30), 0),
       coalesce(sum(open_amount) FILTER (WHERE is_debit AND %(day)s - due_on BETWEEN 31 AND 60), 0),
       coalesce(sum(open_amount) FILTER (WHERE is_debit AND %(day)s - due_on BETWEEN 61 AND 90), 0),
       coalesce(sum(open_amount) FILTER (WHERE is_debit AND %(day)s - due_on BETWEEN 91 AND 120), 0),
       coalesce(sum(open_amount) FILTER (WHERE is_debit AND %(day)s - due_on > 120), 0),
       coalesce(sum(open_amount) FILTER (WHERE NOT is_debit), 0)
"""
AGE = f"""
SELECT customer_id, {COLUMNS} FROM orders_openitem WHERE open_amount > 0 AND posted_on <= %(day)s GROUP BY 1
"""  # noqa: S608  a constant
AGE_PAST = f"""
SELECT customer_id, {COLUMNS} FROM (
    SELECT customer_id, is_debit, due_on, item.open_amount + coalesce(later.amount, 0) AS open_amount
    FROM orders_openitem item LEFT JOIN (
        SELECT id, sum(amount) AS amount FROM (
            SELECT debit_id AS id, amount FROM orders_allocation WHERE allocated_on > %(day)s
            UNION ALL SELECT credit_id, amount FROM orders_allocation WHERE allocated_on > %(day)s
        ) made GROUP BY id
    ) later USING (id)
    WHERE posted_on <= %(day)s AND (item.open_amount > 0 OR later.amount > 0)
) item GROUP BY 1
"""  # noqa: S608  a constant

LOCK = """
SELECT customer_id FROM customers_creditaccount WHERE customer_id = ANY(%(customers)s) ORDER BY customer_id FOR UPDATE
"""
SETTLE = """
WITH side AS (
    SELECT id, customer_id, is_debit, posted_on,
           sum(open_amount) OVER (PARTITION BY customer_id, is_debit ORDER BY due_on, id) AS upto
    FROM orders_openitem WHERE customer_id = ANY(%(customers)s) AND open_amount > 0
), stretch AS (
    SELECT side.*, upto - lag(upto, 1, 0::numeric) OVER along AS amount,
           count(*) FILTER (WHERE is_debit) OVER before AS debits,
           count(*) FILTER (WHERE NOT is_debit) OVER before AS credits
    FROM side WINDOW along AS (PARTITION BY customer_id ORDER BY upto, is_debit),
                     before AS (PARTITION BY customer_id ORDER BY upto, is_debit
                                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), ends AS (
    SELECT amount, max(id) FILTER (WHERE is_debit) OVER debit AS debit_id,
           max(posted_on) FILTER (WHERE is_debit) OVER debit AS debit_day,
           max(id) FILTER (WHERE NOT is_debit) OVER credit AS credit_id,
           max(posted_on) FILTER (WHERE NOT is_debit) OVER credit AS credit_day
    FROM stretch WINDOW debit AS (PARTITION BY customer_id, debits), credit AS (PARTITION BY customer_id, credits)
), made AS (
    INSERT INTO orders_allocation (debit_id, credit_id, amount, allocated_on, made_by_id, made_at)
    SELECT debit_id, credit_id, amount, greatest(current_date, debit_day, credit_day), %(by)s, now()
    FROM ends WHERE amount > 0 AND debit_id IS NOT NULL AND credit_id IS NOT NULL
    RETURNING debit_id, credit_id, amount
)
UPDATE orders_openitem item SET open_amount = item.open_amount - settled.amount
FROM (
    SELECT id, sum(amount) AS amount FROM (
        SELECT debit_id AS id, amount FROM made UNION ALL SELECT credit_id, amount FROM made
    ) both_sides GROUP BY id
) settled WHERE item.id = settled.id
"""
