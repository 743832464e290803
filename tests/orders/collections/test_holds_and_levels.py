"""When a hold begins, ends and comes back, how levels rise, and what keeps a promise: accounts that go on trading."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from customers.accounts.services import lift_hold
from customers.files.models import Customer
from customers.models import CreditAccount
from orders.adjustments.services import reverse_adjustment
from orders.collections.models import ReminderLevel
from orders.collections.proposals import proposals
from orders.collections.queries import promises_for, worklist_for
from orders.collections.reminding import remind
from orders.collections.services import open_dispute, record_promise, withdraw_promise
from orders.models import Allocation, OpenItem, Promise
from orders.payments.services import reverse_payment
from orders.receivables.settlement import settle_accounts, settle_by_hand, take_back
from salesops.kernel.errors import RuleBroken
from tests.orders.collections.test_proposals import backdate, letters
from tests.support.adjusting import adjusted, decide, open_item
from tests.support.build import Sales, make_sales, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def holds_at(number: int) -> None:
    """Let a level put accounts on hold."""
    ReminderLevel.objects.filter(number=number).update(holds=True)


def is_held(customer: Customer) -> bool:
    return CreditAccount.objects.get(pk=customer.pk).is_on_hold


def reminded(sales: Sales, customer: Customer, *days: int) -> None:
    """Send a letter and let so many days pass, once for each."""
    for some in days:
        assert remind(customer.pk, by=sales.finance)
        backdate(some)


def freed(sales: Sales, customer: Customer, amount: int) -> Allocation:
    """A debt of five days with a payment that was taken off it: both are open beside each other."""
    sales.overdue(customer, amount, 5)
    sales.pay(customer, amount)
    made = Allocation.objects.get(credit__customer=customer)
    take_back(made.pk, by=sales.finance)
    return made


def test_an_old_debt_reaches_its_next_level_although_younger_ones_come_due_each_day(sales: Sales) -> None:
    customer = sales.customer()
    old = open_item(sales.overdue(customer, 1_000, 60))
    levels = []
    for _day in range(12):
        sales.overdue(customer, 10, 1)
        letter = remind(customer.pk, by=sales.finance)
        assert letter is not None
        levels.append(letter.lines.get(item=old).level)
        backdate(1)
    assert levels == [1] * 7 + [2] * 5


def test_a_credit_that_was_open_lifts_the_hold_when_it_settles(sales: Sales) -> None:
    holds_at(1)
    for how in ("by rule", "by hand"):
        customer = sales.customer()
        made = freed(sales, customer, 100)
        sales.overdue(customer, 50, 4)
        assert remind(customer.pk, by=sales.finance)
        assert is_held(customer)
        sales.pay(customer, 50, reference="")
        take_back_all = Allocation.objects.standing().filter(credit__customer=customer)
        for one in take_back_all:
            take_back(one.pk, by=sales.finance)
        if how == "by rule":
            settle_accounts([customer.pk], by=sales.finance)
        else:
            for credit in OpenItem.objects.filter(customer=customer, is_debit=False).open():
                debit = OpenItem.objects.get(customer=customer, is_debit=True, open_amount=credit.open_amount)
                settle_by_hand(credit.pk, {debit.pk: credit.open_amount}, by=sales.finance)
        assert not OpenItem.objects.filter(customer=customer).open().exists(), made
        assert not is_held(customer)


def test_a_payment_that_bounces_puts_the_hold_back_and_another_ends_it(sales: Sales) -> None:
    holds_at(4)
    customer = sales.customer()
    sales.overdue(customer, 1_000, 100)
    reminded(sales, customer, 20, 20, 20, 20)
    assert is_held(customer)
    payment = sales.pay(customer, 1_000)
    assert not is_held(customer)
    reverse_payment(payment.pk, by=sales.finance, reason="Bounced")
    assert is_held(customer)
    sales.pay(customer, 1_000)
    assert not is_held(customer)


def test_a_payment_that_bounces_holds_nobody_who_was_not_held(sales: Sales) -> None:
    holds_at(4)
    customer = sales.customer()
    sales.overdue(customer, 1_000, 100)
    reminded(sales, customer, 20, 20)
    payment = sales.pay(customer, 1_000)
    reverse_payment(payment.pk, by=sales.finance, reason="Bounced")
    assert not is_held(customer)


def test_a_hold_stays_while_what_a_later_letter_raised_to_its_level_is_open(sales: Sales) -> None:
    holds_at(2)
    customer = sales.customer()
    sales.overdue(customer, 1_000, 15)
    reminded(sales, customer, 7, 7)
    sales.overdue(customer, 5_000, 10)
    reminded(sales, customer, 7, 1)
    sales.pay(customer, 1_000)
    assert is_held(customer)
    sales.pay(customer, 5_000)
    assert not is_held(customer)


def test_a_hold_that_a_person_lifted_is_not_set_again_for_something_younger(sales: Sales) -> None:
    holds_at(2)
    customer = sales.customer()
    sales.overdue(customer, 1_000, 15)
    reminded(sales, customer, 7, 1)
    lift_hold(customer.pk, by=sales.finance, note="Pays by instalments")
    sales.overdue(customer, 10, 1)
    assert remind(customer.pk, by=sales.finance)
    assert not is_held(customer)


def test_what_is_disputed_does_not_keep_a_hold(sales: Sales) -> None:
    holds_at(1)
    customer = sales.customer()
    item = open_item(sales.overdue(customer, 1_000, 9))
    open_dispute(by=sales.finance, item_id=item, kind="price", amount=Decimal(400), text="Dearer than agreed")
    reminded(sales, customer, 1)
    sales.pay(customer, 599)
    assert is_held(customer)
    sales.pay(customer, 1)
    assert not is_held(customer)


def test_one_payment_keeps_one_promise(sales: Sales) -> None:
    customer, today = sales.customer(), timezone.localdate()
    sales.overdue(customer, 3_000, 9)
    sales.pay(customer, 1_000)  # before any promise
    made = []
    for days in (3, 30):
        until = today + timedelta(days=days)
        made.append(
            record_promise(by=sales.finance, customer_id=customer.pk, amount=Decimal(1_000), promised_for=until)
        )
        if days == 3:
            sales.pay(customer, 1_000)
    assert [promises_for(sales.finance).get(pk=one.pk).outcome for one in made] == ["kept", "open"]


def test_a_broken_promise_is_not_withdrawn(sales: Sales) -> None:
    customer, today = sales.customer(), timezone.localdate()
    sales.overdue(customer, 3_000, 90)
    given, until = today - timedelta(days=30), today - timedelta(days=20)
    promise = Promise.objects.create(
        customer=customer, amount=100, given_on=given, promised_for=until, made_by=sales.finance
    )
    with pytest.raises(RuleBroken, match="Only an open promise"):
        withdraw_promise(promise.pk, by=sales.representative)
    promise.refresh_from_db()
    assert promise.withdrawn_at is None and worklist_for(sales.finance).get().broken == 1


def test_no_more_is_shown_as_disputed_than_is_open(sales: Sales) -> None:
    customer = sales.customer()
    item = open_item(sales.overdue(customer, 1_000, 9))
    sales.overdue(customer, 5, 3)
    open_dispute(by=sales.finance, item_id=item, kind="price", amount=Decimal(1_000), text="Dearer than agreed")
    assert worklist_for(sales.finance).get().disputed == 1_000
    sales.pay(customer, 1_000)
    row = worklist_for(sales.finance).get()
    assert (row.overdue, row.disputed) == (5, 0)


def test_a_fraction_of_a_cent_is_neither_disputed_nor_promised(sales: Sales) -> None:
    customer, today = sales.customer(), timezone.localdate()
    item, mite = open_item(sales.overdue(customer, 1_000, 9)), Decimal("0.001")
    with pytest.raises(RuleBroken, match="more than 0"):
        open_dispute(by=sales.finance, item_id=item, kind="price", amount=mite, text="x")
    with pytest.raises(RuleBroken, match="more than 0"):
        record_promise(by=sales.finance, customer_id=customer.pk, amount=mite, promised_for=today)


def test_who_has_credits_of_all_that_is_overdue_gets_no_letter(sales: Sales) -> None:
    customer = sales.customer()
    adjustment = adjusted(sales, customer, "debit", 1_000)
    sales.pay(customer, 1_000)
    sales.overdue(customer, 1_000, 9)
    decide(sales, reverse_adjustment(adjustment.pk, by=sales.finance, text="Mistake"))
    assert CreditAccount.objects.get(pk=customer.pk).balance == 0
    assert letters(customer) == [] and remind(customer.pk, by=sales.finance) is None
    sales.overdue(customer, 1, 9)
    assert letters(customer) != []


def test_nobody_in_scope_is_nobody_to_remind() -> None:
    assert proposals(timezone.localdate(), Customer.objects.visible_to(make_user(()))) == []
