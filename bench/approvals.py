"""Approvals: the service against a floor of SQL by hand, in one database, taking turns among a million deliveries.

The floor locks what the service locks (account, delivery, its lines, the request, stock), reads what a decision rests
on (what is overdue, temporary limits, the lines), and writes the same rows: decision, request, delivery, lines, stock,
account, the notice that is settled and the one that is sent; the history's rows come from the same triggers, and
tests/bench/ compares what both leave behind. It knows no policy and no rights: it is what the database costs.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from json import dumps
from typing import Any
from uuid import uuid4

from .results import Result
from .room import MANY, Room
from .timing import alternate, median

FLOOR, GROWTH = "approval: service against SQL by hand", "approval: {} entries on the account"
LONG_ACCOUNTS = (2_000, 20_000)
NAMES = (FLOOR, *(GROWTH.format(f"{count:,}") for count in LONG_ACCOUNTS))
TURNS = 40
DATABASE = "approvals"

NOTHING_WRONG = {
    "on_hold": False,
    "over_amount": "0.00",
    "over_percent": "0",
    "overdue_amount": "0.00",
    "overdue_days": 0,
    "discount_over_right": "0.00",
    "filed_by_agent": False,
    "days_over_tolerance": 0,
}
"""The facts of an approval within the limit of an account that owes nothing."""


def measure(room: Room, wanted: Sequence[str]) -> Iterator[Result]:
    """Approve deliveries of ordinary accounts by both, then of accounts with many open items by the service."""
    room.use_books(MANY)
    room.copy(f"books_{MANY}", DATABASE)
    room.use(DATABASE)
    desk = Desk()
    if FLOOR in wanted:
        ours, floor = desk.submit(TURNS + 2), desk.submit(TURNS + 2)
        times = alternate([_each(desk.approve, ours), _each(desk.approve_by_hand, floor)], turns=TURNS)
        yield _against_floor(median(times[0]), median(times[1]), desk.statements())
    for count in LONG_ACCOUNTS:
        name = GROWTH.format(f"{count:,}")
        if name not in wanted:
            continue
        at = 2 + LONG_ACCOUNTS.index(count)  # a short account for all, a long one for each
        plain, long = desk.submit(TURNS + 2, at=1), desk.submit(TURNS + 2, at=at)
        desk.lengthen(at, count)
        times = alternate([_each(desk.approve, plain), _each(desk.approve, long)], turns=TURNS)
        few, many = median(times[0]), median(times[1])
        yield Result(
            name=name,
            ours=many * 1000,
            floor=few * 1000,
            unit="ms",
            ratio=many / few,
            goal="at most 1.1 times few",
            holds=many / few <= 1.1,
            detail=f"{count:,} overdue open items and as many shipped deliveries on the account",
        )


def _each(approve: Callable[[int], Any], requests: list[int]) -> Callable[[], Any]:
    waiting = iter(requests)
    return lambda: approve(next(waiting))


def _against_floor(ours: float, floor: float, statements: int) -> Result:
    return Result(
        name=FLOOR,
        ours=ours * 1000,
        floor=floor * 1000,
        unit="ms",
        ratio=ours / floor,
        goal="at most 3 times the floor",
        holds=ours / floor <= 3,
        detail=f"{1 / ours:.0f} a second by one process; {statements} statements each",
    )


class Desk:
    """Somebody who submits and somebody who approves, each delivery of one line for one customer."""

    def __init__(self) -> None:
        from orders.models import Product, Warehouse
        from salesops.users.models import User

        self.decider = User.objects.get(username="supervisor-0")
        self.writer = User.objects.filter(team=self.decider.team_id, groups__name="representative")[0]
        self.from_session: list[Any] = []
        self.customers = [self._customer(at).pk for at in range(2 + len(LONG_ACCOUNTS))]
        self.products = list(Product.objects.order_by("pk").values_list("pk", flat=True)[:50])
        self.warehouse = Warehouse.objects.order_by("pk")[0].pk

    def _customer(self, at: int) -> Any:
        """A customer of the writer, whose limit keeps every approval inside the supervisor's right."""
        from customers.models import CreditAccount, Customer
        from salesops.users.models import Region

        region = Region.objects.filter(parent=self.writer.region_id)[0]
        customer = Customer.objects.create(
            code=f"DESK{at}", name=f"Customer {at} of the desk", region=region, representative=self.writer
        )
        CreditAccount.objects.create(customer=customer, limit=10**10)
        return customer

    def submit(self, count: int, *, at: int = 0) -> list[int]:
        """Write and submit deliveries of three lines for a customer; returns the ids of their requests."""
        from orders.deliveries.services import LineInput, submit_delivery, write_delivery
        from salesops.approvals.models import Request
        from salesops.users.signin.backend import PeopleBackend

        found = []
        for number in range(count):
            three = [self.products[(number * 3 + step) % len(self.products)] for step in range(3)]
            delivery = write_delivery(
                by=self.writer,
                customer_id=self.customers[at],
                warehouse_id=self.warehouse,
                lines=[LineInput(product, 1) for product in three],
            )
            submit_delivery(delivery.pk, by=self.writer)
            found.append(Request.objects.get(document_type="delivery", object_id=delivery.pk).pk)
            self.from_session.append(PeopleBackend().get_user(self.decider.pk))
        return found

    def approve(self, request_id: int) -> None:
        """As the page does, by somebody who has just been read for the session, with roles and rights."""
        from salesops.approvals.services import approve

        decided = approve(request_id, by=self.from_session.pop())
        if decided.is_waiting:
            raise RuntimeError("a measured approval went on to a further stage")

    def statements(self) -> int:
        """How many statements one approval sends."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        (request,) = self.submit(1)
        with CaptureQueriesContext(connection) as captured:
            self.approve(request)
        return len(captured)

    def approve_by_hand(self, request_id: int) -> None:
        """The floor."""
        from django.db import connection, transaction
        from django.utils import timezone

        with transaction.atomic(), connection.cursor() as cursor:
            _approve_by_hand(cursor.connection, request_id, self.decider, today=timezone.localdate())

    def lengthen(self, at: int, count: int) -> None:
        """Put overdue open items and shipped deliveries on a customer's account, as if it had been long in business."""
        from django.db import connection, transaction

        customer = self.customers[at]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # what is made here is the past
            for statement in LENGTHEN:
                cursor.execute(statement, {"customer": customer, "count": count, "start": count * 10**6})
        with connection.cursor() as cursor:
            for table in ("orders_openitem", "orders_delivery", "orders_receivableentry"):
                cursor.execute(f"VACUUM ANALYZE {table}")


LENGTHEN = (
    """
    INSERT INTO orders_receivableentry
        (customer_id, source, source_id, document, text, posted_on, due_on, debit, credit, posted_at)
    SELECT %(customer)s, 'opening', %(start)s + n, 'OLD-' || n, '', current_date - 31, current_date - 3, 1, 0, now()
    FROM generate_series(1, %(count)s) n
    """,
    """
    INSERT INTO orders_openitem (id, entry_id, customer_id, is_debit, posted_on, due_on, amount, open_amount)
    SELECT id, id, customer_id, true, posted_on, due_on, 1, 1 FROM orders_receivableentry
    WHERE customer_id = %(customer)s AND source = 'opening'
      AND source_id > %(start)s AND source_id <= %(start)s + %(count)s
    """,
    "UPDATE customers_creditaccount SET balance = balance + %(count)s WHERE customer_id = %(customer)s",
    """
    INSERT INTO orders_delivery
        (number, customer_id, warehouse_id, state, ordered_on, address, note, region_id, created_at, approved_at,
         net, tax, amount, approved_amount, cancelled_amount, shipped_amount, is_disputed, version)
    SELECT 'OLD-' || %(count)s || '-' || n, %(customer)s, (SELECT min(id) FROM orders_warehouse), 'shipped',
           current_date - 31, '', '', region_id, now(), now(), 0, 0, 0, 0, 0, 0, false, 1
    FROM generate_series(1, %(count)s) n, customers_customer WHERE id = %(customer)s
    """,
)


def _approve_by_hand(database: Any, request: int, by: Any, *, today: date) -> None:
    run, decider = database.execute, by.pk
    context = f'{{"user": {decider}}}'
    run(
        "SELECT set_config('pghistory.context_id', %s, true), set_config('pghistory.context_metadata', %s, true)",
        [str(uuid4()), context],
    )
    (delivery,) = run("SELECT object_id FROM approvals_request WHERE id = %s", [request]).fetchone()
    customer, limit, balance, committed = run(
        'SELECT a.customer_id, a."limit", a.balance, a.committed FROM customers_creditaccount a'
        " JOIN orders_delivery d USING (customer_id) WHERE d.id = %s FOR UPDATE OF a",
        [delivery],
    ).fetchone()
    number, warehouse = run(
        "SELECT number, warehouse_id FROM orders_delivery WHERE id = %s FOR UPDATE", [delivery]
    ).fetchone()
    lines = run(
        "SELECT id, product_id, quantity, amount FROM orders_deliveryline"
        " WHERE delivery_id = %s ORDER BY id FOR UPDATE",
        [delivery],
    ).fetchall()
    stage, writer, title = run(
        "SELECT stage_id, submitted_by_id, title FROM approvals_request WHERE id = %s FOR UPDATE", [request]
    ).fetchone()
    run(
        "SELECT sum(open_amount), min(due_on) FROM orders_openitem WHERE customer_id = %s AND is_debit"
        " AND open_amount > 0 AND due_on < %s",
        [customer, today],
    ).fetchone()
    run(
        "SELECT sum(amount) FROM orders_temporarylimit WHERE customer_id = %s AND state = 'approved'"
        " AND %s BETWEEN first_day AND last_day",
        [customer, today],
    ).fetchone()
    run(
        "UPDATE notify_notice SET read_at = now(), waits_for_digest = false WHERE dedupe = %s AND read_at IS NULL",
        [f"request {request} {stage}"],
    )
    amount = sum(line[3] for line in lines)
    figures = {
        "amount": amount,
        "limit": limit,
        "balance": balance,
        "committed": committed,
        "exposure": balance + committed + amount,
    }
    run(
        "INSERT INTO approvals_decision (request_id, stage_id, verdict, by_id, note, facts, accepted, at)"
        " VALUES (%s, %s, 'approved', %s, '', %s, '{}', now())",
        [request, stage, decider, dumps({name: str(figure) for name, figure in figures.items()} | NOTHING_WRONG)],
    )
    run(
        "UPDATE orders_delivery SET state = 'approved', approved_amount = %s, approved_at = now() WHERE id = %s",
        [amount, delivery],
    )
    run(
        "UPDATE customers_creditaccount SET committed = committed + %s, known_overdue_on = %s WHERE customer_id = %s",
        [amount, today, customer],
    )
    run(
        "SELECT id FROM orders_stock WHERE warehouse_id = %s AND product_id = ANY(%s) ORDER BY product_id FOR UPDATE",
        [warehouse, [line[1] for line in lines]],
    ).fetchall()
    run(
        "UPDATE orders_stock s SET reserved = s.reserved + l.quantity FROM orders_deliveryline l"
        " WHERE l.delivery_id = %s AND s.product_id = l.product_id AND s.warehouse_id = %s",
        [delivery, warehouse],
    )
    run(
        "UPDATE orders_deliveryline SET approved_quantity = quantity, reserved_quantity = quantity"
        " WHERE delivery_id = %s",
        [delivery],
    )
    run(
        "UPDATE approvals_request SET state = 'approved', ended_at = now(), stage_id = NULL, role = '',"
        " parked_at = NULL, amount = %s WHERE id = %s",
        [amount, request],
    )
    run(
        "INSERT INTO notify_notice (id, user_id, kind, title, text, url, dedupe, in_bell, waits_for_digest, created_at)"
        " VALUES (%s, %s, 'approval.decided', %s, %s, %s, '', true, false, now())",
        [
            uuid4(),
            writer,
            f"{number}: Approved",
            f"{by.full_name} decided on {title}.",
            f"/deliveries/{number}/",
        ],
    )
