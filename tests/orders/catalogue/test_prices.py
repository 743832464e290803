"""Which price holds, for whom, on which day."""

from datetime import date
from decimal import Decimal

import pytest

from orders.catalogue.queries import price_of, prices_for
from salesops.kernel.errors import RuleBroken
from tests.support.build import make_price, make_price_list, make_product

pytestmark = pytest.mark.django_db

DAY = date(2026, 7, 15)
YEAR = date(2026, 1, 1)
JULY = date(2026, 7, 1)


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        pytest.param([("", YEAR, None, True, 10)], "10.00", id="the general list"),
        pytest.param([("", YEAR, None, True, 10), ("A", YEAR, None, True, 9)], "9.00", id="own grade wins"),
        pytest.param(
            [("A", YEAR, None, True, 9), ("", JULY, None, True, 8)],
            "9.00",
            id="own grade wins over a later general one",
        ),
        pytest.param(
            [("", YEAR, None, True, 10), ("B", YEAR, None, True, 9)], "10.00", id="another grade does not count"
        ),
        pytest.param([("", YEAR, None, True, 10), ("", JULY, None, True, 11)], "11.00", id="later start wins"),
        pytest.param(
            [("", JULY, None, True, 11), ("", YEAR, None, True, 10)], "11.00", id="whatever the order of filing"
        ),
        pytest.param(
            [("", YEAR, None, True, 10), ("", YEAR, None, True, 12)], "12.00", id="same start: the one made later"
        ),
        pytest.param(
            [("", YEAR, None, True, 10), ("", JULY, None, False, 11)], "10.00", id="an inactive list is no list"
        ),
        pytest.param([("", YEAR, None, True, 10), ("", date(2026, 7, 16), None, True, 11)], "10.00", id="not yet"),
        pytest.param([("", YEAR, None, True, 10), ("A", YEAR, date(2026, 7, 14), True, 9)], "10.00", id="no longer"),
        pytest.param([("", YEAR, date(2026, 7, 15), True, 10)], "10.00", id="on its last day"),
        pytest.param([("", date(2026, 7, 15), None, True, 10)], "10.00", id="on its first day"),
    ],
)
def test_the_price_that_holds(lists, expected):
    product = make_product()
    for grade, valid_from, valid_until, is_active, amount in lists:
        price_list = make_price_list(grade, valid_from=valid_from, valid_until=valid_until, is_active=is_active)
        make_price(product, amount, price_list)

    assert str(price_of(product, "A", DAY).amount) == expected


def test_a_list_without_the_product_leaves_it_to_the_next():
    general, own = make_price_list(), make_price_list("A")
    product, other = make_product(), make_product()
    make_price(product, 10, general)
    make_price(other, 5, own)

    assert price_of(product, "A", DAY).price_list == general


def test_the_answer_says_whether_tax_is_included():
    product = make_product()
    make_price(product, 10, make_price_list(includes_tax=False))

    assert price_of(product, "C", DAY).includes_tax is False


def test_without_a_price_the_answer_is_a_clear_no():
    product = make_product("KT-1", name="Kettle")
    make_price(product, 10, make_price_list(valid_from=date(2026, 8, 1)))

    with pytest.raises(RuleBroken) as refused:
        price_of(product, "A", DAY)

    assert refused.value.rule == "price"
    assert str(refused.value) == "There is no price for KT-1 Kettle on 2026-07-15."


def test_many_prices_are_one_query(django_assert_num_queries):
    general, own = make_price_list(), make_price_list("A")
    products = [make_product(category=None) for _ in range(20)]
    for product in products:
        make_price(product, 10, general)
        make_price(product, 9, own)
    unpriced = make_product()

    with django_assert_num_queries(1):
        found = prices_for("A", DAY, [product.pk for product in [*products, unpriced]])
        names = {price.price_list.name for price in found.values()}

    assert set(found) == {product.pk for product in products}
    assert {price.amount for price in found.values()} == {Decimal("9.00")}
    assert names == {own.name}
