"""Any order of deeds keeps the books true: deliveries, decisions, goods, money, terms, letters, disputes, promises, by
people who have the right.

Hypothesis makes up what people do. Beside the product runs a model of a few dozen lines that knows only what was
decided, shipped and paid; after each deed the accounts must stand where the model stands, every claim of `verify_books`
must hold, and a deed that was refused must have left every table as it was. Nothing of it is taken from the services.

A short run belongs to every test run. `SALESOPS_MACHINE=long` makes a long one, of at most eight minutes.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import TestCase
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from customers.accounts.services import lift_hold, put_on_hold, set_credit_terms
from customers.models import CreditAccount, Customer
from orders.adjustments.services import reverse_adjustment, submit_adjustment, withdraw_adjustment
from orders.closing.services import ask_reopening, close_month
from orders.credit.services import ask_temporary_limit, revoke_temporary_limit
from orders.deliveries.services import (
    LineInput,
    cancel_rest,
    change_delivery,
    copy_delivery,
    reopen_delivery,
    submit_delivery,
    withdraw_delivery,
    write_delivery,
)
from orders.models import (
    Adjustment,
    Allocation,
    Delivery,
    DeliveryLine,
    OpenItem,
    Payment,
    Product,
    ReceivableEntry,
    Stock,
    TemporaryLimit,
    Warehouse,
)
from orders.payments.services import record_payment, reverse_payment
from orders.proof.verification import differences
from orders.receivables.ageing import ageing_on
from orders.reconciliation.statements import issue_statement, read_statement
from orders.shipments.services import ship_delivery
from orders.stock.services import count_stock, receive_goods
from salesops.approvals.models import Decision, Request, Verdict
from salesops.approvals.services import approve, put_aside, reject, send_back
from salesops.kernel.errors import RuleBroken
from salesops.users.models import User
from tests.proof.collecting import Collected, Collecting
from tests.support.build import Sales, make_product, make_sales, make_warehouse, open_stock
from tests.support.closing import ended_month, proved

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

LONG = os.environ.get("SALESOPS_MACHINE") == "long"
LONG_SECONDS = 360
"""No further run is begun after so long; one of three long examples takes less than a minute on a busy machine."""
CENT = Decimal("0.01")
TOLERANCE = 15
"""Days overdue that are normal for every account here, and from which on the second stage is asked."""
OPEN, DECIDED = {"draft", "returned", "withdrawn"}, {"approved", "partly_shipped"}
WATCHED = (
    "customers_creditaccount",
    "orders_delivery",
    "orders_deliveryline",
    "orders_shipment",
    "orders_shipmentline",
    "orders_adjustment",
    "orders_adjustmentitem",
    "orders_issuedstatement",
    "orders_payment",
    "orders_paymentreversal",
    "orders_receivableentry",
    "orders_openitem",
    "orders_allocation",
    "orders_promise",
    "orders_dispute",
    "orders_reminder",
    "orders_reminderitem",
    "orders_closingstep",
    "orders_reopening",
    "orders_stock",
    "orders_stockmovement",
    "orders_temporarylimit",
    "approvals_request",
    "approvals_decision",
    "kernel_numberseries",
    "notify_notice",
    "notify_outgoingmail",
)
DIGEST = " UNION ALL ".join(
    f"SELECT '{table}', md5(string_agg(row::text, '|' ORDER BY row::text)) FROM {table} row"  # noqa: S608  ours
    for table in WATCHED
)
anything = st.integers(0, 10_000)
pieces = st.integers(1, 30)


@dataclass
class Line:
    """What the model knows of a line."""

    product: int
    asked: int
    amount: Decimal
    granted: int
    approved: int = 0
    shipped: int = 0
    cancelled: int = 0

    def worth(self, count: int) -> Decimal:
        """What some of its pieces cost: their share, to the cent."""
        return (self.amount * count / self.asked).quantize(CENT, ROUND_HALF_UP)

    @property
    def open(self) -> int:
        """Approved and still to leave."""
        return self.approved - self.shipped - self.cancelled


@dataclass
class Order:
    """What the model knows of a delivery."""

    pk: int
    customer: int
    lines: dict[int, Line]
    state: str = "draft"

    @property
    def committed(self) -> Decimal:
        """What is approved and has neither left nor been cancelled."""
        lines = self.lines.values()
        return sum(
            (line.worth(line.approved - line.cancelled) - line.worth(line.shipped) for line in lines), Decimal(0)
        )

    @property
    def granted(self) -> Decimal:
        """What an approval would approve."""
        return sum((line.worth(line.granted) for line in self.lines.values()), Decimal(0))


@dataclass
class Account(Collected):
    """What the model knows of a customer: its limits, and what is owed."""

    limit: Decimal | None = None
    temporary: dict[int, Decimal] = field(default_factory=dict)
    balance: Decimal = Decimal(0)
    due_days: int = 30
    due: list[date] = field(default_factory=list)
    """When what left is to be paid, by shipment."""

    @property
    def ceiling(self) -> Decimal | None:
        """Up to where nobody has to accept anything."""
        return None if self.limit is None else self.limit + sum(self.temporary.values(), Decimal(0))


def digest() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(DIGEST)
        return dict(cursor.fetchall())


class Company(Collecting):
    """People at work."""

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.sales: Sales = make_sales(stock=40)
        self.products = [self.sales.product, *(make_product(price=price) for price in ("33.33", "0.07"))]
        self.warehouses = [self.sales.warehouse, make_warehouse()]
        for product in self.products[1:]:
            open_stock(self.sales.warehouse, product, 20)
        limits = (2_000, 500, None)
        self.customers = [self.sales.customer(limit=limit) for limit in limits]
        self.accounts = {
            customer.pk: Account(limit=None if limit is None else Decimal(limit))
            for customer, limit in zip(self.customers, limits, strict=True)
        }
        self.begin_collecting()
        self.orders: list[Order] = []
        self.payments: list[int] = []
        self.adjustments: list[int] = []
        self.statements: list[Any] = []
        self.closed: date | None = None
        self.stood: list[Any] = []
        """What the closed months held when they were closed."""
        self.deciders: dict[str, User] = {
            "supervisor": self.sales.supervisor,
            "regional_manager": self.sales.regional_manager,
            "sales_manager": self.sales.sales_manager,
        }

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    # ---- means ----
    def do(self, deed: Callable[[], Any]) -> Any:
        """Do it, with what follows its commit; None where a rule refused it, and then nothing has changed."""
        before = digest()
        try:
            with TestCase.captureOnCommitCallbacks(execute=True), transaction.atomic():
                return deed() or True
        except RuleBroken:
            after = digest()
            assert after == before, {table for table in WATCHED if after[table] != before[table]}
            return None

    def order(self, at: int, *states: str) -> Order | None:
        """One of the orders: of those in a state where the deed makes sense, one time in eight any other."""
        fitting = [order for order in self.orders if order.state in states] if at % 8 else self.orders
        return fitting[at % len(fitting)] if fitting else None

    def customer(self, at: int) -> Customer:
        return self.customers[at % len(self.customers)]

    def product(self, at: int) -> Product:
        return self.products[at % len(self.products)]

    def warehouse(self, at: int) -> Warehouse:
        return self.warehouses[at % len(self.warehouses)]

    def known(self, order: Order) -> None:
        """Learn the lines of an order that was just written: what was asked for, at the price on the list."""
        rows = DeliveryLine.objects.filter(delivery=order.pk).select_related("product")
        order.lines = {row.pk: Line(row.product_id, row.quantity, self.price_of(row), row.quantity) for row in rows}

    def price_of(self, row: DeliveryLine) -> Decimal:
        price = {self.products[0].pk: "100.00", self.products[1].pk: "33.33", self.products[2].pk: "0.07"}
        full = Decimal(price[row.product_id]) * row.quantity * (100 - row.discount_percent) / 100
        return full.quantize(CENT, ROUND_HALF_UP)

    def request_of(self, order: Order) -> Request | None:
        return Request.objects.waiting().filter(document_type="delivery", object_id=order.pk).first()

    def reserved(self, order: Order) -> dict[int, int]:
        """What lies there for its lines; that nothing lies beside a line that waits, an invariant says."""
        return dict(DeliveryLine.objects.filter(delivery=order.pk).values_list("pk", "reserved_quantity"))

    def inputs(self, asked: list[tuple[int, int, int]]) -> list[LineInput]:
        return [LineInput(self.product(at).pk, count, Decimal(discount)) for at, count, discount in asked]

    def is_room_for(self, order: Order) -> bool:
        """Whether an order fits below the limit as it may be approved now."""
        ceiling = self.accounts[order.customer].ceiling
        fits = ceiling is None or self.exposure(order.customer) + order.granted <= ceiling
        return fits and self.overdue_days(order.customer) <= TOLERANCE

    def overdue_days(self, customer: int) -> int:
        """For how long the oldest of what is owed is overdue, by the rows, whose due days an invariant holds."""
        debits = OpenItem.objects.filter(customer=customer, is_debit=True, open_amount__gt=0)
        oldest = debits.order_by("due_on").values_list("due_on", flat=True).first()
        return max((timezone.localdate() - oldest).days, 0) if oldest else 0

    def exposure(self, customer: int) -> Decimal:
        committed = sum((order.committed for order in self.orders if order.customer == customer), Decimal(0))
        return self.accounts[customer].balance + committed

    # ---- deliveries ----
    lines = st.lists(st.tuples(anything, pieces, st.sampled_from([0, 0, 0, 5, 33])), min_size=1, max_size=4)

    @initialize(asked=st.lists(lines, min_size=6, max_size=6))
    def open_for_business(self, asked: list[list[tuple[int, int, int]]]) -> None:
        """Everybody has ordered, half of it is decided, some left and some waits: else few examples come so far."""
        for at, lines in enumerate(asked):
            self.write(at, 0, lines)
        for at in (1, 2, 3):
            self.bring_on(at, False)
        assert sum(order.state == "approved" for order in self.orders) == 3
        self.ship_what_lies_there(3)  # the first of the three, before which nobody has taken goods
        assert any(line.shipped for order in self.orders for line in order.lines.values())
        for at in (1, 2):
            self.submit(at)
            self.wait_until_it_is_paid(at)

    @rule(who=anything, where=anything, asked=lines)
    def write(self, who: int, where: int, asked: list[tuple[int, int, int]]) -> None:
        made = self.do(
            lambda: write_delivery(
                by=self.sales.representative,
                customer_id=self.customer(who).pk,
                warehouse_id=self.warehouse(where).pk,
                lines=self.inputs(asked),
            )
        )
        order = Order(made.pk, made.customer_id, {})
        self.known(order)
        self.orders.append(order)

    @rule(at=anything, asked=lines, where=anything, stale=st.booleans())
    def change(self, at: int, asked: list[tuple[int, int, int]], where: int, stale: bool) -> None:
        order = self.order(at, *OPEN)
        if order is None:
            return
        version = Delivery.objects.get(pk=order.pk).version - int(stale)
        done = self.do(
            lambda: change_delivery(
                order.pk,
                by=self.sales.representative,
                version=version,
                warehouse_id=self.warehouse(where).pk,
                lines=self.inputs(asked),
            )
        )
        assert bool(done) == (order.state in OPEN and not stale)
        if done:
            self.known(order)

    @rule(at=anything)
    def copy(self, at: int) -> None:
        order = self.order(at)
        if order is None:
            return
        made = self.do(lambda: copy_delivery(order.pk, by=self.sales.representative))
        fresh = Order(made.pk, made.customer_id, {})
        self.known(fresh)
        self.orders.append(fresh)

    @rule(at=anything)
    def submit(self, at: int) -> None:
        order = self.order(at, *OPEN)
        if order is None:
            return
        done = self.do(lambda: submit_delivery(order.pk, by=self.sales.representative))
        assert bool(done) == (order.state in OPEN)
        if done:
            order.state = "submitted"
            for line in order.lines.values():
                line.granted = line.asked

    @rule(at=anything, trim=st.booleans(), wrong=st.sampled_from([False, False, False, True]))
    def decide(self, at: int, trim: bool, wrong: bool) -> None:
        """The one who is asked approves, or somebody who is not."""
        order = self.order(at, "submitted")
        request = self.request_of(order) if order else None
        if order is None or request is None:
            return
        by = self.sales.representative if wrong else self.deciders[request.role]
        trimmed = {pk: line.granted // 2 for pk, line in list(order.lines.items())[:1]} if trim else {}
        changes = {str(pk): count for pk, count in trimmed.items()}
        left = any(trimmed.get(pk, line.granted) for pk, line in order.lines.items())
        done = self.do(lambda: approve(request.pk, by=by, changes=changes))
        assert bool(done) == (left and not wrong and not self.accounts[order.customer].on_hold)
        if not done:
            return
        for pk, count in trimmed.items():
            order.lines[pk].granted = count
        if done.is_waiting:
            return
        order.state = "approved"
        for line in order.lines.values():
            line.approved = line.granted
        self.nothing_slips_past(order, request)

    @rule(at=anything, trim=st.booleans())
    def bring_on(self, at: int, trim: bool) -> None:
        """Submit one and decide as often as it takes."""
        self.submit(at)
        for _stage in self.deciders:
            self.decide(at, trim, False)

    def nothing_slips_past(self, order: Order, request: Request) -> None:
        """What the exposure is beyond the limit now, somebody with the right has accepted, to the cent."""
        decisions = list(Decision.objects.filter(request=request, verdict=Verdict.APPROVED).order_by("at", "pk"))
        accepted = Decimal(decisions[-1].accepted.get("over_amount", 0))
        ceiling = self.accounts[order.customer].ceiling
        over = Decimal(0) if ceiling is None else max(self.exposure(order.customer) - ceiling, Decimal(0))
        assert accepted == over
        asked = {decision.by for decision in decisions}
        overdue = self.overdue_days(order.customer)
        if (ceiling is not None and over * 20 > ceiling) or overdue > TOLERANCE:
            assert self.sales.regional_manager in asked
        if (ceiling is not None and over * 10 > ceiling) or overdue > 2 * TOLERANCE:
            assert self.sales.sales_manager in asked

    @rule(at=anything, how=st.sampled_from(["reject", "return", "withdraw", "aside"]))
    def say_no(self, at: int, how: str) -> None:
        order = self.order(at, "submitted")
        request = self.request_of(order) if order else None
        if order is None or request is None:
            return
        by = self.deciders[request.role]
        deeds: dict[str, tuple[Callable[[], Any], str]] = {
            "reject": (lambda: reject(request.pk, by=by, note="no"), "rejected"),
            "return": (lambda: send_back(request.pk, by=by, note="less"), "returned"),
            "withdraw": (lambda: withdraw_delivery(order.pk, by=self.sales.representative), "withdrawn"),
            "aside": (lambda: put_aside(request.pk, by=by), "submitted"),
        }
        deed, state = deeds[how]
        waits_for_room = not self.is_room_for(order) or self.accounts[order.customer].on_hold
        done = self.do(deed)
        assert bool(done) == (how != "aside" or (waits_for_room and request.parked_at is None))
        if done:
            order.state = state

    @rule(at=anything)
    def reopen(self, at: int) -> None:
        order = self.order(at, "approved")
        if order is None:
            return
        done = self.do(lambda: reopen_delivery(order.pk, by=self.sales.supervisor, reason="x"))
        assert bool(done) == (order.state == "approved")
        if done:
            order.state = "returned"
            for line in order.lines.values():
                line.approved = 0

    @rule(at=anything)
    def cancel(self, at: int) -> None:
        order = self.order(at, *DECIDED)
        if order is None:
            return
        done = self.do(lambda: cancel_rest(order.pk, by=self.sales.supervisor, reason="x"))
        assert bool(done) == (order.state in DECIDED)
        if done:
            for line in order.lines.values():
                line.cancelled += line.open
            order.state = "shipped" if any(line.shipped for line in order.lines.values()) else "cancelled"
            self.nobody_waits_beside_room(order.customer)

    # ---- goods ----
    @rule(at=anything, counts=st.lists(st.integers(0, 31), min_size=4, max_size=4))
    def ship(self, at: int, counts: list[int]) -> None:
        order = self.order(at, *DECIDED)
        if order is None:
            return
        leaving = {
            pk: min(count, line.open) if count < 31 else line.open + 1
            for (pk, line), count in zip(order.lines.items(), counts, strict=False)
        }
        before = order.committed
        reserved = self.reserved(order)
        ready = any(leaving.values()) and all(count <= reserved[pk] for pk, count in leaving.items())
        done = self.do(
            lambda: ship_delivery(order.pk, by=self.sales.supply, shipped_on=timezone.localdate(), quantities=leaving)
        )
        assert bool(done) == (ready and order.state in DECIDED and not self.accounts[order.customer].on_hold)
        if not done:
            return
        for pk, count in leaving.items():
            order.lines[pk].shipped += count
            assert order.lines[pk].open >= 0
        account = self.accounts[order.customer]
        account.balance += before - order.committed
        account.due.append(timezone.localdate() + timedelta(days=account.due_days))
        order.state = "partly_shipped" if any(line.open for line in order.lines.values()) else "shipped"

    @rule(at=anything)
    def ship_what_lies_there(self, at: int) -> None:
        """All that is reserved leaves."""
        order = self.order(at, *DECIDED)
        if order is not None:
            reserved = self.reserved(order)
            self.ship(at, [reserved[pk] for pk in order.lines])

    @rule(what=anything, where=anything, count=st.integers(0, 40))
    def receive(self, what: int, where: int, count: int) -> None:
        place, product = self.warehouse(where), self.product(what)
        done = self.do(
            lambda: receive_goods(by=self.sales.supply, warehouse_id=place.pk, product_id=product.pk, quantity=count)
        )
        assert bool(done) == bool(count)

    @rule(what=anything, where=anything, count=st.integers(0, 40))
    def count(self, what: int, where: int, count: int) -> None:
        place, product = self.warehouse(where), self.product(what)
        there = Stock.objects.filter(warehouse=place, product=product).first()
        done = self.do(
            lambda: count_stock(by=self.sales.supply, warehouse_id=place.pk, product_id=product.pk, counted=count)
        )
        assert bool(done) == (there is None or count >= there.reserved)

    # ---- money ----
    @rule(who=anything, cents=st.integers(0, 150_000), days_ago=st.sampled_from([-1, 0, 0, 0, 10, 25, 60]))
    def pay(self, who: int, cents: int, days_ago: int) -> None:
        """Money came, today or some days ago: what it settled is as overdue as then, once it is reversed."""
        customer, amount = self.customer(who), Decimal(cents) / 100
        day = timezone.localdate() - timedelta(days=days_ago)
        made = self.do(
            lambda: record_payment(by=self.sales.finance, customer_id=customer.pk, received_on=day, amount=amount)
        )
        assert bool(made) == (cents > 0 and days_ago >= 0)
        if made:
            self.accounts[customer.pk].balance -= amount
            self.payments.append(made.pk)
            self.counts_for_promises(made)
            self.nobody_waits_beside_room(customer.pk)

    @rule(at=anything)
    def reverse(self, at: int) -> None:
        if not self.payments:
            return
        payment = Payment.objects.get(pk=self.payments[at % len(self.payments)])
        was_reversed = hasattr(payment, "reversal")
        done = self.do(lambda: reverse_payment(payment.pk, by=self.sales.finance, reason="x"))
        assert bool(done) != was_reversed
        if done:
            self.accounts[payment.customer_id].balance += payment.amount
            self.counts_no_more(payment)

    # ---- adjustments ----
    @rule(
        who=anything,
        kind=st.sampled_from(["debit", "credit", "write_off", "refund"]),
        cents=st.integers(0, 150_000),
        at=anything,
        how=st.sampled_from(["approve", "approve", "approve", "reject", "withdraw"]),
    )
    def adjust(self, who: int, kind: str, cents: int, at: int, how: str) -> None:
        """More or less to pay, a debt that is given up, a credit that is paid back: asked for, and decided."""
        customer = self.customer(who)
        items = OpenItem.objects.open().filter(customer=customer, is_debit=kind == "write_off").order_by("pk")
        named = [items[at % len(items)]] if kind in ("write_off", "refund") and items else []
        amount = Decimal(cents) / 100 if kind in ("debit", "credit") else None
        made = self.do(
            lambda: submit_adjustment(
                by=self.sales.finance,
                customer_id=customer.pk,
                kind=kind,
                amount=amount,
                reason="other",
                text="x",
                concerns=timezone.localdate(),
                items=[one.pk for one in named],
                method="cash" if kind == "refund" else "",
            )
        )
        assert bool(made) == (bool(named) if amount is None else amount > 0)
        if made:
            assert made.amount == (named[0].open_amount if amount is None else amount)
            self.end_adjustment(made, how)

    @rule(at=anything, how=st.sampled_from(["approve", "approve", "reject", "withdraw"]))
    def take_adjustment_back(self, at: int, how: str) -> None:
        if not self.adjustments:
            return
        target = Adjustment.objects.get(pk=self.adjustments[at % len(self.adjustments)])
        made = self.do(lambda: reverse_adjustment(target.pk, by=self.sales.finance, text="x"))
        assert bool(made) == (target.state == "approved" and target.reverses_id is None)
        if made:
            self.end_adjustment(made, how)

    def end_adjustment(self, one: Adjustment, how: str) -> None:
        """Decide on one that waits, or withdraw it: only what is approved moves the account, once."""
        request = Request.objects.waiting().get(document_type="adjustment", object_id=one.pk)
        assert not self.do(lambda: approve(request.pk, by=self.sales.finance))
        by = self.sales.sales_manager
        deeds: dict[str, Callable[[], Any]] = {
            "approve": lambda: approve(request.pk, by=by),
            "reject": lambda: reject(request.pk, by=by, note="no"),
            "withdraw": lambda: withdraw_adjustment(one.pk, by=self.sales.finance),
        }
        assert self.do(deeds[how])
        assert not self.do(lambda: approve(request.pk, by=by))
        if how == "approve":
            is_debit = one.kind in ("debit", "refund")
            if one.reverses:
                is_debit = one.reverses.kind not in ("debit", "refund")
            self.accounts[one.customer_id].balance += one.amount if is_debit else -one.amount
            self.adjustments.append(one.pk)
            if not is_debit:
                self.nobody_waits_beside_room(one.customer_id)

    @rule(who=anything, back=st.sampled_from([0, 10, 40, 90]))
    def look_back(self, who: int, back: int) -> None:
        """A statement says the balance and stays as issued; what was open on a past day is what the ledger had then."""
        customer, today = self.customer(who), timezone.localdate()
        first = today - timedelta(days=back)
        made = self.do(
            lambda: issue_statement(by=self.sales.finance, customer_id=customer.pk, first_day=first, last_day=today)
        )
        assert made.closing == self.accounts[customer.pk].balance
        self.statements.append(made)
        assert all(read_statement(one).is_unchanged for one in self.statements[-3:])
        assert ageing_on(first, Customer.objects.filter(pk__in=self.accounts)).is_proved

    # ---- terms ----
    @rule(who=anything, limit=st.sampled_from([None, 0, 100, 1_000, 5_000]), due_days=st.sampled_from([0, 30, 90]))
    def set_limit(self, who: int, limit: int | None, due_days: int) -> None:
        customer, amount = self.customer(who), None if limit is None else Decimal(limit)
        assert self.do(
            lambda: set_credit_terms(
                customer.pk,
                by=self.sales.finance,
                limit=amount,
                due_rule="shipment",
                due_days=due_days,
                tolerance_days=TOLERANCE,
            )
        )
        account = self.accounts[customer.pk]
        account.limit, account.due_days = amount, due_days
        self.nobody_waits_beside_room(customer.pk)

    @rule(who=anything, amount=st.integers(1, 2_000))
    def raise_for_today(self, who: int, amount: int) -> None:
        customer, today = self.customer(who), timezone.localdate()
        made = self.do(
            lambda: ask_temporary_limit(
                by=self.sales.representative,
                customer_id=customer.pk,
                amount=Decimal(amount),
                first_day=today,
                last_day=today,
                reason="x",
            )
        )
        assert bool(made) == (self.accounts[customer.pk].limit is not None)

    @rule(at=anything)
    def decide_on_limit(self, at: int) -> None:
        waiting = list(Request.objects.waiting().filter(document_type="temporary_limit").order_by("pk"))
        if not waiting:
            return
        request = waiting[at % len(waiting)]
        done = self.do(lambda: approve(request.pk, by=self.deciders[request.role]))
        limit = TemporaryLimit.objects.get(pk=request.object_id)
        account = self.accounts[limit.customer_id]
        assert bool(done) != account.on_hold
        if done and not done.is_waiting:
            account.temporary[limit.pk] = limit.amount
            self.nobody_waits_beside_room(limit.customer_id)

    @rule(at=anything, amount=st.integers(1, 2_000))
    def decide_above_the_limit(self, at: int, amount: int) -> None:
        """The limit is raised for today, and then the order is decided."""
        order = self.order(at, "submitted")
        if order is not None:
            self.raise_for_today([customer.pk for customer in self.customers].index(order.customer), amount)
            for _stage in self.deciders:
                self.decide_on_limit(0)
            self.bring_on(at, False)

    @rule(at=anything)
    def wait_until_it_is_paid(self, at: int) -> None:
        """An order without room is put aside, and then the customer pays as much as it takes."""
        order = self.order(at, "submitted")
        ceiling = self.accounts[order.customer].ceiling if order else None
        if order is None or ceiling is None:
            return
        self.say_no(at, "aside")
        missing = self.exposure(order.customer) + order.granted - ceiling
        if missing > 0:
            self.pay([customer.pk for customer in self.customers].index(order.customer), int(missing * 100), 0)

    @rule(at=anything)
    def revoke(self, at: int) -> None:
        active = [(account, pk) for account in self.accounts.values() for pk in account.temporary]
        if active:
            account, pk = active[at % len(active)]
            assert self.do(lambda: revoke_temporary_limit(pk, by=self.sales.sales_manager))
            del account.temporary[pk]

    @rule(who=anything)
    def hold(self, who: int) -> None:
        customer = self.customer(who)
        done = self.do(lambda: put_on_hold(customer.pk, by=self.sales.finance, reason="x"))
        account = self.accounts[customer.pk]
        assert bool(done) != account.on_hold
        account.held_by_person |= bool(done)

    @rule(who=anything)
    def lift(self, who: int) -> None:
        customer = self.customer(who)
        done = self.do(lambda: lift_hold(customer.pk, by=self.sales.finance, note="x"))
        assert bool(done) == self.accounts[customer.pk].on_hold
        if done:
            self.accounts[customer.pk].let_go()
            self.nobody_waits_beside_room(customer.pk)

    def nobody_waits_beside_room(self, customer: int) -> None:
        """After something made room: what was put aside and fits is on the desks again."""
        account, orders = self.accounts[customer], {order.pk: order for order in self.orders}
        aside = Request.objects.waiting().exclude(parked_at=None).filter(document_type="delivery", customer=customer)
        for request in aside:
            assert account.on_hold or not self.is_room_for(orders[request.object_id]), request

    # ---- months ----
    @rule(back=st.sampled_from([1, 1, 2, 3]))
    def close(self, back: int) -> None:
        """A month is closed, the next one or another."""
        month = ended_month(back)
        proved()
        done = self.do(lambda: close_month(month, by=self.sales.finance, accepts_warnings=True))
        assert bool(done) == (self.closed is None or self.closed + timedelta(days=1) == month.start)
        if done:
            self.closed = month.last_day
            self.stood = self.what_is_closed()

    @rule(back=st.sampled_from([1, 1, 2]))
    def open_again(self, back: int) -> None:
        """The last closed month, or another, is asked for and approved."""
        month = ended_month(back)
        asked = self.do(lambda: ask_reopening(month, by=self.sales.finance, reason="x"))
        assert bool(asked) == (self.closed == month.last_day)
        if asked:
            request = Request.objects.waiting().get(document_type="period_reopening")
            assert not self.do(lambda: approve(request.pk, by=self.sales.finance))
            assert self.do(lambda: approve(request.pk, by=self.sales.sales_manager))
            self.closed = month.start - timedelta(days=1)
            self.stood = self.what_is_closed()

    def what_is_closed(self) -> list[Any]:
        """Entries and allocations on closed days."""
        entries = ReceivableEntry.objects.filter(posted_on__lte=self.closed).order_by("pk")
        made = Allocation.objects.filter(allocated_on__lte=self.closed).order_by("pk")
        return [*entries.values_list("pk", "debit", "credit"), *made.values_list("pk", "amount")]

    # ---- what always holds ----
    @invariant()
    def closed_months_stay_as_they_were(self) -> None:
        assert self.closed is None or self.what_is_closed() == self.stood

    @invariant()
    def what_came_late_says_when_it_was(self) -> None:
        received = Payment.objects.values_list("pk", "received_on")
        entries = ReceivableEntry.objects.filter(source="payment")
        days = {entry.source_id: entry.belongs_on or entry.posted_on for entry in entries}
        assert days == dict(received)

    @invariant()
    def nothing_lies_on_a_desk_during_a_hold(self) -> None:
        held = [pk for pk, account in self.accounts.items() if account.on_hold]
        assert not Request.objects.on_desk().filter(document_type="delivery", customer__in=held).exists()

    @invariant()
    def the_books_add_up(self) -> None:
        assert differences() == []

    @invariant()
    def accounts_stand_where_the_model_stands(self) -> None:
        for account in CreditAccount.objects.filter(pk__in=self.accounts):
            model = self.accounts[account.pk]
            committed = sum((order.committed for order in self.orders if order.customer == account.pk), Decimal(0))
            assert (account.balance, account.committed, account.limit) == (model.balance, committed, model.limit)

    @invariant()
    def what_left_is_due_when_the_terms_of_its_day_said(self) -> None:
        shipments = OpenItem.objects.filter(entry__source="shipment").order_by("due_on")
        for account, model in self.accounts.items():
            due = shipments.filter(customer=account).values_list("due_on", flat=True)
            assert list(due) == sorted(model.due)

    @invariant()
    def deliveries_stand_where_the_model_stands(self) -> None:
        states = dict(Delivery.objects.values_list("pk", "state"))
        assert {order.pk: order.state for order in self.orders} == states

    @invariant()
    def nothing_lies_free_that_somebody_waits_for(self) -> None:
        free = {(stock.warehouse_id, stock.product_id): stock.free for stock in Stock.objects.all()}
        for line in DeliveryLine.objects.filter(delivery__state__in=DECIDED).select_related("delivery"):
            if line.back_order:
                assert not free.get((line.delivery.warehouse_id, line.product_id), 0), line


def test_no_order_of_deeds_makes_the_books_differ(db: None) -> None:
    ends_at = time.monotonic() + (LONG_SECONDS if LONG else 0)
    run(examples=10, steps=40)
    while time.monotonic() < ends_at:
        run(examples=3, steps=100)


def run(*, examples: int, steps: int) -> None:
    """So many examples of so many steps, others each time."""
    run_state_machine_as_test(
        Company,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
