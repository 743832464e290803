"""People who sign in: who may be made, changed, locked out, and by whom never."""

from typing import Any

import pytest

from salesops.kernel.errors import RuleBroken
from salesops.users.models import User
from salesops.users.people.queries import holders_of, people_visible_to
from salesops.users.people.services import (
    PersonInput,
    change_person,
    create_person,
    deactivate_person,
    reactivate_person,
    set_password,
)
from salesops.users.roles import Role
from tests.support.build import make_customer, make_region, make_team, make_user

pytestmark = pytest.mark.django_db


def given(**changes: Any) -> PersonInput:
    fields: dict[str, Any] = {"username": "gao.lei", "full_name": "Gao Lei", "roles": frozenset({Role.REPRESENTATIVE})}
    return PersonInput(**{**fields, **changes})


def test_a_new_person_has_the_roles_and_the_place_that_were_chosen():
    team = make_team()
    person = create_person(
        given(full_name_zh="高磊", team_id=team.pk, roles=frozenset({Role.SUPERVISOR, Role.REPRESENTATIVE})),
        by=make_user(Role.ADMINISTRATOR),
        password="a long first one",
    )
    assert person.roles == {"supervisor", "representative"}
    assert person.team == team
    assert person.check_password("a long first one")


def test_without_a_password_nobody_can_sign_in_yet():
    person = create_person(given(), by=make_user(Role.ADMINISTRATOR))
    assert not person.has_usable_password()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"roles": frozenset()}, "roles"),
        ({"roles": frozenset({"king"})}, "roles"),
        ({"roles": frozenset({Role.AGENT})}, "customer"),
        ({"roles": frozenset({Role.AGENT, Role.FINANCE})}, "roles"),
        ({"roles": frozenset({Role.SUPERVISOR})}, "team"),
        ({"roles": frozenset({Role.REGIONAL_MANAGER})}, "region"),
        ({"username": "new"}, "username"),
        ({"username": "TAKEN"}, "username"),
    ],
)
def test_nobody_is_made_without_the_place_that_a_role_needs(changes: dict[str, Any], field: str):
    admin = make_user(Role.ADMINISTRATOR, username="taken")
    with pytest.raises(RuleBroken) as refused:
        create_person(given(**changes), by=admin)
    assert refused.value.field == field
    assert User.objects.count() == 1


def test_only_an_agent_belongs_to_a_customer():
    customer = make_customer()
    admin = make_user(Role.ADMINISTRATOR)
    with pytest.raises(RuleBroken):
        create_person(given(customer_id=customer.pk), by=admin)
    agent = create_person(given(roles=frozenset({Role.AGENT}), customer_id=customer.pk), by=admin)
    assert agent.customer == customer


def test_a_weak_first_password_is_refused():
    with pytest.raises(RuleBroken) as refused:
        create_person(given(), by=make_user(Role.ADMINISTRATOR), password="short")
    assert refused.value.field == "password"
    assert not User.objects.filter(username="gao.lei").exists()


def test_changing_somebody_replaces_the_roles():
    admin, person = make_user(Role.ADMINISTRATOR), make_user(Role.REPRESENTATIVE)
    change_person(person.pk, given(username="other", roles=frozenset({Role.FINANCE})), by=admin)
    person = User.objects.get(pk=person.pk)
    assert (person.username, person.full_name, person.roles) == ("other", "Gao Lei", frozenset({"finance"}))


def test_a_user_name_belongs_to_one_person_whatever_its_case():
    admin, person = make_user(Role.ADMINISTRATOR, username="admin"), make_user(username="gao")
    with pytest.raises(RuleBroken):
        change_person(person.pk, given(username="ADMIN"), by=admin)
    person.refresh_from_db()
    assert person.username == "gao"
    change_person(person.pk, given(username="GAO"), by=admin)


def test_the_last_administrator_keeps_the_role():
    admin = make_user(Role.ADMINISTRATOR)
    with pytest.raises(RuleBroken) as refused:
        change_person(admin.pk, given(username=admin.username, roles=frozenset({Role.FINANCE})), by=admin)
    assert refused.value.rule == "last administrator"
    assert User.objects.get(pk=admin.pk).roles == {"administrator"}


def test_the_last_but_one_administrator_may_give_the_role_up():
    admin, _other = make_user(Role.ADMINISTRATOR), make_user(Role.ADMINISTRATOR)
    change_person(admin.pk, given(username=admin.username, roles=frozenset({Role.FINANCE})), by=admin)
    assert User.objects.get(pk=admin.pk).roles == {"finance"}


def test_nobody_ends_their_own_access():
    admin, _other = make_user(Role.ADMINISTRATOR), make_user(Role.ADMINISTRATOR)
    with pytest.raises(RuleBroken):
        deactivate_person(admin.pk, by=admin)
    assert User.objects.get(pk=admin.pk).is_active


def test_an_administrator_without_access_does_not_count_as_one():
    admin, other = make_user(Role.ADMINISTRATOR), make_user(Role.ADMINISTRATOR)
    deactivate_person(other.pk, by=admin)
    with pytest.raises(RuleBroken):
        deactivate_person(admin.pk, by=other)
    assert User.objects.get(pk=admin.pk).is_active


def test_access_ends_and_comes_back():
    admin, person = make_user(Role.ADMINISTRATOR), make_user()
    deactivate_person(person.pk, by=admin)
    with pytest.raises(RuleBroken):
        deactivate_person(person.pk, by=admin)
    reactivate_person(person.pk, by=admin)
    with pytest.raises(RuleBroken):
        reactivate_person(person.pk, by=admin)
    assert User.objects.get(pk=person.pk).is_active


def test_an_administrator_sets_the_password_of_others_only():
    admin, person = make_user(Role.ADMINISTRATOR), make_user()
    set_password(person.pk, by=admin, password="quite another one")
    assert User.objects.get(pk=person.pk).check_password("quite another one")
    before = User.objects.get(pk=admin.pk).password
    with pytest.raises(RuleBroken):
        set_password(admin.pk, by=admin, password="quite another one")
    assert User.objects.get(pk=admin.pk).password == before


def test_people_see_themselves_their_team_their_region_or_everybody():
    jiangsu = make_region()
    wuxi = make_region(parent=jiangsu)
    team = make_team(region=wuxi)
    own = make_user(Role.REPRESENTATIVE, team=team)
    leader = make_user(Role.SUPERVISOR, team=team)
    manager = make_user(Role.REGIONAL_MANAGER, region=jiangsu)
    finance = make_user(Role.FINANCE)
    elsewhere = make_user(Role.REPRESENTATIVE, team=make_team())
    everybody = {own, leader, manager, finance, elsewhere}
    assert set(people_visible_to(own)) == {own}
    assert set(people_visible_to(leader)) == {own, leader}
    assert set(people_visible_to(manager)) == {own, leader, manager}
    assert set(people_visible_to(finance)) == everybody
    finance.is_active = False
    assert not people_visible_to(finance).exists()


def test_holders_of_a_right_are_the_active_people_whose_roles_hold_it():
    admin, gone = make_user(Role.ADMINISTRATOR), make_user(Role.ADMINISTRATOR, is_active=False)
    make_user(Role.FINANCE)
    assert set(holders_of("users.manage_users")) == {admin}
    assert gone not in holders_of("users.manage_users")
