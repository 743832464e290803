"""Lists of documents at any size: what may be sorted has an index, and a search finds rows by one."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders.bills.tables import BillTable
from orders.deliveries.tables import DeliveryTable
from orders.payments.queries import by_reference, payments_for
from orders.payments.tables import PaymentTable
from orders.receivables.search import with_words
from orders.shipments.queries import of_delivery_or_waybill, shipments_for
from orders.shipments.services import ship_delivery
from orders.shipments.tables import ShipmentTable
from salesops.web.tables import Table
from tests.support.bills import registered
from tests.support.build import Sales, make_sales
from tests.support.queries import plan_of
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db

LISTS: dict[str, tuple[type[Table], str]] = {
    "orders:bills": (BillTable, "orders_bill"),
    "orders:deliveries": (DeliveryTable, "orders_delivery"),
    "orders:payments": (PaymentTable, "orders_payment"),
    "orders:shipments": (ShipmentTable, "orders_shipment"),
}


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def sorts() -> Iterator[tuple[str, str]]:
    """Each list with each order that it offers."""
    for name, (table, _rows) in LISTS.items():
        for column in table([]).columns:
            if column.orderable:
                yield name, column.name
                yield name, f"-{column.name}"


def plan_of_list(client: Client, name: str, query: str) -> list[dict[str, Any]]:
    """How the database would read the rows of a list if they were too many to be sorted or read through."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"{reverse(name)}?{query}").status_code == 200
    table = LISTS[name][1]
    (asked,) = [one["sql"] for one in captured if f'SELECT "{table}"."id", "{table}"."number"' in one["sql"]]
    with connection.cursor() as cursor:
        for way in ("seqscan", "sort", "bitmapscan", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    return plan_of(asked)


def test_the_lists_offer_an_order() -> None:
    assert {name for name, _column in sorts()} == set(LISTS)


@pytest.mark.parametrize(("name", "order"), list(sorts()))
def test_every_order_that_is_offered_is_that_of_an_index(name: str, order: str, sales: Sales) -> None:
    customer = sales.customer()
    sales.ship(sales.approved(customer, 1))
    sales.pay(customer, 1)
    registered(sales, customer)
    nodes = plan_of_list(signed_in(sales.sales_manager), name, f"sort={order}")
    assert "Sort" not in {node["Node Type"] for node in nodes}
    begun = {key for node in nodes for key in node.get("Presorted Key", ())}
    assert begun <= {"customers_customer.name", f"{LISTS[name][1]}.number"}, "many rows share what the index sorts by"


def test_a_payment_is_found_by_how_its_reference_begins_or_ends(sales: Sales) -> None:
    customer = sales.customer("Lakeside Home")
    plain, named = sales.pay(customer, 10), sales.pay(customer, 20, reference="Giro 2026 4711-x")

    def found(text: str) -> list[str]:
        return sorted(each.number for each in with_words(payments_for(sales.finance), text, by_reference))

    assert found("giro") == found("4711-X") == found("giro 2026 4711") == found("lakeside 4711-x") == [named.number]
    assert found(plain.number.lower()) == [plain.number]
    assert found("lakeside") == found(" ") == sorted([plain.number, named.number])
    assert found("2026 4711") == found("nobody") == []


def test_a_shipment_is_found_by_its_delivery_its_waybill_and_its_batch(sales: Sales) -> None:
    customer = sales.customer("Lakeside Home")
    first, second = sales.approved(customer, 2), sales.approved(customer, 2)
    plain = sales.ship(first)
    line = second.lines.get()
    sent = ship_delivery(
        second.pk,
        by=sales.supply,
        shipped_on=timezone.localdate(),
        quantities={line.pk: 2},
        batches={line.pk: "B-7a"},
        tracking="sf 100200",
    )

    def found(text: str) -> list[str]:
        return sorted(each.number for each in with_words(shipments_for(sales.supply), text, of_delivery_or_waybill))

    assert found(first.number[-6:]) == [plain.number]
    assert found("SF") == found("SF 100") == found(f"lakeside {second.number}") == [sent.number]
    assert found("100200") == found("nobody") == []
    shown = signed_in(sales.supply).get(reverse("orders:shipments"), {"batch": "b-7A"}).content.decode()
    assert sent.number in shown
    assert plain.number not in shown
