"""Stock changes by movements only, and never below what is promised."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from orders.models import ExpectedGoods, Stock, StockMovement, Warehouse
from orders.stock.models import Movement
from orders.stock.services import (
    call_off_expected,
    change_expected,
    change_warehouse,
    count_stock,
    expect_goods,
    open_warehouse,
    receive_expected,
    receive_goods,
)
from salesops.kernel.errors import RuleBroken
from salesops.users.roles import Role
from tests.support.build import make_product, make_stock, make_user, make_warehouse

pytestmark = pytest.mark.django_db


@pytest.fixture
def supply():
    return make_user(Role.SUPPLY)


@pytest.fixture
def place():
    return make_warehouse()


@pytest.fixture
def product():
    return make_product("KT-1")


def tomorrow() -> date:
    return timezone.localdate() + timedelta(days=1)


def test_goods_received_lie_there_and_a_movement_says_so(supply, place, product):
    movement = receive_goods(
        by=supply, warehouse_id=place.pk, product_id=product.pk, quantity=40, batch="B7", document="PO-11"
    )

    assert Stock.objects.get().on_hand == 40
    assert (movement.kind, movement.quantity, movement.batch, movement.document, movement.recorded_by) == (
        Movement.RECEIPT,
        40,
        "B7",
        "PO-11",
        supply,
    )
    assert movement.moved_on == timezone.localdate()


@pytest.mark.parametrize(
    ("changes", "field"), [({"quantity": 0}, "quantity"), ({"quantity": -1}, "quantity"), ({}, "on")]
)
def test_no_receipt_of_nothing_or_of_tomorrow(supply, place, product, changes, field):
    given = {"quantity": 5, "on": tomorrow() if field == "on" else None, **changes}

    with pytest.raises(RuleBroken) as refused:
        receive_goods(by=supply, warehouse_id=place.pk, product_id=product.pk, **given)

    assert refused.value.field == field
    assert not Stock.objects.exists()
    assert not StockMovement.objects.exists()


def test_a_closed_warehouse_takes_nothing_in(supply, product):
    place = make_warehouse(is_active=False)

    with pytest.raises(RuleBroken, match="is closed"):
        receive_goods(by=supply, warehouse_id=place.pk, product_id=product.pk, quantity=5)
    with pytest.raises(RuleBroken, match="is closed"):
        expect_goods(by=supply, warehouse_id=place.pk, product_id=product.pk, quantity=5, expected_on=tomorrow())

    assert not StockMovement.objects.exists()
    assert not ExpectedGoods.objects.exists()


@pytest.mark.parametrize(("counted", "difference"), [(12, 2), (7, -3), (4, -6)])
def test_the_difference_of_a_count_is_a_movement(supply, place, product, counted, difference):
    make_stock(place, product, 10, reserved=4)

    movement = count_stock(by=supply, warehouse_id=place.pk, product_id=product.pk, counted=counted, note="Q3")

    assert Stock.objects.get().on_hand == counted
    assert movement is not None
    assert (movement.kind, movement.quantity, movement.note) == (Movement.COUNT, difference, "Q3")


def test_a_count_that_agrees_moves_nothing(supply, place, product):
    make_stock(place, product, 10)

    assert count_stock(by=supply, warehouse_id=place.pk, product_id=product.pk, counted=10) is None
    assert not StockMovement.objects.exists()


def test_no_count_below_what_is_reserved(supply, place, product):
    make_stock(place, product, 10, reserved=4)

    with pytest.raises(RuleBroken, match="4 pieces of KT-1 are reserved") as refused:
        count_stock(by=supply, warehouse_id=place.pk, product_id=product.pk, counted=3)

    assert refused.value.rule == "reserved"
    assert refused.value.facts == {"on_hand": 10, "reserved": 4, "counted": 3}
    assert Stock.objects.get().on_hand == 10
    assert not StockMovement.objects.exists()


def test_no_count_is_negative(supply, place, product):
    with pytest.raises(RuleBroken):
        count_stock(by=supply, warehouse_id=place.pk, product_id=product.pk, counted=-1)

    assert not Stock.objects.exists()


def test_goods_are_expected_from_today_on(supply, place, product):
    expect_goods(by=supply, warehouse_id=place.pk, product_id=product.pk, quantity=5, expected_on=timezone.localdate())

    with pytest.raises(RuleBroken, match="over") as refused:
        expect_goods(by=supply, warehouse_id=place.pk, product_id=product.pk, quantity=5, expected_on=date(2020, 1, 1))

    assert refused.value.field == "expected_on"
    assert ExpectedGoods.objects.count() == 1


def test_all_of_what_was_expected_comes(supply, place, product):
    expected = expect_goods(
        by=supply, warehouse_id=place.pk, product_id=product.pk, quantity=30, expected_on=tomorrow(), note="Ship 7"
    )

    movement = receive_expected(expected.pk, by=supply)

    expected.refresh_from_db()
    assert expected.received_at is not None
    assert (movement.quantity, movement.note) == (30, "Ship 7")
    assert Stock.objects.get().on_hand == 30
    assert not ExpectedGoods.objects.filter(received_at=None).exists()


def test_a_part_comes_and_the_rest_stays_expected(supply, place, product):
    expected = expect_goods(
        by=supply, warehouse_id=place.pk, product_id=product.pk, quantity=30, expected_on=tomorrow()
    )

    receive_expected(expected.pk, by=supply, quantity=12)

    rest = ExpectedGoods.objects.get(received_at=None)
    assert (rest.quantity, rest.expected_on) == (18, expected.expected_on)
    assert Stock.objects.get().on_hand == 12


def test_more_may_come_than_was_expected(supply, place, product):
    expected = expect_goods(
        by=supply, warehouse_id=place.pk, product_id=product.pk, quantity=30, expected_on=tomorrow()
    )

    receive_expected(expected.pk, by=supply, quantity=31)

    assert ExpectedGoods.objects.get().quantity == 31
    assert Stock.objects.get().on_hand == 31


def test_what_has_come_does_not_come_again_change_or_go(supply, place, product):
    expected = expect_goods(
        by=supply, warehouse_id=place.pk, product_id=product.pk, quantity=30, expected_on=tomorrow()
    )
    receive_expected(expected.pk, by=supply)

    for again in (
        lambda: receive_expected(expected.pk, by=supply),
        lambda: change_expected(expected.pk, by=supply, quantity=5, expected_on=tomorrow()),
        lambda: call_off_expected(expected.pk, by=supply),
    ):
        with pytest.raises(RuleBroken, match="have come already"):
            again()

    assert Stock.objects.get().on_hand == 30
    assert StockMovement.objects.count() == 1


def test_expected_goods_are_put_off_and_called_off(supply, place, product):
    expected = expect_goods(
        by=supply, warehouse_id=place.pk, product_id=product.pk, quantity=30, expected_on=tomorrow()
    )
    later = tomorrow() + timedelta(days=7)

    change_expected(expected.pk, by=supply, quantity=25, expected_on=later)
    expected.refresh_from_db()
    assert (expected.quantity, expected.expected_on) == (25, later)

    with pytest.raises(RuleBroken):
        change_expected(expected.pk, by=supply, quantity=25, expected_on=date(2020, 1, 1))
    expected.refresh_from_db()
    assert expected.expected_on == later

    call_off_expected(expected.pk, by=supply)
    assert not ExpectedGoods.objects.exists()


def test_warehouses_open_close_and_keep_their_code_to_themselves(supply):
    place = open_warehouse(by=supply, code="SH", name="Shanghai", name_zh="上海")

    with pytest.raises(RuleBroken, match="already"):
        open_warehouse(by=supply, code="sh", name="Shenzhen")
    change_warehouse(place.pk, by=supply, code="SH", name="Shanghai", is_active=False)

    place.refresh_from_db()
    assert not place.is_active
    assert Warehouse.objects.count() == 1


def test_a_warehouse_with_goods_does_not_close(supply, place, product):
    make_stock(place, product, 1)

    with pytest.raises(RuleBroken, match="Goods still lie"):
        change_warehouse(place.pk, by=supply, code=place.code, name=place.name, is_active=False)

    place.refresh_from_db()
    assert place.is_active


def test_a_warehouse_that_expects_goods_does_not_close(supply, place, product):
    expect_goods(by=supply, warehouse_id=place.pk, product_id=product.pk, quantity=5, expected_on=tomorrow())

    with pytest.raises(RuleBroken, match="still expected"):
        change_warehouse(place.pk, by=supply, code=place.code, name=place.name, is_active=False)

    place.refresh_from_db()
    assert place.is_active


def test_a_warehouse_that_a_delivery_is_to_leave_is_not_closed() -> None:
    from salesops.kernel.errors import RuleBroken
    from tests.support.build import make_sales

    sales = make_sales(stock=0)
    sales.submitted(sales.customer())
    with pytest.raises(RuleBroken) as caught:
        change_warehouse(
            sales.warehouse.pk, by=sales.supply, code=sales.warehouse.code, name=sales.warehouse.name, is_active=False
        )
    assert caught.value.rule == "empty"
    sales.warehouse.refresh_from_db()
    assert sales.warehouse.is_active
