"""Stock is locked in the order of its products, whatever the order of the lines: so nobody waits in a ring."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from orders.deliveries.services import LineInput, cancel_rest, submit_delivery, write_delivery
from orders.models import Delivery, Product, Stock
from orders.shipments.services import ship_delivery
from salesops.approvals.models import Request
from salesops.approvals.services import approve
from tests.support.at_once import begun
from tests.support.build import Sales, make_product, make_sales, open_stock
from tests.support.servers import url_of_database

pytestmark = pytest.mark.django_db(transaction=True)

BACKWARDS, MIXED = (4, 3, 2, 1, 0), (3, 0, 4, 2, 1)


@pytest.fixture
def sales() -> Sales:
    return make_sales()


@pytest.fixture
def products(sales: Sales) -> list[Product]:
    """Five products in stock, by their keys."""
    more = [make_product(price="10.00") for _number in range(4)]
    for product in more:
        open_stock(sales.warehouse, product, 100)
    return [sales.product, *more]


@contextmanager
def held(product: Product) -> Iterator[psycopg.Connection]:
    """Somebody else holds the stock of a product until the block ends."""
    with psycopg.connect(url_of_database(connection.settings_dict["NAME"])) as other:
        other.execute("SELECT 1 FROM orders_stock WHERE product_id = %s FOR UPDATE", [product.pk])
        yield other


def free_stock() -> list[int]:
    """The products whose stock nobody has locked."""
    with psycopg.connect(url_of_database(connection.settings_dict["NAME"])) as other:
        rows = other.execute("SELECT product_id FROM orders_stock ORDER BY product_id FOR UPDATE SKIP LOCKED")
        return [product_id for (product_id,) in rows]


def require_locks_in_order(products: list[Product], deed: Callable[[], object]) -> None:
    """Let the deed run into the stock of the middle product: it has locked those before it, and none after it."""
    with ThreadPoolExecutor(1) as pool:
        with held(products[2]):
            working = begun(pool, deed)
            assert not working.done(), working.result()
            assert free_stock() == [product.pk for product in products[3:]]
        working.result(timeout=30)


def submitted(sales: Sales, products: list[Product], order: tuple[int, ...]) -> Request:
    lines = [LineInput(products[at].pk, 2, Decimal(0)) for at in order]
    customer, place = sales.customer(), sales.warehouse
    draft = write_delivery(by=sales.representative, customer_id=customer.pk, warehouse_id=place.pk, lines=lines)
    submit_delivery(draft.pk, by=sales.representative)
    return Request.objects.get(document_type="delivery", object_id=draft.pk)


@pytest.mark.parametrize("order", [BACKWARDS, MIXED])
def test_whoever_promises_ships_or_frees_goods_locks_them_in_the_order_of_products(
    sales: Sales, products: list[Product], order: tuple[int, ...]
) -> None:
    assert [product.pk for product in products] == sorted(product.pk for product in products)
    request, other = submitted(sales, products, order), submitted(sales, products, order)
    require_locks_in_order(products, lambda: approve(request.pk, by=sales.supervisor))
    approve(other.pk, by=sales.supervisor)
    lines = Delivery.objects.get(pk=request.object_id).lines.order_by("position")
    leaving = {line.pk: 1 for line in lines}
    require_locks_in_order(
        products,
        lambda: ship_delivery(request.object_id, by=sales.supply, shipped_on=timezone.localdate(), quantities=leaving),
    )
    require_locks_in_order(products, lambda: cancel_rest(other.object_id, by=sales.supervisor, reason="x"))
    assert [stock.on_hand for stock in Stock.objects.order_by("product_id")][1:] == [99] * 4
