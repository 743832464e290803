"""Facts follow documents: what they say is what documents say, month by month, place by place, on any day."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from customers.models import CreditAccount, Customer
from orders.facts.services import bring_facts_along, count_marked, turn_day
from orders.models import AccountFact, FactMark, FactTurn, GoodsFact, ReceivableEntry, Shipment
from orders.payments.services import reverse_payment
from orders.receivables.ageing import ageing_on
from orders.receivables.models import Source
from orders.receivables.services import post_entry
from salesops.users.models import User
from tests.support.build import Sales, make_region, make_sales, make_user, next_int

pytestmark = pytest.mark.django_db
ZERO = Decimal(0)


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def month_of(day: date) -> date:
    return day.replace(day=1)


def months_before(count: int) -> date:
    """The first day of the month so many months ago."""
    day = month_of(timezone.localdate())
    for _month in range(count):
        day = month_of(day - timedelta(days=1))
    return day


@contextmanager
def passing_over_triggers() -> Iterator[None]:
    """Within the block history can be written as it never is."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def account(customer: Customer, month: date) -> dict[str, Any]:
    """The figures of a customer's month, over all places."""
    figures = ("quantity", "amount", "debits", "payments", "credits", "opening", "closing", "overdue")
    rows = AccountFact.objects.current().filter(customer=customer, month=month)
    return {name: value or ZERO for name, value in rows.aggregate(**{name: Sum(name) for name in figures}).items()}


def post(
    customer: Customer, on: date, *, debit: str = "0", credit: str = "0", due: date | None = None
) -> ReceivableEntry:
    """An entry of the past, as opening balances are."""
    with transaction.atomic():
        return post_entry(
            CreditAccount.objects.locked(customer.pk),
            source=Source.OPENING,
            source_id=next_int() + 1_000_000,
            document=f"OB-{next_int()}",
            posted_on=on,
            due=due or on,
            debit=Decimal(debit),
            credit=Decimal(credit),
            by=None,
        )


def test_a_shipment_and_a_payment_are_counted_once_however_often_somebody_counts(sales: Sales) -> None:
    customer, today = sales.customer(), timezone.localdate()
    sales.ship(sales.approved(customer, 10), 4)
    sales.pay(customer, "150.25")

    assert bring_facts_along() == 1
    assert bring_facts_along() == 0
    assert not FactMark.objects.exists()

    fact = GoodsFact.objects.current().get(customer=customer)
    assert (fact.month, fact.product, fact.quantity, fact.amount) == (month_of(today), sales.product, 4, Decimal(400))
    assert (fact.region, fact.representative) == (sales.region, sales.representative)
    assert account(customer, month_of(today)) == {
        "quantity": 4,
        "amount": Decimal(400),
        "debits": Decimal(400),
        "payments": Decimal("150.25"),
        "credits": ZERO,
        "opening": ZERO,
        "closing": Decimal("249.75"),
        "overdue": ZERO,
    }


def test_only_what_posted_is_counted_again(sales: Sales) -> None:
    one, other = sales.customer(), sales.customer()
    for customer in (one, other):
        sales.ship(sales.approved(customer, 10), 2)
    bring_facts_along()
    untouched = set(AccountFact.objects.filter(customer=other).values_list("pk", flat=True))

    sales.ship(sales.approved(one, 10), 3)

    assert bring_facts_along() == 1
    assert set(AccountFact.objects.filter(customer=other).values_list("pk", flat=True)) == untouched
    assert GoodsFact.objects.current().get(customer=one).quantity == 5


def test_what_posts_into_an_earlier_month_moves_every_balance_after_it(sales: Sales) -> None:
    customer = sales.customer()
    post(customer, months_before(2), debit="100")
    bring_facts_along()
    assert account(customer, months_before(1))["closing"] == Decimal(100)

    post(customer, months_before(4) + timedelta(days=9), debit="30")
    bring_facts_along()

    closing = [account(customer, months_before(back))["closing"] for back in range(5, -1, -1)]
    assert closing == [0, 30, 30, 130, 130, 130]
    assert account(customer, months_before(2))["opening"] == Decimal(30)


def test_a_reversed_payment_was_never_paid_but_stays_in_its_months(sales: Sales) -> None:
    customer = sales.customer()
    post(customer, months_before(3), debit="500")
    payment = sales.pay(customer, 200, on=months_before(1))
    reverse_payment(payment.pk, by=sales.finance, reason="bounced")
    bring_facts_along()

    assert account(customer, months_before(1))["payments"] == Decimal(200)
    this_month = account(customer, months_before(0))
    assert (this_month["payments"], this_month["debits"]) == (Decimal(-200), ZERO)
    assert this_month["closing"] == Decimal(500)


def test_each_month_adds_up_and_is_overdue_by_what_the_ageing_of_its_last_day_says(sales: Sales) -> None:
    customer = sales.customer()
    post(customer, months_before(4), debit="300", due=months_before(3) + timedelta(days=4))
    post(
        customer, months_before(3), debit="120", due=months_before(1) - timedelta(days=1)
    )  # overdue from a first day on
    sales.pay(customer, 50, on=months_before(2))
    sales.pay(customer, 340, on=timezone.localdate())
    bring_facts_along()

    for back in range(4, -1, -1):
        month = months_before(back)
        last = min((month + timedelta(days=31)).replace(day=1) - timedelta(days=1), timezone.localdate())
        figures = account(customer, month)
        report = ageing_on(last, Customer.objects.filter(pk=customer.pk))
        assert figures["overdue"] == report.total.overdue
        assert figures["closing"] == report.ledger
        moved = figures["debits"] - figures["payments"] - figures["credits"]
        assert figures["opening"] + moved == figures["closing"]
    assert account(customer, months_before(2))["overdue"] == Decimal(250)
    assert account(customer, months_before(1))["overdue"] == Decimal(370)


def test_a_customer_that_moves_leaves_its_past_where_it_was(sales: Sales) -> None:
    customer, region, successor = sales.customer(), make_region(), make_user()
    sales.ship(sales.approved(customer, 10), 4)
    with passing_over_triggers():
        apps.get_model("customers.CustomerEvent").objects.filter(pgh_obj_id=customer.pk).update(
            pgh_created_at=timezone.now() - timedelta(days=200)
        )
    post(customer, months_before(2), debit="70")
    customer.region, customer.representative = region, successor
    customer.save()
    assert bring_facts_along() == 1

    assert GoodsFact.objects.current().get(customer=customer).region == sales.region
    before = AccountFact.objects.current().get(customer=customer, month=months_before(1))
    assert (before.region, before.representative, before.closing) == (sales.region, sales.representative, Decimal(70))
    now = AccountFact.objects.current().filter(customer=customer, month=months_before(0))
    delivered, balance = now.get(region=sales.region), now.get(region=region)
    assert (delivered.amount, delivered.closing) == (Decimal(400), ZERO)
    assert (balance.representative, balance.opening, balance.closing) == (successor, Decimal(70), Decimal(470))


def test_new_and_lost_customers_are_counted_once_each(sales: Sales, settings: Any) -> None:
    settings.LOST_AFTER_MONTHS = 3
    customer = sales.customer()
    shipment = sales.ship(sales.approved(customer, 10), 4)
    with passing_over_triggers():
        Shipment.objects.filter(pk=shipment.pk).update(shipped_on=months_before(6) + timedelta(days=3))
        FactMark.objects.create(customer=customer, month=months_before(6))
    bring_facts_along()

    rows = AccountFact.objects.current().filter(customer=customer)
    assert [row.month for row in rows.filter(new_customers=1)] == [months_before(6)]
    assert [row.month for row in rows.filter(lost_customers=1)] == [months_before(3)]


def test_nobody_is_lost_in_a_month_that_still_runs(sales: Sales, settings: Any) -> None:
    settings.LOST_AFTER_MONTHS = 3
    customer = sales.customer()
    shipment = sales.ship(sales.approved(customer, 10), 4)
    with passing_over_triggers():
        Shipment.objects.filter(pk=shipment.pk).update(shipped_on=months_before(3))
        FactMark.objects.create(customer=customer, month=months_before(3))
    bring_facts_along()

    assert not AccountFact.objects.current().filter(lost_customers=1).exists()


def test_a_day_that_turns_makes_debts_overdue_and_days_that_were_missed_are_made_up_for(sales: Sales) -> None:
    customer, today = sales.customer(), timezone.localdate()
    post(customer, months_before(1), debit="80", due=today + timedelta(days=1))
    bring_facts_along(today)
    tomorrow, later = today + timedelta(days=1), today + timedelta(days=3)
    assert account(customer, month_of(today))["overdue"] == ZERO
    bring_facts_along(tomorrow)
    assert account(customer, month_of(tomorrow))["overdue"] == ZERO

    assert bring_facts_along(later) == 1
    assert account(customer, month_of(later))["overdue"] == Decimal(80)
    assert FactTurn.objects.count() == 3
    assert turn_day(tomorrow) is False


def test_a_new_month_begins_with_what_the_last_one_left(sales: Sales) -> None:
    customer, today = sales.customer(), timezone.localdate()
    post(customer, months_before(1), debit="80")
    bring_facts_along(today)
    next_month = (month_of(today) + timedelta(days=31)).replace(day=1)
    assert not AccountFact.objects.filter(month=next_month).exists()

    bring_facts_along(next_month)

    figures = account(customer, next_month)
    assert (figures["opening"], figures["closing"], figures["debits"]) == (Decimal(80), Decimal(80), ZERO)


def test_marks_of_more_customers_than_are_counted_at_once_are_all_counted(sales: Sales) -> None:
    customers = [sales.customer() for _number in range(5)]
    for customer in customers:
        post(customer, timezone.localdate(), debit="10")
    turn_day(timezone.localdate())

    counted = []
    while found := count_marked(at_once=2):
        counted.append(found)

    assert counted == [2, 2, 1]
    assert AccountFact.objects.current().count() == 5


def test_facts_are_read_by_who_may_see_the_customer(sales: Sales) -> None:
    customer, stranger = sales.customer(), make_sales()
    post(customer, timezone.localdate(), debit="10")
    bring_facts_along()

    def seen_by(user: User) -> int:
        return AccountFact.objects.current().visible_to(user).count()

    assert [seen_by(user) for user in (sales.representative, sales.supervisor, sales.regional_manager)] == [1, 1, 1]
    assert [seen_by(user) for user in (stranger.representative, stranger.supervisor, stranger.regional_manager)] == [
        0
    ] * 3
    assert seen_by(sales.finance) == 1
