"""Who opens which page about people: every address of the app, every role, and visitors."""

import pytest
from django.test import Client
from django.urls import reverse

from salesops.users import urls
from salesops.users.models import Delegation, Region, Team, User
from salesops.users.roles import Role
from tests.support.build import make_customer, make_region, make_team, make_user

pytestmark = pytest.mark.django_db

EVERYBODY = frozenset(Role.values)
INSIDE = EVERYBODY - {Role.AGENT}
ADMIN = frozenset({Role.ADMINISTRATOR})
PEOPLE = ADMIN | {Role.PERSONNEL}

PAGES: dict[str, tuple[list[str], frozenset[str]]] = {
    "password": ([], EVERYBODY),
    "second_factor": ([], EVERYBODY),
    "second_factor_new": ([], EVERYBODY),
    "second_factor_codes": ([], EVERYBODY),
    "second_factor_end": ([], EVERYBODY),
    "sign_ins": ([], ADMIN),
    "own_sign_ins": ([], EVERYBODY),
    "pick_anybody": ([], ADMIN),
    "person_second_factor": (["somebody"], ADMIN),
    "people": ([], PEOPLE),
    "person_new": ([], ADMIN),
    "pick_people": ([], INSIDE),
    "person": (["somebody"], PEOPLE),
    "person_change": (["somebody"], ADMIN),
    "person_password": (["somebody"], ADMIN),
    "roles": ([], ADMIN),
    "regions": ([], ADMIN),
    "region_new": ([], ADMIN),
    "pick_region": ([], INSIDE),
    "region_children": (["32"], ADMIN),
    "region_change": (["32"], ADMIN),
    "teams": ([], ADMIN),
    "team_new": ([], ADMIN),
    "team_change": (["{team}"], ADMIN),
    "delegation": ([], INSIDE),
    "delegation_new": ([], INSIDE),
}
"""Each page, what stands in its address, and the roles that may open it."""

ACTIONS: dict[str, tuple[list[str], frozenset[str]]] = {
    "person_access": (["gone"], ADMIN),
    "person_access_end": (["somebody"], ADMIN),
    "region_deletion": (["32"], ADMIN),
    "team_deletion": (["{team}"], ADMIN),
    "delegation_revocation": (["{delegation}"], ADMIN),
}
"""The same for what is only posted; a delegation of others is hidden rather than forbidden."""

OPEN = {"sign_in", "sign_in_code", "sign_out"}


@pytest.fixture
def things() -> dict[str, object]:
    """What the addresses name."""
    make_region("Jiangsu", code="32")
    somebody = make_user(username="somebody")
    make_user(username="gone", is_active=False)
    delegation = Delegation.objects.create(
        giver=somebody, taker=make_user(), first_day="2026-01-01", last_day="2099-01-01"
    )
    return {"team": make_team().pk, "delegation": delegation.pk}


def address(name: str, given: list[str], things: dict[str, object]) -> str:
    return reverse(f"users:{name}", args=[one.format(**things) for one in given])


def sign_in(client: Client, role: str) -> None:
    client.force_login(make_user(role, customer=make_customer() if role == Role.AGENT else None))


def test_every_address_stands_in_the_tables():
    assert {one.name for one in urls.urlpatterns} == set(PAGES) | set(ACTIONS) | OPEN


@pytest.mark.parametrize("role", Role.values)
def test_each_role_opens_its_pages_and_no_others(client: Client, things: dict[str, object], role: str):
    sign_in(client, role)
    found = {name: client.get(address(name, given, things)).status_code for name, (given, _roles) in PAGES.items()}
    assert found == {name: 200 if role in roles else 403 for name, (_given, roles) in PAGES.items()}


@pytest.mark.parametrize("role", sorted(EVERYBODY - ADMIN))
def test_nobody_else_does_what_administrators_do(client: Client, things: dict[str, object], role: str):
    sign_in(client, role)
    before = _state()
    for name, (given, roles) in ACTIONS.items():
        assert role not in roles
        assert client.post(address(name, given, things)).status_code in {403, 404}
    assert _state() == before


def _state() -> list[object]:
    people = User.objects.filter(username__in=["somebody", "gone"]).order_by("username")
    return [
        *people.values_list("is_active", flat=True),
        Region.objects.filter(code="32").exists(),
        Team.objects.count(),
        Delegation.objects.filter(revoked_at=None).count(),
    ]


def test_administrators_do(client: Client, things: dict[str, object]):
    sign_in(client, Role.ADMINISTRATOR)
    for name, (given, _roles) in ACTIONS.items():
        assert client.get(address(name, given, things)).status_code == 405
        assert client.post(address(name, given, things)).status_code == 302
    assert _state() == [True, False, False, 0, 0]


def test_visitors_are_sent_to_sign_in(client: Client, things: dict[str, object]):
    for name, (given, _roles) in {**PAGES, **ACTIONS}.items():
        url = address(name, given, things)
        response = client.get(url)
        assert (response.status_code, response["Location"]) == (302, f"/sign-in/?next={url}")


def test_what_is_not_there_is_not_found(client: Client):
    sign_in(client, Role.ADMINISTRATOR)
    for url in ("/people/nobody/", "/people/nobody/change/", "/regions/0/change/", "/teams/0/change/"):
        assert client.get(url).status_code == 404


def test_a_person_out_of_scope_is_not_found(client: Client):
    """The right to see people, given to supervisors, shows them their own team only."""
    from salesops.users.rights.services import change_rights

    change_rights(by=make_user(Role.ADMINISTRATOR), give=[(Role.SUPERVISOR, "users.view_user")])
    team = make_team()
    make_user(username="near", team=team)
    make_user(username="far", team=make_team())
    client.force_login(make_user(Role.SUPERVISOR, team=team))
    assert [client.get(f"/people/{name}/").status_code for name in ("near", "far")] == [200, 404]
