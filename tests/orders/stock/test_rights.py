"""Who may open which page of stock: one table, every address in it."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.models import ExpectedGoods, StockMovement
from orders.stock.urls import urlpatterns
from salesops.users.roles import Role
from tests.support.build import make_customer, make_product, make_warehouse
from tests.support.signed_in import client_of

pytestmark = pytest.mark.django_db

SEEING = {
    Role.REPRESENTATIVE,
    Role.SUPERVISOR,
    Role.REGIONAL_MANAGER,
    Role.SALES_MANAGER,
    Role.FINANCE,
    Role.SUPPLY,
    Role.ADMINISTRATOR,
}
DOING = {Role.SUPPLY, Role.ADMINISTRATOR}

ALLOWED: dict[str, set[Role]] = {
    "stock": SEEING,
    "movements": SEEING,
    "stock_receipt": DOING,
    "stock_count": DOING,
    "expected": SEEING,
    "expected_new": DOING,
    "expected_change": DOING,
    "expected_receipt": DOING,
    "expected_call_off": DOING,
    "warehouses": SEEING,
    "warehouse_new": DOING,
    "warehouse_change": DOING,
}
POST_ONLY = {"expected_call_off"}


@pytest.fixture
def addresses():
    place = make_warehouse()
    expected = ExpectedGoods.objects.create(
        warehouse=place, product=make_product(), quantity=5, expected_on=timezone.localdate()
    )
    arguments = {
        "expected_change": [expected.pk],
        "expected_receipt": [expected.pk],
        "expected_call_off": [expected.pk],
        "warehouse_change": [place.pk],
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

    expected = {name: 200 if role in ALLOWED[name] else 403 for name in addresses}
    expected |= {name: 405 for name in POST_ONLY if role in ALLOWED[name]}
    assert answers == expected


def test_a_visitor_is_sent_to_sign_in(addresses):
    for url in addresses.values():
        assert Client().get(url)["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("role", sorted({*Role.values} - DOING))
def test_nobody_else_moves_stock(role, addresses):
    client = of_role(role)

    for name in sorted(set(ALLOWED) - {"stock", "movements", "expected", "warehouses"}):
        assert client.post(addresses[name], {"quantity": 5}).status_code == 403

    assert not StockMovement.objects.exists()
    assert ExpectedGoods.objects.get().received_at is None
