"""Adjustments that are decided while others work on the account: each is posted once, no item goes below nothing."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from customers.models import CreditAccount, Customer
from orders.adjustments.services import reverse_adjustment, submit_adjustment_again, withdraw_adjustment
from orders.matching.adjusting import post_difference
from orders.models import Adjustment, Allocation, OpenItem, ReceivableEntry, Reconciliation
from orders.receivables.settlement import settle_by_hand, take_back
from orders.reconciliation.rounds import open_round, send_all
from orders.reconciliation.services import (
    explain_difference,
    sign,
    state_difference,
    take_signature_back,
    withdraw_difference,
)
from salesops.approvals.models import Request
from salesops.approvals.services import approve, reject, send_back
from salesops.notify.models import Notice
from salesops.users.models import User
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


def test_who_withdraws_what_was_returned_against_who_submits_it_again(sales: Sales) -> None:
    """It is withdrawn in either order, and nothing of it waits."""
    for _round in range(ROUNDS):
        customer = sales.customer()
        one = submitted(sales, customer, "credit", 5)
        send_back(request_of(one), by=sales.sales_manager, note="Six")
        today = timezone.localdate()
        again: dict[str, Any] = {"reason": "other", "text": "Six", "concerns": today, "amount": Decimal(6)}
        results = at_once(
            partial(withdraw_adjustment, one.pk, by=sales.finance),
            partial(submit_adjustment_again, one.pk, by=sales.finance, **again),
        )
        assert [refused.rule for refused in refusals(results)] in ([], ["state"])
        one.refresh_from_db()
        assert one.state == "withdrawn"
        assert not Request.objects.waiting().filter(object_id=one.pk).exists()


# ---- what a difference of a reconciliation needs ----
def asked(sales: Sales) -> tuple[Reconciliation, User, Adjustment]:
    """A reconciliation, its agent, who says 100.00 less, and the adjustment that this waits for."""
    today, customer = timezone.localdate(), sales.customer()
    agent = make_user(Role.AGENT, customer=customer)
    sales.overdue(customer, 600, 12)
    made, _job = open_round(
        by=sales.finance,
        customers=Customer.objects.filter(pk=customer.pk),
        first_day=today - timedelta(days=30),
        last_day=today,
        answer_by=today,
    )
    send_all(made, by=sales.finance)
    one = made.reconciliations.get()
    state_difference(one.pk, by=agent, kind="price", amount=Decimal(-100), text="As agreed")
    return one, agent, post_difference(one.pk, 1, by=sales.finance)


@pytest.mark.parametrize("deed", ["signed", "explained", "withdrawn", "asked again"])
def test_an_adjustment_that_is_refused_while_its_difference_is_worked_on_puts_nothing_right(
    sales: Sales, deed: str
) -> None:
    for _round in range(ROUNDS):
        one, agent, adjustment = asked(sales)
        sign(one.pk, by=agent)
        if deed != "signed":
            take_signature_back(one.pk, by=agent)
        deeds: dict[str, Callable[[], object]] = {
            "signed": partial(sign, one.pk, by=sales.finance),
            "explained": partial(
                explain_difference,
                one.pk,
                1,
                by=sales.finance,
                reason="ours_to_post",
                resolution=adjustment.number,
                note="Agreed",
            ),
            "withdrawn": partial(withdraw_difference, one.pk, 1, by=agent),
            "asked again": partial(post_difference, one.pk, 1, by=sales.finance),
        }
        results = at_once(partial(reject, request_of(adjustment), by=sales.sales_manager, note="No"), deeds[deed])
        assert not isinstance(results[0], Exception)
        said = [refused.rule for refused in refusals(results)]
        one.refresh_from_db()
        difference = one.differences.get()
        found = (one.state, difference.state, difference.adjustment)
        if deed == "signed":
            is_signed = said == []
            assert said in ([], ["unexplained"])
            assert found == (("signed", "explained", adjustment) if is_signed else ("differing", "open", None))
        elif deed == "withdrawn" and said == []:
            assert found == ("seen" if one.seen_at else "sent", "withdrawn", None)
        elif deed == "asked again" and said == []:
            assert found[:2] == ("differing", "explained") and difference.adjustment != adjustment
        else:
            assert said in ([], ["posted"], ["document"])
            assert found == ("differing", "open", None)
        assert Notice.objects.filter(kind="reconciliation.adjustment_refused", url=one.get_absolute_url()).exists()
