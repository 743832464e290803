"""What roles may do, and that somebody always remains who can change it."""

import pytest
from django.contrib.auth.models import Group

from salesops.kernel.errors import RuleBroken
from salesops.users.models import RoleRight
from salesops.users.rights.queries import rights_held, rights_shown
from salesops.users.rights.services import MANAGE, change_rights
from salesops.users.roles import Role
from salesops.web.history import Links, history_of
from tests.support.build import make_user

pytestmark = pytest.mark.django_db


def test_a_right_given_to_a_role_is_held_by_its_people():
    admin, clerk = make_user(Role.ADMINISTRATOR), make_user(Role.PERSONNEL)
    assert not clerk.has_perm("orders.record_payment")
    change_rights(by=admin, give=[(Role.PERSONNEL, "orders.record_payment")])
    assert type(clerk).objects.get(pk=clerk.pk).has_perm("orders.record_payment")


def test_a_right_that_is_taken_away_stays_away():
    admin = make_user(Role.ADMINISTRATOR)
    change_rights(by=admin, take=[(Role.FINANCE, "orders.record_payment")])
    from salesops.users.roles import grant_default_permissions

    grant_default_permissions()
    assert (Role.FINANCE, "orders.record_payment") not in rights_held()


def test_nobody_takes_the_right_to_manage_users_from_the_last_role():
    admin = make_user(Role.ADMINISTRATOR)
    with pytest.raises(RuleBroken):
        change_rights(by=admin, take=[(Role.ADMINISTRATOR, MANAGE)])
    assert (Role.ADMINISTRATOR, MANAGE) in rights_held()


def test_the_right_to_manage_users_does_not_go_to_a_role_that_nobody_has():
    admin = make_user(Role.ADMINISTRATOR)
    with pytest.raises(RuleBroken):
        change_rights(by=admin, give=[(Role.MARKETING, MANAGE)], take=[(Role.ADMINISTRATOR, MANAGE)])
    assert (Role.MARKETING, MANAGE) not in rights_held()
    make_user(Role.MARKETING)
    change_rights(by=admin, give=[(Role.MARKETING, MANAGE)], take=[(Role.ADMINISTRATOR, MANAGE)])
    assert (Role.ADMINISTRATOR, MANAGE) not in rights_held()


@pytest.mark.parametrize(
    "pair", [("king", "orders.record_payment"), (Role.FINANCE, "auth.add_user"), (Role.FINANCE, "x")]
)
def test_only_our_roles_and_rights_are_given(pair: tuple[str, str]):
    admin = make_user(Role.ADMINISTRATOR)
    before = rights_held()
    with pytest.raises(RuleBroken):
        change_rights(by=admin, give=[pair])
    assert rights_held() == before


def test_every_right_that_a_role_starts_with_is_shown_with_words():
    shown = {right.key for right in rights_shown()}
    assert {key for _role, key in rights_held()} <= shown
    assert all(right.label and not right.label.startswith(right.key) for right in rights_shown())


def test_the_history_says_who_gave_which_right_to_which_role():
    admin = make_user(Role.ADMINISTRATOR, full_name="Wu Fang")
    change_rights(by=admin, give=[(Role.SUPPLY, "orders.record_payment")])
    links = Links(RoleRight, "permission", "right", lambda one: one.codename, owner="group", group__name=Role.SUPPLY)
    latest = history_of(links, limit=1)[0]
    assert (latest.by, latest.verb, latest.what) == ("Wu Fang", "added", "right record_payment · supply")
    assert Group.objects.filter(name="supply", permissions__codename="record_payment").exists()
