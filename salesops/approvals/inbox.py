"""The inbox as a reader sees it: queues by day, with flags, and the counts above them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from salesops.users.models import User
from salesops.web.counts import count_rows

from .documents import DocumentType, Flag, document_types
from .models import Decision, Request, RequestQuerySet, Verdict
from .queries import waiting_for

MOST_SHOWN = 100
OF_A_CASE = ("version__policy", "stage", "submitted_by", "author", "owner", "region")
"""What is read along with a request so that its case can be shown beside the queue."""
COUNTED = ("mine", "team", "aside")
"""The queues whose length is shown."""
DECIDED = [Verdict.APPROVED, Verdict.REJECTED, Verdict.RETURNED]


@dataclass(frozen=True)
class QueueDay:
    """The requests of one day: those that are due on it, or were decided on it."""

    title: str
    requests: list[Request]


@dataclass(frozen=True)
class TypeChip:
    """A filter by type of document, with how many wait."""

    document: DocumentType
    count: int


@dataclass
class Inbox:
    """One queue of a reader: `whose` is mine, team, aside or decided."""

    whose: str
    kind: str
    counts: dict[str, int]
    chips: list[TypeChip] = field(default_factory=list)
    days: list[QueueDay] = field(default_factory=list)
    flags: dict[int, list[Flag]] = field(default_factory=dict)
    more: int = 0

    @property
    def requests(self) -> list[Request]:
        """All requests that are shown, in order."""
        return [request for day in self.days for request in day.requests]


def rows_of(whose: str, reader: User) -> RequestQuerySet:
    """Return the requests of a queue in the reader's scope.

    mine: on the reader's desk, whoever they stand in for. team: waiting anywhere in scope.
    aside: put aside until there is room. decided: what the reader decided.
    """
    if whose == "mine":
        return waiting_for(reader)
    in_scope = _in_scope(reader)
    if whose == "aside":
        return in_scope.waiting().filter(parked_at__isnull=False)
    if whose == "decided":
        by_reader = Decision.objects.filter(request=OuterRef("pk"), by=reader, verdict__in=DECIDED)
        return Request.objects.filter(Exists(by_reader))
    return in_scope.on_desk()


def _in_scope(reader: User) -> RequestQuerySet:
    """The requests in the reader's scope, of the types whose figures the reader may see."""
    types = [known.key for known in document_types() if not known.permission or reader.has_perm(known.permission)]
    return Request.objects.visible_to(reader).filter(document_type__in=types)


def readable_by(reader: User) -> RequestQuerySet:
    """Return the requests that a reader may open: in scope, on the desk, decided or submitted by them."""
    ids = [rows_of(whose, reader).order_by().values("pk") for whose in ("mine", "decided")]
    own = Request.objects.filter(submitted_by=reader)
    return _in_scope(reader) | own | Request.objects.filter(pk__in=ids[0]) | Request.objects.filter(pk__in=ids[1])


Counting = Callable[[Mapping[str, RequestQuerySet]], Mapping[str, int]]
"""What counts the rows behind each key, all in one query."""


def inbox_of(reader: User, *, whose: str, kind: str, count: Counting = count_rows) -> Inbox:
    """Return a queue with its days, flags and counts; a constant number of queries, at most MOST_SHOWN requests."""
    rows = rows_of(whose, reader)
    by_type = {f"queue:{known.key}": rows.filter(document_type=known.key) for known in document_types()}
    others = {f"inbox:{name}": rows_of(name, reader) for name in COUNTED if name != whose}
    counted = count(by_type | others)
    counts = {name: counted[f"inbox:{name}"] for name in COUNTED if name != whose}
    counts[whose] = sum(counted[key] for key in by_type)
    inbox = Inbox(whose=whose, kind=kind, counts=counts)
    inbox.chips = [TypeChip(known, n) for known in document_types() if (n := counted[f"queue:{known.key}"])]
    if kind:
        rows = rows.filter(document_type=kind)
    order = ["-ended_at", "-pk"] if whose == "decided" else ["due_at", "pk"]
    shown = list(rows.order_by(*order).select_related(*OF_A_CASE)[:MOST_SHOWN])
    inbox.more = max((counted.get(f"queue:{kind}", 0) if kind else counts[whose]) - MOST_SHOWN, 0)
    inbox.days = list(_by_day(shown, decided=whose == "decided"))
    inbox.flags = _flags([request for request in shown if request.is_waiting])
    return inbox


def _by_day(requests: Iterable[Request], *, decided: bool) -> Iterable[QueueDay]:
    today = timezone.localdate()
    days: dict[str, list[Request]] = {}
    for request in requests:
        moment = request.ended_at if decided else request.due_at
        day = timezone.localdate(moment) if moment else today
        is_late = not decided and moment is not None and moment < timezone.now()
        title = _("Late") if is_late else _due_title(day, today)
        if decided and request.ended_at:
            title = _decided_title(day, today)
        days.setdefault(title, []).append(request)
    return (QueueDay(title, rows) for title, rows in days.items())


def _due_title(day: date, today: date) -> str:
    days = (day - today).days
    if days <= 0:
        return _("Due today")
    return _("Due tomorrow") if days == 1 else _("Due %(day)s") % {"day": day.isoformat()}


def _decided_title(day: date, today: date) -> str:
    return _("Today") if day == today else day.isoformat()


def _flags(requests: list[Request]) -> dict[int, list[Flag]]:
    found: dict[int, list[Flag]] = {}
    for known in document_types():
        found |= known.flags([request for request in requests if request.document_type == known.key])
    return found
