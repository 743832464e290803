"""A dispute beside a hold and beside its debt: what it lifts, what its end brings back, what it comes to once paid."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from customers.accounts.services import lift_hold
from customers.models import CreditAccount, Customer
from orders.collections.models import DisputeState
from orders.collections.proposals import proposals
from orders.collections.queries import disputes_for, worklist_for
from orders.collections.reminding import remind
from orders.collections.services import close_dispute, open_dispute
from orders.models import Allocation, Dispute, OpenItem, Payment, Reminder
from orders.payments.services import reverse_payment
from orders.receivables.settlement import take_back
from salesops.approvals.models import Request
from salesops.kernel.errors import RuleBroken
from tests.orders.collections.test_holds_and_levels import holds_at, is_held, reminded
from tests.orders.collections.test_proposals import backdate, due, letters
from tests.support.at_once import at_once, refusals
from tests.support.build import Sales, make_sales
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def owed(sales: Sales, customer: Customer, amount: int, days: int = 9) -> OpenItem:
    return OpenItem.objects.get(entry=sales.overdue(customer, amount, days))


def dispute(sales: Sales, item: OpenItem, amount: int) -> Dispute:
    return open_dispute(by=sales.finance, item_id=item.pk, kind="price", amount=Decimal(amount), text="Too dear")


def bounce(sales: Sales, payment: Payment) -> None:
    reverse_payment(payment.pk, by=sales.finance, reason="Bounced")


# ---- beside a hold ----
def test_a_dispute_of_all_that_is_left_lifts_the_hold_of_a_letter_at_once(sales: Sales) -> None:
    holds_at(1)
    customer = sales.customer()
    item = owed(sales, customer, 100)
    waiting = sales.submitted(customer, 1)
    reminded(sales, customer, 1)
    assert is_held(customer) and Request.objects.get(pk=waiting.pk).parked_at
    dispute(sales, item, 99)
    assert is_held(customer)
    dispute(sales, item, 1)
    assert not is_held(customer)
    assert Request.objects.get(pk=waiting.pk).parked_at is None
    assert "paid or disputed" in customer.notes.latest("pk").text


def test_who_may_not_lift_holds_lifts_none_by_a_dispute(sales: Sales) -> None:
    holds_at(1)
    customer = sales.customer()
    item, other = owed(sales, customer, 100), owed(sales, customer, 50)
    reminded(sales, customer, 1)
    open_dispute(by=sales.representative, item_id=item.pk, kind="other", amount=Decimal(100), text="They complain")
    open_dispute(by=sales.representative, item_id=other.pk, kind="other", amount=Decimal(49), text="They complain")
    assert is_held(customer)
    open_dispute(by=sales.finance, item_id=other.pk, kind="other", amount=Decimal(1), text="So it is")
    assert not is_held(customer)
    assert customer.notes.latest("pk").written_by == sales.finance


def test_taking_back_what_lifted_a_hold_puts_it_back(sales: Sales) -> None:
    holds_at(1)
    customer = sales.customer()
    owed(sales, customer, 100)
    reminded(sales, customer, 1)
    sales.pay(customer, 100)
    assert not is_held(customer)
    take_back(Allocation.objects.standing().get(debit__customer=customer).pk, by=sales.finance)
    assert is_held(customer)


def test_the_end_of_a_dispute_puts_the_hold_back_and_says_so(sales: Sales) -> None:
    holds_at(1)
    customer = sales.customer()
    item = owed(sales, customer, 100)
    reminded(sales, customer, 0)
    before = CreditAccount.objects.get(pk=customer.pk)
    made = dispute(sales, item, 100)
    page = signed_in(sales.finance).post(
        reverse("orders:dispute_closing", args=[made.pk]), {"outcome": "Ours was right"}, follow=True
    )
    after = CreditAccount.objects.get(pk=customer.pk)
    assert after.is_on_hold
    assert (after.hold_reason, after.hold_at, after.hold_by) == (before.hold_reason, before.hold_at, before.hold_by)
    assert "The account is on hold: Reminder" in page.content.decode()
    sales.pay(customer, 100)
    assert not is_held(customer)


def test_the_end_of_a_dispute_holds_nobody_whom_a_person_let_go(sales: Sales) -> None:
    holds_at(1)
    customer = sales.customer()
    contested, _other = owed(sales, customer, 100), owed(sales, customer, 50)
    reminded(sales, customer, 1)
    made = dispute(sales, contested, 100)
    assert is_held(customer)
    lift_hold(customer.pk, by=sales.finance, note="Pays by instalments")
    close_dispute(made.pk, by=sales.finance, outcome="Ours was right")
    assert not is_held(customer)


def test_the_end_of_a_dispute_holds_nobody_who_was_never_held(sales: Sales) -> None:
    customer = sales.customer()
    item = owed(sales, customer, 100)
    reminded(sales, customer, 1)
    holds_at(1)  # holds for letters from now on
    made = dispute(sales, item, 100)
    close_dispute(made.pk, by=sales.finance, outcome="Ours was right")
    assert not is_held(customer)


def test_a_payment_that_bounces_holds_nobody_whom_a_person_let_go(sales: Sales) -> None:
    holds_at(1)
    customer = sales.customer()
    owed(sales, customer, 100)
    reminded(sales, customer, 1)
    lift_hold(customer.pk, by=sales.finance, note="Pays by instalments")
    bounce(sales, sales.pay(customer, 100))
    assert not is_held(customer)


def test_what_a_later_letter_reminded_of_during_the_hold_brings_it_back_too(sales: Sales) -> None:
    holds_at(1)
    customer = sales.customer()
    owed(sales, customer, 100)
    reminded(sales, customer, 8)
    owed(sales, customer, 50, 2)
    reminded(sales, customer, 1)
    sales.pay(customer, 100)
    last = sales.pay(customer, 50)
    assert not is_held(customer)
    bounce(sales, last)
    assert is_held(customer)


def test_a_higher_level_that_holds_waits_for_what_a_person_had_let_go_at_a_lower_one(sales: Sales) -> None:
    holds_at(1)
    holds_at(2)
    customer = sales.customer()
    owed(sales, customer, 100, 15)
    other = owed(sales, customer, 10, 1)
    reminded(sales, customer, 7)
    lift_hold(customer.pk, by=sales.finance, note="Pays by instalments")
    reminded(sales, customer, 1)
    assert is_held(customer)
    sales.pay(customer, 10, reference=other.entry.document)
    assert is_held(customer)
    sales.pay(customer, 100)
    assert not is_held(customer)


# ---- beside its debt ----
def standing(made: Dispute, sales: Sales) -> tuple[Any, Any]:
    row = disputes_for(sales.finance).get(pk=made.pk)
    return row.state, row.left


def test_a_dispute_outlives_its_debt_and_is_back_with_it(sales: Sales) -> None:
    customer = sales.customer()
    made = dispute(sales, owed(sales, customer, 100), 40)
    assert standing(made, sales) == (DisputeState.OPEN, 40)
    payment = sales.pay(customer, 100)
    assert standing(made, sales) == (DisputeState.SETTLED, 0)
    assert not Dispute.objects.open().exists()
    bounce(sales, payment)
    assert standing(made, sales) == (DisputeState.OPEN, 40)
    assert [one.amount for one in due(customer)] == [60]


def test_no_more_is_disputed_than_is_open_the_older_one_first(sales: Sales) -> None:
    customer = sales.customer()
    item = owed(sales, customer, 100)
    older, younger = dispute(sales, item, 60), dispute(sales, item, 30)
    sales.pay(customer, 25)
    assert [standing(one, sales)[1] for one in (older, younger)] == [60, 15]
    assert worklist_for(sales.finance).get().disputed == 75
    with pytest.raises(RuleBroken, match=r"75\.00 is open, 75\.00 of it disputed") as caught:
        dispute(sales, item, 1)
    assert caught.value.rule == "more than open" and Dispute.objects.count() == 2
    close_dispute(older.pk, by=sales.finance, outcome="Credited")
    assert [standing(one, sales) for one in (older, younger)] == [(DisputeState.CLOSED, 0), (DisputeState.OPEN, 30)]


def test_a_settled_dispute_is_found_and_closed_with_what_came_of_it(sales: Sales) -> None:
    customer = sales.customer()
    made = dispute(sales, owed(sales, customer, 100), 100)
    sales.pay(customer, 100)
    client = signed_in(sales.finance)
    shown = {
        state: made.item.entry.document in client.get(reverse("orders:disputes"), {"state": state}).content.decode()
        for state in DisputeState.values
    }
    assert shown == {"open": False, "settled": True, "closed": False}
    close_dispute(made.pk, by=sales.finance, outcome="Paid after all")
    assert standing(made, sales) == (DisputeState.CLOSED, 0)
    with pytest.raises(RuleBroken):
        close_dispute(made.pk, by=sales.finance, outcome="Again")
    made.refresh_from_db()
    assert made.outcome == "Paid after all"


def test_the_form_proposes_what_is_not_disputed_yet(sales: Sales) -> None:
    item = owed(sales, sales.customer(), 100)
    dispute(sales, item, 40)
    page = signed_in(sales.finance).get(reverse("orders:dispute_new", args=[item.pk])).content.decode()
    assert 'value="60.00"' in page


@pytest.mark.django_db(transaction=True)
def test_two_who_dispute_all_of_it_at_once_dispute_it_once(sales: Sales) -> None:
    item = owed(sales, sales.customer(), 100)
    at_once(lambda: dispute(sales, item, 100), lambda: dispute(sales, item, 100))
    assert Dispute.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_close_it_at_once_close_it_once(sales: Sales) -> None:
    made = dispute(sales, owed(sales, sales.customer(), 100), 100)
    results = at_once(
        lambda: close_dispute(made.pk, by=sales.finance, outcome="Ours"),
        lambda: close_dispute(made.pk, by=sales.finance, outcome="Theirs"),
    )
    (refusal,), (closed,) = refusals(results), [one for one in results if isinstance(one, Dispute)]
    made.refresh_from_db()
    assert (refusal.rule, made.outcome) == ("state", closed.outcome)


# ---- letters ----
def test_who_was_reminded_today_is_not_proposed_for_something_else(sales: Sales) -> None:
    customer = sales.customer()
    owed(sales, customer, 100)
    contested = owed(sales, customer, 50)
    made = dispute(sales, contested, 50)
    assert remind(customer.pk, by=sales.finance)
    close_dispute(made.pk, by=sales.finance, outcome="Ours was right")
    assert letters(customer) == [] and remind(customer.pk, by=sales.finance) is None
    assert Reminder.objects.count() == 1
    backdate(1)
    assert letters(customer) == [(customer.pk, 1, 150)]
    assert proposals(Reminder.objects.get().made_on, Customer.objects.all()) == []
