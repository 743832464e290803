"""Policies are published as versions: what was published stays, running requests keep theirs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from salesops.kernel.errors import found, require
from salesops.users.models import User
from salesops.users.roles import Role

from .conditions import OPS, Condition
from .documents import document_type, document_types
from .models import Policy, PolicyVersion, Stage


@dataclass(frozen=True)
class StageInput:
    """One stage of a version to publish: who, in how many hours, and when it is asked for (empty: always)."""

    role: str
    hours: int = 24
    conditions: list[Condition] = field(default_factory=list)
    region_level: int | None = None


@transaction.atomic
def publish_policy(
    key: str,
    *,
    stages: Sequence[StageInput],
    stops: Sequence[Condition] = (),
    by: User | None,
    name: str = "",
    note: str = "",
    seen: int | None = None,
) -> PolicyVersion:
    """Publish the next version of a document type's policy; new requests use it from now on.

    Raises RuleBroken where there is no stage, a role is unknown, the hours are not positive, or a condition speaks of
    a fact that the document does not have or of a value that is no number. `seen` is the version that the person
    changed; RuleBroken where somebody published another meanwhile.
    """
    known = document_type(key)
    require(stages, _("A policy has at least one stage."), rule="policy")
    facts = {fact.name: fact for fact in known.facts}
    for stage in stages:
        decides = stage.role in Role.values and stage.role != Role.AGENT
        require(decides, _("Choose a role for each stage."), rule="policy")
        require(stage.hours > 0, _("Each stage needs at least an hour."), rule="policy")
        for condition in stage.conditions:
            _check_condition(condition, facts)
    for condition in stops:
        _check_condition(condition, facts)
    policy, _created = Policy.objects.select_for_update().get_or_create(
        document_type=key, defaults={"name": name or str(known.plural)}
    )
    if name and policy.name != name:
        policy.name = name
        policy.save(update_fields=["name"])
    last = policy.versions.aggregate(last=Max("number"))["last"] or 0
    require(
        seen is None or seen == last,
        _("Somebody published version %(number)d meanwhile. Open the policy again to see it.") % {"number": last},
        rule="version",
    )
    version = PolicyVersion.objects.create(
        policy=policy, number=last + 1, stops=list(stops), note=note, published_by=by
    )
    Stage.objects.bulk_create(
        Stage(
            version=version,
            position=position,
            role=stage.role,
            hours=stage.hours,
            conditions=stage.conditions,
            region_level=stage.region_level,
        )
        for position, stage in enumerate(stages, start=1)
    )
    return version


def _check_condition(condition: Condition, facts: dict[str, Any]) -> None:
    fact = found(
        facts.get(condition.get("fact", "")),
        _("A condition speaks of a fact that this document does not have."),
        rule="policy",
    )
    require(condition.get("op") in OPS, _("Choose how the fact is compared."), rule="policy")
    if fact.kind == "yes":
        require(condition["op"] == "is", _("“%(fact)s” is yes or no.") % {"fact": fact.label}, rule="policy")
        return
    try:
        value = Decimal(condition.get("value", ""))
    except (InvalidOperation, TypeError):
        value = Decimal("NaN")
    require(
        condition["op"] != "is" and value.is_finite() and value >= 0,
        _("“%(fact)s” is compared with a number that is not negative.") % {"fact": fact.label},
        rule="policy",
    )


def publish_first_policies(**kwargs: Any) -> None:
    """Give each document type without a policy the one that a new company starts with; runs after every migrate."""
    known = set(Policy.objects.values_list("document_type", flat=True))
    for document in document_types():
        if document.key not in known and document.first_stages:
            publish_policy(
                document.key,
                stages=[StageInput(**stage) for stage in document.first_stages],
                stops=document.first_stops,
                by=None,
                note=_("The policy that a new company starts with"),
            )
