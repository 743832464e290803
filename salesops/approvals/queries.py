"""Reads of the engine: whose desk a request lies on, who may decide, and what a decision would need."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, Value

from salesops.kernel.errors import found, require
from salesops.users.models import User
from salesops.users.regions.queries import ids_above
from salesops.users.roles import Role

from .conditions import any_holds, figure, holds, in_words
from .documents import DocumentType, Facts
from .models import Decision, PolicyVersion, Request, RequestQuerySet, Stage, Verdict

NOBODY = Q(pk__in=[])


def current_version(document_type: str) -> PolicyVersion:
    """Return the newest published version of a type's policy. Raises RuleBroken where there is none."""
    from django.utils.translation import gettext as _

    version = PolicyVersion.objects.filter(policy__document_type=document_type).order_by("-number").first()
    return found(version, _("No approval policy is published for this kind of document."), rule="policy")


Place = dict[str, frozenset[Any]]
"""Columns of a request, and for each the values with which it waits for somebody: one rule for rows and for one row."""


@lru_cache(maxsize=500)
def _published(database: str, version_id: int) -> PolicyVersion:
    return PolicyVersion.objects.prefetch_related("stages").get(pk=version_id)


def with_policy(request: Request) -> Request:
    """Give a request its version and stage as this process has read them before: what is published never changes."""
    request.version = _published(connection.settings_dict["NAME"], request.version_id)
    stages = {stage.pk: stage for stage in request.version.stages.all()}
    request.stage = stages[request.stage_id] if request.stage_id else None
    return request


def stages_of(request: Request) -> list[Stage]:
    """Return the stages of a request's policy in order, as this process has read them before."""
    return list(_published(connection.settings_dict["NAME"], request.version_id).stages.all())


def stages_after(request: Request) -> list[Stage]:
    """Return the stages of a request's policy that come after the one where it stands, in order."""
    here = request.stage.position if request.stage else 0
    return [stage for stage in stages_of(request) if stage.position > here]


def places_of(person: User) -> list[Place]:
    """Return where requests wait for a person, one place for each role that decides."""
    places = ((role, _place_of(person, role)) for role in sorted(person.roles))
    return [{"role": frozenset({role}), **place} for role, place in places if place is not None]


def _place_of(person: User, role: str) -> Place | None:
    if role == Role.SUPERVISOR:
        return {"team_id": frozenset({person.team_id})} if person.team_id else None
    if role == Role.REGIONAL_MANAGER:
        level = person.region.level if person.region else None
        return {"region_id": frozenset(person.region_ids), "region_level": frozenset({None, level})}
    if role in {Role.REPRESENTATIVE, Role.AGENT}:
        return {"owner_id": frozenset({person.pk})} if role == Role.REPRESENTATIVE else None
    return {}


def place_condition(person: User) -> Q:
    """Return the condition that keeps the requests that wait for a person's roles and place."""
    condition = NOBODY
    for place in places_of(person):
        here = Q()
        for column, values in place.items():
            here &= _among(column, values)
        condition |= here
    return condition & _not_of(person)


def _among(column: str, values: frozenset[Any]) -> Q:
    condition = Q(**{f"{column}__in": sorted(value for value in values if value is not None)})
    return condition | Q(**{column: None}) if None in values else condition


def _not_of(person: User) -> Q:
    """Nobody decides on their own document, nor at two stages of one."""
    approved = Decision.objects.filter(request=OuterRef("pk"), by=person, verdict=Verdict.APPROVED)
    return ~Q(submitted_by=person) & ~Q(author=person) & ~Q(writer=person) & Q(~Exists(approved))


def waiting_for(person: User) -> RequestQuerySet:
    """Return the requests on a person's desk: their own, and those of whoever they stand in for."""
    condition = place_condition(person)
    for giver in person.givers:
        condition |= place_condition(giver) & _not_of(person)
    return Request.objects.on_desk().filter(condition)


def decides_as(request: Request, person: User) -> User | None:
    """Return in whose right a person may decide the request now: themselves, a giver, or None for not at all."""
    if not request.is_waiting or not _is_open_to(request, person):
        return None
    if _lies_with(request, person):
        return person
    return next((each for each in person.givers if _lies_with(request, each) and _is_open_to(request, each)), None)


def _lies_with(request: Request, person: User) -> bool:
    """What place_condition says, of one request that is read already."""
    return any(
        all(getattr(request, column) in values for column, values in place.items()) for place in places_of(person)
    )


def _is_open_to(request: Request, person: User) -> bool:
    """What _not_of says, of one request that is read already."""
    if person.pk in request.own_people:
        return False
    if request.stage_id == stages_of(request)[0].pk:
        return True  # before the first stage nobody has approved
    if request.told is not None:
        return all(each.by_id != person.pk or each.verdict != Verdict.APPROVED for each in request.told)
    return not Decision.objects.filter(request=request.pk, by=person, verdict=Verdict.APPROVED).order_by().exists()


def deciders(stage: Stage, request: Request) -> Any:
    """Return the active people who may decide a stage of the request in their own right."""
    people = User.objects.filter(is_active=True, groups__name=stage.role)
    people = people.exclude(pk__in=request.own_people)
    if request.pk:
        approved = Decision.objects.filter(request=request.pk, verdict=Verdict.APPROVED, by__isnull=False)
        people = people.exclude(pk__in=approved.values("by"))
    if stage.role == Role.SUPERVISOR:
        return people.filter(team=request.team_id) if request.team_id else people.none()
    if stage.role == Role.REPRESENTATIVE:
        return people.filter(pk=request.owner_id or 0)
    if stage.role == Role.REGIONAL_MANAGER:
        if request.region_id is None:
            return people.none()
        people = people.filter(region__in=ids_above(request.region_id))
        return people.filter(region__level=stage.region_level) if stage.region_level else people
    return people


def deciders_by_stage(stages: Sequence[Stage], request: Request, *, most: int) -> dict[int, list[User]]:
    """Return the people who may decide each of the stages, up to `most` of each, by stage id; one query."""
    found: dict[int, list[User]] = {stage.pk: [] for stage in stages}
    parts = [deciders(stage, request).annotate(of_stage=Value(stage.pk))[:most] for stage in stages]
    people = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else chain(*parts)
    for person in people:
        found[person.of_stage].append(person)
    return found


def next_stage(
    request: Request, stages: Iterable[Stage], facts: Facts, *, after: int, forced: bool = False
) -> Stage | None:
    """Return the first stage after a position that the facts ask for and somebody may decide.

    Where nobody else may decide a stage that is asked for (the only supervisor wrote the document), the one
    after it is asked instead, whatever its conditions. None means that nothing more is asked.
    Raises RuleBroken where a stage is asked for and nobody is left to decide.
    """
    from django.utils.translation import gettext as _

    for stage in stages:
        if stage.position <= after or not (forced or any_holds(stage.conditions, facts)):
            continue
        if deciders(stage, request).exists():
            return stage
        forced = True
    require(
        not forced,
        _("Nobody but those who wrote it may decide on this. Ask an administrator to give somebody the role."),
        rule="deciders",
    )
    return None


def goes_beyond(request: Request, facts: Facts) -> bool:
    """Whether the facts ask for a stage after the one where the request stands."""
    here = request.stage.position if request.stage else 0
    return any(any_holds(stage.conditions, facts) for stage in request.version.stages.all() if stage.position > here)


def stopped_by(version: PolicyVersion, facts: Facts) -> str | None:
    """Return the name of the fact that stops the document whoever decides, or None."""
    return next((condition["fact"] for condition in version.stops if holds(condition, facts)), None)


@dataclass(frozen=True)
class Right:
    """Whether a reader may approve, by which figures, and who else is needed; said before the click."""

    may: bool
    final: bool = False
    as_person: User | None = None
    figures: list[str] = field(default_factory=list)
    needs: list[Stage] = field(default_factory=list)
    because: list[str] = field(default_factory=list)
    stopped: str = ""
    may_put_aside: bool = False
    may_withdraw: bool = False

    @property
    def may_refuse(self) -> bool:
        """Whether the reader may say no, which nothing stops."""
        return self.as_person is not None


def right_of(request: Request, reader: User, facts: Facts, document: Any) -> Right:
    """Return the reader's right on a waiting request, with the facts as they are now."""
    known = request.document
    as_person = decides_as(request, reader) if request.is_waiting else None
    later = stages_after(request)
    needed = [stage for stage in later if any_holds(stage.conditions, facts)]
    stop = stopped_by(request.version, facts)
    return Right(
        may=as_person is not None and stop is None,
        final=not needed,
        as_person=as_person,
        figures=_figures(known, later, facts),
        needs=needed,
        because=[in_words(c, known.facts) for stage in needed for c in stage.conditions if holds(c, facts)],
        stopped=str(known.stop_reason(document, stop)) if stop else "",
        may_put_aside=as_person is not None
        and request.parked_at is None
        and (stop is not None or not known.has_room(facts)),
        may_withdraw=request.is_waiting and reader.pk in request.own_people,
    )


def _figures(known: DocumentType, later: list[Stage], facts: Facts) -> list[str]:
    """Each fact that a later stage watches and that is not nothing: “2.2% of 5.0% over the limit”."""
    from django.utils.translation import gettext as _

    lowest: dict[str, Any] = {}
    for stage in later:
        for condition in stage.conditions:
            if condition["op"] != "is":
                lowest.setdefault(condition["fact"], condition["value"])
    return [
        _("%(value)s of %(allowed)s %(what)s")
        % {
            "what": fact.short or fact.label,
            "value": figure(facts.get(fact.name), fact.kind),
            "allowed": figure(lowest[fact.name], fact.kind),
        }
        for fact in known.facts
        if fact.name in lowest and facts.get(fact.name)
    ]


def customers_aside(customer_ids: Iterable[int]) -> list[int]:
    """Return those customers of whom a request was put aside, each once, in order."""
    aside = Request.objects.waiting().filter(customer__in=list(customer_ids), parked_at__isnull=False)
    return list(aside.order_by("customer").values_list("customer", flat=True).distinct())
