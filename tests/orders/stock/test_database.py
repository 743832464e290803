"""What the database holds by itself, whoever writes and by whatever means."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from orders.models import Stock, StockMovement
from orders.stock.models import Movement
from orders.stock.services import receive_goods
from salesops.users.roles import Role
from tests.support.build import make_product, make_stock, make_user, make_warehouse

pytestmark = pytest.mark.django_db


def execute(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("on_hand = -1, reserved = 0", "stock_is_never_below_zero|no_more_is_reserved_than_there_is"),
        ("on_hand = 3", "no_more_is_reserved_than_there_is"),
        ("reserved = 11", "no_more_is_reserved_than_there_is"),
        ("reserved = -1", "no_more_is_reserved_than_there_is"),
    ],
)
def test_stock_stays_sound_against_sql(change, constraint):
    stock = make_stock(make_warehouse(), make_product(), 10, reserved=4)

    with pytest.raises(IntegrityError, match=constraint):
        execute(f"UPDATE orders_stock SET {change}")  # noqa: S608

    stock.refresh_from_db()
    assert (stock.on_hand, stock.reserved) == (10, 4)


@pytest.mark.parametrize("change", ["UPDATE orders_stockmovement SET quantity = 1", "DELETE FROM orders_stockmovement"])
def test_a_movement_stays_as_it_is(change):
    make_movement()

    with pytest.raises(DatabaseError):
        execute(change)

    assert StockMovement.objects.get().quantity == 5


def test_movements_are_not_emptied():
    make_movement()

    with pytest.raises(DatabaseError, match="never emptied"):
        execute(
            "SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL salesops.allow_truncate = 'off'; TRUNCATE orders_stockmovement"
        )

    assert StockMovement.objects.count() == 1


def test_a_movement_moves_something():
    movement = make_movement()

    with pytest.raises(IntegrityError, match="a_movement_moves_something"), transaction.atomic():
        StockMovement.objects.create(
            warehouse=movement.warehouse,
            product=movement.product,
            kind=Movement.COUNT,
            quantity=0,
            moved_on=movement.moved_on,
        )


def test_a_product_has_one_stock_in_a_warehouse():
    stock = make_stock(make_warehouse(), make_product(), 1)

    with pytest.raises(IntegrityError, match="one_stock"), transaction.atomic():
        make_stock(stock.warehouse, stock.product, 1)

    assert Stock.objects.count() == 1


def make_movement() -> StockMovement:
    return receive_goods(
        by=make_user(Role.SUPPLY), warehouse_id=make_warehouse().pk, product_id=make_product().pk, quantity=5
    )
