"""Money comes in: the balance falls, the oldest is settled first, a mistake is reversed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from customers.models import CreditAccount
from orders.models import Allocation, OpenItem, Payment, ReceivableEntry
from orders.payments.services import record_payment, reverse_payment
from orders.proof.verification import differences
from salesops.kernel.errors import RuleBroken
from tests.support.build import make_sales

pytestmark = pytest.mark.django_db


def refused(rule: str, action: object, *args: object, **kwargs: object) -> None:
    before = (Payment.objects.count(), ReceivableEntry.objects.count())
    with pytest.raises(RuleBroken) as caught, transaction.atomic():
        action(*args, **kwargs)  # type: ignore[operator]
    assert caught.value.rule == rule
    assert before == (Payment.objects.count(), ReceivableEntry.objects.count())


def test_a_payment_posts_one_credit_and_lowers_the_balance() -> None:
    sales = make_sales()
    customer = sales.customer()
    sales.overdue(customer, 500, 10)
    payment = sales.pay(customer, 200)
    entry = ReceivableEntry.objects.get(source="payment")
    assert (entry.credit, entry.source_id) == (Decimal(200), payment.pk)
    assert CreditAccount.objects.get(customer=customer).balance == Decimal(300)


def test_it_settles_the_oldest_due_first() -> None:
    sales = make_sales()
    customer = sales.customer()
    newer, older = sales.overdue(customer, 100, 5), sales.overdue(customer, 100, 50)
    sales.pay(customer, 130)
    open_amounts = dict(OpenItem.objects.values_list("pk", "open_amount"))
    assert (open_amounts[older.pk], open_amounts[newer.pk]) == (Decimal(0), Decimal(70))
    assert sum(Allocation.objects.values_list("amount", flat=True)) == Decimal(130)


def test_money_paid_ahead_waits_for_the_next_shipment() -> None:
    sales = make_sales()
    customer = sales.customer(limit=0)
    sales.pay(customer, 1_500)
    sales.ship(sales.approved(customer, 10))
    assert CreditAccount.objects.get(customer=customer).balance == Decimal(-500)
    assert list(OpenItem.objects.open().values_list("is_debit", "open_amount")) == [(False, Decimal(500))]


def test_the_same_reference_twice_for_a_customer_is_refused() -> None:
    sales = make_sales()
    customer = sales.customer()
    sales.pay(customer, 10, reference="TT-1")
    refused("reference", sales.pay, customer, 10, reference=" TT-1 ")
    sales.pay(sales.customer(), 10, reference="TT-1")
    sales.pay(customer, 10)
    sales.pay(customer, 10)


def test_amount_day_and_scope_are_checked() -> None:
    sales, other = make_sales(), make_sales()
    customer = sales.customer()
    refused("amount", sales.pay, customer, 0)
    refused("amount", sales.pay, customer, -5)
    refused("date", sales.pay, customer, 5, on=timezone.localdate() + timedelta(1))
    refused(
        "scope",
        record_payment,
        by=other.representative,
        customer_id=customer.pk,
        received_on=timezone.localdate(),
        amount=Decimal(1),
    )


def test_a_mistake_is_reversed_once_and_brings_the_debt_back() -> None:
    sales = make_sales()
    customer = sales.customer()
    sales.overdue(customer, 500, 10)
    payment = sales.pay(customer, 500)
    refused("reason", reverse_payment, payment.pk, by=sales.finance, reason=" ")
    reverse_payment(payment.pk, by=sales.finance, reason="Wrong account")
    assert CreditAccount.objects.get(customer=customer).balance == Decimal(500)
    assert OpenItem.objects.debits().open().get().open_amount == Decimal(500)
    refused("reversed", reverse_payment, payment.pk, by=sales.finance, reason="again")


def test_the_ledger_refuses_change_delete_and_truncate() -> None:
    from django.db import connection

    sales = make_sales()
    sales.pay(sales.customer(), 10)
    with pytest.raises(DatabaseError), transaction.atomic():
        ReceivableEntry.objects.update(credit=Decimal(1))
    with pytest.raises(DatabaseError), transaction.atomic():
        ReceivableEntry.objects.all()._raw_delete(using="default")
    for table in ("orders_receivableentry", "orders_payment", "orders_allocation"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL salesops.allow_truncate = 'off'")
            cursor.execute(f"TRUNCATE {table} CASCADE")


def test_a_document_is_posted_once() -> None:
    from orders.receivables.models import Source
    from orders.receivables.services import post_entry

    sales = make_sales()
    customer = sales.customer()
    payment = sales.pay(customer, 10)
    account = CreditAccount.objects.get(customer=customer)
    with pytest.raises(DatabaseError), transaction.atomic():
        post_entry(
            account, source=Source.PAYMENT, source_id=payment.pk, document=payment.number,
            posted_on=payment.received_on, due=payment.received_on, credit=Decimal(10), by=None,
        )  # fmt: skip
    account.refresh_from_db()
    assert account.balance == Decimal(-10)


def test_the_reference_of_a_reversed_payment_is_free_again() -> None:
    sales = make_sales()
    customer = sales.customer()
    wrong = sales.pay(customer, 10, reference="TT-1")
    refused("reference", sales.pay, customer, 100, reference="tt-1")
    reverse_payment(wrong.pk, by=sales.finance, reason="Ten was a hundred")
    sales.pay(customer, 100, reference="TT-1")
    refused("reference", sales.pay, customer, 100, reference="TT-1")


def test_an_absurd_amount_is_refused() -> None:
    sales = make_sales()
    refused("amount", sales.pay, sales.customer(), "1000000000.00")


def test_a_reversal_opens_each_debt_again_on_its_own_day() -> None:
    sales = make_sales()
    customer = sales.customer()
    old, young = sales.overdue(customer, 100, 40), sales.overdue(customer, 60, 5)
    payment = sales.pay(customer, 130)
    sales.pay(customer, 50)  # twenty of it stay open in the customer's favour
    reverse_payment(payment.pk, by=sales.finance, reason="Not ours")
    still = {(item.entry.document, item.due_on): item.open_amount for item in OpenItem.objects.debits().open()}
    assert still == {(old.document, old.due_on): 100, (young.document, young.due_on): 30}
    assert OpenItem.objects.get(entry__source="payment_reversal").open_amount == 0
    assert OpenItem.objects.open().get(is_debit=False).open_amount == 20
    settled = OpenItem.objects.get(entry__source="payment", entry__source_id=payment.pk)
    standing = Allocation.objects.standing().get(credit=settled)
    assert (standing.debit.entry.source, standing.amount) == ("payment_reversal", Decimal(130))
    assert [one for one in differences() if one.claim == "settled"] == []
