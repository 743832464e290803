"""What is read of matching: what is left of both sides, what was matched, and the way from our closing to theirs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from django.db.models import BooleanField, Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from orders.receivables.models import ReceivableEntry
from orders.receivables.queries import statement_of
from orders.reconciliation.models import Difference, DifferenceReason, DifferenceState
from salesops.kernel.money import ZERO, Money
from salesops.kernel.periods import Period
from salesops.users.models import User

from .models import LedgerLine, LedgerMatch, LedgerSplit, LedgerUpload, MatchOurs, MatchTheirs


def ledgers_for(user: User) -> QuerySet[LedgerUpload]:
    """Return the agents' ledgers that a person may see, each with `left_count`: its lines that are not matched."""
    made = LedgerMatch.objects.filter(upload=OuterRef("pk"), undone_at=None).order_by().values("upload")
    own = made.annotate(lines=Sum(F("theirs_count") - F("carried_count"))).values("lines")
    split = LedgerSplit.objects.filter(upload=OuterRef("pk"), undone_at=None).order_by().values("upload")
    more = split.annotate(lines=Sum(F("parts_count") - 1)).values("lines")
    rows = LedgerUpload.objects.visible_to(user).select_related("customer", "uploaded_by", "job")
    return rows.annotate(left_count=F("lines_read") + Coalesce(Subquery(more), 0) - Coalesce(Subquery(own), 0))


def period_of(upload: LedgerUpload) -> Period:
    """The days of a ledger."""
    return Period(upload.first_day, Period.day(upload.last_day).end)


def entries_of(upload: LedgerUpload) -> QuerySet[ReceivableEntry]:
    """Return our entries of the days of a ledger."""
    rows = ReceivableEntry.objects.filter(customer=upload.customer_id)
    return rows.filter(posted_on__gte=upload.first_day, posted_on__lte=upload.last_day)


def ours_left(upload: LedgerUpload) -> QuerySet[ReceivableEntry]:
    """Return our entries that stand in no match of this ledger, by day."""
    standing = MatchOurs.objects.filter(entry=OuterRef("pk"), stands=True, match__upload=upload)
    return entries_of(upload).filter(~Exists(standing)).order_by("posted_on", "pk")


def theirs_left(upload: LedgerUpload) -> QuerySet[LedgerLine]:
    """Return lines of theirs that stand in no match of this ledger, by day."""
    standing = MatchTheirs.objects.filter(line=OuterRef("pk"), stands=True, match__upload=upload)
    return upload.lines.standing().filter(~Exists(standing)).order_by("day", "pk")


def matches_of(upload: LedgerUpload) -> QuerySet[LedgerMatch]:
    """Return the standing matches of a ledger with both sides, in order of our days."""
    return (
        LedgerMatch.objects.standing()
        .filter(upload=upload)
        .select_related("made_by")
        .prefetch_related("ours__entry", "theirs__line")
    )


# ---- what the ledger before left ----
CARRIED = (DifferenceReason.TRANSIT, DifferenceReason.TIMING)
"""Reasons of differences that the next days are expected to clear."""


@dataclass(frozen=True)
class Carried:
    """An entry of ours or a line of theirs that the ledger before left as a difference of its days.

    `match_id` is the match of the later ledger that clears it, None while nothing does.
    """

    difference: Difference
    entry: ReceivableEntry | None
    line: LedgerLine | None
    match_id: int | None
    clearing: "Clearing | None" = None

    @property
    def amount(self) -> Money:
        """What it moves, as our ledger sees it."""
        return self.side.amount

    @property
    def day(self) -> date:
        """The day in the ledger that it is from."""
        return self.side.day

    @cached_property
    def side(self) -> "Side":
        """It, whichever side it is of."""
        return side_of(self.entry or self.line)


@dataclass(frozen=True)
class Side:
    """An entry of ours or a line of theirs, told alike."""

    side: str
    pk: int
    document: str
    day: date
    amount: Money


def side_of(row: ReceivableEntry | LedgerLine | None) -> Side:
    """Return an entry or a line as either is told."""
    if isinstance(row, ReceivableEntry):
        return Side("ours", row.pk, row.document, row.posted_on, row.amount)
    assert row is not None
    return Side("theirs", row.pk, row.reference or row.text or _("Row %(row)s") % {"row": row.row}, row.day, row.amount)


@dataclass(frozen=True)
class Clearing:
    """Where something that was carried over is cleared: the match in the later ledger, and what it is matched with."""

    match: LedgerMatch
    others: list[Side]


def ledger_before(upload: LedgerUpload) -> LedgerUpload | None:
    """Return the ledger of the customer that is read, was not replaced, and ends on the day before this one begins."""
    rows = LedgerUpload.objects.standing().filter(customer=upload.customer_id)
    return rows.filter(last_day=upload.first_day - timedelta(days=1)).first()


def earlier_ledgers(upload: LedgerUpload) -> list[int]:
    """Return the keys of the customer's ledgers that end before this one begins: what they left may have come to it."""
    rows = LedgerUpload.objects.filter(customer=upload.customer_id, last_day__lt=upload.first_day)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def carried_over(upload: LedgerUpload) -> list[Carried]:
    """Return what the ledger directly before left in transit or to another period, by day; in two queries.

    That are the differences of the reconciliation of its days which stand with such a reason; and those that this
    ledger has matched, whatever became of them.
    """
    before = ledger_before(upload)
    return _left_by(before, cleared=Q(match__upload=upload)) if before else []


def carried_on(upload: LedgerUpload) -> list[Carried]:
    """Return what this ledger left in transit or to another period, with the match of a later one that clears it.

    Otherwise as `carried_over`; in one query.
    """
    return _left_by(upload, cleared=Q(match__upload__first_day__gt=upload.last_day))


def _left_by(ledger: LedgerUpload, *, cleared: Q) -> list[Carried]:
    ours = MatchOurs.objects.filter(entry=OuterRef("entry"), stands=True)
    theirs = MatchTheirs.objects.filter(line=OuterRef("from_ledger__line"), stands=True)
    rows = (
        Difference.objects.filter(
            reconciliation__customer=ledger.customer_id,
            reconciliation__round__first_day=ledger.first_day,
            reconciliation__round__last_day=ledger.last_day,
        )
        .exclude(entry=None, from_ledger__line=None)
        .annotate(
            cleared_by=Coalesce(
                Subquery(ours.filter(cleared).values("match")), Subquery(theirs.filter(cleared).values("match"))
            ),
            stands=Case(
                When(
                    ~Exists(ours.filter(match__upload__last_day__lte=ledger.last_day)),
                    state=DifferenceState.EXPLAINED,
                    reason__in=CARRIED,
                    then=True,
                ),
                default=False,
                output_field=BooleanField(),
            ),
        )
        .filter(Q(stands=True) | Q(cleared_by__isnull=False))
        .select_related("reconciliation", "entry", "from_ledger__line")
        .order_by("stands", "reconciliation", "position")
    )
    found = {
        (one.entry_id, getattr(one, "from_ledger", None) and one.from_ledger.line_id): Carried(
            one, one.entry, None if one.entry else one.from_ledger.line, one.cleared_by
        )
        for one in rows
    }
    return sorted(found.values(), key=lambda one: (one.day, one.difference.pk))


def with_clearings(carried: Sequence[Carried]) -> list[Carried]:
    """Return the same with where each is cleared; in three queries where something is."""
    made = LedgerMatch.objects.filter(pk__in={one.match_id for one in carried if one.match_id})
    matches = made.select_related("upload").prefetch_related("ours__entry", "theirs__line").in_bulk() if carried else {}
    return [replace(one, clearing=_clearing(one, matches.get(one.match_id or 0))) for one in carried]


def _clearing(one: Carried, match: LedgerMatch | None) -> Clearing | None:
    if match is None:
        return None
    entries = [side_of(side.entry) for side in match.ours.all()]
    lines = [side_of(side.line) for side in match.theirs.all()]
    own, other = (entries, lines) if one.entry else (lines, entries)
    return Clearing(match, other or [side for side in own if side.pk != one.side.pk])


def keys_of(carried: Iterable[Carried]) -> tuple[list[int], list[int]]:
    """Return the keys of entries and of lines among what was carried over."""
    rows = list(carried)
    return [one.entry.pk for one in rows if one.entry], [one.line.pk for one in rows if one.line]


@dataclass(frozen=True)
class Left:
    """What is left of a side."""

    amount: Money
    count: int


@dataclass(frozen=True)
class Formula:
    """The way from our closing balance to theirs, as our ledger sees it.

    our closing - opening_apart - carried ours + carried theirs - ours left + theirs left + matched apart + unexplained
    = their closing; every term is made of rows but `unexplained`: what their own figures do not add up to, where they
    gave both balances. `carried_ours` and `carried_theirs` are what of the ledger before is not cleared yet,
    `carried_opening` is by how much all that was carried over sets the opening balances apart.
    """

    our_opening: Money
    our_closing: Money
    their_opening: Money
    their_closing: Money
    carried_opening: Money
    carried_ours: Left
    carried_theirs: Left
    ours: Left
    theirs: Left
    matched: int
    matched_apart: Money
    unexplained: Money

    @property
    def opening_apart(self) -> Money:
        """Our opening balance less theirs, but for what was carried over."""
        return self.our_opening - self.their_opening - self.carried_opening

    @property
    def is_agreed(self) -> bool:
        """Whether nothing is left to explain."""
        left = (self.carried_ours, self.carried_theirs, self.ours, self.theirs)
        return not (any(one.count for one in left) or self.opening_apart or self.unexplained)


def formula_of(upload: LedgerUpload, carried: Sequence[Carried] | None = None) -> Formula:
    """Return the way from our closing balance to theirs, in five queries, and two where nothing says what was carried.

    What they did not say is taken as it follows: the opening from the closing and the lines, else as ours but for what
    was carried over; the closing from the opening and the lines.
    """
    carried = carried_over(upload) if carried is None else carried
    statement = statement_of(upload.customer_id, period_of(upload))
    lines = _sum(upload.lines.standing(), F("amount"))
    carried_opening = sum((one.amount if one.entry else -one.amount for one in carried), ZERO)
    opening = upload.opening
    if opening is None:
        follows = statement.opening - carried_opening
        opening = follows if upload.closing is None else upload.closing - lines.amount
    closing = opening + lines.amount if upload.closing is None else upload.closing
    made = matches_of(upload).order_by().aggregate(count=Count("pk"), apart=Sum("difference"))
    waiting = [one for one in carried if one.match_id is None]
    return Formula(
        our_opening=statement.opening,
        our_closing=statement.closing,
        their_opening=opening,
        their_closing=closing,
        carried_opening=carried_opening,
        carried_ours=_left_of(one for one in waiting if one.entry),
        carried_theirs=_left_of(one for one in waiting if one.line),
        ours=_sum(ours_left(upload), F("debit") - F("credit")),
        theirs=_sum(theirs_left(upload), F("amount")),
        matched=made["count"],
        matched_apart=made["apart"] or ZERO,
        unexplained=closing - opening - lines.amount,
    )


def _left_of(carried: Iterable[Carried]) -> Left:
    amounts = [one.amount for one in carried]
    return Left(sum(amounts, ZERO), len(amounts))


def _sum(rows: QuerySet[Any], amount: Any) -> Left:
    found = rows.order_by().aggregate(amount=Sum(amount), count=Count("pk"))
    return Left(found["amount"] or ZERO, found["count"])


def with_text_of_ours(rows: QuerySet[ReceivableEntry], text: str) -> QuerySet[ReceivableEntry]:
    """Keep entries whose document, text or amount holds what is looked for."""
    return rows.filter(Q(document__icontains=text) | Q(text__icontains=text) | _of_amount(text, "debit", "credit"))


def with_text_of_theirs(rows: QuerySet[LedgerLine], text: str) -> QuerySet[LedgerLine]:
    """Keep lines whose reference, text or amount holds what is looked for."""
    return rows.filter(Q(reference__icontains=text) | Q(text__icontains=text) | _of_amount(text, "amount"))


def _of_amount(text: str, *names: str) -> Q:
    """The condition that one of the columns is the amount that a text says, whatever its sign."""
    try:
        amount = Decimal(text.replace(",", "").replace("−", "-"))
    except InvalidOperation:
        return Q(pk__in=[])
    if not amount.is_finite() or abs(amount) > Decimal("999999999999"):
        return Q(pk__in=[])
    condition = Q(pk__in=[])
    for name in names:
        condition |= Q(**{name: amount}) | Q(**{name: -amount})
    return condition
