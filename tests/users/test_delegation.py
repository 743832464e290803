"""Delegation: for a span of days a colleague decides, and only one at a time."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from salesops.kernel.errors import RuleBroken
from salesops.users.delegation.queries import delegations_visible_to
from salesops.users.delegation.services import give_delegation, revoke_delegation
from salesops.users.models import Delegation, User
from salesops.users.roles import Role
from tests.support.build import make_customer, make_user

pytestmark = pytest.mark.django_db


def days(first: int, last: int) -> dict[str, Any]:
    today = timezone.localdate()
    return {"first_day": today + timedelta(first), "last_day": today + timedelta(last)}


def give(giver: User, taker: User, first: int = 0, last: int = 3, by: User | None = None) -> Delegation:
    return give_delegation(by=by or giver, giver_id=giver.pk, taker_id=taker.pk, **days(first, last))


@pytest.fixture
def giver() -> User:
    return make_user(Role.SUPERVISOR)


@pytest.fixture
def taker() -> User:
    return make_user(Role.SUPERVISOR)


def test_a_delegation_holds_on_its_days_only(giver: User, taker: User):
    give(giver, taker, 1, 2)
    today = timezone.localdate()
    active = [Delegation.objects.active_on(today + timedelta(n)).count() for n in range(5)]
    assert active == [0, 1, 1, 0, 0]


def test_nobody_delegates_to_themselves(giver: User):
    with pytest.raises(RuleBroken):
        give(giver, giver)
    assert not Delegation.objects.exists()


def test_an_agent_neither_gives_nor_takes(giver: User):
    agent = make_user(Role.AGENT, customer=make_customer())
    for one, other in ((giver, agent), (agent, giver)):
        with pytest.raises(RuleBroken):
            give(one, other)
    assert not Delegation.objects.exists()


def test_nobody_delegates_to_somebody_without_access(giver: User):
    with pytest.raises(RuleBroken):
        give(giver, make_user(Role.SUPERVISOR, is_active=False))
    assert not Delegation.objects.exists()


@pytest.mark.parametrize(("first", "last"), [(3, 1), (-5, -1)])
def test_days_have_an_order_and_lie_ahead(giver: User, taker: User, first: int, last: int):
    with pytest.raises(RuleBroken):
        give(giver, taker, first, last)
    assert not Delegation.objects.exists()


@pytest.mark.parametrize(("first", "last"), [(0, 0), (3, 9), (-2, 20), (1, 2)])
def test_only_one_colleague_decides_at_a_time(giver: User, taker: User, first: int, last: int):
    give(giver, taker, 0, 3)
    with pytest.raises(RuleBroken) as refused:
        give(giver, make_user(Role.SUPERVISOR), first, last)
    assert refused.value.rule == "overlap"
    assert Delegation.objects.count() == 1


def test_the_days_after_and_those_of_a_revoked_one_are_free(giver: User, taker: User):
    first = give(giver, taker, 0, 3)
    give(giver, taker, 4, 6)
    revoke_delegation(first.pk, by=giver)
    give(giver, make_user(Role.SUPERVISOR), 0, 3)
    assert Delegation.objects.count() == 3


def test_one_delegates_for_oneself_and_an_administrator_for_others(giver: User, taker: User):
    with pytest.raises(RuleBroken):
        give(giver, taker, by=taker)
    assert not Delegation.objects.exists()
    give(giver, taker, by=make_user(Role.ADMINISTRATOR))
    assert Delegation.objects.get().giver == giver


def test_whoever_gave_it_takes_it_back_once(giver: User, taker: User):
    delegation = give(giver, taker)
    with pytest.raises(RuleBroken):
        revoke_delegation(delegation.pk, by=taker)
    delegation.refresh_from_db()
    assert delegation.is_active
    revoke_delegation(delegation.pk, by=giver)
    with pytest.raises(RuleBroken):
        revoke_delegation(delegation.pk, by=giver)
    assert not Delegation.objects.get().is_active


def test_what_has_ended_is_not_taken_back(giver: User, taker: User):
    ended = Delegation.objects.create(giver=giver, taker=taker, **days(-9, -5))
    with pytest.raises(RuleBroken):
        revoke_delegation(ended.pk, by=giver)
    assert Delegation.objects.get().revoked_at is None


def test_people_see_their_own_and_administrators_all(giver: User, taker: User):
    give(giver, taker)
    give(make_user(Role.FINANCE), make_user(Role.FINANCE))
    assert delegations_visible_to(giver).count() == delegations_visible_to(taker).count() == 1
    assert delegations_visible_to(make_user()).count() == 0
    assert delegations_visible_to(make_user(Role.ADMINISTRATOR)).count() == 2
