"""Who would have to decide on a delivery that is being written: said before it is submitted."""

from dataclasses import dataclass, field

from customers.files.models import Customer
from salesops.approvals.conditions import holds, in_words
from salesops.approvals.documents import Facts, document_type
from salesops.approvals.models import Request, Stage
from salesops.approvals.queries import current_version, deciders, next_stage, stopped_by
from salesops.kernel.errors import RuleBroken
from salesops.kernel.money import Money
from salesops.users.models import User


@dataclass(frozen=True)
class Decider:
    """A stage that the policy would ask, who may decide it, and by fact why it is asked (empty: always)."""

    stage: Stage
    people: list[User]
    because: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outlook:
    """What the current policy would do: who decides in order, whether a hold stops it, and what makes it impossible."""

    deciders: list[Decider] = field(default_factory=list)
    is_stopped: bool = False
    impossible: str = ""

    @property
    def because(self) -> list[str]:
        """Why more than the first stage is asked, each reason once; of a fact the highest threshold that it passes."""
        found: dict[str, str] = {}
        for decider in self.deciders:
            found |= decider.because
        return list(found.values())


def outlook(customer: Customer, amount: Money, facts: Facts, *, writer: User) -> Outlook:
    """Return who would decide on a delivery with these facts, by the newest version of the policy; writes nothing."""
    try:
        version = current_version("delivery")
    except RuleBroken as refusal:
        return Outlook(impossible=str(refusal))
    request = _as_submitted(customer, amount, writer)
    known = document_type("delivery")
    stages = list(version.stages.all())
    found: list[Decider] = []
    position = 0
    try:
        while (stage := next_stage(request, stages, facts, after=position)) is not None:
            because = {
                condition["fact"]: in_words(condition, known.facts)
                for condition in stage.conditions
                if holds(condition, facts)
            }
            found.append(Decider(stage, list(deciders(stage, request)[:3]), because))
            position = stage.position
    except RuleBroken as refusal:
        return Outlook(found, impossible=str(refusal))
    return Outlook(found, is_stopped=stopped_by(version, facts) is not None)


def _as_submitted(customer: Customer, amount: Money, writer: User) -> Request:
    """The request that submitting would open; it is never saved."""
    owner = customer.representative
    return Request(
        document_type="delivery",
        amount=amount,
        customer=customer,
        owner=owner,
        team_id=owner.team_id if owner else None,
        region=customer.region,
        author=writer,
        submitted_by=writer,
    )
