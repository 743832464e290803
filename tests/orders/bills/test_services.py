"""Bills: registered once, settled on their day, dishonoured with the debts due as before, given back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from customers.models import CreditAccount
from orders.bills.services import (
    dishonour_bill,
    endorse_bill,
    register_bill,
    return_bill,
    settle_bill,
    settle_due_bills,
    take_endorsement_back,
)
from orders.models import Bill, OpenItem, Payment, PaymentReversal, ReceivableEntry
from orders.payments.services import reverse_payment
from orders.receivables.ageing import items_on
from orders.receivables.queries import open_rows
from orders.tasks import settle_bills
from salesops.kernel.errors import RuleBroken
from salesops.notify.models import Notice
from tests.support.adjusting import wrong_in_the_books
from tests.support.bills import day, registered
from tests.support.build import Sales, make_sales
from tests.support.closing import closed, day_in, ended_month

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def refused(rule: str, action: Any, *args: Any, **kwargs: Any) -> RuleBroken:
    def all_of_it() -> list[Any]:
        return [list(model.objects.order_by("pk").values()) for model in (Bill, Payment, ReceivableEntry)]

    before = all_of_it()
    with pytest.raises(RuleBroken) as caught, transaction.atomic():
        action(*args, **kwargs)
    assert caught.value.rule == rule
    assert before == all_of_it()
    return caught.value


def balance(bill: Bill) -> Decimal:
    return CreditAccount.objects.get(pk=bill.customer_id).balance


# ---- registering ----
def test_what_is_registered_is_expected_and_posts_nothing(sales: Sales) -> None:
    scan = SimpleUploadedFile("bill 1.pdf", b"%PDF-1.4")
    bill = registered(sales, sales.customer("Ruifeng"), 100, matures=20, instrument=" 12  34 ", file=scan)
    assert (bill.state, bill.instrument, bill.drawer, bill.number[:3]) == ("held", "12 34", "Ruifeng", "BL-")
    assert (bill.file_name, bill.file_type) == ("bill 1.pdf", "application/pdf")
    assert balance(bill) == 0
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("rule", "given"),
    [
        ("kind", {"kind": "gold"}),
        ("amount", {"amount": 0}),
        ("amount", {"amount": "1000000000.00"}),
        ("instrument", {"instrument": " "}),
        ("bank", {"bank": " "}),
        ("date", {"received_on": day(1), "matures_on": day(2)}),
        ("maturity", {"received_on": day(-1), "matures_on": day(-2)}),
        ("year", {"matures_on": day(0).replace(year=2999, day=1)}),
        ("file type", {"file": SimpleUploadedFile("x.exe", b"MZ nothing")}),
    ],
)
def test_what_makes_no_sense_is_not_registered(sales: Sales, rule: str, given: dict[str, Any]) -> None:
    refused(rule, registered, sales, sales.customer(), **given)


def test_a_customer_out_of_scope_gets_no_bill(sales: Sales) -> None:
    given = {"kind": "bank", "instrument": "1", "bank": "ICBC", "received_on": day(0), "matures_on": day(9)}
    other = make_sales().representative
    refused("scope", register_bill, by=other, customer_id=sales.customer().pk, amount=Decimal(1), **given)


def test_the_same_paper_is_refused_with_a_pointer_to_the_first(sales: Sales) -> None:
    first = registered(sales, sales.customer(), instrument="AB1", drawer="Hechang", bank="ICBC")
    same: dict[str, Any] = {"instrument": "ab1", "drawer": "HECHANG", "bank": "icbc"}
    refusal = refused("registered already", registered, sales, sales.customer(), **same)
    assert first.number in str(refusal)
    registered(sales, first.customer, **{**same, "drawer": "Another"})
    registered(sales, first.customer, **{**same, "bank": "Bank of China", "drawer": "Third"})
    return_bill(first.pk, by=sales.finance, reason="Typed wrong")
    registered(sales, first.customer, **same)


def test_a_paper_that_was_recorded_as_a_payment_is_not_registered(sales: Sales) -> None:
    customer = sales.customer()
    payment = sales.pay(customer, 5, reference="AB1")
    assert payment.number in str(refused("reference", registered, sales, customer, instrument="ab1"))


def test_the_database_holds_what_is_registered(sales: Sales) -> None:
    bill = registered(sales, sales.customer(), matures=5)
    rows = Bill.objects.filter(pk=bill.pk)
    for change in ({"amount": 5}, {"instrument": "X"}, {"matures_on": day(9)}, {"state": "settled"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete()
    return_bill(bill.pk, by=sales.finance, reason="x")
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(state="held", reason="", ended_on=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Bill.objects.create(
            number="BL-1", customer=bill.customer, kind="bank", instrument="1", drawer="a", bank="b", amount=1,
            received_on=day(0), matures_on=day(-1), registered_by=sales.finance,
        )  # fmt: skip


# ---- settling ----
def test_a_bill_settles_on_its_day_what_it_names_then_the_oldest(sales: Sales) -> None:
    customer = sales.customer()
    oldest, named, other = (sales.overdue(customer, 100, days) for days in (40, 10, 5))
    bill = registered(sales, customer, 150, matures=-1, kind="cheque", settles=named.document)
    assert settle_bills() == 1
    bill.refresh_from_db()
    payment = bill.payment
    assert payment is not None
    assert (bill.state, payment.method, payment.received_on, payment.recorded_by) == (
        "settled",
        "cheque",
        day(-1),
        None,
    )
    assert payment.reference == bill.instrument
    left = {item.entry.pk: item.open_amount for item in OpenItem.objects.debits()}
    assert left == {oldest.pk: 50, named.pk: 0, other.pk: 100}
    assert wrong_in_the_books() == []


def test_the_task_catches_up_missed_days_and_does_nothing_twice(sales: Sales) -> None:
    customer = sales.customer()
    bills = [registered(sales, customer, 10, matures=-days) for days in (0, 1, 9)]
    registered(sales, customer, 10, matures=1)
    assert settle_due_bills(timezone.localdate()) == 3
    assert settle_due_bills(timezone.localdate()) == 0
    assert Payment.objects.count() == len(bills)
    assert CreditAccount.objects.get(pk=customer.pk).balance == -30
    assert settle_due_bills(day(-1)) == 0


def test_a_bill_of_a_closed_month_is_posted_on_the_first_open_day(sales: Sales) -> None:
    month = ended_month()
    matured = day_in(month)
    bill = registered(sales, sales.customer(), 10, received_on=matured - timedelta(days=3), matures_on=matured)
    closed(month, by=sales.finance)
    payment = settle_bill(bill.pk)
    entry = ReceivableEntry.objects.get(source="payment", source_id=payment.pk)
    assert (payment.received_on, entry.posted_on, entry.belongs_on) == (matured, month.end, matured)


def test_a_bill_settles_although_its_registrar_has_left(sales: Sales) -> None:
    bill = registered(sales, sales.customer(), 10)
    sales.finance.groups.clear()
    sales.finance.is_active = False
    sales.finance.save()
    assert settle_bills() == 1
    assert balance(bill) == -10


def test_a_bill_that_cannot_be_settled_is_told_and_keeps_no_other_back(sales: Sales) -> None:
    customer = sales.customer()
    stuck, other = registered(sales, customer, 10, matures=-2), registered(sales, customer, 20, matures=-1)
    paid = sales.pay(customer, 10, reference=stuck.instrument)
    assert [settle_bills(), settle_bills()] == [1, 0]
    states = dict(Bill.objects.values_list("pk", "state"))
    assert states == {stuck.pk: "held", other.pk: "settled"}
    (notice,) = Notice.objects.filter(kind="bill.stuck", user=sales.finance)
    assert paid.number in notice.text
    reverse_payment(paid.pk, by=sales.finance, reason="It was the bill")
    assert settle_bills() == 1


def test_nothing_is_settled_before_its_day_or_twice_or_out_of_scope(sales: Sales) -> None:
    customer = sales.customer()
    refused("not due", settle_bill, registered(sales, customer, matures=1).pk, by=sales.finance)
    bill = registered(sales, customer)
    refused("scope", settle_bill, bill.pk, by=make_sales().representative)
    assert settle_bill(bill.pk, by=sales.finance).recorded_by == sales.finance
    refused("state", settle_bill, bill.pk, by=sales.finance)


# ---- passing on ----
def test_a_bill_that_is_passed_on_settles_all_the_same(sales: Sales) -> None:
    bill = registered(sales, sales.customer(), 70)
    endorse_bill(bill.pk, by=sales.finance, endorsed_as="discount", endorsed_to="CMB", endorsed_on=day(-2))
    settle_bills()
    assert balance(bill) == -70
    refused("state", endorse_bill, bill.pk, by=sales.finance, endorsed_as="discount", endorsed_to="CMB")


def test_a_bill_is_passed_on_once_until_it_comes_back(sales: Sales) -> None:
    bill = registered(sales, sales.customer(), matures=20, received_on=day(-3))
    given: dict[str, Any] = {"by": sales.finance, "endorsed_as": "third_party", "endorsed_to": "Supplier"}
    refused("kind", endorse_bill, bill.pk, **{**given, "endorsed_as": "gift"})
    refused("endorsed to", endorse_bill, bill.pk, **{**given, "endorsed_to": " "})
    refused("date", endorse_bill, bill.pk, **given, endorsed_on=day(1))
    refused("date", endorse_bill, bill.pk, **given, endorsed_on=day(-4))
    refused("scope", endorse_bill, bill.pk, **{**given, "by": make_sales().representative})
    refused("not endorsed", take_endorsement_back, bill.pk, by=sales.finance)
    endorse_bill(bill.pk, **given)
    assert "Supplier" in str(refused("endorsed already", endorse_bill, bill.pk, **given))
    refused("endorsed", return_bill, bill.pk, by=sales.finance, reason="x")
    take_endorsement_back(bill.pk, by=sales.finance)
    endorse_bill(bill.pk, **given)


# ---- dishonoured ----
def test_a_bill_dishonoured_in_time_makes_no_payment(sales: Sales) -> None:
    bill = registered(sales, sales.customer())
    dishonour_bill(bill.pk, by=sales.finance, reason="No cover")
    assert settle_bills() == 0
    bill.refresh_from_db()
    assert (bill.state, bill.reason, bill.ended_on, bill.payment) == ("dishonoured", "No cover", day(0), None)
    assert not Payment.objects.exists()
    (notice,) = Notice.objects.filter(kind="bill.dishonoured")
    assert notice.user == sales.representative
    assert "No cover" in notice.text


def test_a_bill_that_bounces_brings_the_debt_back_on_its_old_due_day(sales: Sales) -> None:
    customer = sales.customer()
    debt = sales.overdue(customer, 100, 40)
    bill = registered(sales, customer, 100, matures=-3)
    settle_bills()
    assert not OpenItem.objects.open().exists()
    dishonour_bill(bill.pk, by=sales.finance, reason="Signature differs", seen="settled")
    bill.refresh_from_db()
    assert (bill.state, int(balance(bill))) == ("dishonoured", 100)
    assert PaymentReversal.objects.get().payment == bill.payment
    item = OpenItem.objects.open().get()
    assert (item.entry_id, item.due_on, item.open_amount) == (debt.pk, day(-40), 100)
    (row,) = items_on(day(0), type(customer).objects.filter(pk=customer.pk))
    assert (row.due_on, open_rows([row])[0].late) == (day(-40), 40)
    assert wrong_in_the_books() == []
    assert settle_bills() == 0


def test_what_is_wrong_of_a_dishonour_changes_nothing(sales: Sales) -> None:
    customer = sales.customer()
    bill = registered(sales, customer)
    refused("reason", dishonour_bill, bill.pk, by=sales.finance, reason=" ")
    refused("scope", dishonour_bill, bill.pk, by=make_sales().representative, reason="x")
    refused("date", dishonour_bill, bill.pk, by=sales.finance, reason="x", on=day(1))
    refused("date", dishonour_bill, bill.pk, by=sales.finance, reason="x", on=day(-40))
    settle_bills()
    refused("changed meanwhile", dishonour_bill, bill.pk, by=sales.finance, reason="x", seen="held")
    dishonour_bill(bill.pk, by=sales.finance, reason="x")
    refused("state", dishonour_bill, bill.pk, by=sales.finance, reason="x")


def test_the_payment_of_a_bill_is_reversed_with_the_bill_only(sales: Sales) -> None:
    bill = registered(sales, sales.customer())
    payment = settle_bill(bill.pk)
    assert bill.number in str(refused("bill", reverse_payment, payment.pk, by=sales.finance, reason="x"))


# ---- given back ----
def test_a_bill_given_back_is_not_expected_any_more(sales: Sales) -> None:
    bill = registered(sales, sales.customer())
    refused("reason", return_bill, bill.pk, by=sales.finance, reason="")
    refused("scope", return_bill, bill.pk, by=make_sales().representative, reason="x")
    return_bill(bill.pk, by=sales.finance, reason="Paid in cash")
    assert settle_bills() == 0
    for again in (return_bill, dishonour_bill):
        refused("state", again, bill.pk, by=sales.finance, reason="x")


# ---- proof ----
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE orders_bill SET amount = amount + 1",
        "UPDATE orders_bill SET state = 'dishonoured', reason = 'x', ended_on = now()",
        "UPDATE orders_bill SET state = 'held'",
        (
            "INSERT INTO orders_paymentreversal (payment_id, number, reversed_on, reason, reversed_by_id, reversed_at)"
            " SELECT payment_id, 'PR-1', now(), 'x', registered_by_id, now() FROM orders_bill"
        ),
    ],
)
def test_a_bill_and_its_payment_that_do_not_fit_are_said(sales: Sales, statement: str) -> None:
    bill = registered(sales, sales.customer(), 5)
    payment = settle_bill(bill.pk)
    assert wrong_in_the_books() == []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("orders_bill", "orders_paymentreversal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE orders_bill DROP CONSTRAINT a_settled_bill_has_its_payment")
        cursor.execute(statement)
    (said,) = [one for one in wrong_in_the_books() if one.claim == "bill"]
    assert said.about == bill.number
    assert {document.number for document in said.documents} == {bill.number, payment.number}
