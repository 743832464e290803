"""Bills in the browser: the register with what is expected, registering, the record, what becomes of one."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from orders.bills.queries import expectation_of
from orders.bills.services import dishonour_bill, return_bill
from orders.models import Bill, Payment
from salesops.users.roles import Role
from tests.support.bills import day, registered
from tests.support.build import Sales, make_sales, make_user
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def send(sales: Sales, **given: Any) -> Any:
    data = {
        "kind": "bank",
        "instrument": "AB1",
        "bank": "ICBC",
        "amount": "250.50",
        "received_on": day(0),
        "matures_on": day(30),
    }
    return signed_in(sales.finance).post(reverse("orders:bill_new"), data | given)


def act(sales: Sales, bill: Bill, name: str, **given: Any) -> Any:
    return signed_in(sales.finance).post(reverse(f"orders:bill_{name}", args=[bill.number]), given)


def text_of(user: Any, url: str, **query: Any) -> str:
    content: str = signed_in(user).get(url, query).content.decode()
    return content


def numbers(user: Any, **query: Any) -> list[str]:
    response = signed_in(user).get(reverse("orders:bills"), query)
    return [row.record.number for row in response.context["table"].paginated_rows]


def labels(user: Any, bill: Bill) -> list[str]:
    actions = signed_in(user).get(bill.get_absolute_url()).context["actions"]
    return [str(action.label) for action in actions if str(action.label) != "Open the account"]


def test_a_bill_is_registered_with_its_scan(sales: Sales) -> None:
    customer = sales.customer()
    response = send(sales, customer=customer.pk, file=SimpleUploadedFile("a.pdf", b"%PDF-1.4"))
    bill = Bill.objects.get()
    assert response["Location"] == bill.get_absolute_url()
    file: Any = signed_in(make_user(Role.AGENT, customer=customer)).get(reverse("orders:bill_scan", args=[bill.number]))
    assert b"".join(file.streaming_content) == b"%PDF-1.4"
    without = registered(sales, customer)
    assert signed_in(sales.finance).get(reverse("orders:bill_scan", args=[without.number])).status_code == 404


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"matures_on": day(-1)}, "matures_on"),
        ({"received_on": day(1)}, "received_on"),
        ({"instrument": " "}, "instrument"),
        ({"instrument": "TAKEN", "drawer": "D"}, "instrument"),
        ({"customer": "999999"}, "customer"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(sales: Sales, given: dict[str, Any], field: str) -> None:
    registered(sales, sales.customer(), instrument="taken", drawer="d", bank="icbc")
    response = send(sales, **{"customer": sales.customer().pk, **given})
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {field}
    assert Bill.objects.count() == 1


def test_a_second_click_registers_once(sales: Sales) -> None:
    key = {"once_key": "0123456789abcdef0123456789abcdef", "customer": sales.customer().pk}
    assert {send(sales, **key)["Location"] for _click in range(2)} == {Bill.objects.get().get_absolute_url()}


def test_the_record_offers_what_may_be_done_where_it_stands(sales: Sales) -> None:
    bill = registered(sales, sales.customer(), matures=9)
    assert labels(sales.finance, bill) == ["Pass on", "Give back", "Dishonoured"]
    assert labels(sales.representative, bill) == []
    act(sales, bill, "endorsement", endorsed_as="discount", endorsed_to="CMB", endorsed_on=day(0))
    assert labels(sales.finance, bill) == ["It came back", "Dishonoured"]
    assert "CMB" in text_of(sales.finance, bill.get_absolute_url())
    assert "CMB" not in text_of(make_user(Role.AGENT, customer=bill.customer), bill.get_absolute_url())
    act(sales, bill, "endorsement_withdrawal")
    act(sales, bill, "return", reason="Swapped")
    assert labels(sales.finance, bill) == []
    assert "Swapped" in text_of(sales.finance, bill.get_absolute_url())


def test_a_matured_bill_is_settled_at_a_click_and_bounces(sales: Sales) -> None:
    customer = sales.customer()
    debt = sales.overdue(customer, 100, 9)
    bill = registered(sales, customer)
    assert "Settle now" in labels(sales.finance, bill)
    assert [act(sales, bill, "settlement").status_code for _click in range(2)] == [302, 409]
    payment = Payment.objects.get()
    page = text_of(sales.finance, bill.get_absolute_url())
    assert payment.get_absolute_url() in page
    assert debt.document in page
    paid = text_of(sales.finance, payment.get_absolute_url())
    assert bill.get_absolute_url() in paid
    assert "say there that it was dishonoured" in paid
    late = act(sales, bill, "dishonour", reason="No cover", on=day(0), seen="held")
    assert late.status_code == 422
    assert "meanwhile" in late.content.decode()
    act(sales, bill, "dishonour", reason="No cover", on=day(0), seen="settled")
    assert "No cover" in text_of(sales.finance, bill.get_absolute_url())
    assert "Reversed" in text_of(sales.finance, payment.get_absolute_url())


def test_the_register_filters_finds_and_adds_up(sales: Sales) -> None:
    first = registered(sales, sales.customer(code="A-1"), 100, matures=3, kind="cheque", instrument="XY-77")
    second = registered(sales, sales.customer(code="A-2"), 900, matures=40)
    return_bill(second.pk, by=sales.finance, reason="x")
    assert numbers(sales.finance, state="held") == [first.number]
    assert numbers(sales.finance, kind="bank") == [second.number]
    assert numbers(sales.finance, customer="A-1") == [first.number]
    assert numbers(sales.finance, matures_after=day(3), matures_before=day(3)) == [first.number]
    assert numbers(sales.finance, q="xy-7") == [first.number]
    assert numbers(sales.finance, sort="matures_on") == [first.number, second.number]
    assert numbers(make_sales().representative) == []
    assert "1,000<small>.00" in text_of(sales.finance, reverse("orders:bills"))
    file = signed_in(sales.finance).get(reverse("orders:bills"), {"export": "xlsx"})
    cells = [cell.value for row in openpyxl.load_workbook(BytesIO(file.content)).active.iter_rows() for cell in row]
    assert {first.number, second.number, "XY-77"} <= set(cells)


def test_the_register_asks_as_often_for_many_rows_as_for_few(sales: Sales) -> None:
    client, url = signed_in(sales.finance), reverse("orders:bills")
    registered(sales, sales.customer())
    client.get(url)
    few = queries_of(client, url)
    for _ in range(6):
        registered(sales, sales.customer())
    assert queries_of(client, url) == few <= 15


def test_what_is_expected_is_said_by_week_and_leads_to_its_bills(sales: Sales) -> None:
    customer, today = sales.customer(), timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    for amount, matures in ((1, -1), (2, 7 - today.weekday()), (4, 14 - today.weekday()), (8, 400)):
        registered(sales, customer, amount, matures=matures)
    settled = registered(sales, customer, 16)
    dishonour_bill(settled.pk, by=sales.finance, reason="x")
    found = expectation_of(Bill.objects.all(), today)
    assert [int(part.amount) for part in found.parts] == [1, 0, 2, 12]
    assert (int(found.amount), found.count) == (15, 4)
    wednesday = expectation_of(Bill.objects.all(), monday + timedelta(days=7))
    assert [int(part.amount) for part in wednesday.parts] == [3, 0, 4, 8]
    shown = signed_in(sales.finance).get(reverse("orders:bills")).context["page"].expected()
    for _label, part, url in shown:
        rows = signed_in(sales.finance).get(url).context["table"].paginated_rows
        assert sum(row.record.amount for row in rows) == part.amount


def test_customer_and_account_show_what_is_expected_and_exposure_stays(sales: Sales) -> None:
    customer = sales.customer()
    bill = registered(sales, customer, 5_000, matures=9)
    for record in ("customer", "account"):
        panel = text_of(sales.finance, reverse("web:panel", args=[record, "bills", customer.code]))
        assert bill.number in panel
        assert "5,000<small>.00" in panel
    account = signed_in(sales.finance).get(reverse("orders:account", args=[customer.code]))
    assert account.context["picture"].exposure == 0


def test_a_bill_is_found_by_its_number_and_the_number_on_it(sales: Sales) -> None:
    bill = registered(sales, sales.customer(), instrument="ZZ9981")
    for text in (bill.number, "zz9981", "9981"):
        assert bill.number in text_of(sales.finance, reverse("web:find"), q=text)


def test_an_agent_sees_its_own_bills_and_registers_none(sales: Sales) -> None:
    bill = registered(sales, sales.customer())
    other = registered(sales, sales.customer())
    agent = make_user(Role.AGENT, customer=bill.customer)
    assert numbers(agent) == [bill.number]
    assert "Register a bill" not in text_of(agent, reverse("orders:bills"))
    assert signed_in(agent).get(other.get_absolute_url()).status_code == 404
    assert labels(agent, bill) == []
