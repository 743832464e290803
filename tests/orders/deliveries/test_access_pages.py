"""Who gets to the pages of deliveries, shipments, payments, accounts, temporary limits; hidden rows are not there."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.credit.services import ask_temporary_limit
from orders.credit.urls import urlpatterns as credit
from orders.deliveries.urls import urlpatterns as deliveries
from orders.models import Delivery, Payment, TemporaryLimit
from orders.payments.urls import urlpatterns as payments
from orders.receivables.urls import urlpatterns as receivables
from orders.shipments.urls import urlpatterns as shipments
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.build import make_sales, make_user
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db

FIELD = frozenset({Role.REPRESENTATIVE, Role.SUPERVISOR, Role.REGIONAL_MANAGER, Role.SALES_MANAGER})
INSIDE = frozenset(Role.values) - {Role.PERSONNEL, Role.AGENT}
EVERYBODY = INSIDE | {Role.AGENT}
MONEY = EVERYBODY - {Role.SUPPLY, Role.MARKETING}
WRITE = FIELD | {Role.AGENT}
CANCEL = FIELD - {Role.REPRESENTATIVE}
TERMS = frozenset({Role.SALES_MANAGER, Role.FINANCE, Role.ADMINISTRATOR})

LISTS: dict[str, frozenset[str]] = {
    "deliveries": EVERYBODY,
    "delivery_lines": EVERYBODY,
    "delivery_new": WRITE,
    "delivery_products": WRITE,
    "shipments": EVERYBODY,
    "to_ship": frozenset({Role.SUPPLY}),
    "payments": MONEY,
    "payment_new": frozenset({Role.FINANCE}),
    "payer_account": frozenset({Role.FINANCE}),
    "accounts": MONEY,
    "temporary_limits": FIELD | TERMS,
    "temporary_limit_new": FIELD,
    "borrower_account": FIELD,
}
"""Pages that name no document, and the roles that open them."""

RECORDS: dict[str, tuple[str, frozenset[str]]] = {
    "delivery": ("draft", EVERYBODY),
    "delivery_change": ("draft", WRITE),
    "delivery_reopening": ("approved", CANCEL),
    "delivery_cancellation": ("approved", CANCEL),
    "shipment_new": ("approved", frozenset({Role.SUPPLY})),
    "shipment": ("shipment", EVERYBODY),
    "shipment_note": ("shipment", EVERYBODY),
    "payment": ("payment", MONEY),
    "payment_reversal": ("payment", frozenset({Role.FINANCE})),
    "account": ("customer", MONEY),
    "ledger_file": ("customer", MONEY),
    "temporary_limit": ("limit", FIELD | TERMS),
}
"""Pages of one document: what it names, and the roles that open it in their scope."""

ACTIONS: dict[str, tuple[str, frozenset[str]]] = {
    "delivery_preview": ("", WRITE),
    "delivery_submission": ("draft", WRITE),
    "delivery_withdrawal": ("draft", WRITE),
    "delivery_copy": ("draft", WRITE),
    "temporary_limit_withdrawal": ("limit", FIELD),
    "temporary_limit_revocation": ("limit", TERMS),
}
"""Addresses that only take a POST."""

BY_ITEM = {"credit_settlement", "allocation_reversal", "ageing", "ageing_items", "open_credits", "settlement_new"}
"""Addresses of ageing and settling: held by tests/test_permissions.py and the tests of orders/receivables."""


@dataclass(frozen=True)
class World:
    """Documents of one customer; for each role somebody who has it in scope, and for the field somebody who has not."""

    keys: dict[str, str]
    near: dict[str, User]
    far: dict[str, User]

    def url(self, name: str, by: str = "") -> str:
        return reverse(f"orders:{name}", args=[self.keys[by]] if by else [])


@pytest.fixture
def world() -> World:
    sales, elsewhere = make_sales(), make_sales()
    customer = sales.customer()
    draft, approved = sales.draft(customer), sales.approved(customer)
    shipment = sales.ship(approved, 4)
    payment = sales.pay(customer, 100)
    today = timezone.localdate()
    limit = ask_temporary_limit(
        by=sales.representative,
        customer_id=customer.pk,
        amount=Decimal(500),
        first_day=today,
        last_day=today + timedelta(days=9),
        reason="Season",
    )
    near: dict[str, User] = {
        Role.REPRESENTATIVE: sales.representative,
        Role.SUPERVISOR: sales.supervisor,
        Role.REGIONAL_MANAGER: sales.regional_manager,
        Role.AGENT: make_user(Role.AGENT, customer=customer),
    }
    for role in Role.values:
        near.setdefault(role, make_user(role))
    far: dict[str, User] = {
        Role.REPRESENTATIVE: elsewhere.representative,
        Role.SUPERVISOR: elsewhere.supervisor,
        Role.REGIONAL_MANAGER: elsewhere.regional_manager,
        Role.AGENT: make_user(Role.AGENT, customer=elsewhere.customer()),
    }
    keys = {
        "draft": draft.number,
        "approved": approved.number,
        "shipment": shipment.number,
        "payment": payment.number,
        "customer": customer.code,
        "limit": limit.number,
    }
    return World(keys, near, far)


def test_every_address_of_these_features_is_claimed() -> None:
    names = {pattern.name for pattern in [*deliveries, *shipments, *payments, *receivables, *credit]}
    assert names == {*LISTS, *RECORDS, *ACTIONS, *BY_ITEM}


def test_visitors_are_sent_to_sign_in(world: World) -> None:
    urls = [world.url(name) for name in LISTS]
    urls += [world.url(name, by) for name, (by, _roles) in RECORDS.items()]
    for url in urls:
        response = Client().get(url)
        assert response.status_code == 302, url
        assert "/sign-in/" in response["Location"], url
    for name, (by, _roles) in ACTIONS.items():
        assert "/sign-in/" in Client().post(world.url(name, by))["Location"], name


def test_each_role_opens_what_is_its_work(world: World) -> None:
    wrong = []
    for role, user in world.near.items():
        client = signed_in(user)
        pages = [(world.url(name), roles) for name, roles in LISTS.items()]
        pages += [(world.url(name, by), roles) for name, (by, roles) in RECORDS.items()]
        for url, roles in pages:
            status = client.get(url, follow=True).status_code
            if status != (200 if role in roles else 403):
                wrong.append(f"{role} {url}: {status}")
    assert wrong == []


def test_actions_are_refused_to_roles_that_have_them_not(world: World) -> None:
    wrong = []
    for role, user in world.near.items():
        client = signed_in(user)
        for name, (by, roles) in ACTIONS.items():
            if role not in roles:
                status = client.post(world.url(name, by)).status_code
                if status != 403:
                    wrong.append(f"{role} {name}: {status}")
    assert wrong == []
    assert Delivery.objects.get(number=world.keys["draft"]).state == "draft"
    assert TemporaryLimit.objects.get(number=world.keys["limit"]).state == "submitted"


def test_documents_out_of_scope_are_not_there(world: World) -> None:
    wrong = []
    for role, user in world.far.items():
        client = signed_in(user)
        for name, (by, roles) in RECORDS.items():
            if role in roles and client.get(world.url(name, by)).status_code != 404:
                wrong.append(f"{role} GET {name}")
        for name, (by, roles) in ACTIONS.items():
            if by and role in roles and client.post(world.url(name, by)).status_code != 404:
                wrong.append(f"{role} POST {name}")
        for name, (by, roles) in RECORDS.items():
            if role in roles and name not in {"delivery", "shipment", "shipment_note", "payment", "account"}:
                response = client.post(world.url(name, by), {"reason": "x"})
                if response.status_code not in {404, 405}:
                    wrong.append(f"{role} POST {name}")
    assert wrong == []
    assert Delivery.objects.count() == 2
    assert not Payment.objects.exclude(reversal=None).exists()


def test_lists_show_what_is_in_scope_only(world: World) -> None:
    lists = {"deliveries": "draft", "shipments": "shipment", "payments": "payment", "accounts": "customer"}
    for name, by in lists.items():
        for role, user in world.far.items():
            content = signed_in(user).get(world.url(name), follow=True).content.decode()
            assert world.keys[by] not in content, (role, name)
        for role in (Role.REPRESENTATIVE, Role.AGENT, Role.FINANCE):
            content = signed_in(world.near[role]).get(world.url(name), follow=True).content.decode()
            assert world.keys[by] in content, (role, name)


def test_panels_are_refused_where_their_page_is(world: World) -> None:
    panels = {"lines": "approved", "entries": "approved", "history": "approved"}
    for key, by in panels.items():
        url = reverse("web:panel", args=["delivery", key, world.keys[by]])
        assert signed_in(world.near[Role.FINANCE]).get(url).status_code == 200
        assert signed_in(world.far[Role.REPRESENTATIVE]).get(url).status_code == 404
    url = reverse("web:panel", args=["delivery", "entries", world.keys["approved"]])
    assert signed_in(world.near[Role.SUPPLY]).get(url).status_code == 403
    url = reverse("web:panel", args=["delivery", "history", world.keys["approved"]])
    assert signed_in(world.near[Role.AGENT]).get(url).status_code == 403


def get(user: User, url: str) -> Any:
    return signed_in(user).get(url)


def test_search_finds_documents_in_scope_only(world: World) -> None:
    number = world.keys["approved"]
    url = f"{reverse('web:find')}?q={number[-6:]}"
    assert number in get(world.near[Role.REPRESENTATIVE], url).content.decode()
    assert number not in get(world.far[Role.REPRESENTATIVE], url).content.decode()
    assert number not in get(world.near[Role.PERSONNEL], url).content.decode()
