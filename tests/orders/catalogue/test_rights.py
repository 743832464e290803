"""Who may open which page of products and prices: one table, every address in it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from orders.catalogue.urls import urlpatterns
from salesops.users.roles import Role
from tests.support.build import make_category, make_customer, make_price, make_price_list, make_product
from tests.support.signed_in import client_of

pytestmark = pytest.mark.django_db

INSIDE = {
    Role.REPRESENTATIVE,
    Role.SUPERVISOR,
    Role.REGIONAL_MANAGER,
    Role.SALES_MANAGER,
    Role.FINANCE,
    Role.SUPPLY,
    Role.MARKETING,
    Role.ADMINISTRATOR,
}
CATALOGUE = {Role.SALES_MANAGER, Role.MARKETING, Role.ADMINISTRATOR}

ALLOWED: dict[str, set[Role]] = {
    "products": {*INSIDE, Role.AGENT},
    "product_new": CATALOGUE,
    "pick_product": {*INSIDE, Role.AGENT},
    "product": {*INSIDE, Role.AGENT},
    "product_change": CATALOGUE,
    "categories": CATALOGUE,
    "category_new": CATALOGUE,
    "category_change": CATALOGUE,
    "price_lists": INSIDE,
    "price_list_new": CATALOGUE,
    "price_list": INSIDE,
    "price_list_change": CATALOGUE,
    "prices": INSIDE,
    "prices_change": CATALOGUE,
    "discount_rights": {Role.SALES_MANAGER, Role.ADMINISTRATOR},
}


@pytest.fixture
def addresses():
    category = make_category()
    product, price_list = make_product("KT-1", category=category), make_price_list()
    make_price(product, 10, price_list)
    arguments: dict[str, list[Any]] = {
        "product": [product.sku],
        "product_change": [product.sku],
        "category_change": [category.pk],
        "price_list": [price_list.pk],
        "price_list_change": [price_list.pk],
        "prices": [price_list.pk],
        "prices_change": [price_list.pk],
    }
    return {name: reverse(f"orders:{name}", args=arguments.get(name, [])) for name in ALLOWED}


def of_role(role: str) -> Client:
    return client_of(role, customer=make_customer() if role == Role.AGENT else None)


def test_every_address_is_in_the_table():
    assert {pattern.name for pattern in urlpatterns} == set(ALLOWED)


@pytest.mark.parametrize("role", Role.values)
def test_a_role_opens_what_is_its_own_and_nothing_else(role, addresses):
    client = of_role(role)

    answers = {name: client.get(url).status_code for name, url in addresses.items()}

    assert answers == {name: 200 if role in ALLOWED[name] else 403 for name in addresses}


def test_a_visitor_is_sent_to_sign_in(addresses):
    client = Client()

    for url in addresses.values():
        response = client.get(url)
        assert response.status_code == 302
        assert response["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("role", sorted({*Role.values} - CATALOGUE))
def test_nobody_else_changes_the_catalogue(role, addresses):
    client = of_role(role)

    for name in ("product_new", "product_change", "price_list_new", "price_list_change", "prices_change"):
        assert client.post(addresses[name], {"name": "X", "sku": "X"}).status_code == 403
