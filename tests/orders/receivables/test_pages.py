"""The list of accounts, one account, and its ledger as a file."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from salesops.users.roles import Role
from tests.support.build import Sales, make_sales, make_user
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def codes(sales: Sales, **query: Any) -> list[str]:
    response = signed_in(sales.finance).get(reverse("orders:accounts"), query)
    return [row.record.customer.code for row in response.context["table"].paginated_rows]


def account(user: Any, customer: Any, **query: Any) -> Any:
    response = signed_in(user).get(reverse("orders:account", args=[customer.code]), query)
    assert response.status_code == 200
    return response


# ---- the list ----
def test_the_list_finds_what_needs_a_look(sales: Sales) -> None:
    sales.customer(code="FINE")
    over = sales.customer(code="OVER", limit=100)
    sales.overdue(over, 500, -10)
    late = sales.customer(code="LATE", tolerance_days=5)
    sales.overdue(late, 50, 9)
    slow = sales.customer(code="SLOW", tolerance_days=15)
    sales.overdue(slow, 50, 9)
    sales.customer(code="HELD", is_on_hold=True, hold_reason="Cheque")
    sales.pay(sales.customer(code="PAID"), 10)
    assert codes(sales, only="over") == ["OVER"]
    assert codes(sales, only="overdue") == ["LATE", "SLOW"]
    assert codes(sales, only="late") == ["LATE"]
    assert codes(sales, only="hold") == ["HELD"]
    assert codes(sales, only="prepaid") == ["PAID"]
    assert codes(sales, sort="-balance")[0] == "OVER"
    assert codes(sales, q="hel") == ["HELD"]


def test_the_list_adds_up(sales: Sales) -> None:
    for amount in (100, 250):
        sales.overdue(sales.customer(), amount, 10)
    response = signed_in(sales.finance).get(reverse("orders:accounts"))
    totals = response.context["table"].totals
    assert (totals["balance"], totals["overdue"], totals["exposure"]) == (350, 350, 350)


def test_the_list_asks_as_often_for_many_rows_as_for_few(sales: Sales) -> None:
    client, url = signed_in(sales.finance), reverse("orders:accounts")
    sales.overdue(sales.customer(), 5, 5)
    client.get(url)
    few = queries_of(client, url)
    for _ in range(6):
        sales.overdue(sales.customer(), 5, 5)
    assert queries_of(client, url) == few <= 14


def test_the_list_is_a_file(sales: Sales) -> None:
    customer = sales.customer(limit=None)
    response = signed_in(sales.finance).get(reverse("orders:accounts"), {"export": "xlsx"})
    sheet = openpyxl.load_workbook(BytesIO(response.content)).worksheets[0]
    assert customer.code in [cell.value for row in sheet.iter_rows() for cell in row]


def test_an_agent_is_led_to_its_one_account(sales: Sales) -> None:
    customer = sales.customer()
    agent = make_user(Role.AGENT, customer=customer)
    response = signed_in(agent).get(reverse("orders:accounts"))
    assert response["Location"] == reverse("orders:account", args=[customer.code])


# ---- the account ----
def test_each_total_opens_its_rows(sales: Sales) -> None:
    customer = sales.customer()
    sales.overdue(customer, 100, 10)
    sales.overdue(customer, 40, 70)
    text = account(sales.finance, customer).content.decode()
    assert f"/accounts/{customer.code}/?age=1#open-items" in text
    assert f"/accounts/{customer.code}/?age=3#open-items" in text
    assert "?age=overdue#open-items" in text
    shown = account(sales.finance, customer, age="3").context["debits"]
    assert [row.item.open_amount for row in shown] == [Decimal(40)]


def test_each_number_leads_to_its_document(sales: Sales) -> None:
    customer = sales.customer()
    shipment = sales.ship(sales.approved(customer, 2))
    payment = sales.pay(customer, 50)
    text = account(sales.finance, customer).content.decode()
    assert shipment.get_absolute_url() in text
    assert payment.get_absolute_url() in text


def test_the_ledger_shows_the_span_in_the_address(sales: Sales) -> None:
    customer = sales.customer()
    sales.overdue(customer, 100, 400)
    sales.overdue(customer, 30, 10)
    usual = account(sales.finance, customer).context["statement"]
    assert (usual.opening, usual.count, usual.closing) == (100, 1, 130)
    everything = account(sales.finance, customer, **{"from": "2000-01-01"}).context["statement"]
    assert (everything.opening, everything.count) == (0, 2)
    past = timezone.localdate() - timedelta(days=300)
    until = account(sales.finance, customer, to=past).context["statement"]
    assert (until.count, until.closing) == (1, 100)


@pytest.mark.parametrize(
    "query", [{"from": "never"}, {"from": "2030-01-01", "to": "2020-01-01"}, {"age": "x"}, {"to": "9999-12-31"}]
)
def test_what_is_no_span_or_age_breaks_nothing(sales: Sales, query: dict[str, str]) -> None:
    account(sales.finance, sales.customer(), **query)


def test_actions_follow_rights(sales: Sales) -> None:
    customer = sales.customer()

    def labels(user: Any) -> set[str]:
        return {str(action.label) for action in account(user, customer).context["actions"]}

    assert labels(sales.finance) == {"Record payment", "Credit terms", "Hold", "Print"}
    assert labels(sales.representative) == {"Temporary limit", "Print"}
    assert labels(make_user(Role.AGENT, customer=customer)) == {"Print"}


def test_the_page_asks_as_often_for_many_entries_as_for_few(sales: Sales) -> None:
    customer = sales.customer()
    client, url = signed_in(sales.finance), reverse("orders:account", args=[customer.code])
    sales.ship(sales.approved(customer, 1))
    sales.pay(customer, 10)
    client.get(url)
    few = queries_of(client, url)
    for _ in range(5):
        sales.ship(sales.approved(customer, 1))
        sales.pay(customer, 10)
    assert queries_of(client, url) == few <= 24


def test_the_ledger_file_holds_every_entry_with_the_balance_after_it(sales: Sales) -> None:
    customer = sales.customer(name="=HYPERLINK(1)")
    sales.overdue(customer, 100, 10)
    sales.pay(customer, 30)
    response = signed_in(sales.finance).get(reverse("orders:ledger_file", args=[customer.code]))
    sheet = openpyxl.load_workbook(BytesIO(response.content)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(at for at, row in enumerate(rows) if row[0] == "Date")
    assert [row[6] for row in rows[head + 1 : head + 4]] == [0, 100, 70]
    assert [row[4] for row in rows[head + 1 : head + 4]] == [None, 100, None]
    assert str(rows[-1][4]).startswith("=")
    assert not any(str(cell).startswith("=HYPER") for row in rows for cell in row)


def test_the_customers_page_shows_the_same_figures(sales: Sales) -> None:
    customer = sales.customer(limit=1_000)
    sales.overdue(customer, 321, 10)
    client = signed_in(sales.representative)
    assert "321<small>.00" in client.get(customer.get_absolute_url()).content.decode()
    for key in ("credit", "account", "deliveries", "payments", "year"):
        url = reverse("web:panel", args=["customer", key, customer.code])
        assert client.get(url).status_code == 200, key


def test_the_day_belongs_to_the_page(sales: Sales) -> None:
    customer = sales.customer()
    assert account(sales.finance, customer).context["ageing"].day == timezone.localdate() != date(2000, 1, 1)
