"""Pages of bank files: upload, columns, lines with their proof, deciding, recording; how often they ask."""

import re
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from orders.bankfiles.services import record_lines
from orders.models import BankFile, BankLine, Payment
from orders.payments.services import reverse_payment
from tests.orders.bankfiles.files import HEAD, NUMBERED, kept, line, read, states
from tests.support.build import Sales, make_sales
from tests.support.closing import closed, day_in, ended_month
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    sales = make_sales()
    sales.customer("Suzhou Ruifeng", code="A-1042")
    return sales


@pytest.fixture
def client(sales: Sales) -> Client:
    return signed_in(sales.finance)


def text_of(client: Client, name: str, *args: Any, **query: Any) -> str:
    response = client.get(reverse(f"orders:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def test_a_file_goes_from_upload_to_payments(client: Client) -> None:
    lines = [line(100, "Suzhou Ruifeng", number="T1"), line(5, "Nobody", number="T2"), line(debit=3, number="T3")]
    file = SimpleUploadedFile("oct.csv", (HEAD + "".join(lines)).encode())
    response = client.post(reverse("orders:bank_file_new"), {"file": file, "account": "ICBC"})
    one = BankFile.objects.get()
    assert response["Location"] == reverse("orders:bank_file_columns", args=[one.pk])
    page = text_of(client, "bank_file_columns", one.pk)
    assert "Suzhou Ruifeng" in page
    assert ">102<" in page
    assert ">102<" in text_of(client, "bank_file_preview", one.pk, **NUMBERED.columns())

    assert client.post(response["Location"], NUMBERED.columns())["Location"] == one.get_absolute_url()
    page = text_of(client, "bank_file", one.pk)
    assert "Record 1 receipt" in page
    assert "3 lines of the file" in page
    client.post(f"{reverse('orders:bank_file_recording', args=[one.pk])}?ticked=1")  # nothing is ticked any more
    assert not Payment.objects.exists()
    client.post(reverse("orders:bank_file_recording", args=[one.pk]))
    payment = Payment.objects.get()
    assert payment.number in text_of(client, "bank_file", one.pk)
    assert one.file_name in client.get(payment.get_absolute_url()).content.decode()
    assert one.file_name in text_of(client, "bank_files")


def test_columns_are_remembered_for_the_accounts_next_file(sales: Sales, client: Client) -> None:
    read(sales.finance, line(100, "X", number="T1"))
    one = kept(sales.finance, line(7, "X", number="T2"))
    assert client.get(reverse("orders:bank_file_columns", args=[one.pk])).context["form"]["transaction"].value() == (
        "流水号"
    )


def test_what_cannot_be_read_is_said_with_its_row(sales: Sales, client: Client) -> None:
    one = kept(sales.finance, line("abc", "X"))
    url = reverse("orders:bank_file_columns", args=[one.pk])
    assert client.post(url, NUMBERED.columns())["Location"] == url
    assert "nothing is taken in yet" in text_of(client, "bank_file_columns", one.pk)
    assert not BankLine.objects.exists()


def test_a_wrong_file_is_an_error_at_its_field(client: Client) -> None:
    file = SimpleUploadedFile("oct.csv", b"%PDF-1.7")
    response = client.post(reverse("orders:bank_file_new"), {"file": file, "account": "ICBC"})
    assert response.status_code == 422
    assert "file" in response.context["form"].errors
    assert not BankFile.objects.exists()


def test_a_person_decides_a_line(sales: Sales, client: Client) -> None:
    one = read(sales.finance, line(100, "W", number="T1"), line(5, "Tax", number="T2"))
    first, second = one.lines.order_by("row")
    customer = sales.customer()
    url = reverse("orders:bank_line", args=[one.pk, first.pk])
    assert client.post(url, {}).status_code == 422
    assert states(one)[0][0] == "open"
    client.post(url, {"customer": customer.pk})
    client.post(reverse("orders:bank_line", args=[one.pk, second.pk]), {"reason": "Tax refund"})
    assert [state for state, *_more in states(one)] == ["proposed", "aside"]
    assert "Tax refund" in text_of(client, "bank_file", one.pk, state="aside")


def test_a_reversed_payments_line_says_so_and_is_freed_with_a_reason(sales: Sales, client: Client) -> None:
    one = read(sales.finance, line(100, "Suzhou Ruifeng", number="T1"))
    (payment,) = record_lines(one.pk, by=sales.finance)
    key = one.lines.get().pk
    assert client.get(reverse("orders:bank_line", args=[one.pk, key]))["Location"] == payment.get_absolute_url()
    reverse_payment(payment.pk, by=sales.finance, reason="x")
    assert "Reversed" in text_of(client, "bank_file", one.pk)
    freeing = reverse("orders:bank_line_freeing", args=[one.pk, key])
    assert client.get(reverse("orders:bank_line", args=[one.pk, key]))["Location"] == freeing
    assert client.post(freeing, {"reason": ""}).status_code == 422
    assert states(one)[0][0] == "recorded"
    client.post(freeing, {"reason": "Not theirs"})
    assert states(one)[0][0] == "open"


def test_lines_are_narrowed_searched_and_exported(sales: Sales, client: Client) -> None:
    one = read(sales.finance, line(100, "Suzhou Ruifeng", number="T1"), line(5, "Nobody", number="T2"))
    shown = client.get(one.get_absolute_url(), {"state": "open"}).context["table"].paginated_rows
    assert [row.record.payer_name for row in shown] == ["Nobody"]
    shown = client.get(one.get_absolute_url(), {"q": "ruifeng"}).context["table"].paginated_rows
    assert [row.record.amount for row in shown] == [100]
    sheet = openpyxl.load_workbook(BytesIO(client.get(one.get_absolute_url(), {"export": "xlsx"}).content)).active
    cells = {cell.value for row in sheet.iter_rows() for cell in row}
    assert {"Nobody", "Proposed", "To decide", "Suzhou Ruifeng"} <= cells


def test_what_is_proposed_is_ticked_and_nothing_else_can_be(sales: Sales, client: Client) -> None:
    sales.customer("Suzhou Ruifeng Trading", code="A-9")
    one = read(sales.finance, line(1, "Suzhou Ruifeng Trading"), line(2, "Nobody at all"))
    proposed = one.lines.get(state="proposed")

    shown = client.get(one.get_absolute_url()).content.decode()

    assert shown.count('name="selected"') == 1
    assert re.search(rf'name="selected" value="{proposed.pk}"[^>]* checked>', shown)


def test_pages_ask_as_often_for_many_as_for_few(sales: Sales, client: Client) -> None:
    few = read(sales.finance, *[line(at + 1, "Suzhou Ruifeng", number=f"T{at}") for at in range(2)])
    many = read(sales.finance, *[line(at + 1, "Suzhou Ruifeng", number=f"M{at}") for at in range(30)])
    for one in (few, many):
        record_lines(one.pk, by=sales.finance)
    assert queries_of(client, many.get_absolute_url()) == queries_of(client, few.get_absolute_url())
    once = queries_of(client, reverse("orders:bank_files"))
    for at in range(5):
        kept(sales.finance, line(at + 1))
    assert queries_of(client, reverse("orders:bank_files")) == once


def test_a_line_of_a_closed_month_is_said_and_posted_on_the_first_open_day(sales: Sales, client: Client) -> None:
    day = day_in(ended_month())
    one = read(sales.finance, line(100, "Suzhou Ruifeng", number="T1", on=day))
    closed(ended_month(), by=sales.finance)
    assert "posted on the first open day" in text_of(client, "bank_file", one.pk)
    (payment,) = record_lines(one.pk, by=sales.finance)
    assert payment.received_on == day
    assert "that month was closed" in client.get(payment.get_absolute_url()).content.decode()
