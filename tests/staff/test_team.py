"""The team page: whose people, and what lies with each."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from salesops.users.models import Delegation
from salesops.users.roles import Role
from staff.teams.queries import team_of
from tests.support.build import make_customer, make_region, make_team, make_user

pytestmark = pytest.mark.django_db


def test_a_supervisor_sees_the_team_a_manager_the_region_the_company_everybody():
    region = make_region()
    team = make_team(region=region)
    own = make_user(Role.REPRESENTATIVE, team=team)
    leader = make_user(Role.SUPERVISOR, team=team)
    manager = make_user(Role.REGIONAL_MANAGER, region=region)
    personnel = make_user(Role.PERSONNEL)
    make_user(Role.AGENT, customer=make_customer())
    make_user(Role.REPRESENTATIVE, team=team, is_active=False)
    assert set(team_of(leader)) == {own, leader}
    assert set(team_of(manager)) == {own, leader, manager}
    assert set(team_of(personnel)) == {own, leader, manager, personnel}


def test_each_person_is_listed_with_customers_and_deputy():
    rep, deputy = make_user(Role.REPRESENTATIVE), make_user(full_name="Lin Yue")
    make_customer(representative=rep)
    make_customer(representative=rep, is_active=False)
    today = timezone.localdate()
    Delegation.objects.create(giver=rep, taker=deputy, first_day=today, last_day=today)
    listed: Any = team_of(make_user(Role.PERSONNEL)).get(pk=rep.pk)
    assert (listed.customers_count, listed.waiting_count, listed.delivered) == (1, 0, Decimal("0.00"))
    assert (listed.deputy, listed.deputy_until) == ("Lin Yue", today)


def test_a_list_of_many_asks_as_often_as_a_list_of_one(client: Client, django_assert_max_num_queries):
    leader = make_user(Role.SUPERVISOR, team=make_team())
    for _ in range(12):
        make_customer(representative=make_user(team=leader.team))
    client.force_login(leader)
    client.get("/team/")
    with django_assert_max_num_queries(16):
        response = client.get("/team/")
    assert response.status_code == 200


@pytest.mark.parametrize("role", Role.values)
def test_only_those_who_lead_or_keep_people_open_it(client: Client, role: str):
    client.force_login(make_user(role, customer=make_customer() if role == Role.AGENT else None))
    may = role in {"supervisor", "regional_manager", "sales_manager", "personnel", "administrator"}
    assert client.get("/team/").status_code == (200 if may else 403)
