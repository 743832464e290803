"""Two administrators at once never leave nobody in charge."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from salesops.kernel.errors import RuleBroken
from salesops.users.models import User
from salesops.users.people.queries import holders_of
from salesops.users.people.services import deactivate_person
from salesops.users.regions.queries import subtree_ids
from salesops.users.regions.services import change_region
from salesops.users.roles import Role
from tests.support.build import make_region, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """Do things in real transactions at the same moment; return for each "done" or the rule that refused it."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> str:
        start.wait()
        try:
            act()
        except RuleBroken as refused:
            return refused.rule
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_administrators_who_end_each_others_access_leave_one():
    first, second = make_user(Role.ADMINISTRATOR), make_user(Role.ADMINISTRATOR)
    outcome = at_once(
        lambda: deactivate_person(first.pk, by=second),
        lambda: deactivate_person(second.pk, by=first),
    )
    assert sorted(outcome) == ["done", "last administrator"]
    assert holders_of("users.manage_users").count() == 1
    assert User.objects.filter(is_active=True).count() == 1


def test_two_regions_moved_under_each_other_make_no_circle():
    admin, one, other = make_user(Role.ADMINISTRATOR), make_region(), make_region()
    outcome = at_once(
        lambda: change_region(one.pk, by=admin, code=one.code, name=one.name, parent_id=other.pk),
        lambda: change_region(other.pk, by=admin, code=other.code, name=other.name, parent_id=one.pk),
    )
    assert sorted(outcome) == ["circle", "done"]
    assert sorted(len(subtree_ids(region.pk)) for region in (one, other)) == [1, 2]
