"""Who opens which page about customers: every address of the app, every role in and out of scope, and visitors."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from customers import urls
from customers.attachments.services import PaperInput, add_attachment
from customers.models import Address, Attachment, Contact, CreditAccount, Customer, Note
from customers.parts.services import AddressInput, ContactInput, add_address, add_contact
from salesops.users.models import User
from salesops.users.roles import COMPANY_ROLES, Role
from tests.support.build import make_customer, make_region, make_team, make_user

pytestmark = pytest.mark.django_db

SEE = frozenset(Role.values) - {Role.PERSONNEL}
FILE = frozenset({Role.REPRESENTATIVE, Role.SUPERVISOR, Role.REGIONAL_MANAGER, Role.SALES_MANAGER, Role.ADMINISTRATOR})
TERMS = frozenset({Role.SALES_MANAGER, Role.FINANCE, Role.ADMINISTRATOR})

LISTS: dict[str, frozenset[str]] = {
    "list": SEE - {Role.AGENT},
    "new": FILE,
    "pick": SEE,
    "pick_representative": SEE - {Role.AGENT},
    "duplicates": FILE,
}
"""Pages that name no customer, and the roles that may open them; an agent's list is its own file."""

RECORDS: dict[str, tuple[str, frozenset[str]]] = {
    "record": ("code", SEE),
    "change": ("code", FILE),
    "credit_terms": ("code", TERMS),
    "hold": ("code", TERMS),
    "release": ("code", TERMS),
    "contact_new": ("code", FILE),
    "address_new": ("code", FILE),
    "note_new": ("code", FILE),
    "attachment_new": ("code", FILE),
    "contact": ("contact", FILE),
    "address": ("address", FILE),
    "attachment": ("attachment", FILE),
    "attachment_file": ("attachment", SEE),
}
"""Pages of one customer: what names it, and the roles that may open them in their scope."""

ACTIONS: dict[str, tuple[str, frozenset[str]]] = {
    "contact_deletion": ("contact", FILE),
    "address_deletion": ("address", FILE),
    "attachment_deletion": ("attachment", FILE),
}

PEOPLE = {
    "invitation_revocation",
    "invitation_sending",
    "join",
    "person_access",
    "person_access_end",
    "person_invitation",
}
"""Pages about an agent's people: see portal/test_people.py."""


@dataclass(frozen=True)
class Case:
    """A customer with parts, and for each role somebody who has it in scope and somebody who has not."""

    keys: dict[str, Any]
    near: dict[str, User]
    far: dict[str, User]

    def url(self, name: str, by: str) -> str:
        return reverse(f"customers:{name}", args=[self.keys[by]])


@pytest.fixture
def case(settings: Any, tmp_path: Path) -> Case:
    settings.MEDIA_ROOT = tmp_path
    region, elsewhere = make_region(), make_region()
    team, other_team = make_team(region=region), make_team(region=elsewhere)
    near: dict[str, User] = {role: make_user(role) for role in COMPANY_ROLES}
    near[Role.REPRESENTATIVE] = make_user(Role.REPRESENTATIVE, team=team)
    near[Role.SUPERVISOR] = make_user(Role.SUPERVISOR, team=team)
    near[Role.REGIONAL_MANAGER] = make_user(Role.REGIONAL_MANAGER, region=region)
    customer = make_customer(region=make_region(parent=region), representative=near[Role.REPRESENTATIVE])
    near[Role.AGENT] = make_user(Role.AGENT, customer=customer)
    far = {
        Role.REPRESENTATIVE: make_user(Role.REPRESENTATIVE, team=team),
        Role.SUPERVISOR: make_user(Role.SUPERVISOR, team=other_team),
        Role.REGIONAL_MANAGER: make_user(Role.REGIONAL_MANAGER, region=elsewhere),
        Role.AGENT: make_user(Role.AGENT, customer=make_customer()),
    }
    by = near[Role.REPRESENTATIVE]
    keys = {
        "code": customer.code,
        "contact": add_contact(customer.pk, ContactInput("Cao"), by=by).pk,
        "address": add_address(customer.pk, AddressInput("Shop", "Road"), by=by).pk,
        "attachment": add_attachment(
            customer.pk, PaperInput("Licence"), by=by, file=SimpleUploadedFile("a.pdf", b"%PDF-1.7")
        ).pk,
    }
    return Case(keys, near, {str(role): user for role, user in far.items()})


def state() -> list[Any]:
    """All that an action could have changed."""
    kinds: list[Any] = [Customer, CreditAccount, Contact, Address, Attachment, Note]
    return [sorted(kind.objects.values_list()) for kind in kinds]


def test_every_address_stands_in_the_tables():
    assert {one.name for one in urls.urlpatterns} == set(LISTS) | set(RECORDS) | set(ACTIONS) | PEOPLE


@pytest.mark.parametrize("role", Role.values)
def test_each_role_opens_its_lists(client: Client, case: Case, role: str):
    client.force_login(case.near[role])
    found = {name: client.get(reverse(f"customers:{name}")).status_code for name in LISTS}
    expected = {name: 200 if role in roles else 403 for name, roles in LISTS.items()}
    if role == Role.AGENT:
        expected["list"] = 302
    assert found == expected


@pytest.mark.parametrize("role", Role.values)
def test_each_role_opens_its_pages_of_a_customer_in_scope(client: Client, case: Case, role: str):
    client.force_login(case.near[role])
    found = {name: client.get(case.url(name, by)).status_code for name, (by, _roles) in RECORDS.items()}
    assert found == {name: 200 if role in roles else 403 for name, (_by, roles) in RECORDS.items()}


@pytest.mark.parametrize("role", [Role.REPRESENTATIVE, Role.SUPERVISOR, Role.REGIONAL_MANAGER, Role.AGENT])
def test_a_customer_out_of_scope_is_not_found_and_not_changed(client: Client, case: Case, role: str):
    client.force_login(case.far[role])
    before = state()
    for name, (by, roles) in {**RECORDS, **ACTIONS}.items():
        url = case.url(name, by)
        expected = 404 if role in roles else 403
        if name not in ACTIONS:
            assert client.get(url).status_code == expected, url
        if name not in {"record", "attachment_file"}:
            assert client.post(url, {"text": "x", "name": "x", "reason": "x", "note": "x"}).status_code == expected
    assert state() == before


@pytest.mark.parametrize("role", sorted(frozenset(Role.values) - FILE))
def test_nobody_else_removes_what_is_in_a_file(client: Client, case: Case, role: str):
    client.force_login(case.near[role])
    before = state()
    for name, (by, _roles) in ACTIONS.items():
        assert client.post(case.url(name, by)).status_code == 403
    assert state() == before


def test_whoever_files_removes(client: Client, case: Case):
    client.force_login(case.near[Role.REPRESENTATIVE])
    for name, (by, _roles) in ACTIONS.items():
        assert client.get(case.url(name, by)).status_code == 405
        assert client.post(case.url(name, by)).status_code == 302
    assert not Contact.objects.exists()
    assert not Address.objects.exists()
    assert not Attachment.objects.exists()


def test_visitors_are_sent_to_sign_in(client: Client, case: Case):
    urls = [reverse(f"customers:{name}") for name in LISTS]
    urls += [case.url(name, by) for name, (by, _roles) in {**RECORDS, **ACTIONS}.items()]
    for url in urls:
        response = client.get(url)
        assert (response.status_code, response["Location"]) == (302, f"/sign-in/?next={url}")


PANELS = {
    "terms": SEE - {Role.SUPPLY, Role.MARKETING},
    "completeness": FILE | TERMS,
    "contacts": SEE,
    "addresses": SEE,
    "place": SEE,
    "attachments": SEE,
    "notes": FILE | TERMS,
    "history": FILE | TERMS,
}


@pytest.mark.parametrize("role", Role.values)
def test_what_is_written_about_a_customer_is_not_for_the_agent(client: Client, case: Case, role: str):
    client.force_login(case.near[role])
    code = case.keys["code"]
    found = {key: client.get(reverse("web:panel", args=["customer", key, code])).status_code for key in PANELS}
    assert found == {key: 200 if role in roles else 403 for key, roles in PANELS.items()}


def test_a_foreign_agent_sees_no_panel(client: Client, case: Case):
    client.force_login(case.far[Role.AGENT])
    for key in ("contacts", "attachments"):
        assert client.get(reverse("web:panel", args=["customer", key, case.keys["code"]])).status_code == 404
