"""A round of reconciliation: statements of a month for 1,000 agents, published to their people, against SQL by hand.

Ours is what finance waits for: the round is opened and its job run, with locks, numbers, history and progress. A PDF is
no part of it: it is made when somebody asks for it. The floor writes the same kinds of rows, statement, reconciliation,
notice and mail, in one transaction of a few statements over all accounts: it adds up what moved, ages what was open,
hashes the lines, and says the same words to everybody. It locks nothing, asks for no wishes and keeps no history.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from .receivables import ALLOCATIONS_OF, CUSTOMERS_OF, DAY, ITEMS_OF, past, run, vacuum
from .results import Result
from .room import EMPTY, Room
from .timing import alternate, median

AGENTS, ITEMS, SETTLED = 1_000, 200_000, 50_000
NAME = f"round: statements of {AGENTS:,} agents"
NAMES = (NAME,)
MOST_SECONDS = 30
TURNS, WARM_UP = 3, 1
DATABASE = "rounds"


def measure(room: Room, wanted: Sequence[str]) -> Iterator[Result]:
    """A round by the service and by hand, taking turns, each over days of its own."""
    room.copy(EMPTY, DATABASE)
    room.use(DATABASE)
    desk = Desk()
    ours, floor = map(median, alternate([desk.send, desk.send_by_hand], turns=TURNS, warm_up=WARM_UP))
    desk.compare()
    yield Result(
        name=NAME,
        ours=ours,
        floor=floor,
        unit="s",
        ratio=ours / floor,
        goal=f"at most {MOST_SECONDS} s",
        holds=ours <= MOST_SECONDS,
        detail=f"{desk.lines:,} lines in {AGENTS:,} statements, each with a notice and a mail; PDFs are made on demand",
    )


class Desk:
    """Agents with a year of entries, open and settled, each with one person who signs in."""

    def __init__(self) -> None:
        from customers.models import Customer
        from salesops.users.models import Region, User

        region = Region.objects.create(code="D", name="Desk", level=1)
        self.by = User.objects.create(username="desk", full_name="Desk", is_superuser=True)
        past(CUSTOMERS_OF, customers=AGENTS, region=region.pk)
        past(ITEMS_OF, items=ITEMS, settled=SETTLED, customers=AGENTS, day=DAY)
        past(ALLOCATIONS_OF, items=ITEMS, settled=SETTLED)
        keys = Customer.objects.order_by("pk").values_list("pk", flat=True)
        User.objects.bulk_create(
            User(username=f"agent-{key}", full_name="Agent", email=f"a{key}@agents.example", customer_id=key)
            for key in keys
        )
        tables = ("customers_customer", "orders_receivableentry", "orders_openitem", "orders_allocation", "users_user")
        for table in tables:
            vacuum(table)
        self.turn = self.by_hand = 0

    def _days(self, turn: int) -> dict[str, Any]:
        last = DAY - timedelta(days=turn)
        return {"first_day": last - timedelta(days=29), "last_day": last}

    def send(self) -> None:
        """As the page and the worker do."""
        from django.utils import timezone

        from customers.models import Customer
        from orders.reconciliation.rounds import open_round
        from salesops.jobs.running import run_job

        self.turn += 1
        due = timezone.localdate()
        _made, job = open_round(by=self.by, customers=Customer.objects.all(), answer_by=due, **self._days(self.turn))
        run_job(job.pk)
        job.refresh_from_db()
        if job.state != "done":
            raise RuntimeError(job.error)

    def send_by_hand(self) -> None:
        """The floor."""
        from django.db import connection, transaction

        self.by_hand += 1
        number = f"BY-HAND-{self.by_hand}"
        values: dict[str, Any] = {"number": number, "by": self.by.pk, "agents": AGENTS, **self._days(self.by_hand)}
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in BY_HAND:
                cursor.execute(statement, values)

    def compare(self) -> None:
        """Raise RuntimeError unless both said the same of the same days."""
        both = run(COMPARE, **self._days(self.turn))
        self.lines = int(both[0][-1])
        if len(both) != 2 or both[0] != both[1]:
            raise RuntimeError(f"the service and the floor do not say the same: {both}")


COMPARE = """
SELECT count(*), sum(opening), sum(closing), sum((ageing->>0)::numeric), sum((ageing->>5)::numeric),
       sum((ageing->>6)::numeric), sum(statement.count)
FROM orders_issuedstatement statement
WHERE first_day = %(first_day)s AND last_day = %(last_day)s GROUP BY left(number, 2) ORDER BY left(number, 2)
"""

BY_HAND = (
    """
    INSERT INTO orders_round (number, first_day, last_day, answer_by, note, opened_by_id, opened_at)
    VALUES (%(number)s, %(first_day)s, %(last_day)s, current_date, '', %(by)s, now())
    """,
    """
    INSERT INTO orders_issuedstatement
        (number, customer_id, name, name_zh, first_day, last_day, opening, debits, credits, closing, count, upto,
         ageing, sha256, issued_by_id, issued_at)
    WITH moved AS (
        SELECT customer_id,
               coalesce(sum(debit - credit) FILTER (WHERE posted_on < %(first_day)s), 0) AS opening,
               coalesce(sum(debit) FILTER (WHERE posted_on BETWEEN %(first_day)s AND %(last_day)s), 0) AS debits,
               coalesce(sum(credit) FILTER (WHERE posted_on BETWEEN %(first_day)s AND %(last_day)s), 0) AS credits,
               count(*) FILTER (WHERE posted_on BETWEEN %(first_day)s AND %(last_day)s) AS count, max(id) AS upto,
               encode(sha256(convert_to(coalesce(string_agg(
                   concat_ws(chr(31), posted_on, document, text, debit, credit), chr(30) ORDER BY posted_on, id
               ) FILTER (WHERE posted_on BETWEEN %(first_day)s AND %(last_day)s), ''), 'UTF8')), 'hex') AS hash
        FROM orders_receivableentry GROUP BY 1
    ), item AS (
        SELECT customer_id, is_debit, %(last_day)s - due_on AS late,
               item.open_amount + coalesce(later.amount, 0) AS amount
        FROM orders_openitem item LEFT JOIN (
            SELECT id, sum(amount) AS amount FROM (
                SELECT debit_id AS id, amount FROM orders_allocation WHERE allocated_on > %(last_day)s
                UNION ALL SELECT credit_id, amount FROM orders_allocation WHERE allocated_on > %(last_day)s
            ) made GROUP BY id
        ) later USING (id)
        WHERE posted_on <= %(last_day)s AND (item.open_amount > 0 OR later.amount > 0)
    ), aged AS (
        SELECT customer_id, jsonb_build_array(
            coalesce(sum(amount) FILTER (WHERE is_debit AND late <= 0), 0)::text,
            coalesce(sum(amount) FILTER (WHERE is_debit AND late BETWEEN 1 AND 30), 0)::text,
            coalesce(sum(amount) FILTER (WHERE is_debit AND late BETWEEN 31 AND 60), 0)::text,
            coalesce(sum(amount) FILTER (WHERE is_debit AND late BETWEEN 61 AND 90), 0)::text,
            coalesce(sum(amount) FILTER (WHERE is_debit AND late BETWEEN 91 AND 120), 0)::text,
            coalesce(sum(amount) FILTER (WHERE is_debit AND late > 120), 0)::text,
            coalesce(sum(amount) FILTER (WHERE NOT is_debit), 0)::text) AS ageing
        FROM item GROUP BY 1
    )
    SELECT %(number)s || '-' || row_number() OVER (ORDER BY customer.id), customer.id, name, name_zh, %(first_day)s,
           %(last_day)s, opening, debits, credits, opening + debits - credits, count, upto, ageing, hash, %(by)s, now()
    FROM customers_customer customer JOIN moved ON moved.customer_id = customer.id
    JOIN aged ON aged.customer_id = customer.id
    """,
    """
    INSERT INTO orders_reconciliation
        (number, round_id, customer_id, statement_id, state, sent_at, accepted_reason, our_signed_from,
         their_signed_from)
    SELECT statement.number, round.id, statement.customer_id, statement.id, 'sent', now(), '', '', ''
    FROM orders_issuedstatement statement, orders_round round
    WHERE statement.number LIKE %(number)s || '-%%' AND round.number = %(number)s
    """,
    """
    INSERT INTO notify_notice
        (id, user_id, kind, title, text, url, dedupe, in_bell, waits_for_digest, created_at)
    SELECT gen_random_uuid(), person.id, 'reconciliation.published', 'Please confirm your account', 'Confirm it',
           '/orders/reconciliations/' || one.number || '/', '', true, false, now()
    FROM orders_reconciliation one JOIN users_user person ON person.customer_id = one.customer_id
    WHERE one.number LIKE %(number)s || '-%%'
    """,
    """
    INSERT INTO notify_outgoingmail
        ("to", user_id, subject, body, state, created_at, not_before, attempts, error)
    SELECT person.email, person.id, 'Please confirm your account', '/orders/reconciliations/' || one.number || '/',
           'waiting', now(), now(), 0, ''
    FROM orders_reconciliation one JOIN users_user person ON person.customer_id = one.customer_id
    WHERE one.number LIKE %(number)s || '-%%'
    """,
)
