"""Which price holds, for whom, on which day."""

from datetime import date
from decimal import Decimal

import pytest

from orders.catalogue.queries import PriceFound, found_price, prices_for
from orders.models import Product
from salesops.kernel.errors import RuleBroken
from tests.support.build import make_price, make_price_list, make_product

pytestmark = pytest.mark.django_db

DAY = date(2026, 7, 15)
YEAR = date(2026, 1, 1)
JULY = date(2026, 7, 1)


def price_of(product: Product, grade: str, on: date) -> PriceFound:
    return found_price(prices_for(grade, on, [product.pk]), product, on)


def general(amount, valid_from=YEAR, **fields):
    return amount, {"grade": "", "valid_from": valid_from, **fields}


def own(amount, valid_from=YEAR, **fields):
    return amount, {"grade": "A", "valid_from": valid_from, **fields}


def other_grade(amount):
    return amount, {"grade": "B", "valid_from": YEAR}


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        ([general(10)], "10.00"),
        ([general(10), own(9)], "9.00"),
        ([own(9), general(8, JULY)], "9.00"),  # the own grade wins over a later general list
        ([general(10), other_grade(9)], "10.00"),
        ([general(10), general(11, JULY)], "11.00"),  # the later start wins
        ([general(11, JULY), general(10)], "11.00"),  # whatever the order of filing
        ([general(10), general(12)], "12.00"),  # the same start: the one made later
        ([general(10), general(11, JULY, is_active=False)], "10.00"),
        ([general(10), general(11, date(2026, 7, 16))], "10.00"),  # not yet
        ([general(10), own(9, valid_until=date(2026, 7, 14))], "10.00"),  # no longer
        ([general(10, valid_until=DAY)], "10.00"),  # on its last day
        ([general(10, DAY)], "10.00"),  # on its first day
    ],
)
def test_the_price_that_holds(lists, expected):
    product = make_product()
    for amount, fields in lists:
        make_price(product, amount, make_price_list(**fields))

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


def test_what_begins_with_the_text_is_found_before_what_only_holds_it() -> None:
    from orders.catalogue.queries import find_products
    from orders.models import Product
    from tests.support.build import make_product

    for sku, name in [
        ("AT-15", "Bathroom heater"),
        ("ZZ-1", "Royal kettle"),
        ("RO-600", "Purifier"),
        ("AB-2", "New roaster"),
    ]:
        make_product(sku, name=name)
    found = [product.sku for product in find_products(Product.objects.all(), "ro")]
    assert found == ["RO-600", "ZZ-1", "AB-2", "AT-15"]
