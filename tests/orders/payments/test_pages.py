"""Recording a payment, what it settled, taking a mistake back; the list."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from customers.models import CreditAccount
from orders.models import Payment, ReceivableEntry
from salesops.users.roles import Role
from tests.support.build import Sales, make_sales, make_user
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def record(sales: Sales, **given: Any) -> Any:
    data = {
        "received_on": timezone.localdate(),
        "amount": "250.50",
        "method": "transfer",
        "reference": "T-1",
        "note": "",
    }
    return signed_in(sales.finance).post(reverse("orders:payment_new"), data | given)


def reverse_it(sales: Sales, payment: Payment, reason: str = "Wrong customer") -> Any:
    url = reverse("orders:payment_reversal", args=[payment.number])
    return signed_in(sales.finance).post(url, {"reason": reason})


def numbers(sales: Sales, **query: Any) -> list[str]:
    response = signed_in(sales.finance).get(reverse("orders:payments"), query)
    return [row.record.number for row in response.context["table"].paginated_rows]


# ---- recording ----
def test_a_payment_is_on_the_account_at_once(sales: Sales) -> None:
    customer = sales.customer()
    response = record(sales, customer=customer.pk)
    payment = Payment.objects.get()
    assert response["Location"] == payment.get_absolute_url()
    assert (payment.amount, payment.reference, payment.recorded_by) == (Decimal("250.50"), "T-1", sales.finance)
    assert CreditAccount.objects.get(pk=customer.pk).balance == Decimal("-250.50")


@pytest.mark.parametrize("amount", ["0", "-5", "x", "1.005", "", "99999999999999"])
def test_an_amount_that_is_none_is_an_error_at_its_field(sales: Sales, amount: str) -> None:
    response = record(sales, customer=sales.customer().pk, amount=amount)
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"amount"}
    assert not Payment.objects.exists()


def test_money_from_the_future_is_an_error_at_its_field(sales: Sales) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    response = record(sales, customer=sales.customer().pk, received_on=tomorrow)
    assert response.context["form"].errors.keys() == {"received_on"}
    assert not Payment.objects.exists()


def test_a_reference_is_used_once_and_everything_typed_is_kept(sales: Sales) -> None:
    customer = sales.customer()
    first = sales.pay(customer, 10, reference="T-1")
    response = record(sales, customer=customer.pk, note="Second half")
    assert response.status_code == 422
    assert first.number in str(response.context["form"].errors["reference"])
    assert "Second half" in response.content.decode()
    assert Payment.objects.count() == 1


def test_sending_twice_records_once(sales: Sales) -> None:
    client = signed_in(sales.finance)
    key = client.get(reverse("orders:payment_new")).context["once_key"]
    data = {"customer": sales.customer().pk, "received_on": timezone.localdate(), "amount": "5", "method": "cash"}
    for _ in range(2):
        client.post(reverse("orders:payment_new"), data | {"once_key": key})
    assert Payment.objects.count() == 1


def test_the_account_of_the_chosen_customer_stands_beside_the_form(sales: Sales) -> None:
    customer = sales.customer()
    sales.overdue(customer, "1234.00", 12)
    client = signed_in(sales.finance)
    for url in (
        f"{reverse('orders:payment_new')}?customer={customer.code}",
        f"{reverse('orders:payer_account')}?customer={customer.pk}",
    ):
        text = client.get(url).content.decode()
        assert "1,234<small>.00" in text
        assert "12 days" in text
        assert 'data-amount="1234.00"' in text
    for nobody in ("", "x", "999999", "9" * 30):
        assert client.get(reverse("orders:payer_account"), {"customer": nobody}).status_code == 200


# ---- the record ----
def test_the_record_says_what_it_settled(sales: Sales) -> None:
    customer = sales.customer()
    shipment = sales.ship(sales.approved(customer, 2))
    payment = sales.pay(customer, 300)
    text = signed_in(sales.finance).get(payment.get_absolute_url()).content.decode()
    assert shipment.get_absolute_url() in text
    assert "200<small>.00" in text
    assert "100<small>.00" in text


# ---- taking back ----
def test_a_reversal_is_an_entry_of_its_own_and_the_payment_stays(sales: Sales) -> None:
    customer = sales.customer()
    payment = sales.pay(customer, 300)
    reverse_it(sales, payment)
    assert CreditAccount.objects.get(pk=customer.pk).balance == 0
    assert ReceivableEntry.objects.count() == 2
    text = signed_in(sales.finance).get(payment.get_absolute_url()).content.decode()
    assert "Wrong customer" in text
    assert "Reversed" in text


def test_a_reversal_has_a_reason_and_happens_once(sales: Sales) -> None:
    payment = sales.pay(sales.customer(), 300)
    assert reverse_it(sales, payment, "  ").status_code == 422
    assert reverse_it(sales, payment).status_code == 302
    again = reverse_it(sales, payment)
    assert again.status_code == 422
    assert "reversed already" in again.content.decode()
    assert ReceivableEntry.objects.count() == 2


# ---- the list ----
def test_the_list_filters_and_finds(sales: Sales) -> None:
    today = timezone.localdate()
    first = sales.pay(sales.customer(code="A-1"), 100, on=today - timedelta(days=40), reference="BANK-77")
    second = sales.pay(sales.customer(code="A-2"), 900)
    reverse_it(sales, second)
    assert numbers(sales, received_after=today) == [second.number]
    assert numbers(sales, received_before=today - timedelta(days=1)) == [first.number]
    assert numbers(sales, amount_min=500) == [second.number]
    assert numbers(sales, method="cash") == []
    assert numbers(sales, state="reversed") == [second.number]
    assert numbers(sales, state="held") == [first.number]
    assert numbers(sales, customer="A-1") == [first.number]
    assert numbers(sales, q="bank-7") == [first.number]
    assert numbers(sales, region=sales.region.pk) == [second.number, first.number]


def test_the_list_asks_as_often_for_many_rows_as_for_few(sales: Sales) -> None:
    client, url = signed_in(sales.finance), reverse("orders:payments")
    sales.pay(sales.customer(), 1)
    client.get(url)
    few = queries_of(client, url)
    for _ in range(6):
        sales.pay(sales.customer(), 1)
    assert queries_of(client, url) == few <= 14


def test_an_agent_reads_its_payments_and_records_none(sales: Sales) -> None:
    customer = sales.customer()
    payment = sales.pay(customer, 5)
    agent = make_user(Role.AGENT, customer=customer)
    text = signed_in(agent).get(reverse("orders:payments")).content.decode()
    assert payment.number in text
    assert "Record payment" not in text
    assert "Reverse" not in signed_in(agent).get(payment.get_absolute_url()).content.decode()


def test_a_payment_of_a_year_that_nobody_means_is_told_at_its_day_and_an_old_one_is_exported(sales: Sales) -> None:
    response = record(sales, customer=sales.customer().pk, received_on="0202-05-01")
    assert response.context["form"].errors["received_on"] == ["This year is not meant."]
    assert not Payment.objects.exists()
    Payment.objects.create(
        number="PM-202-1", customer=sales.customer(), received_on=date(202, 5, 1), amount=1, recorded_by=sales.finance
    )
    file = signed_in(sales.finance).get(reverse("orders:payments"), {"export": "xlsx"})
    book = openpyxl.load_workbook(BytesIO(file.content))
    assert "0202-05-01" in [cell.value for row in book.active.iter_rows() for cell in row]
