"""Pages of stock: what they show, what they do once, how often they ask the database."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.models import ExpectedGoods, Stock, StockMovement, Warehouse
from salesops.users.roles import Role
from tests.support.build import make_product, make_stock, make_warehouse
from tests.support.signed_in import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def supply():
    return client_of(Role.SUPPLY)


def text_of(response) -> str:
    return response.content.decode()


def expect(place, product, quantity, days):
    day = timezone.localdate() + timedelta(days=days)
    return ExpectedGoods.objects.create(warehouse=place, product=product, quantity=quantity, expected_on=day)


def test_goods_are_received_once_however_often_the_form_is_sent(supply):
    place, product = make_warehouse(), make_product("KT-1")
    page = supply.get(reverse("orders:stock_receipt"), {"product": product.pk, "warehouse": place.pk})
    assert page.context["form"].initial == {"product": product.pk, "warehouse": place.pk}
    data = {
        "product": product.pk,
        "warehouse": place.pk,
        "quantity": 12,
        "on": timezone.localdate(),
        "once_key": page.context["once_key"],
    }

    for _ in range(2):
        assert supply.post(reverse("orders:stock_receipt"), data)["Location"] == product.get_absolute_url()

    assert Stock.objects.get().on_hand == 12
    assert StockMovement.objects.count() == 1


def test_a_refused_count_stands_at_its_field_with_its_figures(supply):
    place, product = make_warehouse(), make_product("KT-1")
    make_stock(place, product, 10, reserved=4)

    response = supply.post(
        reverse("orders:stock_count"),
        {"product": product.pk, "warehouse": place.pk, "counted": 3, "on": timezone.localdate()},
    )

    assert response.status_code == 422
    assert "4 pieces of KT-1 are reserved" in text_of(response)
    assert 'value="3"' in text_of(response)
    assert Stock.objects.get().on_hand == 10


def test_a_part_of_expected_goods_is_received_on_the_page(supply):
    expected = expect(make_warehouse(), make_product(), 30, 2)

    supply.post(reverse("orders:expected_receipt", args=[expected.pk]), {"quantity": 10, "on": timezone.localdate()})

    assert Stock.objects.get().on_hand == 10
    assert ExpectedGoods.objects.get(received_at=None).quantity == 20


def test_expected_goods_are_put_off_and_called_off(supply):
    expected = expect(make_warehouse(), make_product(), 30, 2)
    later = timezone.localdate() + timedelta(days=30)

    supply.post(reverse("orders:expected_change", args=[expected.pk]), {"quantity": 30, "expected_on": later})
    expected.refresh_from_db()
    assert expected.expected_on == later

    supply.post(reverse("orders:expected_call_off", args=[expected.pk]))
    assert not ExpectedGoods.objects.exists()


def test_what_has_come_is_left_out_unless_asked_for(supply):
    place = make_warehouse()
    expect(place, make_product("LATE-1"), 1, -3)
    expect(place, make_product("SOON-1"), 1, 3)
    ExpectedGoods.objects.filter(pk=expect(place, make_product("CAME-1"), 1, 3).pk).update(received_at=timezone.now())

    for state, skus in {"": {"LATE-1", "SOON-1"}, "late": {"LATE-1"}, "received": {"CAME-1"}}.items():
        text = text_of(supply.get(reverse("orders:expected"), {"state": state}))
        assert {sku for sku in ("LATE-1", "SOON-1", "CAME-1") if f">{sku}<" in text} == skus


def test_stock_is_narrowed(supply):
    place = make_warehouse()
    make_stock(place, make_product("FREE-1"), 10)
    make_stock(place, make_product("GONE-1"), 5, reserved=5)

    for state, skus in {"": {"FREE-1", "GONE-1"}, "free": {"FREE-1"}, "none": {"GONE-1"}, "short": set()}.items():
        text = text_of(supply.get(reverse("orders:stock"), {"state": state}))
        assert {sku for sku in ("FREE-1", "GONE-1") if f">{sku}<" in text} == skus


def test_a_warehouse_is_opened_and_closed(supply):
    supply.post(reverse("orders:warehouse_new"), {"code": "SH", "name": "Shanghai"})
    place = Warehouse.objects.get()
    supply.post(reverse("orders:warehouse_change", args=[place.pk]), {"code": "SH", "name": "Shanghai"})

    place.refresh_from_db()
    assert not place.is_active


@pytest.mark.parametrize("name", ["stock", "movements", "expected", "warehouses"])
def test_a_long_list_asks_no_more_than_a_short_one(supply, name, django_assert_max_num_queries):
    place = make_warehouse()
    for _ in range(60):
        product = make_product()
        make_stock(place, product, 5)
        expect(place, product, 5, 2)
        StockMovement.objects.create(
            warehouse=place, product=product, kind="receipt", quantity=5, moved_on=timezone.localdate()
        )

    with django_assert_max_num_queries(12):
        assert supply.get(reverse(f"orders:{name}")).status_code == 200


@pytest.mark.parametrize("key", ["stock", "expected", "movements", "history"])
def test_the_panels_of_a_product(supply, key):
    place, product = make_warehouse(name="Shanghai"), make_product("KT-1")
    make_stock(place, product, 17)
    expect(place, product, 5, 2)

    response = supply.get(reverse("web:panel", args=["product", key, product.sku]))

    assert response.status_code == 200
    if key in ("stock", "expected"):
        assert "Shanghai" in text_of(response)
