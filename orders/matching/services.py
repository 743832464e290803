"""An agent's ledger is matched against ours: by rule, by hand, undone.

The customer's LedgerFormat is locked before anything of its ledgers is changed, so that two people never match one
line twice; the account itself stays free for those who sell and ship.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.receivables.models import ReceivableEntry
from orders.reconciliation.models import Reconciliation, ReconciliationState
from salesops.jobs.models import Job
from salesops.jobs.services import start_job
from salesops.kernel.errors import found, require
from salesops.kernel.money import ZERO, Money
from salesops.users.models import User

from .engine import match_by_rule
from .models import (
    LedgerDifference,
    LedgerFormat,
    LedgerLine,
    LedgerMatch,
    LedgerState,
    LedgerUpload,
    MatchOurs,
    MatchTheirs,
    Way,
)
from .queries import carried_over, earlier_ledgers, entries_of, keys_of

MATCHING_JOB = "orders.matching"
READ_AT_ONCE = 2_000
"""Rows that are read while the person waits; more are read in the background."""
MOST_DIFFERENCE = Decimal("1.00")
"""By how much the sides of a match may differ where a person says why."""
MOST_SIDES = 200
"""Lines of a match made by hand."""


@transaction.atomic
def match_ledger(upload_id: int, *, by: User, tell: Callable[[], object] = lambda: None) -> int:
    """Match what is left of a ledger by rule; returns how many matches were made. What somebody undid stays so.

    RuleBroken out of scope, and for a ledger that is not read or was replaced.
    """
    upload = locked(upload_id, by)
    _require_read(upload)
    return match_what_is_left(upload, tell)


@transaction.atomic
def start_matching(upload_id: int, *, by: User) -> Job | int:
    """Match what is left by rule: now, or for a long ledger in the background; returns how many were made, or the job.

    RuleBroken as of `match_ledger`.
    """
    upload = locked(upload_id, by)
    _require_read(upload)
    if upload.lines_read <= READ_AT_ONCE and entries_of(upload).count() <= READ_AT_ONCE:
        return match_what_is_left(upload)
    title = _("Matching the ledger of %(customer)s") % {"customer": upload.customer}
    return start_job(MATCHING_JOB, by=by, title=title, params={"upload": upload.pk}, key=f"{MATCHING_JOB}/{upload.pk}")


def match_what_is_left(upload: LedgerUpload, tell: Callable[[], object] = lambda: None) -> int:
    """Match a locked ledger by rule, and note when; returns how many matches were made."""
    made = match_by_rule(upload, window=settings.LEDGER_MATCH_DAYS, tell=tell)
    upload.matched_at = timezone.now()
    upload.save(update_fields=["matched_at"])
    return made


@transaction.atomic
def match_by_hand(
    upload_id: int, *, by: User, ours: Iterable[int], theirs: Iterable[int], reason: str = ""
) -> LedgerMatch:
    """Match entries of ours with lines of theirs, by their keys; both sides add up to the same.

    They are of the ledger's days, or carried over from the ledger before.
    A difference of MOST_DIFFERENCE at most is let pass with a reason. Lines of one side alone are matched where they
    add up to nothing: a payment and its reversal. RuleBroken otherwise, for lines that are not of this ledger, and for
    those that are matched already, also a moment ago by somebody else.
    """
    upload = locked(upload_id, by)
    _require_read(upload)
    entry_ids, line_ids, reason = set(ours), set(theirs), reason.strip()
    carried_ours, carried_theirs = keys_of(carried_over(upload))
    rows = ReceivableEntry.objects.filter(customer=upload.customer_id, pk__in=entry_ids)
    within = Q(posted_on__gte=upload.first_day, posted_on__lte=upload.last_day)
    entries = list(rows.filter(within | Q(pk__in=carried_ours)).order_by("posted_on", "pk"))
    own = Q(upload=upload) | Q(pk__in=carried_theirs)
    lines = list(LedgerLine.objects.standing().filter(own, pk__in=line_ids).order_by("day", "pk"))
    require(
        len(entries) == len(entry_ids) and len(lines) == len(line_ids),
        _("Something of this is not in the ledgers of these days."),
        rule="scope",
    )
    count = len(entries) + len(lines)
    require(count > 1, _("Choose at least two lines."), rule="lines", least=2)
    words = _("At most %(most)s lines at once.") % {"most": MOST_SIDES}
    require(count <= MOST_SIDES, words, rule="lines", most=MOST_SIDES)
    require_free(entry_ids, line_ids)
    stated = LedgerDifference.objects.filter(Q(line__in=line_ids) | Q(difference__entry__in=entry_ids))
    require_unstated(stated.exclude(upload__in=earlier_ledgers(upload)))
    ours_sum = sum((entry.amount for entry in entries), ZERO)
    theirs_sum = sum((line.amount for line in lines), ZERO)
    _require_equal(ours_sum, theirs_sum, reason=reason, both=bool(entries and lines))
    days = [entry.posted_on for entry in entries] + [line.day for line in lines]
    match = LedgerMatch.objects.create(
        upload=upload,
        way=Way.HAND,
        days=(max(days) - min(days)).days,
        ours_count=len(entries),
        theirs_count=len(lines),
        carried_count=sum(line.upload_id != upload.pk for line in lines),
        amount=ours_sum,
        difference=theirs_sum - ours_sum,
        reason=reason,
        made_by=by,
    )
    MatchOurs.objects.bulk_create(MatchOurs(match=match, entry=entry) for entry in entries)
    MatchTheirs.objects.bulk_create(MatchTheirs(match=match, line=line) for line in lines)
    return match


def require_free(entry_ids: set[int], line_ids: set[int]) -> None:
    """Refuse what stands in a match."""
    entry = MatchOurs.objects.filter(entry__in=entry_ids, stands=True).select_related("entry").first()
    line = MatchTheirs.objects.filter(line__in=line_ids, stands=True).select_related("line").first()
    named = entry.entry.document if entry else (line.line.reference or line.line.row if line else "")
    require(
        entry is None and line is None,
        _("%(document)s is matched already.") % {"document": named},
        rule="matched",
        document=named,
    )


def _require_equal(ours: Money, theirs: Money, *, reason: str, both: bool) -> None:
    difference = theirs - ours
    shown = {"ours": f"{ours:,.2f}", "theirs": f"{theirs:,.2f}", "difference": f"{difference:,.2f}"}
    allowed = MOST_DIFFERENCE if both else ZERO
    require(
        abs(difference) <= allowed,
        _("Ours add up to %(ours)s, theirs to %(theirs)s: %(difference)s apart, at most %(most)s may be let pass.")
        % {**shown, "most": f"{allowed:,.2f}"},
        rule="difference",
        most=allowed,
        ours=ours,
        theirs=theirs,
        difference=difference,
    )
    require(
        not difference or reason,
        _("They are %(difference)s apart: say why.") % shown,
        rule="reason",
        field="reason",
        difference=difference,
    )


@transaction.atomic
def undo_match(match_id: int, *, by: User) -> LedgerMatch:
    """Undo a match: its lines are free again, and stay for a person. RuleBroken where it does not stand any more."""
    rows = LedgerMatch.objects.filter(pk=match_id, upload__in=LedgerUpload.objects.visible_to(by))
    seen = found(rows.first(), _("This match is not in your scope."))
    upload = locked(seen.upload_id, by)
    _require_read(upload)
    match = LedgerMatch.objects.get(pk=match_id)
    require_unstated(LedgerDifference.objects.filter(match=match))
    undone_on = timezone.localdate(match.undone_at) if match.undone_at else None
    require(undone_on is None, _("It is undone already."), rule="undone", day=undone_on)
    match.undone_by, match.undone_at = by, timezone.now()
    match.save(update_fields=["undone_by", "undone_at"])
    for side in (MatchOurs, MatchTheirs):
        side.objects.filter(match=match).update(stands=False)
    return match


# ---- locks and states ----
def lock_ledgers(customer_id: int) -> None:
    """Let nobody else change the ledgers of a customer until the transaction ends."""
    LedgerFormat.objects.get_or_create(customer_id=customer_id)
    LedgerFormat.objects.select_for_update().get(pk=customer_id)


def locked_ledger(upload_id: int, *, by: User) -> LedgerUpload:
    """Return a ledger that is read, in somebody's scope, with all ledgers of its customer locked; RuleBroken if not."""
    upload = locked(upload_id, by)
    _require_read(upload)
    return upload


def locked(upload_id: int, by: User) -> LedgerUpload:
    """Return a ledger in somebody's scope, read after all ledgers of its customer are locked; RuleBroken if not."""
    rows = LedgerUpload.objects.visible_to(by).filter(pk=upload_id)
    seen = found(rows.first(), _("This ledger is not in your scope."))
    lock_ledgers(seen.customer_id)
    return found(
        LedgerUpload.objects.select_related("job", "customer").filter(pk=upload_id).first(),
        _("Somebody has just discarded this ledger."),
        rule="state",
    )


def _require_read(upload: LedgerUpload) -> None:
    require(
        upload.state == LedgerState.READ,
        _("Only a ledger that is read and was not replaced is matched."),
        rule="state",
        state=upload.state,
        allowed={LedgerState.READ},
    )
    require_unsigned(upload)


def require_unsigned(upload: LedgerUpload) -> None:
    """Refuse a ledger whose matches rest beneath what both sides have signed."""
    rows = Reconciliation.objects.filter(customer=upload.customer_id, state=ReconciliationState.SIGNED)
    signed = rows.filter(round__first_day=upload.first_day, round__last_day=upload.last_day).first()
    require(
        signed is None,
        _("Both sides have signed %(number)s: its matches stay as they are.") % {"number": signed},
        rule="signed",
        number=signed.number if signed else "",
    )


def require_unstated(links: QuerySet[LedgerDifference]) -> None:
    """Refuse what is stated as a difference: that is withdrawn before it is matched, split, undone or replaced."""
    link = links.standing().select_related("difference__reconciliation").first()  # type: ignore[attr-defined]
    number = link.difference.reconciliation.number if link else ""
    position = link.difference.position if link else 0
    require(
        link is None,
        _("It is difference %(position)s of %(number)s: withdraw that first.")
        % {"position": position, "number": number},
        rule="stated",
        number=number,
        position=position,
    )
