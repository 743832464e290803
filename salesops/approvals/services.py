"""Every change of the engine: a request is opened, decided, put aside, brought back, escalated."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from salesops.kernel.errors import RuleBroken, found, require
from salesops.notify.reading import settle_notices
from salesops.notify.services import notify
from salesops.users.models import Delegation, User
from salesops.users.people.queries import administrators
from salesops.users.roles import Role
from salesops.web.history import recorded
from salesops.web.refusals import as_refusal

from .conditions import stored
from .documents import document_type
from .models import Decision, Request, RequestState, Stage, Verdict
from .queries import current_version, deciders, decides_as, goes_beyond, next_stage, stopped_by, with_policy


@transaction.atomic
@recorded
def open_request(key: str, document: Any, *, by: User, note: str = "", at: datetime | None = None) -> Request:
    """Send a locked document through the newest version of its policy and tell who has to decide.

    A document that a fact stops (an account on hold) is put aside and comes back when the fact is gone.
    Where the policy asks nobody, the document is approved at once, or refused where a fact stops it.
    Raises RuleBroken where nobody may decide.
    """
    known = document_type(key)
    subject = known.subject(document)
    facts = known.facts_of(document)
    version = current_version(key)
    request = Request(
        document_type=key,
        object_id=document.pk,
        number=subject.number,
        title=subject.title,
        title_zh=subject.title_zh,
        amount=subject.amount,
        customer_id=subject.customer_id,
        owner=subject.owner,
        team_id=subject.owner.team_id if subject.owner else None,
        region_id=subject.region_id,
        author_id=subject.author_id,
        writer_id=subject.writer_id,
        submitted_by=by,
        submitted_at=at or timezone.now(),
        note=note,
        version=version,
        facts=stored(facts),
    )
    stop = stopped_by(version, facts)
    stage = next_stage(request, version.stages.all(), facts, after=0)
    if stage is not None:
        _ask(request, stage, at=request.submitted_at)
    elif stop is not None:
        raise RuleBroken(known.stop_reason(document, stop), rule="stop", fact=stop)
    request.save()
    _record(request, Verdict.SUBMITTED, by=by, note=note, facts=facts, at=request.submitted_at)
    if stage is None:
        known.approved(document, by=None)
        _end(request, RequestState.APPROVED)
    elif stop is not None:
        _put_aside(request, facts)
    else:
        _tell_deciders(request)
    return request


@transaction.atomic
@recorded
def approve(
    request_id: int,
    *,
    by: User,
    note: str = "",
    changes: Mapping[str, Any] | None = None,
    seen_stage: int | None = None,
) -> Request:
    """Approve at the stage where the request stands, with the facts computed again under lock.

    Where the facts now ask for a further stage the request goes on to it; otherwise the document is approved.
    The decision keeps the facts, and the last one what it accepted beyond the normal. `seen_stage` is the stage that
    the person saw. Raises RuleBroken, and nothing is written, where it is already decided or has moved on, where `by`
    may not decide, where a fact stops it, and where the document says no.
    """
    request, document, as_person = _locked(request_id, by, seen_stage)
    known = request.document
    if changes:
        known.change(document, changes, by=by)
        request.amount = known.subject(document).amount
    facts = known.facts_of(document)
    stop = stopped_by(request.version, facts)
    if stop is not None:
        raise RuleBroken(known.stop_reason(document, stop), rule="stop", fact=stop)
    here = request.stage.position if request.stage else 0
    accepted = {} if goes_beyond(request, facts) else known.excess(facts)
    _record(request, Verdict.APPROVED, by=by, as_person=as_person, note=note, facts=facts, accepted=accepted)
    stage = next_stage(request, request.version.stages.all(), facts, after=here)
    if stage is not None:
        _ask(request, stage)
        request.save(update_fields=[*ASKED, "amount"])
        _tell_deciders(request)
        return request
    known.approved(document, by=by)
    _end(request, RequestState.APPROVED)
    _tell_submitter(request, document, by, note)
    return request


@recorded
def reject(request_id: int, *, by: User, note: str, seen_stage: int | None = None) -> Request:
    """Say no for good, with a reason that the submitter reads."""
    return _say_no(request_id, seen_stage, by=by, note=note, verdict=Verdict.REJECTED, state=RequestState.REJECTED)


@recorded
def send_back(request_id: int, *, by: User, note: str, seen_stage: int | None = None) -> Request:
    """Return the document for change, with a reason; it may be submitted again."""
    return _say_no(request_id, seen_stage, by=by, note=note, verdict=Verdict.RETURNED, state=RequestState.RETURNED)


@transaction.atomic
@recorded
def withdraw(request_id: int, *, by: User, note: str = "") -> Request:
    """Take a request back before it is decided; its submitter and the document's author may."""
    request, document = _locked_waiting(request_id)
    require(
        by.pk in request.own_people,
        _("Only who submitted it may withdraw it."),
        rule="withdraw",
    )
    _record(request, Verdict.WITHDRAWN, by=by, note=note, facts=request.document.facts_of(document))
    request.document.ended(document, verdict=Verdict.WITHDRAWN, by=by, note=note)
    _end(request, RequestState.WITHDRAWN)
    return request


@transaction.atomic
@recorded
def put_aside(request_id: int, *, by: User, note: str = "") -> Request:
    """Put a request aside until there is room: it leaves the desk, nothing of it is lost, it comes back by itself."""
    request, document, as_person = _locked(request_id, by)
    facts = request.document.facts_of(document)
    require(request.parked_at is None, _("It is already put aside."), rule="parked")
    require(
        not request.document.has_room(facts) or stopped_by(request.version, facts),
        _("There is room already; decide on it."),
        rule="parked",
    )
    _record(request, Verdict.PARKED, by=by, as_person=as_person, note=note, facts=facts)
    request.parked_at = timezone.now()
    request.save(update_fields=["parked_at"])
    return request


@transaction.atomic
def bring_back(customer_id: int) -> list[Request]:
    """Bring a customer's requests that were put aside back to the desks where there is room now; returns them.

    Call it with the customer's account locked, after a payment, a change of limit or the end of a hold.
    """
    back = []
    parked = Request.objects.waiting().filter(customer=customer_id, parked_at__isnull=False).order_by("submitted_at")
    for request in parked.select_for_update(of=("self",)).select_related("version", "stage"):
        document = request.document.lock(request.object_id)
        facts = request.document.facts_of(document)
        if stopped_by(request.version, facts) or not _may_come_back(request, facts):
            continue
        request.parked_at = None
        request.came_back_at = timezone.now()
        assert request.stage is not None
        request.due_at = request.came_back_at + timedelta(hours=request.stage.hours)
        request.save(update_fields=["parked_at", "came_back_at", "due_at"])
        _record(request, Verdict.CAME_BACK, by=None, facts=facts)
        _tell_deciders(request)
        back.append(request)
    return back


def _may_come_back(request: Request, facts: dict[str, Any]) -> bool:
    """What a stop put aside comes back when it is gone; what a person did, with room or within the stage's right."""
    parked = request.decisions.filter(verdict=Verdict.PARKED).order_by("-at", "-pk").first()
    if parked is None or parked.by_id is None or request.document.has_room(facts):
        return True
    return goes_beyond(request, parked.facts) and not goes_beyond(request, facts)


@transaction.atomic
def put_stopped_aside(customer_id: int) -> None:
    """Put aside a customer's requests that a fact stops now (an account put on hold); with the account locked."""
    waiting = Request.objects.on_desk().filter(customer=customer_id).order_by("pk")
    for request in waiting.select_for_update(of=("self",)).select_related("version", "stage"):
        document = request.document.lock(request.object_id)
        facts = request.document.facts_of(document)
        if stopped_by(request.version, facts):
            _put_aside(request, facts)


def record_after(key: str, object_id: int, verdict: Verdict, *, by: User, note: str) -> None:
    """Record on a document's last request what was done with it after the decision: reopened, cancelled, and why."""
    last = Request.objects.filter(document_type=key, object_id=object_id).order_by("-pk").first()
    if last is not None:
        _record(last, verdict, by=by, note=note, facts={})


def escalate_overdue(moment: datetime) -> int:
    """Hand requests that were not decided in time to the next stage of their policy; returns how many.

    Where there is no further stage the administrators are told and the time starts again.
    """
    late = list(Request.objects.late_on(moment).order_by("due_at", "pk").values_list("pk", flat=True)[:500])
    return sum(_escalate(request_id, moment) for request_id in late)


@transaction.atomic
def _escalate(request_id: int, moment: datetime) -> bool:
    request = Request.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=request_id).first()
    if request is None or not request.is_waiting or request.due_at is None or request.due_at >= moment:
        return False
    assert request.stage is not None
    late_stage = request.stage
    stages = request.version.stages.all()
    try:
        stage = next_stage(request, stages, {}, after=late_stage.position, forced=True)
    except RuleBroken:
        stage = None
    _record(request, Verdict.ESCALATED, by=None, facts={}, stage=late_stage, at=moment)
    _ask(request, stage or late_stage, at=moment)
    request.save(update_fields=ASKED)
    _tell_deciders(request, also_administrators=stage is None)
    return True


@dataclass(frozen=True)
class Outcome:
    """What became of one of many requests approved at once: the request, and why not where it was not."""

    request: Request
    refusal: RuleBroken | None = None
    goes_on: bool = False


def approve_many(seen: Mapping[int, int | None], *, by: User, note: str = "") -> list[Outcome]:
    """Approve several requests, each checked again in a transaction of its own; says for each what became of it.

    `seen` has the stage that the person saw by request id. One that fails, for whatever reason, stops no other.
    """
    outcomes = []
    for request in Request.objects.filter(pk__in=seen).order_by("due_at", "pk"):
        try:
            decided = approve(request.pk, by=by, note=note, seen_stage=seen[request.pk])
        except (RuleBroken, DatabaseError) as error:
            refusal = as_refusal(error)
            if refusal is None:
                raise
            outcomes.append(Outcome(request, refusal))
        else:
            outcomes.append(Outcome(decided, goes_on=decided.is_waiting))
    return outcomes


def _say_no(
    request_id: int, seen_stage: int | None, *, by: User, note: str, verdict: Verdict, state: RequestState
) -> Request:
    with transaction.atomic():
        require(note.strip(), _("A no has a reason. Say why."), rule="reason", field="note")
        request, document, as_person = _locked(request_id, by, seen_stage)
        facts = request.document.facts_of(document)
        _record(request, verdict, by=by, as_person=as_person, note=note.strip(), facts=facts)
        request.document.ended(document, verdict=verdict, by=by, note=note)
        _end(request, state)
        _tell_submitter(request, document, by, note)
        return request


def _locked_waiting(request_id: int) -> tuple[Request, Any]:
    """Lock the document (account first), then the request; the first decision counts, the second is told."""
    asked = Request.objects.filter(pk=request_id).order_by().values_list("document_type", "object_id")[:1]
    key, object_id = found(next(iter(asked), None), _("This request does not exist."))
    document = document_type(key).lock(object_id)
    request = with_policy(Request.objects.select_for_update(of=("self",)).get(pk=request_id))
    if not request.is_waiting:
        last = request.decisions.select_related("by").last()
        who = last.by if last and last.by else _("the policy")
        when = timezone.localtime(request.ended_at).strftime("%Y-%m-%d %H:%M") if request.ended_at else ""
        raise RuleBroken(
            _("%(number)s is already decided: %(state)s by %(who)s, %(when)s.")
            % {"number": request.number, "state": request.get_state_display(), "who": who, "when": when},
            rule="decided",
            state=request.state,
        )
    return request, document


def _locked(request_id: int, by: User, seen_stage: int | None = None) -> tuple[Request, Any, User]:
    request, document = _locked_waiting(request_id)
    require(
        seen_stage is None or seen_stage == request.stage_id,
        _("%(number)s has moved on meanwhile: it waits for %(role)s.")
        % {"number": request.number, "role": _role_label(request)},
        rule="moved on",
        stage=request.stage_id,
        role=request.role,
    )
    require(
        by.pk not in request.own_people,
        _("Nobody decides on their own document."),
        rule="own document",
    )
    as_person = found(
        decides_as(request, by),
        _("This waits for: %(role)s. You are not among those who may decide it.") % {"role": _role_label(request)},
        rule="right",
        role=request.role,
    )
    return request, document, as_person


def _role_label(request: Request) -> str:
    return str(Role(request.role).label) if request.role else ""


ASKED = ["stage", "role", "region_level", "due_at", "parked_at"]


def _ask(request: Request, stage: Stage, *, at: datetime | None = None) -> None:
    request.stage = stage
    request.role = stage.role
    request.region_level = stage.region_level
    request.due_at = (at or timezone.now()) + timedelta(hours=stage.hours)
    request.parked_at = None


def _end(request: Request, state: RequestState) -> None:
    request.state = state
    request.ended_at = timezone.now()
    request.stage = None
    request.role = ""
    request.parked_at = None
    request.save(update_fields=["state", "ended_at", "stage", "role", "parked_at", "amount"])


def _put_aside(request: Request, facts: dict[str, Any]) -> None:
    _record(request, Verdict.PARKED, by=None, facts=facts)
    request.parked_at = timezone.now()
    request.save(update_fields=["parked_at"])


def _record(
    request: Request,
    verdict: Verdict,
    *,
    by: User | None,
    facts: dict[str, Any],
    as_person: User | None = None,
    note: str = "",
    accepted: dict[str, Any] | None = None,
    stage: Stage | None = None,
    at: datetime | None = None,
) -> Decision:
    """Write the decision; who was asked at the stage need not be asked any more."""
    stage = stage or request.stage
    if stage and verdict not in {Verdict.SUBMITTED, Verdict.CAME_BACK}:
        settle_notices(_key_of(request, stage))
    return Decision.objects.create(
        request=request,
        stage=stage,
        verdict=verdict,
        by=by,
        in_place_of=as_person if as_person and as_person != by else None,
        note=note,
        facts=stored(facts),
        accepted=stored(accepted or {}),
        at=at or timezone.now(),
    )


def _tell_deciders(request: Request, *, also_administrators: bool = False) -> None:
    assert request.stage is not None
    people = set(deciders(request.stage, request))
    delegations = Delegation.objects.active_on(timezone.localdate()).filter(giver__in=people)
    people |= {delegation.taker for delegation in delegations.select_related("taker")}
    if also_administrators:
        people |= set(administrators())
    label = request.document.label
    notify(
        "approval.waiting",
        to=people,
        title=lambda: _("%(kind)s %(number)s waits for you") % {"kind": label, "number": request.number},
        text=lambda: (
            _("%(who)s asks for a decision until %(due)s.")
            % {"who": request.who, "due": timezone.localtime(request.due_at).strftime("%Y-%m-%d %H:%M")}
        ),
        url=request.get_absolute_url(),
        dedupe=_key_of(request, request.stage),
    )


def _key_of(request: Request, stage: Stage) -> str:
    """The key of the notices that ask for a decision at a stage."""
    return f"request {request.pk} {stage.pk}"


def _tell_submitter(request: Request, document: Any, by: User, note: str) -> None:
    people = {pk for pk in (request.submitted_by_id, request.author_id) if pk} - {by.pk}
    notify(
        "approval.decided",
        to=User.objects.filter(pk__in=people),
        title=lambda: _("%(number)s: %(state)s") % {"number": request.number, "state": request.get_state_display()},
        text=lambda: (_("%(by)s decided on %(who)s.") % {"by": by, "who": request.who}) + (f" {note}" if note else ""),
        url=document.get_absolute_url(),
    )
