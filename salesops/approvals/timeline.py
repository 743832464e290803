"""The way of a document through its approvals: what was decided, who decides now, what would still come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from salesops.users.models import User

from .conditions import any_holds, figure, in_words
from .documents import DocumentType, Facts
from .models import Decision, Request, Stage, Verdict
from .queries import deciders_by_stage, stages_after

MOST_NAMES = 3

ICONS = {
    Verdict.REJECTED: "x",
    Verdict.RETURNED: "undo",
    Verdict.WITHDRAWN: "undo",
    Verdict.ESCALATED: "clock",
    Verdict.PARKED: "pause",
    Verdict.CAME_BACK: "undo",
    Verdict.REOPENED: "undo",
    Verdict.CANCELLED: "x",
}


@dataclass(frozen=True)
class TimelineStep:
    """One step. `look` is done, bad, now or next; `when` stands where there is no moment, such as “not needed”.

    `notes` are for everybody who sees the document, `figures` for those inside the company.
    """

    look: str
    who: str
    who_zh: str = ""
    what: str = ""
    icon: str = "check"
    at: datetime | None = None
    when: str = ""
    note: str = ""
    notes: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()


def requests_of(document_type: str, object_id: int, *, known: Request | None = None) -> list[Request]:
    """Return all requests of a document, oldest first, with their decisions in `told`; one query.

    Each request has at least one decision, its submission. One that is `known` is not read again and stands for itself.
    """
    decisions = (
        Decision.objects.filter(request__document_type=document_type, request__object_id=object_id)
        .select_related("request__version__policy", "request__stage", "by", "in_place_of", "stage")
        .order_by("request", "at", "pk")
    )
    found: dict[int, Request] = {known.pk: known} if known else {}
    told: dict[int, list[Decision]] = {}
    for decision in decisions:
        decision.request = found.setdefault(decision.request_id, decision.request)
        told.setdefault(decision.request_id, []).append(decision)
    for pk, request in found.items():
        request.told = told.get(pk, [])
    return [found[pk] for pk in sorted(found)]


def timeline_of(document_type: str, object_id: int, *, inside: bool = True) -> list[TimelineStep]:
    """Return the steps of a document through all its requests; see `steps_of`."""
    return steps_of(requests_of(document_type, object_id), inside=inside)


def people_to_come(request: Request) -> dict[int, list[User]]:
    """Return by stage id who may decide where a waiting request stands and later; some of each, one query."""
    stages = [stage for stage in (request.stage, *stages_after(request)) if stage is not None]
    return deciders_by_stage(stages, request, most=MOST_NAMES + 1)


def steps_of(
    requests: list[Request], *, inside: bool = True, people: Mapping[int, list[User]] | None = None
) -> list[TimelineStep]:
    """Return the steps of a document through all its requests, oldest first; coming stages stand at the end.

    A figure is told again only where it has changed since the step before.
    With `inside=False` (for agents) it leaves out facts, thresholds, and what deciders wrote to each other; the
    reason of a no stays, as it was written for the reader. `people` is what people_to_come says of the last one.
    """
    steps = [step for request in requests for step in _told_once(request, inside)]
    last = requests[-1] if requests else None
    if last is not None and last.is_waiting:
        steps.extend(_coming(last, inside, people_to_come(last) if people is None else people))
    return steps


def policy_of(document_type: str, object_id: int) -> str:
    """Return the policy and version that the document's last request follows, in words; "" where it has none."""
    requests = Request.objects.filter(document_type=document_type, object_id=object_id)
    last = requests.select_related("version__policy").order_by("-pk").first()
    return policy_in_words(last) if last else ""


def policy_in_words(last: Request) -> str:
    """Return the policy and version that a request follows, in words."""
    return _("policy “%(policy)s”, version %(number)d") % {
        "policy": last.version.policy.name,
        "number": last.version.number,
    }


def _told_once(request: Request, inside: bool) -> Iterable[TimelineStep]:
    """The decisions of a request, each without the figures that the one before told already."""
    before: tuple[str, ...] = ()
    for decision in request.told or []:
        step = _decided(request.document, decision, inside)
        yield replace(step, figures=tuple(each for each in step.figures if each not in before))
        before = step.figures or before


def _decided(known: DocumentType, decision: Decision, inside: bool) -> TimelineStep:
    verdict = Verdict(decision.verdict)
    refused = verdict in {Verdict.REJECTED, Verdict.RETURNED}
    told = refused or verdict in {Verdict.SUBMITTED, Verdict.WITHDRAWN}
    notes = []
    if decision.in_place_of:
        notes.append(_("in place of %(who)s") % {"who": decision.in_place_of})
    figures: list[str] = []
    if inside and verdict in {Verdict.SUBMITTED, Verdict.APPROVED}:
        figures.extend(_figures(known, decision.facts))
    if inside and decision.accepted:
        figures.append(_("accepted: %(what)s") % {"what": ", ".join(_figures(known, decision.accepted))})
    return TimelineStep(
        look="bad" if verdict == Verdict.REJECTED else "done",
        who=decision.by.full_name if decision.by else _stage_name(decision.stage),
        who_zh=decision.by.full_name_zh if decision.by else "",
        what=str(verdict.label),
        icon=ICONS.get(verdict, "check"),
        at=decision.at,
        note=decision.note if told or inside else "",
        notes=tuple(notes),
        figures=tuple(figures),
    )


def _stage_name(stage: Stage | None) -> str:
    return str(stage.get_role_display()) if stage else _("The policy")


def _figures(known: DocumentType, facts: Facts) -> Iterable[str]:
    """The facts that are not nothing, each with its name."""
    for fact in known.facts:
        value = facts.get(fact.name)
        if fact.kind == "yes":
            if value is True:
                yield str(fact.label)
        elif _is_something(value):
            yield f"{fact.label} {figure(value, fact.kind)}"


def _is_something(value: Any) -> bool:
    try:
        return bool(Decimal(value or 0))
    except (InvalidOperation, TypeError):
        return False


def _coming(request: Request, inside: bool, people: Mapping[int, list[User]]) -> Iterable[TimelineStep]:
    """The stage where the request stands, and those after it: needed, or not and why not."""
    if request.stage is not None:
        yield _now(request, request.stage, inside, people)
    facts = _latest_facts(request)
    for stage in stages_after(request):
        needed = any_holds(stage.conditions, facts)
        if needed or inside:
            yield TimelineStep(
                look="next",
                who=_role_and_names(stage, people),
                when="" if needed else _("not needed"),
                figures=_conditions(request.document, stage) if inside else (),
            )


def _now(request: Request, stage: Stage, inside: bool, people: Mapping[int, list[User]]) -> TimelineStep:
    if request.parked_at:
        when = _("put aside since %(when)s") % {"when": _moment(request.parked_at)}
        notes = [_("It comes back by itself when there is room.")]
    else:
        when = _("due %(when)s") % {"when": _moment(request.due_at)}
        notes = []
        if request.due_at and request.due_at < timezone.now():
            notes.append(_("late; it goes to the next stage"))
    figures = _conditions(request.document, stage) if inside and stage.conditions else ()
    return TimelineStep(
        look="now", who=_role_and_names(stage, people), when=when, notes=tuple(notes), figures=tuple(figures)
    )


def _role_and_names(stage: Stage, people: Mapping[int, list[User]]) -> str:
    deciders = people.get(stage.pk, [])
    names = [str(person) for person in deciders[:MOST_NAMES]]
    if len(deciders) > MOST_NAMES:
        names.append("…")
    return ", ".join([str(stage.get_role_display()), *names])


def _conditions(known: DocumentType, stage: Stage) -> tuple[str, ...]:
    return tuple(in_words(condition, known.facts) for condition in stage.conditions)


def _latest_facts(request: Request) -> Facts:
    """The facts of the last decision that has any, else those of the submission."""
    return next((decision.facts for decision in reversed(request.told or []) if decision.facts), request.facts)


def _moment(moment: datetime | None) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""
