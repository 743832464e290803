"""An account is adjusted by a decision, once, and what is wrong is taken back: each rule with its no."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from customers.models import CreditAccount, Customer
from orders.adjustments.services import (
    reverse_adjustment,
    submit_adjustment,
    submit_adjustment_again,
    withdraw_adjustment,
)
from orders.models import Adjustment, Allocation, OpenItem, Payment, ReceivableEntry
from orders.receivables.ageing import ageing_on
from salesops.approvals.models import Request
from salesops.approvals.services import approve, reject, send_back
from salesops.kernel.errors import RuleBroken
from salesops.users.roles import Role
from tests.support.adjusting import adjusted, decide, open_item, submitted, wrong_in_the_books
from tests.support.build import Sales, make_sales, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def refused(rule: str, action: Any, *args: Any, **kwargs: Any) -> RuleBroken:
    def counts() -> list[int]:
        return [model.objects.count() for model in (Adjustment, ReceivableEntry, Allocation, Request)]

    before = counts()
    with pytest.raises(RuleBroken) as caught, transaction.atomic():
        action(*args, **kwargs)
    assert caught.value.rule == rule
    assert before == counts()
    return caught.value


def balance(customer: Customer) -> Any:
    return CreditAccount.objects.get(customer=customer).balance


def still_open(customer: Customer) -> Any:
    """What is open, by document; below zero for credits."""
    items = OpenItem.objects.open().filter(customer=customer).select_related("entry")
    return {item.entry.document: item.open_amount if item.is_debit else -item.open_amount for item in items}


def test_nothing_is_posted_before_it_is_approved(sales: Sales) -> None:
    customer = sales.customer()
    adjustment = submitted(sales, customer, "debit", 80)
    assert (adjustment.state, balance(customer)) == ("submitted", 0)
    decide(sales, adjustment)
    assert (adjustment.state, balance(customer)) == ("approved", 80)
    entry = ReceivableEntry.objects.get(source="adjustment", source_id=adjustment.pk)
    assert (int(entry.debit), entry.document, entry.posted_on) == (80, adjustment.number, timezone.localdate())


def test_a_debit_is_due_by_the_terms_of_the_account(sales: Sales) -> None:
    adjustment = adjusted(sales, sales.customer(due_days=45), "debit", 80)
    due = OpenItem.objects.get(entry__document=adjustment.number).due_on
    assert due == timezone.localdate() + timedelta(45)


def test_a_credit_settles_the_oldest_due_first_and_keeps_its_rest_open(sales: Sales) -> None:
    customer = sales.customer()
    young, old = sales.overdue(customer, 100, 5), sales.overdue(customer, 50, 40)
    adjusted(sales, customer, "credit", 70)
    assert still_open(customer) == {young.document: 80}
    last = adjusted(sales, customer, "credit", 100)
    assert still_open(customer) == {last.number: -20}
    assert old.document not in still_open(customer)


def test_a_credit_settles_only_what_it_is_raised_against(sales: Sales) -> None:
    customer = sales.customer()
    old, young = sales.overdue(customer, 100, 40), sales.overdue(customer, 50, 5)
    credit = adjusted(sales, customer, "credit", 70, items=[open_item(young)])
    assert still_open(customer) == {old.document: 100, credit.number: -20}


def test_a_write_off_settles_exactly_what_is_open_of_what_was_chosen(sales: Sales) -> None:
    customer = sales.customer()
    one, two, other = (sales.overdue(customer, amount, days) for amount, days in ((100, 90), (60, 80), (30, 70)))
    sales.pay(customer, 25)
    written = adjusted(sales, customer, "write_off", items=[open_item(one), open_item(two)], reason="bad_debt")
    assert (int(written.amount), balance(customer)) == (135, 30)
    assert still_open(customer) == {other.document: 30}
    entry = ReceivableEntry.objects.get(source="write_off", source_id=written.pk)
    made = Allocation.objects.standing().filter(credit__entry=entry)
    assert {row.debit.entry_id: row.amount for row in made} == {one.pk: 75, two.pk: 60}


def test_a_write_off_is_refused_with_figures_where_the_item_was_paid_meanwhile(sales: Sales) -> None:
    customer = sales.customer()
    debt = sales.overdue(customer, 100, 90)
    written = submitted(sales, customer, "write_off", items=[open_item(debt)])
    sales.pay(customer, 40)
    said = refused("open changed", decide, sales, written)
    assert "100.00" in str(said)
    assert "60.00" in str(said)
    assert said.facts == {"document": debt.document, "open": Decimal(60), "asked": Decimal(100)}
    assert balance(customer) == 60
    request = Request.objects.waiting().get(object_id=written.pk, document_type="adjustment")
    send_back(request.pk, by=sales.sales_manager, note="Paid in part")
    again = submit_adjustment_again(written.pk, **given(sales, customer, "write_off", items=[open_item(debt)]))
    decide(sales, again)
    assert (int(again.amount), balance(customer)) == (60, 0)


def test_a_refund_pays_one_open_credit_back_and_settles_it(sales: Sales) -> None:
    customer = sales.customer()
    sales.pay(customer, 100)
    kept = OpenItem.objects.get(customer=customer).entry
    sales.pay(customer, 300)
    paid_twice = OpenItem.objects.open().get(customer=customer, amount=300).entry
    refund = adjusted(sales, customer, "refund", items=[open_item(paid_twice)], method="transfer", reference="R-1")
    assert (int(refund.amount), balance(customer)) == (300, -100)
    assert still_open(customer) == {kept.document: -100}
    part = adjusted(sales, customer, "refund", 30, items=[open_item(kept)], method="cash")
    assert (int(part.amount), still_open(customer)) == (30, {kept.document: -70})


def test_a_refund_of_more_than_is_open_is_refused_asked_and_decided(sales: Sales) -> None:
    customer = sales.customer()
    sales.pay(customer, 100)
    credit = OpenItem.objects.get(customer=customer).pk
    refused("more than open", submitted, sales, customer, "refund", 101, items=[credit], method="cash")
    refund = submitted(sales, customer, "refund", 60, items=[credit], method="cash")
    sales.overdue(customer, 50, 1)  # it is settled with the credit at once
    said = refused("more than open", decide, sales, refund)
    assert said.facts["open"] == 50


def given(sales: Sales, customer: Customer, kind: str, amount: Any = None, **more: Any) -> dict[str, Any]:
    """What is said again of one that was returned."""
    today = timezone.localdate()
    base = {"by": sales.finance, "reason": "other", "text": "Agreed", "concerns": today}
    return {**base, "amount": None if amount is None else Decimal(amount), **more}


@pytest.mark.parametrize(
    ("rule", "field", "said"),
    [
        ("kind", "kind", {"kind": "gift"}),
        ("kind", "kind", {"kind": "reversal"}),
        ("amount", "amount", {"amount": Decimal(0)}),
        ("amount", "amount", {"amount": Decimal(-5)}),
        ("amount", "amount", {"amount": None}),
        ("amount", "amount", {"amount": Decimal("1000000000")}),
        ("reason", "reason", {"reason": "because"}),
        ("reason", "text", {"text": " "}),
        ("year", "concerns", {"concerns": date(202, 1, 1)}),
        ("items", "items", {"kind": "write_off", "amount": None}),
        ("items", "items", {"kind": "refund", "method": "cash"}),
        ("items", "items", {"items": [4711]}),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(sales: Sales, rule: str, field: str, said: dict[str, Any]) -> None:
    values = {"kind": "credit", "amount": Decimal(10), "reason": "other", "text": "x", "concerns": date(2026, 1, 1)}
    customer_id = sales.customer().pk
    broken = refused(rule, submit_adjustment, by=sales.finance, customer_id=customer_id, **values | said)
    assert broken.field == field


def test_a_day_to_come_is_refused(sales: Sales) -> None:
    tomorrow = timezone.localdate() + timedelta(1)
    refused("date", submitted, sales, sales.customer(), "credit", 5, concerns=tomorrow)


def test_items_are_of_that_account_on_the_right_side_and_open(sales: Sales) -> None:
    customer, other = sales.customer(), sales.customer()
    debt, theirs = sales.overdue(customer, 100, 5), sales.overdue(other, 100, 5)
    refused("items", submitted, sales, customer, "write_off", items=[open_item(theirs)])
    refused("items", submitted, sales, customer, "refund", items=[open_item(debt)], method="cash")
    refused("items", submitted, sales, customer, "debit", 5, items=[open_item(debt)])
    refused("amount", submitted, sales, customer, "write_off", 99, items=[open_item(debt)])
    sales.pay(customer, 150)
    refused("items", submitted, sales, customer, "write_off", items=[open_item(debt)])
    credit = OpenItem.objects.open().get(customer=customer).pk
    refused("items", submitted, sales, customer, "credit", 5, items=[credit])
    refused("method", submitted, sales, customer, "refund", items=[credit])


def test_an_item_is_asked_for_by_one_adjustment_at_a_time(sales: Sales) -> None:
    customer = sales.customer()
    item = open_item(sales.overdue(customer, 100, 5))
    first = submitted(sales, customer, "write_off", items=[item])
    said = refused("asked already", submitted, sales, customer, "write_off", items=[item])
    assert said.facts["number"] == first.number
    withdraw_adjustment(first.pk, by=sales.finance)
    assert adjusted(sales, customer, "write_off", items=[item]).state == "approved"


def test_out_of_scope_nothing_is_asked_or_taken_back(sales: Sales) -> None:
    customer = sales.customer()
    stranger = make_sales().representative
    refused("scope", submitted, sales, customer, "credit", 5, by=stranger)
    posted = adjusted(sales, customer, "credit", 5)
    refused("scope", reverse_adjustment, posted.pk, by=stranger, text="x")


def test_nobody_decides_on_their_own_document(sales: Sales) -> None:
    both = make_user([Role.FINANCE, Role.SALES_MANAGER])
    own = submitted(sales, sales.customer(), "credit", 5, by=both)
    refused("own document", decide, sales, own, by=both)
    decide(sales, own)
    refused("own document", decide, sales, reverse_adjustment(own.pk, by=both, text="x"), by=both)


def test_only_who_decides_decides(sales: Sales) -> None:
    refused("right", decide, sales, submitted(sales, sales.customer(), "credit", 5), by=sales.regional_manager)


def test_a_large_write_off_is_decided_higher_up(sales: Sales) -> None:
    customer = sales.customer()
    debt, above = sales.overdue(customer, 60_000, 200), make_user(Role.ADMINISTRATOR)
    written = submitted(sales, customer, "write_off", items=[open_item(debt)])
    decide(sales, written)
    assert (written.state, balance(customer)) == ("submitted", 60_000)
    decide(sales, written, by=above)
    assert (written.state, balance(customer)) == ("approved", 0)
    back = reverse_adjustment(written.pk, by=sales.finance, text="They pay after all")
    decide(sales, back)
    assert (back.state, balance(customer)) == ("submitted", 0)
    decide(sales, back, by=above)
    assert balance(customer) == 60_000


def test_it_is_posted_once(sales: Sales) -> None:
    customer = sales.customer()
    adjustment = submitted(sales, customer, "credit", 5)
    request = Request.objects.get(document_type="adjustment", object_id=adjustment.pk)
    approve(request.pk, by=sales.sales_manager)
    refused("decided", approve, request.pk, by=sales.sales_manager)
    assert balance(customer) == -5


def test_rejected_returned_and_withdrawn_post_nothing(sales: Sales) -> None:
    customer = sales.customer()
    ends = {"rejected": reject, "returned": send_back}
    for state, end in ends.items():
        one = submitted(sales, customer, "credit", 5)
        request = Request.objects.get(document_type="adjustment", object_id=one.pk)
        end(request.pk, by=sales.sales_manager, note="No")
        one.refresh_from_db()
        assert one.state == state
    gone = submitted(sales, customer, "credit", 5)
    refused("withdraw", withdraw_adjustment, gone.pk, by=sales.sales_manager)
    withdraw_adjustment(gone.pk, by=sales.finance)
    refused("state", withdraw_adjustment, gone.pk, by=sales.finance)
    assert not ReceivableEntry.objects.filter(customer=customer).exists()


def test_what_was_returned_is_withdrawn_by_who_asked_and_frees_what_it_named(sales: Sales) -> None:
    customer = sales.customer()
    debt = sales.overdue(customer, 100, 90)
    posted = adjusted(sales, customer, "write_off", items=[open_item(debt)])
    back = reverse_adjustment(posted.pk, by=sales.finance, text="They pay")
    request = Request.objects.get(document_type="adjustment", object_id=back.pk)
    send_back(request.pk, by=sales.sales_manager, note="When?")
    refused("withdraw", withdraw_adjustment, back.pk, by=make_user(Role.FINANCE))
    refused("scope", withdraw_adjustment, back.pk, by=make_user(Role.AGENT, customer=sales.customer()))

    withdraw_adjustment(back.pk, by=sales.finance)

    back.refresh_from_db()
    assert back.state == "withdrawn"
    assert list(request.decisions.order_by("pk").values_list("verdict", flat=True)) == [
        "submitted",
        "returned",
        "withdrawn",
    ]
    refused("state", withdraw_adjustment, back.pk, by=sales.finance)
    refused("state", submit_adjustment_again, back.pk, **given(sales, customer, "reversal"))
    assert reverse_adjustment(posted.pk, by=sales.finance, text="They do pay").state == "submitted"


def test_only_who_asked_submits_again_and_only_what_was_returned(sales: Sales) -> None:
    customer = sales.customer()
    one = submitted(sales, customer, "credit", 5)
    refused("state", submit_adjustment_again, one.pk, **given(sales, customer, "credit", 6))
    request = Request.objects.get(document_type="adjustment", object_id=one.pk)
    send_back(request.pk, by=sales.sales_manager, note="Six")
    other = make_user(Role.FINANCE)
    refused("scope", submit_adjustment_again, one.pk, **given(sales, customer, "credit", 6) | {"by": other})
    decide(sales, submit_adjustment_again(one.pk, **given(sales, customer, "credit", 6)))
    assert balance(customer) == -6


# ---- taking back ----
def test_a_reversal_opens_the_debts_again_on_their_own_days(sales: Sales) -> None:
    customer = sales.customer()
    old, young = sales.overdue(customer, 100, 90), sales.overdue(customer, 60, 5)
    before = ageing_on(timezone.localdate(), Customer.objects.filter(pk=customer.pk)).total
    written = adjusted(sales, customer, "write_off", items=[open_item(old), open_item(young)])
    back = reverse_adjustment(written.pk, by=sales.finance, text="They pay after all")
    assert balance(customer) == 0
    decide(sales, back)
    written.refresh_from_db()
    assert (written.state, balance(customer)) == ("reversed", 160)
    assert still_open(customer) == {old.document: 100, young.document: 60}
    assert ageing_on(timezone.localdate(), Customer.objects.filter(pk=customer.pk)).total == before
    pair = Allocation.objects.standing().filter(credit__entry__document=written.number)
    assert {row.debit.entry.document: row.amount for row in pair} == {back.number: 160}
    assert wrong_in_the_books() == []


@pytest.mark.parametrize("kind", ["debit", "credit", "refund"])
def test_every_kind_is_taken_back_exactly(sales: Sales, kind: str) -> None:
    customer = sales.customer()
    sales.overdue(customer, 40, 9)
    sales.pay(customer, 100)
    before, owed = still_open(customer), balance(customer)
    more = {"items": [OpenItem.objects.open().get(customer=customer).pk], "method": "cash"} if kind == "refund" else {}
    posted = adjusted(sales, customer, kind, 30, **more)
    assert balance(customer) != owed
    decide(sales, reverse_adjustment(posted.pk, by=sales.finance, text="x"))
    assert (still_open(customer), balance(customer)) == (before, owed)
    assert wrong_in_the_books() == []


def test_only_what_is_posted_is_reversed_once_and_no_reversal_is(sales: Sales) -> None:
    customer = sales.customer()
    waiting = submitted(sales, customer, "credit", 5)
    refused("state", reverse_adjustment, waiting.pk, by=sales.finance, text="x")
    decide(sales, waiting)
    refused("reason", reverse_adjustment, waiting.pk, by=sales.finance, text=" ")
    first = reverse_adjustment(waiting.pk, by=sales.finance, text="x")
    refused("asked already", reverse_adjustment, waiting.pk, by=sales.finance, text="x")
    decide(sales, first)
    refused("state", reverse_adjustment, waiting.pk, by=sales.finance, text="x")
    refused("reversal", reverse_adjustment, first.pk, by=sales.finance, text="x")


def test_a_refused_reversal_leaves_the_adjustment_and_may_be_asked_again(sales: Sales) -> None:
    posted = adjusted(sales, sales.customer(), "credit", 5)
    first = reverse_adjustment(posted.pk, by=sales.finance, text="x")
    reject(Request.objects.get(document_type="adjustment", object_id=first.pk).pk, by=sales.sales_manager, note="No")
    posted.refresh_from_db()
    assert posted.state == "approved"
    decide(sales, reverse_adjustment(posted.pk, by=sales.finance, text="y"))
    posted.refresh_from_db()
    assert posted.state == "reversed"


def test_a_returned_reversal_is_submitted_again_with_its_amount(sales: Sales) -> None:
    customer = sales.customer()
    posted = adjusted(sales, customer, "credit", 5)
    back = reverse_adjustment(posted.pk, by=sales.finance, text="x")
    request = Request.objects.get(document_type="adjustment", object_id=back.pk)
    send_back(request.pk, by=sales.sales_manager, note="Why?")
    decide(sales, submit_adjustment_again(back.pk, **given(sales, customer, "reversal", 999)))
    assert balance(customer) == 0


# ---- the database ----
def test_what_is_posted_stays_and_nothing_is_deleted(sales: Sales) -> None:
    posted = adjusted(sales, sales.customer(), "credit", 5)
    waiting = submitted(sales, sales.customer(), "credit", 5)
    for change in ({"amount": 6}, {"kind": "debit"}, {"customer": waiting.customer}, {"state": "submitted"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Adjustment.objects.filter(pk=posted.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Adjustment.objects.filter(pk=waiting.pk)._raw_delete(using="default")
    with pytest.raises(DatabaseError), transaction.atomic():
        Adjustment.objects.filter(pk=waiting.pk).update(kind="reversal")
    assert Payment.objects.count() == 0
