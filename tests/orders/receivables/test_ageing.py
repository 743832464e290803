"""Ageing on any day: columns add up, rows add up to the ledger, later entries and allocations are not yet there."""

import contextlib
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.models import CreditAccount, Customer
from orders.models import Allocation, OpenItem, ReceivableEntry
from orders.receivables.ageing import BY_POSTING, GROUPS, ageing_on
from orders.receivables.models import Source
from orders.receivables.services import post_entry
from orders.receivables.settlement import settle_by_hand, settle_customers, take_back
from salesops.kernel.errors import RuleBroken
from tests.support.build import Sales, make_sales, next_int

pytestmark = pytest.mark.django_db


def post(customer: Customer, amount: int, posted_on: date, due_on: date) -> ReceivableEntry:
    """An entry: a debit, or a credit where the amount is below zero."""
    with transaction.atomic():
        return post_entry(
            CreditAccount.objects.locked(customer.pk),
            source=Source.OPENING,
            source_id=next_int() + 5_000_000,
            document=f"X-{next_int()}",
            posted_on=posted_on,
            due=due_on,
            debit=Decimal(max(amount, 0)),
            credit=Decimal(max(-amount, 0)),
            by=None,
        )


def columns(report: Any, key: Any = None) -> tuple[list[int], int]:
    """The debits by age of a row (of all without a key), and its credits."""
    row = report.total if key is None else next(row for row in report.rows if row.key == key)
    return [int(amount) for amount in row.debits], int(row.credits)


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def test_debits_stand_in_the_column_of_their_age_on_its_edges_too(sales: Sales) -> None:
    customer, day = sales.customer(), timezone.localdate()
    for amount, late in enumerate([-5, 0, 1, 30, 31, 60, 61, 90, 91, 120, 121, 500]):
        post(customer, 2**amount, day - timedelta(days=600), day - timedelta(days=late))
    report = ageing_on(day, Customer.objects.all())
    assert columns(report) == ([2**0 + 2**1, 2**2 + 2**3, 2**4 + 2**5, 2**6 + 2**7, 2**8 + 2**9, 2**10 + 2**11], 0)
    assert report.is_proved
    by_posting = ageing_on(day, Customer.objects.all(), by=BY_POSTING, edges=[10, 599])
    assert columns(by_posting) == ([0, 0, 0, 2**12 - 1], 0)


def test_what_came_later_is_not_yet_there(sales: Sales) -> None:
    customer, today = sales.customer(), timezone.localdate()
    ago = lambda days: today - timedelta(days=days)  # noqa: E731
    post(customer, 100, ago(50), ago(40))
    post(customer, -30, ago(20), ago(20))
    post(customer, 7, ago(10), ago(5))
    credit = post(customer, -80, ago(4), ago(4))  # settles 70 and 7; 3 are left
    take_back(Allocation.objects.get(credit__entry=credit, amount=7).pk, by=sales.finance, on=ago(1))

    found = {days: columns(ageing_on(ago(days), Customer.objects.all())) for days in (51, 50, 39, 20, 10, 4, 2, 1, 0)}
    assert found == {
        51: ([0, 0, 0, 0, 0, 0], 0),
        50: ([100, 0, 0, 0, 0, 0], 0),
        39: ([0, 100, 0, 0, 0, 0], 0),
        20: ([0, 70, 0, 0, 0, 0], 0),
        10: ([7, 70, 0, 0, 0, 0], 0),
        4: ([0, 0, 0, 0, 0, 0], 3),
        2: ([0, 0, 0, 0, 0, 0], 3),
        1: ([0, 7, 0, 0, 0, 0], 10),
        0: ([0, 7, 0, 0, 0, 0], 10),
    }


@pytest.mark.parametrize("group", GROUPS)
def test_rows_of_every_kind_add_up_to_the_same(sales: Sales, group: str) -> None:
    day = timezone.localdate()
    for at, grade in enumerate("ABC"):
        customer = sales.customer()
        Customer.objects.filter(pk=customer.pk).update(grade=grade)
        post(customer, 10**at, day - timedelta(days=10), day - timedelta(days=5))
    report = ageing_on(day, Customer.objects.all(), group=group)
    assert columns(report) == ([0, 111, 0, 0, 0, 0], 0)
    assert len(report.rows) == (3 if group in ("customer", "grade") else 1)
    assert report.is_proved


def test_only_the_customers_asked_for_count(sales: Sales) -> None:
    other, day = make_sales(), timezone.localdate()
    post(sales.customer(), 5, day, day)
    post(other.customer(), 9, day, day)
    own = Customer.objects.visible_to(other.representative)
    with CaptureQueriesContext(connection) as counted:
        report = ageing_on(day, own)
    assert columns(report) == ([9, 0, 0, 0, 0, 0], 0)
    assert report.ledger == Decimal(9)
    assert len(counted) == 1  # rows and ledger of one moment


deeds = st.lists(
    st.one_of(
        st.tuples(st.just("post"), st.integers(-60, 60).filter(bool), st.integers(0, 40), st.integers(-20, 60)),
        st.tuples(st.just("settle"), st.integers(0, 50), st.integers(1, 40), st.integers(0, 40)),
        st.tuples(st.just("take back"), st.integers(0, 50), st.just(0), st.integers(0, 40)),
        st.tuples(st.just("oldest first"), st.just(0), st.just(0), st.integers(0, 40)),
    ),
    min_size=5,
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(deeds=deeds)
def test_whatever_was_posted_settled_and_taken_back_it_is_the_ledger_on_every_day(deeds: list[Any]) -> None:
    with transaction.atomic():
        sales = make_sales()
        customer, today = sales.customer(), timezone.localdate()
        for deed, one, two, ago in deeds:
            act(sales, customer, deed, one, two, today - timedelta(days=ago))
        for ago in (*range(0, 42, 3), 41):
            day = today - timedelta(days=ago)
            report = ageing_on(day, Customer.objects.filter(pk=customer.pk))
            assert report.is_proved
            assert columns(report) == by_hand(customer, day)
        for item in OpenItem.objects.filter(customer=customer):
            here = item.settled_by if item.is_debit else item.settles
            settled = here.aggregate(settled=Sum("amount"))["settled"] or 0
            assert 0 <= settled == item.amount - item.open_amount <= item.amount
        transaction.set_rollback(True)


def act(sales: Sales, customer: Customer, deed: str, one: int, two: int, day: date) -> None:
    """Do something to the account, on a day where it makes sense; nothing where it makes none."""
    if deed == "post":
        post(customer, one, day, day + timedelta(days=two))
    elif deed == "settle":
        items = OpenItem.objects.filter(customer=customer).open()
        debit = items.debits().order_by("pk").first()
        credit = items.filter(is_debit=False).order_by("-pk").first()
        if debit and credit:
            amount = min(Decimal(two), debit.open_amount, credit.open_amount)
            on = max(day, debit.posted_on, credit.posted_on)
            with contextlib.suppress(RuleBroken), transaction.atomic():  # it was taken back later than that
                settle_by_hand(credit.pk, {debit.pk: amount}, by=sales.finance, on=on)
    elif deed == "take back":
        made = list(Allocation.objects.standing().filter(credit__customer=customer).order_by("pk"))
        if made:
            back = made[one % len(made)]
            take_back(back.pk, by=sales.finance, on=max(day, back.allocated_on))
    else:
        CreditAccount.objects.locked(customer.pk)
        settle_customers([customer.pk])


def by_hand(customer: Customer, day: date) -> tuple[list[int], int]:
    """What was open on a day, item by item, from entries and allocations alone."""
    debits, ahead = [0] * 6, 0
    for item in OpenItem.objects.filter(customer=customer, entry__posted_on__lte=day):
        made = (item.settled_by if item.is_debit else item.settles).filter(allocated_on__lte=day)
        left = int(item.amount - sum(one.amount for one in made))
        assert left >= 0
        late = (day - item.due_on).days
        if item.is_debit:
            debits[sum(late > edge for edge in (0, 30, 60, 90, 120))] += left
        else:
            ahead += left
    return debits, ahead
