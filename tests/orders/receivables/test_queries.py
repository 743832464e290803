"""What pages read of accounts: ageing that adds up, statements with running balances, how a customer pays."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import CreditAccount, Customer
from orders.models import Delivery
from orders.payments.services import reverse_payment
from orders.receivables.queries import (
    accounts_for,
    ageing_of,
    beyond_tolerance,
    days_to_pay,
    open_items_of,
    open_rows,
    statement_of,
)
from salesops.kernel.periods import Period
from tests.support.build import Sales, make_sales

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def balance_of(customer: Customer) -> Decimal:
    return CreditAccount.objects.get(customer=customer).balance


# ---- ageing ----
@pytest.mark.parametrize(
    ("days", "bucket"),
    [(-5, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (120, 4), (121, 5), (900, 5)],
)
def test_each_day_falls_into_one_bucket(sales: Sales, days: int, bucket: int) -> None:
    customer = sales.customer()
    sales.overdue(customer, 100, days)
    ageing = ageing_of(customer.pk)
    assert [each.amount for each in ageing.buckets] == [Decimal(100) if at == bucket else 0 for at in range(6)]
    assert [each.count for each in ageing.buckets] == [int(at == bucket) for at in range(6)]


def test_buckets_less_unallocated_credits_are_the_balance(sales: Sales) -> None:
    customer = sales.customer()
    for days, amount in ((-3, "10.10"), (5, "20.20"), (40, "30.30"), (100, "40.40"), (200, "50.50")):
        sales.overdue(customer, amount, days)
    sales.pay(customer, "60.60")
    ageing = ageing_of(customer.pk)
    assert ageing.balance == balance_of(customer) == Decimal("90.90")
    assert ageing.overdue == Decimal("80.80")


def test_a_prepayment_stands_in_the_equation_alone(sales: Sales) -> None:
    customer = sales.customer()
    sales.pay(customer, 500)
    ageing = ageing_of(customer.pk)
    assert [ageing.debits, ageing.credits, ageing.balance] == [0, 500, -500]


def test_items_of_a_bucket_are_those_that_its_figure_is_made_of(sales: Sales) -> None:
    customer = sales.customer()
    for days in (-3, 5, 29, 40, 100, 200):
        sales.overdue(customer, 10 + days % 7, days)
    for bucket in ageing_of(customer.pk).buckets:
        items = open_items_of(customer.pk, bucket.key)
        assert sum(item.open_amount for item in items) == bucket.amount
        assert len(items) == bucket.count
    assert sum(item.open_amount for item in open_items_of(customer.pk, "overdue")) == ageing_of(customer.pk).overdue


def test_an_open_item_says_how_late_it_is_and_whether_it_is_disputed(sales: Sales) -> None:
    customer = sales.customer(due_days=0)
    delivery = sales.approved(customer, 2)
    shipment = sales.ship(delivery)
    Delivery.objects.filter(pk=delivery.pk).update(is_disputed=True)
    tomorrow = timezone.localdate() + timedelta(days=3)
    row = open_rows(open_items_of(customer.pk), tomorrow)[0]
    assert (row.late, row.is_disputed, row.url) == (3, True, shipment.get_absolute_url())


# ---- the statement ----
def test_a_statement_opens_with_what_was_owed_and_runs_to_the_balance(sales: Sales) -> None:
    customer = sales.customer()
    today = timezone.localdate()
    sales.overdue(customer, 1000, 100)
    sales.overdue(customer, 200, 20)
    sales.pay(customer, 50, on=today - timedelta(days=20))
    sales.pay(customer, 300, on=today)
    statement = statement_of(customer.pk, Period(today - timedelta(days=30), today + timedelta(days=1)))
    assert (statement.opening, statement.debits, statement.credits) == (Decimal(1000), Decimal(200), Decimal(350))
    entries: Any = statement.entries
    assert [entry.running for entry in entries] == [1200, 1150, 850]
    assert statement.closing == balance_of(customer) == Decimal(850)


def test_the_end_of_one_statement_is_the_opening_of_the_next(sales: Sales) -> None:
    customer = sales.customer()
    for days in (70, 50, 35, 20, 3):
        sales.overdue(customer, days, days)
    today = timezone.localdate()
    spans = [Period(today - timedelta(days=80), today - timedelta(days=40))]
    spans.append(Period(spans[0].end, today + timedelta(days=1)))
    first, second = (statement_of(customer.pk, span) for span in spans)
    assert first.closing == second.opening
    assert first.count + second.count == 5


def test_a_statement_leaves_other_accounts_out(sales: Sales) -> None:
    customer = sales.customer()
    sales.overdue(sales.customer(), 999, 5)
    statement = statement_of(customer.pk, Period.year(timezone.localdate().year))
    assert [statement.opening, statement.count, statement.closing] == [0, 0, 0]


def test_a_statement_asks_as_often_for_many_entries_as_for_few(sales: Sales) -> None:
    customer = sales.customer()
    for days in range(1, 12):
        sales.overdue(customer, 1, days)
    with CaptureQueriesContext(connection) as captured:
        statement = statement_of(customer.pk, Period(date(2020, 1, 1), date(2040, 1, 1)))
        assert len(list(statement.entries)) == 11
    assert len(captured) == 3


# ---- the list of accounts ----
def test_an_account_of_the_list_is_what_its_picture_says(sales: Sales) -> None:
    from orders.credit.queries import credit_picture

    customer = sales.customer(limit=1_000, tolerance_days=5)
    sales.overdue(customer, 800, 12)
    sales.overdue(customer, 70, 3)
    sales.approved(sales.customer(), 1)
    account = accounts_for(sales.finance).get(pk=customer.pk)
    picture = credit_picture(customer.pk)
    assert account.exposure == picture.exposure
    assert account.whole_limit == picture.limit
    assert account.available == picture.limit - picture.exposure
    assert (account.overdue, account.overdue_days) == (picture.overdue_amount, picture.overdue_days)
    assert list(beyond_tolerance(accounts_for(sales.finance))) == [account]


def test_an_account_without_a_limit_has_nothing_available_or_missing(sales: Sales) -> None:
    account = accounts_for(sales.finance).get(pk=sales.customer(limit=None).pk)
    assert (account.whole_limit, account.available, account.overdue, account.overdue_days) == (None, None, 0, None)


# ---- how a customer pays ----
def test_days_to_pay_are_weighted_by_amount(sales: Sales) -> None:
    customer = sales.customer()
    today = timezone.localdate()
    delivery = sales.approved(customer, 4)
    long_ago = timezone.now() - timedelta(days=60)
    Delivery.objects.filter(pk=delivery.pk).update(ordered_on=today - timedelta(days=60), approved_at=long_ago)
    sales.ship(delivery, 3, on=today - timedelta(days=40))
    sales.ship(delivery, 1, on=today - timedelta(days=20))
    assert days_to_pay(customer.pk, today - timedelta(days=365)) is None
    sales.pay(customer, 300, on=today - timedelta(days=20))
    sales.pay(customer, 100, on=today - timedelta(days=20))
    assert days_to_pay(customer.pk, today - timedelta(days=365)) == 15
    assert days_to_pay(customer.pk, today) is None


def test_a_reversed_payment_opens_what_it_had_settled_as_a_debit_of_its_own(sales: Sales) -> None:
    customer = sales.customer()
    payment = sales.pay(customer, 100)
    reverse_payment(payment.pk, by=sales.finance, reason="Wrong")
    assert ageing_of(customer.pk).balance == balance_of(customer) == 0
