"""Two receipts and a count at once: nothing is lost, and the movements always add up to the stock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum

from orders.models import ExpectedGoods, Stock, StockMovement
from orders.stock.models import Movement
from orders.stock.services import count_stock, receive_expected, receive_goods
from salesops.kernel.errors import RuleBroken
from salesops.users.roles import Role
from tests.support.build import make_product, make_user, make_warehouse

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works: Callable[[], object]) -> list[BaseException | None]:
    """Do all at once, each in its own transaction; return what each raised."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], object]) -> BaseException | None:
        try:
            barrier.wait()
            work()
        except RuleBroken as refused:
            return refused
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_receipts_and_a_count_add_up():
    supply, place, product = make_user(Role.SUPPLY), make_warehouse(), make_product()
    where: dict[str, Any] = {"by": supply, "warehouse_id": place.pk, "product_id": product.pk}

    for _ in range(5):
        at_once(
            lambda: receive_goods(**where, quantity=10),
            lambda: receive_goods(**where, quantity=7),
            lambda: count_stock(**where, counted=3),
        )

    stock = Stock.objects.get()
    assert stock.on_hand == StockMovement.objects.aggregate(total=Sum("quantity"))["total"]
    assert StockMovement.objects.filter(kind=Movement.RECEIPT).count() == 10
    assert stock.on_hand in {3, 10, 13, 20}


def test_the_same_expected_goods_come_once():
    supply, place, product = make_user(Role.SUPPLY), make_warehouse(), make_product()
    expected = ExpectedGoods.objects.create(
        warehouse=place, product=product, quantity=30, expected_on="2026-12-01", recorded_by=supply
    )

    outcomes = at_once(*[lambda: receive_expected(expected.pk, by=supply)] * 4)

    assert sum(outcome is None for outcome in outcomes) == 1
    assert Stock.objects.get().on_hand == 30
    assert StockMovement.objects.count() == 1
