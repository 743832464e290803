"""What matching leaves becomes differences of the reconciliation of its days, with kind, reason and owner by rule."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from orders.receivables.models import ReceivableEntry, Source
from orders.reconciliation.models import (
    Difference,
    DifferenceKind,
    DifferenceReason,
    Reconciliation,
    ReconciliationState,
)
from orders.reconciliation.services import explain_difference, state_closing, state_difference
from salesops.kernel.errors import found, require
from salesops.kernel.money import Money
from salesops.users.models import User

from .models import LedgerDifference, LedgerLine, LedgerMatch, LedgerState, LedgerUpload
from .queries import Carried, carried_over, formula_of, matches_of, ours_left, theirs_left
from .services import locked_ledger

MOST_PROPOSED = 100
"""Differences that are handed over at once; after them the next are proposed."""
RETURNS = ("退", "return")
"""Words of a text that speaks of a return."""


@dataclass(frozen=True)
class Proposal:
    """A difference as the rules would state it; `amount` added to our closing balance comes nearer to theirs.

    It is about an entry of ours, a line of theirs, a match that was let pass, or the opening balances. Without a reason
    it is left open.
    """

    key: str
    day: date
    document: str
    text: str
    amount: Money
    kind: str
    reason: str
    note: str
    owner: User | None
    entry: ReceivableEntry | None = None
    line: LedgerLine | None = None
    match: LedgerMatch | None = None

    @property
    def kind_label(self) -> Any:
        """Its kind in words."""
        return DifferenceKind(self.kind).label


def reconciliation_of(upload: LedgerUpload, user: User) -> Reconciliation | None:
    """Return the latest reconciliation of the ledger's customer and days that was sent and is in somebody's scope."""
    rows = Reconciliation.objects.visible_to(user).exclude(state=ReconciliationState.NOT_SENT)
    rows = rows.filter(customer=upload.customer_id, round__first_day=upload.first_day, round__last_day=upload.last_day)
    row: Reconciliation | None = rows.select_related("statement", "round").order_by("-pk").first()
    return row


def proposals(upload: LedgerUpload, reconciliation: Reconciliation, *, by: User) -> list[Proposal]:
    """Return what is left and not stated yet, the first MOST_PROPOSED of it: openings, let pass, ours, theirs.

    The rules: of ours, what was posted after their last line or within the window before the last day is in transit
    (goods) or of another period; else it is theirs to post. Of theirs, what has an entry of ours of the same amount
    within the window outside of the days is in transit (money) or of another period; else it is ours to post. What is
    ours, in transit or of another period belongs to who hands it over, what is theirs to the representative.
    """
    return _Proposer(upload, reconciliation, by).all()[:MOST_PROPOSED]


class _Proposer:
    """The rules over one ledger."""

    def __init__(self, upload: LedgerUpload, reconciliation: Reconciliation, by: User) -> None:
        self.upload, self.by = upload, by
        self.window = timedelta(days=settings.LEDGER_MATCH_DAYS)
        self.representative = upload.customer.representative
        self.stated = LedgerDifference.objects.standing().filter(difference__reconciliation=reconciliation)
        self.differing = Difference.objects.standing().filter(reconciliation=reconciliation)
        self.last_line = upload.lines.aggregate(last=Max("day"))["last"] or upload.last_day

    def all(self) -> list[Proposal]:
        """All of them."""
        entries = ours_left(self.upload).exclude(pk__in=self.differing.exclude(entry=None).values("entry"))
        lines = theirs_left(self.upload).exclude(pk__in=self.stated.exclude(line=None).values("line"))
        passed = matches_of(self.upload).exclude(difference=0)
        passed = passed.exclude(pk__in=self.stated.exclude(match=None).values("match"))
        theirs = list(lines[:MOST_PROPOSED])
        stated_entries = set(self.differing.exclude(entry=None).values_list("entry", flat=True))
        stated_lines = set(self.stated.exclude(line=None).values_list("line", flat=True))
        waiting = [one for one in carried_over(self.upload) if one.match_id is None]
        outside = self._outside(theirs)
        return [
            *self._opening(),
            *(self._of_carried(one) for one in waiting if one.entry and one.entry.pk not in stated_entries),
            *(self._of_carried(one) for one in waiting if one.line and one.line.pk not in stated_lines),
            *(self._of_match(match) for match in passed[:MOST_PROPOSED]),
            *(self._of_entry(entry) for entry in entries[:MOST_PROPOSED]),
            *(self._of_line(line, outside) for line in theirs),
        ]

    def _opening(self) -> list[Proposal]:
        apart = formula_of(self.upload).opening_apart
        if not apart or self.stated.filter(line=None, match=None, difference__entry=None).exists():
            return []
        text = _("Opening balances are apart")
        return [Proposal("opening", self.upload.first_day, "", text, -apart, DifferenceKind.OTHER, "", "", self.by)]

    def _of_carried(self, one: Carried) -> Proposal:
        """What the ledger before left and this one does not clear: it goes on with the reason that it had."""
        if one.entry:
            what = self._of_entry(one.entry)
        else:
            assert one.line is not None
            what = self._of_line(one.line, [])
        former = one.difference
        note = _("Carried over from %(number)s.") % {"number": former.reconciliation.number}
        return replace(what, kind=former.kind, reason=former.reason, note=note, owner=self.by)

    def _of_match(self, match: LedgerMatch) -> Proposal:
        document = ", ".join(side.entry.document for side in match.ours.all())[:60]
        return Proposal(
            key=f"m{match.pk}",
            day=max(side.line.day for side in match.theirs.all()),
            document=document,
            text=match.reason,
            amount=match.difference,
            kind=DifferenceKind.PRICE,
            reason=DifferenceReason.THEIRS,
            note=_("Let pass: %(reason)s") % {"reason": match.reason},
            owner=self.representative,
            match=match,
        )

    def _of_entry(self, entry: ReceivableEntry) -> Proposal:
        is_goods = entry.source == Source.SHIPMENT
        is_late = entry.posted_on > min(self.last_line, self.upload.last_day - self.window)
        if is_late:
            reason = DifferenceReason.TRANSIT if is_goods else DifferenceReason.TIMING
            note = _("Posted by us on %(day)s; it reaches their ledger later.") % {"day": entry.posted_on}
        else:
            reason, note = DifferenceReason.THEIRS, _("It is not in their ledger.")
        return Proposal(
            key=f"e{entry.pk}",
            day=entry.posted_on,
            document=entry.document,
            text=entry.text or str(entry.get_source_display()),
            amount=-entry.amount,
            kind=_kind_of_entry(entry),
            reason=reason,
            note=note,
            owner=self.by if is_late else self.representative,
            entry=entry,
        )

    def _of_line(self, line: LedgerLine, outside: list[ReceivableEntry]) -> Proposal:
        near = [
            entry for entry in outside if entry.amount == line.amount and abs(entry.posted_on - line.day) <= self.window
        ]
        if near:
            is_money = line.amount < 0 and near[0].posted_on > self.upload.last_day
            reason = DifferenceReason.TRANSIT if is_money else DifferenceReason.TIMING
            note = _("%(document)s of %(day)s in our ledger.") % {
                "document": near[0].document,
                "day": near[0].posted_on,
            }
        else:
            reason, note = DifferenceReason.OURS, _("It is not in our ledger.")
        return Proposal(
            key=f"l{line.pk}",
            day=line.day,
            document=line.reference[:60],
            text=line.text or _("Row %(row)s") % {"row": line.row},
            amount=line.amount,
            kind=_kind_of_line(line),
            reason=reason,
            note=note,
            owner=self.by,
            line=line,
        )

    def _outside(self, lines: list[LedgerLine]) -> list[ReceivableEntry]:
        """Our entries around the days that have the amount of one of the lines, the nearest to the days first."""
        first, last = self.upload.first_day, self.upload.last_day
        amounts = {abs(line.amount) for line in lines}
        rows = ReceivableEntry.objects.filter(customer=self.upload.customer_id)
        rows = rows.filter(
            Q(posted_on__gt=last, posted_on__lte=last + self.window)
            | Q(posted_on__lt=first, posted_on__gte=first - self.window)
        )
        return list(rows.filter(Q(debit__in=amounts) | Q(credit__in=amounts)).order_by("posted_on", "pk"))


def _kind_of_entry(entry: ReceivableEntry) -> DifferenceKind:
    """Goods that they do not show, a payment that they do not show, a return where the text says so."""
    if entry.source == Source.SHIPMENT:
        return DifferenceKind.NOT_RECEIVED
    if entry.source in (Source.PAYMENT, Source.PAYMENT_REVERSAL):
        return DifferenceKind.PAYMENT
    return DifferenceKind.RETURN if _speaks_of_return(entry.text) else DifferenceKind.OTHER


def _kind_of_line(line: LedgerLine) -> DifferenceKind:
    """What lowers the debt is a payment, or a return where the text says so; what raises it is something else."""
    if _speaks_of_return(line.text):
        return DifferenceKind.RETURN
    return DifferenceKind.PAYMENT if line.amount < 0 else DifferenceKind.OTHER


def _speaks_of_return(text: str) -> bool:
    return any(word in text.lower() for word in RETURNS)


@transaction.atomic
def hand_over(
    upload_id: int, *, by: User, chosen: Mapping[str, str], owners: Mapping[str, int | None] | None = None
) -> list[Difference]:
    """State what is left of a ledger as differences of the reconciliation of its days; returns them.

    `chosen` are keys of proposals with the reason of each, "" to leave it open; `owners` says whose it is where that is
    other than proposed. Where the agent said its closing balance, that becomes theirs in the reconciliation. RuleBroken
    without a reconciliation of these days, where its statement closes with another figure than our ledger does now, for
    what is not left any more, and where the reconciliation itself says no (signed, not in scope).
    """
    upload = locked_ledger(upload_id, by=by)
    reconciliation = found(
        reconciliation_of(upload, by),
        _("No reconciliation of these days was sent to this customer."),
        rule="reconciliation",
    )
    _require_same_closing(upload, reconciliation)
    left = {one.key: one for one in proposals(upload, reconciliation, by=by)}
    gone = sorted(set(chosen) - set(left))
    require(not gone, _("Something of this was matched or stated meanwhile."), rule="changed", keys=len(gone))
    require(chosen, _("Choose what is handed over."), rule="lines", least=1)
    if upload.closing is not None:
        state_closing(reconciliation.pk, by=by, amount=upload.closing)
    return [
        _hand_over(upload, reconciliation, left[key], reason=reason, owner_id=_owner(left[key], owners), by=by)
        for key, reason in chosen.items()
    ]


def _owner(proposal: Proposal, owners: Mapping[str, int | None] | None) -> int | None:
    if owners and proposal.key in owners:
        return owners[proposal.key]
    return proposal.owner.pk if proposal.owner else None


def _require_same_closing(upload: LedgerUpload, reconciliation: Reconciliation) -> None:
    """What is left was worked out from our ledger as it is now: the statement must say the same."""
    statement = reconciliation.statement
    assert statement is not None
    ours = formula_of(upload).our_closing
    require(
        ours == statement.closing,
        _("%(statement)s closes with %(then)s, our ledger with %(now)s by now: entries were posted since.")
        % {"statement": statement.number, "then": f"{statement.closing:,.2f}", "now": f"{ours:,.2f}"},
        rule="statement",
        statement=statement.number,
        then=statement.closing,
        now=ours,
    )


def _hand_over(
    upload: LedgerUpload,
    reconciliation: Reconciliation,
    one: Proposal,
    *,
    reason: str,
    owner_id: int | None,
    by: User,
) -> Difference:
    made = state_difference(
        reconciliation.pk,
        by=by,
        kind=one.kind,
        amount=one.amount,
        entry_id=one.entry.pk if one.entry else None,
        document="" if one.entry else one.document,
        text=one.text,
    )
    LedgerDifference.objects.create(upload=upload, line=one.line, match=one.match, difference=made)
    if reason:
        note = one.note if reason == one.reason else ""
        made = explain_difference(reconciliation.pk, made.position, by=by, reason=reason, note=note, owner_id=owner_id)
    return made


@dataclass(frozen=True)
class StateOfMatching:
    """Where the matching of a reconciliation's days stands."""

    upload: LedgerUpload
    matched: int
    ours: int
    theirs: int
    stated: int


def matching_of(reconciliation: Reconciliation, user: User) -> StateOfMatching | None:
    """Return where the matching of a reconciliation stands; None where no ledger of its days is there."""
    rows = LedgerUpload.objects.visible_to(user).filter(
        customer=reconciliation.customer_id,
        first_day=reconciliation.round.first_day,
        last_day=reconciliation.round.last_day,
    )
    upload = rows.exclude(state=LedgerState.REPLACED).order_by("-state", "-pk").first()
    if upload is None:
        return None
    formula = formula_of(upload)
    stated = LedgerDifference.objects.standing().filter(upload=upload).count()
    return StateOfMatching(upload, formula.matched, formula.ours.count, formula.theirs.count, stated)


def stated_of(entries: Iterable[int], lines: Iterable[int]) -> tuple[dict[int, Difference], dict[int, Difference]]:
    """Return the standing differences of entries and of lines, by their keys."""
    rows = Difference.objects.standing().select_related("reconciliation")
    of_entries = {one.entry_id: one for one in rows.filter(entry__in=list(entries)) if one.entry_id}
    links = (
        LedgerDifference.objects.standing().filter(line__in=list(lines)).select_related("difference__reconciliation")
    )
    return of_entries, {link.line_id: link.difference for link in links if link.line_id}
