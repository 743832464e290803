"""Everybody does anything at once on a few accounts and shelves: no deadlock, no lost update, books that add up."""

import logging
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from customers.accounts.services import lift_hold, put_on_hold, set_credit_terms
from customers.files.services import CustomerInput, change_customer
from customers.models import CreditAccount, Customer
from orders.catalogue.services import ProductData, change_product
from orders.credit.services import (
    ask_temporary_limit,
    reconsider_limits_of,
    revoke_temporary_limit,
    withdraw_temporary_limit,
)
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
from orders.models import Delivery, ExpectedGoods, Payment, Product, Stock, StockMovement, TemporaryLimit, Warehouse
from orders.payments.services import record_payment, reverse_payment
from orders.proof.verification import differences, one_moment
from orders.shipments.services import ship_delivery
from orders.stock.services import change_warehouse, count_stock, expect_goods, receive_expected, receive_goods
from salesops.approvals.models import Request
from salesops.approvals.services import approve, approve_many, escalate_overdue, put_aside, reject, send_back, withdraw
from salesops.kernel.errors import RuleBroken
from salesops.kernel.models import NumberSeries
from salesops.notify.digest import make_digests
from salesops.notify.reading import read_all_notices
from salesops.users.models import User
from tests.support.at_once import at_once
from tests.support.build import Sales, make_product, make_sales, make_warehouse, open_stock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PEOPLE, DEEDS = 6, 60
LONGEST_SECONDS = 60
"""Who is not through with the deeds by then stops, so that a busy machine makes the test shorter and not longer."""
SEEDS = range(20) if os.environ.get("SALESOPS_MACHINE") == "long" else range(2)


class Mix:
    """A few customers, products and warehouses, so that all get in each other's way, and what can be done there."""

    def __init__(self, sales: Sales) -> None:
        self.sales = sales
        self.products = [sales.product, *(make_product(price=price) for price in ("33.33", "0.07", "12.50"))]
        self.warehouses = [sales.warehouse, make_warehouse()]
        for product in self.products[1:]:
            open_stock(sales.warehouse, product, 15)
        self.customers = [sales.customer(limit=limit) for limit in (2_000, 500, None)]
        self.deciders = {
            "supervisor": sales.supervisor,
            "regional_manager": sales.regional_manager,
            "sales_manager": sales.sales_manager,
        }
        deeds = [getattr(self, name) for name in dir(self) if name.startswith("do_")]
        often = [self.do_write_and_submit, self.do_approve, self.do_approve, self.do_ship, self.do_ship, self.do_pay]
        self.deeds: list[Callable[[random.Random], object]] = deeds + often * 2

    def work(self, seed: int, done: Counter[str]) -> None:
        """Do one thing after another, as the seed has it; a rule that refuses is as good."""
        chance, ends_at = random.Random(seed), time.monotonic() + LONGEST_SECONDS
        for _number in range(DEEDS):
            if time.monotonic() > ends_at:
                return
            deed = chance.choice(self.deeds)
            try:
                if deed(chance) is not None:
                    done[deed.__name__] += 1
            except RuleBroken:
                pass

    # ---- what is there ----
    def customer(self, chance: random.Random) -> Customer:
        return chance.choice(self.customers)

    def place(self, chance: random.Random) -> tuple[Warehouse, Product]:
        return chance.choice(self.warehouses), chance.choice(self.products)

    def delivery(self, chance: random.Random, *states: str) -> Delivery | None:
        return one_of(chance, Delivery.objects.filter(state__in=states))

    def request(self, chance: random.Random) -> tuple[Request, User] | None:
        request = one_of(chance, Request.objects.waiting().filter(role__in=self.deciders))
        return (request, self.deciders[request.role]) if request and request.is_waiting else None

    def lines(self, chance: random.Random) -> list[LineInput]:
        products = chance.sample(self.products, chance.randint(1, 4))  # in any order
        return [LineInput(product.pk, chance.randint(1, 8), Decimal(0)) for product in products]

    # ---- deliveries ----
    def do_write_and_submit(self, chance: random.Random) -> object:
        made = write_delivery(
            by=self.sales.representative,
            customer_id=self.customer(chance).pk,
            warehouse_id=chance.choice(self.warehouses).pk,
            lines=self.lines(chance),
        )
        return submit_delivery(made.pk, by=self.sales.representative)

    def do_copy(self, chance: random.Random) -> object:
        source = self.delivery(chance, "shipped", "cancelled", "approved", "rejected")
        return source and copy_delivery(source.pk, by=self.sales.representative)

    def do_change(self, chance: random.Random) -> object:
        seen = self.delivery(chance, "draft", "returned", "withdrawn", "submitted")
        return seen and change_delivery(
            seen.pk,
            by=self.sales.representative,
            version=seen.version,
            warehouse_id=chance.choice(self.warehouses).pk,
            lines=self.lines(chance),
        )

    def do_submit(self, chance: random.Random) -> object:
        seen = self.delivery(chance, "draft", "returned", "withdrawn")
        return seen and submit_delivery(seen.pk, by=self.sales.representative)

    def do_withdraw(self, chance: random.Random) -> object:
        seen = self.delivery(chance, "submitted", "returned")
        return seen and withdraw_delivery(seen.pk, by=self.sales.representative)

    def do_reopen(self, chance: random.Random) -> object:
        seen = self.delivery(chance, "approved")
        return seen and reopen_delivery(seen.pk, by=self.sales.supervisor, reason="x")

    def do_cancel(self, chance: random.Random) -> object:
        seen = self.delivery(chance, "approved", "partly_shipped")
        return seen and cancel_rest(seen.pk, by=self.sales.supervisor, reason="x")

    # ---- decisions ----
    def do_approve(self, chance: random.Random) -> object:
        found = self.request(chance)
        return found and approve(found[0].pk, by=found[1])

    def do_approve_many(self, chance: random.Random) -> object:
        found = self.request(chance)
        if found is None:
            return None
        role = found[0].role
        seen = dict(Request.objects.waiting().filter(role=role).values_list("pk", "stage")[:4])
        for outcome in approve_many(seen, by=found[1]):
            assert outcome.refusal is None or outcome.refusal.rule != "locked", outcome.refusal
        return seen

    def do_say_no(self, chance: random.Random) -> object:
        found = self.request(chance)
        if found is None:
            return None
        request, by = found
        return chance.choice([reject, send_back])(request.pk, by=by, note="no")

    def do_put_aside(self, chance: random.Random) -> object:
        found = self.request(chance)
        return found and put_aside(found[0].pk, by=found[1])

    def do_take_back(self, chance: random.Random) -> object:
        found = self.request(chance)
        return found and withdraw(found[0].pk, by=self.sales.representative)

    def do_escalate(self, chance: random.Random) -> object:
        return escalate_overdue(timezone.now() + timedelta(hours=chance.choice([0, 25, 100])))

    def do_read_all(self, chance: random.Random) -> object:
        return read_all_notices(by=chance.choice(list(self.deciders.values())))

    def do_digests(self, chance: random.Random) -> object:
        return make_digests(timezone.now() + timedelta(days=1))

    # ---- goods ----
    def do_ship(self, chance: random.Random) -> object:
        seen = self.delivery(chance, "approved", "partly_shipped")
        if seen is None:
            return None
        lines = list(seen.lines.filter(reserved_quantity__gt=0))
        chance.shuffle(lines)
        leaving = {line.pk: chance.randint(1, line.reserved_quantity) for line in lines}
        return ship_delivery(seen.pk, by=self.sales.supply, shipped_on=timezone.localdate(), quantities=leaving)

    def do_receive(self, chance: random.Random) -> object:
        place, product = self.place(chance)
        quantity = chance.randint(1, 25)
        return receive_goods(by=self.sales.supply, warehouse_id=place.pk, product_id=product.pk, quantity=quantity)

    def do_count(self, chance: random.Random) -> object:
        place, product = self.place(chance)
        counted = chance.randint(0, 60)
        return count_stock(by=self.sales.supply, warehouse_id=place.pk, product_id=product.pk, counted=counted)

    def do_expect(self, chance: random.Random) -> object:
        place, product = self.place(chance)
        return expect_goods(
            by=self.sales.supply,
            warehouse_id=place.pk,
            product_id=product.pk,
            quantity=chance.randint(1, 10),
            expected_on=timezone.localdate(),
        )

    def do_receive_expected(self, chance: random.Random) -> object:
        expected = one_of(chance, ExpectedGoods.objects.filter(received_at=None))
        return expected and receive_expected(expected.pk, by=self.sales.supply, quantity=chance.randint(1, 10))

    # ---- money and terms ----
    def do_pay(self, chance: random.Random) -> object:
        return record_payment(
            by=self.sales.finance,
            customer_id=self.customer(chance).pk,
            received_on=timezone.localdate(),
            amount=Decimal(chance.randint(1, 90_000)) / 100,
            reference=chance.choice(["", "", "TT-1", "TT-2"]),
        )

    def do_reverse(self, chance: random.Random) -> object:
        payment = one_of(chance, Payment.objects.filter(reversal=None))
        return payment and reverse_payment(payment.pk, by=self.sales.finance, reason="x")

    def do_terms(self, chance: random.Random) -> object:
        return set_credit_terms(
            self.customer(chance).pk,
            by=self.sales.sales_manager,
            limit=chance.choice([None, Decimal(0), Decimal(500), Decimal(5_000)]),
            due_rule="shipment",
            due_days=30,
            tolerance_days=15,
        )

    def do_hold(self, chance: random.Random) -> object:
        return put_on_hold(self.customer(chance).pk, by=self.sales.finance, reason="x")

    def do_lift(self, chance: random.Random) -> object:
        for customer in self.customers:
            if CreditAccount.objects.get(pk=customer.pk).is_on_hold:
                return lift_hold(customer.pk, by=self.sales.finance, note="x")
        return None

    def do_ask_limit(self, chance: random.Random) -> object:
        today = timezone.localdate()
        return ask_temporary_limit(
            by=self.sales.representative,
            customer_id=self.customer(chance).pk,
            amount=Decimal(chance.randint(1, 2_000)),
            first_day=today,
            last_day=today,
            reason="x",
        )

    def do_end_limit(self, chance: random.Random) -> object:
        limit = one_of(chance, TemporaryLimit.objects.filter(state__in=["approved", "submitted"]))
        if limit is None:
            return None
        if limit.state == "approved":
            return revoke_temporary_limit(limit.pk, by=self.sales.sales_manager)
        withdraw_temporary_limit(limit.pk, by=self.sales.representative)
        return limit

    def do_reconsider(self, chance: random.Random) -> object:
        return reconsider_limits_of(timezone.localdate())

    # ---- files that the others name ----
    def do_change_customer(self, chance: random.Random) -> object:
        seen = Customer.objects.get(pk=self.customer(chance).pk)
        given = CustomerInput(
            name=seen.name,
            region_id=seen.region_id,
            code=seen.code,
            grade=seen.grade,
            representative_id=seen.representative_id,
            phone=str(chance.randint(10**8, 10**9)),
        )
        return change_customer(seen.pk, given, by=self.sales.sales_manager, despite_duplicates=True)

    def do_change_product(self, chance: random.Random) -> object:
        seen = chance.choice(self.products)
        data = ProductData(sku=seen.sku, name=f"Kettle {chance.randint(1, 99)}", category_id=seen.category_id)
        return change_product(seen.pk, data, by=self.sales.sales_manager)

    def do_change_warehouse(self, chance: random.Random) -> object:
        seen = chance.choice(self.warehouses)
        return change_warehouse(seen.pk, by=self.sales.supply, code=seen.code, name=f"Store {chance.randint(1, 99)}")


def one_of(chance: random.Random, rows: Any) -> Any:
    """One of the rows as they are at this moment; None where there is none."""
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    return rows.model.objects.filter(pk=chance.choice(keys)).first() if keys else None


@pytest.mark.parametrize("seed", SEEDS)
def test_anything_at_once_ends_without_a_deadlock_in_books_that_add_up(
    seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    mix, done = Mix(make_sales(stock=15)), [Counter[str]() for _person in range(PEOPLE)]
    with caplog.at_level(logging.ERROR):
        at_once(
            *[lambda at=at: mix.work(1_000 * seed + at, done[at]) for at in range(PEOPLE)], seconds=LONGEST_SECONDS * 3
        )
    errors = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert errors == []  # what follows a commit logs its failure and raises nothing
    total = sum(done, Counter[str]())
    for deed in ("do_write_and_submit", "do_approve", "do_ship", "do_pay", "do_receive"):
        assert total[deed] > 0, total
    with one_moment():
        assert differences() == []
    assert Payment.objects.count() == total["do_pay"]
    received = StockMovement.objects.filter(kind="receipt").count()
    assert received == total["do_receive"] + total["do_receive_expected"]
    for series, model in (("DL", Delivery), ("PM", Payment)):
        numbers = sorted(int(number.rsplit("-", 1)[1]) for number in model.objects.values_list("number", flat=True))
        last = NumberSeries.objects.get(series=series).last
        assert numbers == list(range(1, last + 1))
    assert not Stock.objects.filter(on_hand__lt=0).exists()
