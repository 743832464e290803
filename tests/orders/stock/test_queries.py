"""What a warehouse can give, and when it can give more."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import ExpectedGoods
from orders.stock.queries import Availability, availability
from tests.support.build import make_product, make_stock, make_warehouse

pytestmark = pytest.mark.django_db


def expect(place, product, quantity, days, **fields):
    day = timezone.localdate() + timedelta(days=days)
    ExpectedGoods.objects.create(warehouse=place, product=product, quantity=quantity, expected_on=day, **fields)
    return day


def test_the_answer_names_what_is_free_and_what_comes_next():
    place, product = make_warehouse(), make_product()
    make_stock(place, product, 10, reserved=4)
    make_stock(make_warehouse(), product, 99)
    day = expect(place, product, 20, 3)
    expect(place, product, 5, 3)
    expect(place, product, 70, 9)
    expect(place, product, 100, 1, received_at=timezone.now())

    assert availability(place.pk, [product.pk]) == {product.pk: Availability(10, 4, 6, day, 25)}


def test_a_product_that_never_lay_there_is_in_the_answer():
    product = make_product()

    assert availability(make_warehouse().pk, [product.pk]) == {product.pk: Availability()}


def test_many_products_are_two_queries(django_assert_num_queries):
    place = make_warehouse()
    products = [make_product() for _ in range(20)]
    for product in products:
        make_stock(place, product, 10)
        expect(place, product, 5, 2)

    with django_assert_num_queries(2):
        found = availability(place.pk, [product.pk for product in products])

    assert len(found) == 20
