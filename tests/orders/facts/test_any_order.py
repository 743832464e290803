"""Whatever is posted, in whatever order, late or taken back: facts are what a recount in Python finds, on every cut.

Hypothesis makes up what people do, some of it counted in between. The oracle reads documents row by row and knows
nothing of the statements that count.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from customers.models import Customer
from orders.facts.building import begin_count, count_next_part, finish_count
from orders.facts.services import bring_facts_along
from orders.models import (
    AccountFact,
    Allocation,
    FactMark,
    GoodsFact,
    Payment,
    ReceivableEntry,
    ShipmentLine,
)
from orders.payments.services import record_payment, reverse_payment
from orders.receivables.ageing import ageing_on
from orders.receivables.models import Source
from orders.receivables.settlement import settle_accounts, take_back
from tests.support.build import Sales, make_product, make_region, make_sales, make_user
from tests.support.past import shipped_on

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

DAYS = 150
Deed = tuple[str, int, int, int]
deeds = st.lists(
    st.tuples(
        st.sampled_from(["ship", "ship", "ship", "pay", "pay", "reverse", "move", "settle", "take back", "count"]),
        st.integers(0, 2),
        st.integers(0, DAYS),
        st.integers(1, 400),
    ),
    min_size=3,
    max_size=14,
)


class Company:
    """Three customers, two regions, two representatives, two products, and what people do with them."""

    def __init__(self, sales: Sales) -> None:
        self.sales, self.today = sales, timezone.localdate()
        self.customers = [sales.customer(limit=None, due_days=20) for _number in range(3)]
        self.products = [sales.product, make_product(price="30.00")]
        self.places = [(sales.region, sales.representative), (make_region(), make_user())]

    def do(self, deed: str, which: int, back: int, amount: int) -> None:
        customer, day = Customer.objects.get(pk=self.customers[which].pk), self.today - timedelta(days=back)
        deeds: dict[str, Callable[[Customer, date, int], object]] = {
            "ship": self.ship,
            "pay": self.pay,
            "reverse": self.reverse,
            "move": self.move,
            "settle": lambda *_what: settle_accounts([one.pk for one in self.customers], by=self.sales.finance),
            "take back": self.take_back,
            "count": lambda *_what: bring_facts_along(),
        }
        deeds[deed](customer, day, amount)

    def ship(self, customer: Customer, day: date, amount: int) -> None:
        """Goods that left on a day of the past, posted now."""
        product = self.products[amount % 2]
        shipped_on(self.sales, customer, product, day, pieces=amount, amount=amount, due_days=amount % 50)

    def pay(self, customer: Customer, day: date, amount: int) -> None:
        by = self.sales.finance
        record_payment(by=by, customer_id=customer.pk, received_on=day, amount=Decimal(amount), reference="")

    def reverse(self, customer: Customer, _day: date, _amount: int) -> None:
        payment = Payment.objects.filter(customer=customer, reversal=None).first()
        if payment:
            reverse_payment(payment.pk, by=self.sales.finance, reason="bounced")

    def move(self, customer: Customer, day: date, amount: int) -> None:
        """To the other place, as if it had been on that day; no earlier than the last move."""
        events = apps.get_model("customers.CustomerEvent").objects.filter(pgh_obj_id=customer.pk).order_by("-pgh_id")
        before = events[0]
        customer.region, customer.representative = self.places[amount % 2]
        customer.save()
        if events[0] == before:  # it was there
            return
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            moment = max(timezone.now() - (self.today - day), before.pgh_created_at)
            if events.count() == 2:  # the file is as old as all that it has
                events.filter(pk=before.pk).update(pgh_created_at=timezone.now() - timedelta(days=DAYS + 1))
                moment = timezone.now() - (self.today - day)
            events.filter(pk=events[0].pk).update(pgh_created_at=moment)
            cursor.execute("SET LOCAL session_replication_role = origin")
        FactMark.objects.create(customer=customer, month=timezone.localdate(moment).replace(day=1))

    def take_back(self, customer: Customer, _day: date, _amount: int) -> None:
        standing = Allocation.objects.standing().filter(credit__customer=customer, credit__entry__source="payment")
        made = standing.first()
        if made and made.debit.entry.source == Source.SHIPMENT:
            take_back(made.pk, by=self.sales.finance)


def goods_of_documents() -> dict[tuple[Any, ...], tuple[int, Decimal]]:
    """Every shipped line, added up by hand."""
    found: dict[tuple[Any, ...], tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for part in ShipmentLine.objects.select_related("shipment__delivery", "line"):
        head = part.shipment
        key = (
            head.shipped_on.replace(day=1),
            head.customer_id,
            part.line.product_id,
            head.delivery.representative_id,
            head.delivery.region_id,
        )
        quantity, amount = found[key]
        found[key] = quantity + part.quantity, amount + part.amount
    return dict(found)


def goods_of_facts() -> dict[tuple[Any, ...], tuple[int, Decimal]]:
    keys = ("month", "customer_id", "product_id", "representative_id", "region_id")
    return {row[:5]: row[5:] for row in GoodsFact.objects.current().values_list(*keys, "quantity", "amount")}


def months() -> list[date]:
    """Every month that there may be facts of."""
    day, last = (timezone.localdate() - timedelta(days=DAYS)).replace(day=1), timezone.localdate().replace(day=1)
    found = [day]
    while found[-1] < last:
        found.append((found[-1] + timedelta(days=31)).replace(day=1))
    return found


def place_on(customer: Customer, day: date) -> tuple[int, int | None]:
    """Where a customer was on a day, by its history."""
    events = apps.get_model("customers.CustomerEvent").objects.filter(pgh_obj_id=customer.pk).order_by("pgh_id")
    before = [event for event in events if timezone.localdate(event.pgh_created_at) <= day] or list(events[:1])
    return before[-1].region_id, before[-1].representative_id


def assert_accounts_are_what_documents_say() -> None:
    """Balances, payments and what is overdue of each month, of each customer and each place."""
    today = timezone.localdate()
    for customer in Customer.objects.all():
        entries = list(ReceivableEntry.objects.filter(customer=customer))
        for month in months():
            last = min((month + timedelta(days=31)).replace(day=1) - timedelta(days=1), today)
            facts = AccountFact.objects.current().filter(customer=customer, month=month)
            found = {
                (fact.region_id, fact.representative_id): (fact.payments, fact.debits, fact.closing, fact.overdue)
                for fact in facts
                if fact.payments or fact.debits or fact.closing or fact.overdue
            }
            expected: dict[Any, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
            for entry in entries:
                if entry.posted_on.replace(day=1) != month:
                    continue
                figures = expected[place_on(customer, entry.posted_on)]
                if entry.source in (Source.PAYMENT, Source.PAYMENT_REVERSAL):
                    figures[0] += entry.credit - entry.debit
                else:
                    figures[1] += entry.debit
            report = ageing_on(last, Customer.objects.filter(pk=customer.pk))
            here = expected[place_on(customer, last)]
            here[2], here[3] = report.ledger, report.total.overdue
            assert found == {place: tuple(figures) for place, figures in expected.items() if any(figures)}


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # what fails is printed; making it smaller takes minutes
)
@given(done=deeds)
def test_facts_are_what_documents_say_on_every_cut(done: list[Deed]) -> None:
    with transaction.atomic():
        company = Company(make_sales())
        for deed in done:
            company.do(*deed)
        bring_facts_along()

        facts = GoodsFact.objects.current()
        assert goods_of_facts() == goods_of_documents()
        shipped = ShipmentLine.objects.aggregate(all=Sum("amount"))["all"]
        for cut in ("month", "customer", "product", "representative", "region"):
            parts = facts.order_by().values(cut).annotate(all=Sum("amount")).values_list("all", flat=True)
            assert sum(parts) == (shipped or 0)
        assert (AccountFact.objects.current().aggregate(all=Sum("amount"))["all"] or 0) == (shipped or 0)
        assert_accounts_are_what_documents_say()

        build = begin_count()
        while count_next_part(build.pk):
            pass
        assert finish_count(build.pk).found == []
        transaction.set_rollback(True)
