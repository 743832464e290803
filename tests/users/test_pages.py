"""Pages about people, roles, regions, teams and delegation."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import load_workbook

from salesops.users.models import Delegation, Region, Team, User
from salesops.users.roles import Role
from tests.support.build import make_customer, make_region, make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> User:
    """An administrator, signed in."""
    user = make_user(Role.ADMINISTRATOR, username="admin", full_name="Wu Fang")
    client.force_login(user)
    return user


def test_a_list_of_many_people_asks_as_often_as_a_list_of_few(
    client: Client, admin: User, django_assert_max_num_queries: Any
):
    for _ in range(15):
        make_user([Role.REPRESENTATIVE, Role.SUPERVISOR], team=make_team(), region=make_region())
    client.get("/people/")
    with django_assert_max_num_queries(14):
        response = client.get("/people/")
    assert response.content.count(b"Sales representative, Sales supervisor") == 15


def test_people_are_filtered_by_role_place_and_access(client: Client, admin: User):
    region = make_region()
    below = make_region(parent=region)
    make_user(Role.FINANCE, full_name="Zhao Min")
    make_user(Role.REPRESENTATIVE, full_name="Gao Lei", team=make_team(region=below))
    make_user(Role.REPRESENTATIVE, full_name="Left Long", is_active=False)
    people = {"Zhao Min", "Gao Lei", "Left Long", "Wu Fang"}
    for query, expected in {
        "role=finance": {"Zhao Min"},
        f"region={region.pk}": {"Gao Lei"},
        "access=no": {"Left Long"},
        "q=gao": {"Gao Lei"},
    }.items():
        text = client.get(f"/people/?{query}").content.decode().split('id="list"')[1]
        assert {name for name in people if name in text} == expected


def test_the_file_of_people_says_their_roles_in_words(client: Client, admin: User):
    content = client.get("/people/?export=xlsx").content
    rows = load_workbook(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert any("Wu Fang" in row and "Administrator" in row for row in rows)


def test_a_person_is_made_on_the_page(client: Client, admin: User):
    team = make_team()
    data = {
        "full_name": "Gao Lei",
        "username": "gao",
        "language": "en",
        "roles": ["supervisor"],
        "team": team.pk,
        "password": "a long first one",
    }
    response = client.post("/people/new/", data)
    assert response["Location"] == "/people/gao/"
    assert User.objects.get(username="gao").roles == {"supervisor"}


def test_what_is_wrong_stands_at_its_field_and_keeps_what_was_typed(client: Client, admin: User):
    data = {"full_name": "Gao Lei", "username": "gao", "language": "en", "roles": ["supervisor"]}
    response = client.post("/people/new/", data)
    assert response.status_code == 422
    assert response.context["form"].errors["team"] == ["Choose the team that the supervisor leads."]
    assert b'value="Gao Lei"' in response.content
    assert User.objects.count() == 1


def test_the_page_of_a_person_shows_rights_delegations_and_history(client: Client, admin: User):
    person = make_user(Role.FINANCE, username="zhao")
    client.post(
        "/people/zhao/change/", {"full_name": "Zhao", "username": "zhao", "language": "en", "roles": ["supply"]}
    )
    assert b"Supply" in client.get("/people/zhao/").content
    rights = client.get("/panels/person/rights/zhao/").content
    assert b"Can ship approved deliveries" in rights
    assert b"Can record and reverse payments" not in rights
    history = client.get("/panels/person/history/zhao/").content.decode()
    assert "Wu Fang" in history
    assert "removed role Finance" in history
    assert person.full_name in history
    assert client.get("/panels/person/delegations/zhao/").status_code == 200


def test_ending_ones_own_access_is_refused_with_a_reason(client: Client, admin: User):
    assert b"aria-disabled" in client.get("/people/admin/").content
    response = client.post("/people/admin/access-end/")
    assert response.status_code == 409
    assert User.objects.get(pk=admin.pk).is_active


def test_a_password_for_somebody_is_set_twice_the_same(client: Client, admin: User):
    make_user(username="gao")
    wrong = client.post("/people/gao/password/", {"new_password1": "a long new one", "new_password2": "another one"})
    assert wrong.status_code == 422
    assert not User.objects.get(username="gao").check_password("a long new one")
    client.post("/people/gao/password/", {"new_password1": "a long new one", "new_password2": "a long new one"})
    assert User.objects.get(username="gao").check_password("a long new one")


# ---- roles ----
def test_rights_are_given_and_taken_in_one_table(client: Client, admin: User):
    make_user(Role.FINANCE)
    shown = client.get("/roles/").content.decode()
    assert (
        'value="finance:orders.record_payment" aria-label="Finance: Can record and reverse payments" checked' in shown
    )
    was = ["finance:orders.record_payment", "administrator:users.manage_users"]
    now = ["supply:orders.record_payment", "administrator:users.manage_users"]
    assert client.post("/roles/", {"was": was, "right": now}).status_code == 302
    holders = Group.objects.filter(permissions__codename="record_payment").values_list("name", flat=True)
    assert set(holders) == {"supply"}
    history = client.get("/roles/").content.decode()
    assert "added right Can record and reverse payments · Supply" in history


def test_what_another_administrator_changed_meanwhile_stays(client: Client, admin: User):
    supply = Group.objects.get(name="supply")
    client.post("/roles/", {"was": ["finance:orders.record_payment"], "right": []})
    assert supply.permissions.filter(codename="ship_delivery").exists()


def test_the_last_right_to_manage_users_stays_and_the_page_says_why(client: Client, admin: User):
    response = client.post("/roles/", {"was": ["administrator:users.manage_users"], "right": []})
    assert response.status_code == 422
    assert b"At least one role must manage users" in response.content
    assert User.objects.get(pk=admin.pk).has_perm("users.manage_users")


# ---- regions ----
def test_the_tree_shows_one_level_at_a_time(client: Client, admin: User, django_assert_max_num_queries: Any):
    top = make_region("Jiangsu", code="32")
    for _ in range(30):
        make_region("City", parent=top)
    page = client.get("/regions/").content.decode()
    assert "Jiangsu" in page
    assert "City" not in page
    client.get("/regions/32/children/")
    with django_assert_max_num_queries(12):
        level = client.get("/regions/32/children/").content.decode()
    assert level.count("so-tree__item") == 30


def test_a_region_is_found_with_what_it_lies_in(client: Client, admin: User):
    top = make_region("Jiangsu", code="32")
    make_region("Wuxi", code="3202", parent=top)
    page = client.get("/regions/?q=wux").content.decode()
    assert "Wuxi" in page
    assert "Jiangsu" in page
    picked = client.get("/regions/pick/?q=wux").json()["results"]
    assert [(one["text"], one["sub"]) for one in picked] == [("Wuxi", "3202 · Jiangsu")]


def test_regions_are_added_moved_and_deleted(client: Client, admin: User):
    top = make_region("Jiangsu", code="32")
    client.post("/regions/new/", {"code": "3202", "name": "Wuxi", "parent": top.pk})
    assert Region.objects.get(code="3202").level == 2
    refused = client.post("/regions/32/change/", {"code": "32", "name": "Jiangsu", "parent": Region.objects.last().pk})
    assert refused.status_code == 422
    assert client.post("/regions/32/deletion/").status_code == 409
    client.post("/regions/3202/deletion/")
    assert not Region.objects.filter(code="3202").exists()


# ---- teams ----
def test_teams_are_made_changed_and_deleted(client: Client, admin: User):
    region = make_region()
    client.post("/teams/new/", {"name": "Wuxi", "region": region.pk})
    team = Team.objects.get()
    client.post(f"/teams/{team.pk}/change/", {"name": "Wuxi 2", "region": region.pk})
    assert b"Wuxi 2" in client.get("/teams/").content
    client.post(f"/teams/{team.pk}/deletion/")
    assert not Team.objects.exists()


# ---- delegation ----
def test_a_colleague_decides_for_a_while(client: Client):
    giver, taker = make_user(Role.SUPERVISOR), make_user(Role.SUPERVISOR, full_name="Lin Yue")
    client.force_login(giver)
    today = timezone.localdate()
    data = {"taker": taker.pk, "first_day": today, "last_day": today + timedelta(3), "giver": taker.pk}
    assert client.post("/delegation/new/", data)["Location"] == "/delegation/"
    assert Delegation.objects.get().giver == giver
    page = client.get("/delegation/").content.decode()
    assert "Holds now" in page
    assert "Take back" in page
    client.force_login(taker)
    assert "Take back" not in client.get("/delegation/").content.decode()
    assert client.post(f"/delegation/{Delegation.objects.get().pk}/revocation/").status_code == 409
    client.force_login(giver)
    client.post(f"/delegation/{Delegation.objects.get().pk}/revocation/")
    assert not Delegation.objects.get().is_active


def test_who_is_no_colleague_is_no_delegate_and_goes_unnamed(client: Client):
    giver = make_user(Role.SUPERVISOR)
    agent = make_user(Role.AGENT, full_name="Hidden Agent", customer=make_customer())
    ended = make_user(Role.SUPERVISOR, full_name="Hidden Leaver", is_active=False)
    client.force_login(giver)
    today = timezone.localdate()
    for pk in (agent.pk, ended.pk, 2_000_000_000, "x"):
        page = client.post("/delegation/new/", {"taker": pk, "first_day": today, "last_day": today})
        assert "Select a valid choice" in page.content.decode()
        assert "Hidden" not in page.content.decode()
    assert not Delegation.objects.exists()


def test_an_administrator_delegates_for_employees_only(client: Client, admin: User):
    agent = make_user(Role.AGENT, full_name="Hidden Agent", customer=make_customer())
    taker = make_user(Role.SUPERVISOR)
    today = timezone.localdate()
    data = {"giver": agent.pk, "taker": taker.pk, "first_day": today, "last_day": today}
    page = client.post("/delegation/new/", data).content.decode()
    assert "Select a valid choice" in page and "Hidden" not in page
    assert not Delegation.objects.exists()
    giver = make_user(Role.SUPERVISOR, is_active=False)
    assert client.post("/delegation/new/", {**data, "giver": giver.pk})["Location"] == "/delegation/"
    assert Delegation.objects.get().giver == giver


def test_colleagues_are_picked_by_any_part_of_a_name_and_agents_are_none(client: Client):
    make_user(Role.SUPERVISOR, full_name="Lin Yue", full_name_zh="林悦")
    make_user(Role.AGENT, full_name="Lin Agent", customer=make_customer())
    make_user(Role.FINANCE, full_name="Lin Gone", is_active=False)
    client.force_login(make_user(Role.SUPERVISOR))
    for text in ("lin", "悦", "yue lin"):
        assert [one["text"] for one in client.get("/people/pick/", {"q": text}).json()["results"]] == ["Lin Yue"]


def test_people_are_found_by_those_who_may_see_them(client: Client, admin: User):
    make_user(full_name="Gao Lei")
    assert b"Gao Lei" in client.get("/find/?q=gao").content
    client.force_login(make_user(Role.REPRESENTATIVE))
    assert b"Gao Lei" not in client.get("/find/?q=gao").content


@pytest.mark.parametrize("url", ["/teams/", "/delegation/"])
def test_long_lists_ask_as_often_as_short_ones(client: Client, admin: User, url: str):
    def add() -> None:
        giver = make_user(Role.SUPERVISOR, team=make_team())
        Delegation.objects.create(giver=giver, taker=make_user(), first_day="2026-01-01", last_day="2099-01-01")

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url).status_code == 200
        return len(asked)

    add()
    queries()
    few = queries()
    for _ in range(10):
        add()
    assert queries() == few
