"""Policies: published as versions, never changed, refused where they make no sense."""

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from salesops.approvals.models import PolicyVersion, Stage
from salesops.approvals.policies import StageInput, publish_first_policies, publish_policy
from salesops.approvals.queries import current_version
from salesops.kernel.errors import RuleBroken
from salesops.users.roles import Role

pytestmark = pytest.mark.django_db


def test_every_company_starts_with_a_policy_for_each_kind_of_document() -> None:
    roles = list(current_version("delivery").stages.values_list("role", flat=True))
    assert roles == [Role.REPRESENTATIVE, Role.SUPERVISOR, Role.REGIONAL_MANAGER, Role.SALES_MANAGER]
    assert current_version("temporary_limit").number == 1
    publish_first_policies()
    assert current_version("delivery").number == 1


def test_a_new_version_follows_the_last() -> None:
    version = publish_policy("delivery", stages=[StageInput(Role.FINANCE, hours=2)], by=None, note="Finance only")
    assert version.number == 2
    assert current_version("delivery") == version


def test_who_publishes_over_another_version_is_told() -> None:
    publish_policy("delivery", stages=[StageInput(Role.FINANCE)], by=None, seen=1)
    with pytest.raises(RuleBroken) as caught:
        publish_policy("delivery", stages=[StageInput(Role.SUPPLY)], by=None, seen=1)
    assert caught.value.rule == "version"
    assert current_version("delivery").number == 2


@pytest.mark.parametrize(
    "stages",
    [
        [],
        [StageInput("nobody")],
        [StageInput(Role.AGENT)],
        [StageInput(Role.SUPERVISOR, hours=0)],
        [StageInput(Role.SUPERVISOR, conditions=[{"fact": "weather", "op": "above", "value": "1"}])],
        [StageInput(Role.SUPERVISOR, conditions=[{"fact": "over_percent", "op": "above", "value": "much"}])],
        [StageInput(Role.SUPERVISOR, conditions=[{"fact": "over_percent", "op": "above", "value": "-1"}])],
        [StageInput(Role.SUPERVISOR, conditions=[{"fact": "over_percent", "op": "near", "value": "1"}])],
        [StageInput(Role.SUPERVISOR, conditions=[{"fact": "over_percent", "op": "is"}])],
        [StageInput(Role.SUPERVISOR, conditions=[{"fact": "on_hold", "op": "above", "value": "1"}])],
    ],
)
def test_a_policy_that_makes_no_sense_is_not_published(stages: list[StageInput]) -> None:
    with pytest.raises(RuleBroken):
        publish_policy("delivery", stages=stages, by=None)
    assert current_version("delivery").number == 1


def test_what_was_published_is_never_changed() -> None:
    for change in (
        lambda: PolicyVersion.objects.update(note="x"),
        lambda: Stage.objects.update(hours=1),
        lambda: Stage.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
