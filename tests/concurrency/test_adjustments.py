"""Adjustments that are decided while others work on the account: each is posted once, no item goes below nothing."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial

import pytest

from customers.models import CreditAccount, Customer
from orders.adjustments.services import reverse_adjustment
from orders.models import Adjustment, Allocation, OpenItem, ReceivableEntry
from orders.receivables.settlement import settle_by_hand, take_back
from salesops.approvals.models import Request
from salesops.approvals.services import approve
from salesops.users.roles import Role
from tests.support.adjusting import adjusted, open_item, submitted, wrong_in_the_books
from tests.support.at_once import at_once, refusals
from tests.support.build import Sales, make_sales, make_user

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 6


@pytest.fixture
def sales() -> Sales:
    return make_sales()


@pytest.fixture(autouse=True)
def the_books_add_up(transactional_db: None) -> Iterator[None]:
    """After each test of this file."""
    yield
    assert wrong_in_the_books() == []


def request_of(adjustment: Adjustment) -> int:
    return Request.objects.get(document_type="adjustment", object_id=adjustment.pk).pk


def balance(customer: Customer) -> Decimal:
    return CreditAccount.objects.get(customer=customer).balance


def free_credit(sales: Sales, customer: Customer) -> OpenItem:
    """The payment of the account, with nothing settled any more."""
    for made in Allocation.objects.standing().filter(credit__customer=customer):
        take_back(made.pk, by=sales.finance)
    return OpenItem.objects.get(customer=customer, entry__source="payment")


def test_two_who_approve_the_same_adjustment_post_it_once(sales: Sales) -> None:
    other = make_user(Role.SALES_MANAGER)
    for _round in range(ROUNDS):
        customer = sales.customer()
        one = submitted(sales, customer, "credit", 5)
        results = at_once(
            partial(approve, request_of(one), by=sales.sales_manager), partial(approve, request_of(one), by=other)
        )
        assert [refused.rule for refused in refusals(results)] == ["decided"]
        assert balance(customer) == -5
        assert ReceivableEntry.objects.filter(source="adjustment", source_id=one.pk).count() == 1


def test_a_write_off_against_who_settles_the_same_debt_takes_no_more_than_is_open(sales: Sales) -> None:
    """Either the debt is written off whole and nothing is left to settle, or it was settled and is not written off."""
    for _round in range(ROUNDS):
        customer = sales.customer()
        debt = sales.overdue(customer, 100, 90)
        sales.pay(customer, 40)
        credit = free_credit(sales, customer)
        written = submitted(sales, customer, "write_off", items=[open_item(debt)])
        results = at_once(
            partial(approve, request_of(written), by=sales.sales_manager),
            partial(settle_by_hand, credit.pk, {open_item(debt): Decimal(40)}, by=sales.finance),
        )
        assert [refused.rule for refused in refusals(results)] in (["open changed"], ["more than open"])
        is_written = not isinstance(results[0], Exception)
        item = OpenItem.objects.get(entry=debt)
        credit.refresh_from_db()
        assert [item.open_amount, credit.open_amount] == ([0, 40] if is_written else [60, 0])
        assert balance(customer) == (-40 if is_written else 60)


def test_a_reversal_against_a_settlement_leaves_nothing_below_nothing(sales: Sales) -> None:
    """A write-off is taken back while a clerk settles its debt: before that nothing of it is open, after it all."""
    for _round in range(ROUNDS):
        customer = sales.customer()
        debt = sales.overdue(customer, 100, 90)
        written = adjusted(sales, customer, "write_off", items=[open_item(debt)])
        sales.pay(customer, 40)
        credit = OpenItem.objects.get(customer=customer, entry__source="payment")
        back = reverse_adjustment(written.pk, by=sales.finance, text="They pay after all")
        results = at_once(
            partial(approve, request_of(back), by=sales.sales_manager),
            partial(settle_by_hand, credit.pk, {open_item(debt): Decimal(40)}, by=sales.finance),
        )
        assert not isinstance(results[0], Exception)
        is_settled = not isinstance(results[1], Exception)
        assert is_settled or [refused.rule for refused in refusals(results)] == ["more than open"]
        item = OpenItem.objects.get(entry=debt)
        credit.refresh_from_db()
        assert [item.open_amount, credit.open_amount] == ([60, 0] if is_settled else [100, 40])
        assert balance(customer) == 60
