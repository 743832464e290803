"""How past deliveries were decided: by the policy of today, with the facts as they were."""

from collections.abc import Iterable, Sequence
from typing import Any

from orders.deliveries.models import State
from orders.models import Delivery
from salesops.approvals.conditions import any_holds, stored
from salesops.approvals.documents import document_type
from salesops.approvals.models import Decision, PolicyVersion, Request, RequestState, Stage, Verdict
from salesops.approvals.queries import current_version
from salesops.demo.plan import PlannedDelivery
from salesops.demo.tables.words import APPROVAL_NOTES, EXCESS_NOTES, REJECTION_NOTES
from salesops.users.roles import Role

from .copying import copy_in
from .past import Past

ENDS = {State.REJECTED: RequestState.REJECTED, State.WITHDRAWN: RequestState.WITHDRAWN}


def write_requests(past: Past) -> None:
    """Write the request of every delivery with its decisions."""
    version = current_version("delivery")
    stages = list(version.stages.all())
    requests: list[Request] = []
    decisions: list[Decision] = []
    for one, delivery in zip(past.planned, past.deliveries, strict=True):
        request = _request(one, delivery, version)
        requests.append(request)
        decisions.extend(_decisions(past, one, request, stages))
    copy_in(Request, requests)
    copy_in(Decision, decisions)


def _request(one: PlannedDelivery, delivery: Delivery, version: PolicyVersion) -> Request:
    writer = delivery.created_by
    assert writer is not None
    return Request(
        document_type="delivery",
        object_id=delivery.pk,
        number=delivery.number,
        title=delivery.customer.name,
        title_zh=delivery.customer.name_zh,
        amount=delivery.amount,
        customer_id=delivery.customer_id,
        owner=writer,
        team_id=writer.team_id,
        region_id=delivery.region_id,
        author=writer,
        submitted_by=writer,
        submitted_at=one.submitted,
        version=version,
        facts=stored(one.facts_then),
        state=ENDS.get(State(one.fate), RequestState.APPROVED),
        ended_at=one.decided,
    )


def _decisions(past: Past, one: PlannedDelivery, request: Request, stages: Sequence[Stage]) -> Iterable[Decision]:
    """The submission, then what each stage said that the facts asked for."""
    facts = one.facts_decided or one.facts_then
    asked = [stage for stage in stages if any_holds(stage.conditions, facts)]
    yield Decision(
        request=request,
        stage=asked[0],
        verdict=Verdict.SUBMITTED,
        by=request.submitted_by,
        facts=request.facts,
        at=one.submitted,
    )
    said: dict[str, Any] = {"request": request, "facts": stored(facts)}
    if one.fate == State.WITHDRAWN:
        yield Decision(**said, stage=asked[0], verdict=Verdict.WITHDRAWN, by=request.submitted_by, at=one.decided)
        return
    if one.fate == State.REJECTED:
        by, note = past.decider(Role.SUPERVISOR, one), past.rng.choice(REJECTION_NOTES)
        yield Decision(**said, stage=asked[0], verdict=Verdict.REJECTED, by=by, note=note, at=one.decided)
        return
    notes = EXCESS_NOTES if len(asked) > 1 else APPROVAL_NOTES
    accepted = stored(document_type("delivery").excess(facts))
    for number, stage in enumerate(asked, start=1):
        yield Decision(
            **said,
            stage=stage,
            verdict=Verdict.APPROVED,
            by=past.decider(stage.role, one),
            note=past.rng.choice(notes),
            accepted=accepted,
            at=one.submitted + (one.decided - one.submitted) * number / len(asked),
        )
