"""What is to leave, the form by which it leaves, what left, and the paper that goes with it."""

import shutil
import subprocess
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.models import Delivery, ExpectedGoods, ReceivableEntry, Shipment, Stock
from orders.shipments.note import delivery_note, note_data
from orders.shipments.queries import open_lines_of, to_ship_for
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.build import Sales, make_sales, make_user
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def ship(sales: Sales, delivery: Delivery, pieces: Any, **more: Any) -> Any:
    line = delivery.lines.get()
    data = {"shipped_on": timezone.localdate(), f"quantity_{line.pk}": pieces, f"batch_{line.pk}": "B7", **more}
    return signed_in(sales.supply).post(reverse("orders:shipment_new", args=[delivery.number]), data)


def to_ship(user: User, **query: Any) -> list[str]:
    response = signed_in(user).get(reverse("orders:to_ship"), query)
    return [row.record.number for row in response.context["table"].paginated_rows]


# ---- what is to leave ----
def test_the_list_has_the_earliest_wanted_first(sales: Sales) -> None:
    customer = sales.customer()
    later, sooner, without = (sales.approved(customer, 1) for _ in range(3))
    today = timezone.localdate()
    Delivery.objects.filter(pk=later.pk).update(wanted_on=today + timedelta(days=9))
    Delivery.objects.filter(pk=sooner.pk).update(wanted_on=today - timedelta(days=2))
    sales.draft(customer)
    assert to_ship(sales.supply) == [sooner.number, later.number, without.number]
    assert to_ship(sales.supply, only="late") == [sooner.number]


def test_the_list_says_how_much_lies_ready(sales: Sales) -> None:
    Stock.objects.update(on_hand=12)
    customer = sales.customer()
    whole, part, nothing = sales.approved(customer, 10), sales.approved(customer, 8), sales.approved(customer, 5)
    rows: Any = to_ship_for(sales.supply)
    ready = {delivery.number: delivery.ready for delivery in rows}
    assert ready == {whole.number: 100, part.number: 25, nothing.number: 0}
    assert to_ship(sales.supply, only="ready") == [whole.number]
    assert to_ship(sales.supply, only="part") == [part.number]
    assert to_ship(sales.supply, only="wait") == [nothing.number]


def test_free_stock_counts_as_ready_too(sales: Sales) -> None:
    Stock.objects.update(on_hand=2)
    delivery = sales.approved(sales.customer(), 10)
    Stock.objects.update(on_hand=8)
    rows: Any = to_ship_for(sales.supply)
    assert rows.get().ready_pieces == 8
    assert [(each.ready, each.short) for each in open_lines_of(delivery)] == [(8, 2)]


def test_free_stock_is_promised_to_one_line_only(sales: Sales) -> None:
    from orders.deliveries.services import LineInput, submit_delivery, write_delivery
    from salesops.approvals.models import Request
    from salesops.approvals.services import approve

    Stock.objects.update(on_hand=0)
    lines = [LineInput(sales.product.pk, 5), LineInput(sales.product.pk, 5)]
    delivery = write_delivery(
        by=sales.representative, customer_id=sales.customer().pk, warehouse_id=sales.warehouse.pk, lines=lines
    )
    submit_delivery(delivery.pk, by=sales.representative)
    approve(Request.objects.get(object_id=delivery.pk).pk, by=sales.supervisor)
    Stock.objects.update(on_hand=7)
    assert [each.ready for each in open_lines_of(delivery)] == [5, 2]


def test_the_list_asks_as_often_for_many_rows_as_for_few(sales: Sales) -> None:
    customer = sales.customer(limit=None)
    client, url = signed_in(sales.supply), reverse("orders:to_ship")
    sales.approved(customer, 1)
    client.get(url)
    few = queries_of(client, url)
    for _ in range(5):
        sales.approved(customer, 1)
    assert queries_of(client, url) == few <= 14


def test_the_menu_counts_what_waits_for_supply(sales: Sales) -> None:
    sales.approved(sales.customer(), 1)
    text = signed_in(sales.supply).get(reverse("orders:shipments")).content.decode()
    assert '<span class="so-nav__count">1<' in text


# ---- the form ----
def test_the_form_proposes_what_lies_ready(sales: Sales) -> None:
    Stock.objects.update(on_hand=6)
    delivery = sales.approved(sales.customer(), 10)
    ExpectedGoods.objects.create(
        warehouse=sales.warehouse, product=sales.product, quantity=50, expected_on=date(2031, 2, 3)
    )
    response = signed_in(sales.supply).get(reverse("orders:shipment_new", args=[delivery.number]))
    line = delivery.lines.get()
    assert response.context["form"][f"quantity_{line.pk}"].value() == 6
    text = response.content.decode()
    assert "short 4" in text
    assert "50 on 2031-02-03" in text


def test_goods_leave_with_their_batch_and_are_on_the_account(sales: Sales) -> None:
    delivery = sales.approved(sales.customer(), 10)
    response = ship(sales, delivery, 4, carrier="SF", tracking="123", note="Fragile")
    shipment = Shipment.objects.get()
    assert response["Location"] == shipment.get_absolute_url()
    assert (shipment.carrier, shipment.tracking, shipment.note) == ("SF", "123", "Fragile")
    assert [(part.quantity, part.batch) for part in shipment.lines.all()] == [(4, "B7")]
    assert ReceivableEntry.objects.get().debit == Decimal("400.00")


@pytest.mark.parametrize("pieces", ["11", "-1", "x", "1.5"])
def test_pieces_that_cannot_leave_are_an_error_at_their_line(sales: Sales, pieces: str) -> None:
    delivery = sales.approved(sales.customer(), 10)
    response = ship(sales, delivery, pieces)
    assert response.status_code == 422
    assert f"quantity_{delivery.lines.get().pk}" in response.context["form"].errors
    assert not Shipment.objects.exists()


def test_more_than_lies_there_is_an_error_at_its_line(sales: Sales) -> None:
    Stock.objects.update(on_hand=6)
    delivery = sales.approved(sales.customer(), 10)
    response = ship(sales, delivery, 7)
    assert response.status_code == 422
    assert "6 pieces are in stock" in str(response.context["form"].errors[f"quantity_{delivery.lines.get().pk}"])
    assert not Shipment.objects.exists()


def test_nothing_and_the_future_are_refused(sales: Sales) -> None:
    delivery = sales.approved(sales.customer(), 10)
    assert "Enter how many pieces leave" in ship(sales, delivery, "0").content.decode()
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert "shipped_on" in ship(sales, delivery, "1", shipped_on=tomorrow).context["form"].errors
    assert not Shipment.objects.exists()


def test_a_hold_stops_goods_and_says_why(sales: Sales) -> None:
    customer = sales.customer()
    delivery = sales.approved(customer)
    customer.account.is_on_hold, customer.account.hold_reason = True, "Cheque bounced"
    customer.account.save()
    url = reverse("orders:shipment_new", args=[delivery.number])
    assert "Cheque bounced" in signed_in(sales.supply).get(url).content.decode()
    assert ship(sales, delivery, 1).status_code == 422
    assert not Shipment.objects.exists()


def test_what_has_left_opens_no_form(sales: Sales) -> None:
    delivery = sales.approved(sales.customer(), 2)
    sales.ship(delivery)
    url = reverse("orders:shipment_new", args=[delivery.number])
    assert signed_in(sales.supply).get(url)["Location"] == delivery.get_absolute_url()


# ---- what left ----
def test_the_record_says_what_of_it_is_paid(sales: Sales) -> None:
    customer = sales.customer()
    shipment = sales.ship(sales.approved(customer, 3))
    payment = sales.pay(customer, 100)
    response = signed_in(sales.finance).get(shipment.get_absolute_url())
    text = response.content.decode()
    assert payment.get_absolute_url() in text
    assert "200<small>.00" in text


def test_supply_sees_no_account(sales: Sales) -> None:
    customer = sales.customer()
    shipment = sales.ship(sales.approved(customer, 3))
    payment = sales.pay(customer, 100)
    assert payment.number not in signed_in(sales.supply).get(shipment.get_absolute_url()).content.decode()


def test_a_batch_is_traced_to_its_shipments(sales: Sales) -> None:
    customer = sales.customer()
    delivery, other = sales.approved(customer, 2), sales.approved(customer, 2)
    ship(sales, delivery, 2)
    sales.ship(other)
    url = f"{reverse('orders:shipments')}?batch=b7"
    response = signed_in(sales.supply).get(url)
    assert [row.record.delivery for row in response.context["table"].paginated_rows] == [delivery]


def test_the_list_of_shipments_asks_as_often_for_many_rows_as_for_few(sales: Sales) -> None:
    client, url = signed_in(sales.supply), reverse("orders:shipments")
    delivery = sales.approved(sales.customer(limit=None), 20)
    sales.ship(delivery, 1)
    client.get(url)
    few = queries_of(client, url)
    for _ in range(6):
        sales.ship(delivery, 1)
    assert queries_of(client, url) == few <= 14


# ---- the paper ----
def note_text(shipment: Shipment) -> str:
    content = delivery_note(note_data(shipment))
    assert content.startswith(b"%PDF")
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed")
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return read.stdout.decode()


def test_the_note_is_a_pdf_shown_in_the_browser(sales: Sales) -> None:
    shipment = sales.ship(sales.approved(sales.customer(), 3))
    response = signed_in(sales.supply).get(reverse("orders:shipment_note", args=[shipment.number]))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("inline")
    assert "Content-Security-Policy" not in response
    assert response.content.startswith(b"%PDF")


def test_the_note_says_what_left_for_whom_without_prices(sales: Sales) -> None:
    customer = sales.customer(name="Suzhou Ruifeng", name_zh="苏州瑞丰", limit=None)
    delivery = sales.approved(customer, 1234)
    Delivery.objects.filter(pk=delivery.pk).update(address="100 Zhongshan Road")
    ship(sales, delivery, 1234, carrier="SF Express")
    shipment = Shipment.objects.select_related("delivery", "customer", "warehouse").get()
    text = note_text(shipment)
    for said in (
        shipment.number,
        delivery.number,
        "Suzhou Ruifeng",
        "苏州瑞丰",
        "100 Zhongshan Road",
        "1,234",
        "B7",
        "SF Express",
        sales.product.sku,
        "送货单",
        "1 / 1",
    ):
        assert said in text, said
    assert "100.00" not in text
    assert "123,400" not in text


def test_words_of_customers_never_become_layout(sales: Sales) -> None:
    hostile = '#panic("x") $a$ *b* "; ]) #read("/etc/passwd")'
    customer = sales.customer(name=hostile)
    shipment = sales.ship(sales.approved(customer, 3))
    assert "#panic" in note_text(shipment)


def test_a_long_note_counts_its_pages() -> None:
    line = {"position": "1", "sku": "A", "name": "Thing", "name_zh": "", "batch": "", "quantity": "1", "unit": "pcs"}
    texts = ("company", "number", "delivery", "date", "customer", "customer_zh", "customer_code", "address", "phone")
    more = ("warehouse", "warehouse_zh", "carrier", "tracking", "note", "representative", "pieces")
    data: dict[str, Any] = dict.fromkeys((*texts, *more), "x") | {"lines": [line] * 120}
    content = delivery_note(data)
    if shutil.which("pdftotext"):
        read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
        pages = read.stdout.decode().split("\f")
        assert "1 / 4" in pages[0]
        assert all("SKU" in page for page in pages[:3])


def test_an_agent_gets_the_note_of_its_own_goods(sales: Sales) -> None:
    customer = sales.customer()
    shipment = sales.ship(sales.approved(customer, 3))
    agent = make_user(Role.AGENT, customer=customer)
    assert signed_in(agent).get(reverse("orders:shipment_note", args=[shipment.number])).status_code == 200
