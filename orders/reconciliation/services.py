"""What both sides say to a statement: seen, different, explained, accepted, signed. Each locks the reconciliation."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.attachments.uploads import check_upload, tidy_name
from orders.adjustments.models import UNDECIDED, Adjustment, AdjustmentState
from orders.receivables.models import ReceivableEntry
from salesops.kernel.errors import found, require
from salesops.kernel.money import ZERO, Money
from salesops.users.models import User
from salesops.web.history import recorded

from . import telling
from .formula import Formula, formula_of
from .letters import make_letter
from .models import (
    Difference,
    DifferenceKind,
    DifferenceReason,
    DifferenceState,
    Reconciliation,
    ReconciliationState,
)
from .queries import ACCEPT as ACCEPT
from .queries import ANSWER as ANSWER
from .queries import RUN as RUN

STATE = (RUN, ANSWER)
"""One of these rights, each for its own side, is needed to say something to a statement."""
MOST_DIFFERENCES = 500


def locked(reconciliation_id: int, by: User) -> Reconciliation:
    """Return what was sent, in somebody's scope, locked until the transaction ends; RuleBroken out of scope."""
    rows = Reconciliation.objects.visible_to(by).exclude(state=ReconciliationState.NOT_SENT)
    visible = found(rows.filter(pk=reconciliation_id).first(), _("This reconciliation is not in your scope."))
    rows = Reconciliation.objects.select_for_update(of=("self",)).select_related("statement", "customer", "round")
    row: Reconciliation = rows.get(pk=visible.pk)
    return row


def formula_now(reconciliation: Reconciliation) -> Formula:
    """Return its formula, from the differences as they are now."""
    return formula_of(reconciliation, reconciliation.differences.all())


def _require_side(reconciliation: Reconciliation, by: User) -> None:
    theirs = by.customer_id == reconciliation.customer_id
    require(by.has_perm(ANSWER if theirs else RUN), _("This is not yours to say."), rule="permission")


def _unsigned(reconciliation: Reconciliation, by: User) -> None:
    """Raise RuleBroken after a signature; where only the company has signed, the customer's word undoes that."""
    require(
        not reconciliation.is_frozen,
        _("Both sides have signed %(number)s: it stays as it is.") % {"number": reconciliation.number},
        rule="signed",
        number=reconciliation.number,
    )
    require(
        reconciliation.is_open_to(by),
        _("One side has signed %(number)s. Its figures stay until that signature is taken back.")
        % {"number": reconciliation.number},
        rule="signed",
        who=reconciliation.our_signer or reconciliation.their_signer,
    )
    if reconciliation.our_signed_at:
        _write_signature(reconciliation, "our", None, None, "")


def keep_state(reconciliation: Reconciliation, *more: str) -> None:
    """Write where a locked reconciliation stands now, along with more of its columns."""
    one = reconciliation
    if one.is_frozen:
        state = ReconciliationState.SIGNED
    elif one.their_signed_at:
        state = ReconciliationState.AGREED
    elif one.their_closing is not None or one.differences.standing().exists():
        state = ReconciliationState.DIFFERING
    else:
        state = ReconciliationState.SEEN if one.seen_at else ReconciliationState.SENT
    one.state = state
    one.save(update_fields=["state", *more])


@transaction.atomic
@recorded
def mark_seen(reconciliation_id: int, *, by: User) -> None:
    """Note that somebody of the customer opened it; only the first time counts."""
    one = locked(reconciliation_id, by)
    if by.customer_id == one.customer_id and one.seen_at is None and not one.is_frozen:
        one.seen_at = timezone.now()
        keep_state(one, "seen_at")


# ---- what differs ----
@transaction.atomic
@recorded
def state_difference(
    reconciliation_id: int,
    *,
    by: User,
    kind: str,
    amount: Money,
    entry_id: int | None = None,
    document: str = "",
    text: str = "",
    file: UploadedFile | None = None,
) -> Difference:
    """State what differs: `amount` added to our closing balance comes nearer to theirs.

    It is about an entry of the statement (once), or about a document that the statement does not show. RuleBroken out
    of scope, without the right, after a signature, where the amount is nothing, the kind is none, the entry is not on
    the statement or has a difference already, nothing says what it is about, or the file is none that may be kept.
    Where only the company has signed, the customer's word undoes that signature.
    """
    one = locked(reconciliation_id, by)
    _require_side(one, by)
    _unsigned(one, by)
    require(kind in DifferenceKind.values, _("Choose what differs."), rule="kind", field="kind")
    require(amount, _("A difference of nothing is none."), rule="amount", field="amount")
    entry = _entry(one, entry_id) if entry_id is not None else None
    require(
        entry or document.strip() or text.strip(),
        _("Say what it is about: an entry, your document, or in words."),
        rule="text",
        field="text",
    )
    number = (one.differences.aggregate(last=Max("position"))["last"] or 0) + 1
    require(number <= MOST_DIFFERENCES, _("So many differences are listed in a file."), rule="count")
    difference = Difference(
        reconciliation=one,
        position=number,
        kind=kind,
        amount=amount,
        entry=entry,
        document=document.strip()[:60],
        text=text.strip()[:500],
        stated_by=by,
    )
    if file is not None:
        file_type = check_upload(file)
        difference.file_name, difference.file_type = tidy_name(file.name or "", file_type), file_type.media_type
        difference.file.save(f"evidence{file_type.ending}", file, save=False)
    difference.save()
    _forget_acceptance(one)
    keep_state(one)
    if by.customer_id:
        telling.of_answer(one, by)
    return difference


def _entry(one: Reconciliation, entry_id: int) -> ReceivableEntry:
    statement = one.statement
    assert statement is not None
    entries = ReceivableEntry.objects.filter(
        customer=one.customer_id, posted_on__lte=statement.last_day, pk__lte=statement.upto
    )
    entry = found(entries.filter(pk=entry_id).first(), _("This entry is not on the statement."), field="entry")
    taken = one.differences.standing().filter(entry=entry).first()
    require(
        taken is None,
        _("%(document)s has a difference already.") % {"document": entry.document},
        rule="entry",
        field="entry",
        document=entry.document,
    )
    return entry


def _forget_acceptance(one: Reconciliation) -> None:
    """What was accepted was of other figures."""
    if one.accepted_amount is not None:
        one.accepted_amount, one.accepted_reason, one.accepted_by = None, "", None
        one.save(update_fields=["accepted_amount", "accepted_reason", "accepted_by"])


def _difference(reconciliation: Reconciliation, position: int) -> Difference:
    row = reconciliation.differences.select_for_update(of=("self",)).filter(position=position).first()
    return found(row, _("This difference is not there."))


@transaction.atomic
@recorded
def withdraw_difference(reconciliation_id: int, position: int, *, by: User) -> Difference:
    """Take back a difference: the side that stated it does. RuleBroken without the right, or after a signature."""
    one = locked(reconciliation_id, by)
    _require_side(one, by)
    _unsigned(one, by)
    difference = _difference(one, position)
    same_side = bool(difference.stated_by.customer_id) == bool(by.customer_id)
    require(same_side, _("The side that stated it takes it back."), rule="side", who=difference.stated_by)
    require(
        difference.state != DifferenceState.WITHDRAWN,
        _("It is withdrawn already."),
        rule="state",
        state=difference.state,
    )
    _require_no_adjustment(difference)
    difference.state, difference.posted, difference.resolution = DifferenceState.WITHDRAWN, None, ""
    difference.save(update_fields=["state", "posted", "resolution"])
    _forget_acceptance(one)
    keep_state(one)
    return difference


@transaction.atomic
@recorded
def explain_difference(
    reconciliation_id: int,
    position: int,
    *,
    by: User,
    reason: str,
    note: str = "",
    owner_id: int | None = None,
    resolution: str = "",
) -> Difference:
    """Say what explains a difference, whose it is to see to, and which document put it right if one did.

    `resolution` is the number of what was posted to that account; of what is theirs to post, any number of theirs.
    RuleBroken without the right, after a signature, where it is withdrawn or the reason is none, where no such document
    is posted to the account, where it stands on the statement already but is said to be ours to post, and for another
    reason or document while an adjustment that was asked for it waits or is posted.
    """
    one = locked(reconciliation_id, by)
    require(by.has_perm(RUN), _("Finance explains differences."), rule="permission")
    _unsigned(one, by)
    difference = _difference(one, position)
    require(difference.state != DifferenceState.WITHDRAWN, _("It is withdrawn."), rule="state", state=difference.state)
    require(reason in DifferenceReason.values, _("Choose the reason."), rule="reason", field="reason")
    owner = User.objects.filter(pk=owner_id, is_active=True, customer=None).first() if owner_id else None
    require(not owner_id or owner, _("This person is not there."), rule="owner", field="owner")
    number = resolution.strip()[:40]
    adjustment = difference.adjustment
    if adjustment and (reason, number) != (difference.reason, adjustment.number):
        _require_no_adjustment(difference)
    if not adjustment:
        difference.posted = _posted(one, reason, number) if number else None
        number = difference.posted.document if difference.posted else number
    difference.state, difference.reason, difference.resolution = DifferenceState.EXPLAINED, reason, number
    difference.note, difference.owner, difference.explained_by = note.strip()[:500], owner, by
    difference.save(
        update_fields=["state", "reason", "note", "owner", "resolution", "posted", "explained_by"],
    )
    _forget_acceptance(one)
    keep_state(one)
    return difference


def _posted(one: Reconciliation, reason: str, number: str) -> ReceivableEntry | None:
    """The entry under a number on the account; None where the document is one of theirs."""
    if reason == DifferenceReason.THEIRS:
        return None
    entries = ReceivableEntry.objects.filter(customer=one.customer_id, document__iexact=number)
    entry = found(
        entries.order_by("-pk").first(),
        _("Nothing is posted to this account as %(number)s.") % {"number": number},
        rule="document",
        field="resolution",
    )
    statement = one.statement
    assert statement is not None
    is_on_it = entry.posted_on <= statement.last_day and entry.pk <= statement.upto
    require(
        reason != DifferenceReason.OURS or not is_on_it,
        _("%(number)s stands on the statement already: it puts nothing right.") % {"number": entry.document},
        rule="document",
        field="resolution",
        document=entry.document,
    )
    return entry


def _require_no_adjustment(difference: Difference) -> None:
    """Raise RuleBroken while an adjustment that was asked for it waits, or is posted."""
    adjustment = difference.adjustment
    if adjustment is None:
        return
    words = (
        _("%(number)s, which waits for approval, puts it right: withdraw that first.")
        if adjustment.state in UNDECIDED
        else _("%(number)s, which is posted, puts it right: take that back first.")
    )
    require(
        adjustment.state not in {*UNDECIDED, AdjustmentState.APPROVED},
        words % {"number": adjustment.number},
        rule="posted",
        number=adjustment.number,
    )


@transaction.atomic
@recorded
def link_adjustment(reconciliation_id: int, position: int, adjustment: Adjustment, *, by: User) -> Difference:
    """Explain a difference as ours to post, by an adjustment that was asked for it just now.

    RuleBroken as explain_difference says no, and where another document put it right.
    """
    one = locked(reconciliation_id, by)
    require(by.has_perm(RUN), _("Finance explains differences."), rule="permission")
    _unsigned(one, by)
    difference = _difference(one, position)
    require(
        not difference.resolution,
        _("It is posted already as %(number)s.") % {"number": difference.resolution},
        rule="posted",
        number=difference.resolution,
    )
    difference.state, difference.reason = DifferenceState.EXPLAINED, DifferenceReason.OURS
    difference.adjustment, difference.resolution, difference.explained_by = adjustment, adjustment.number, by
    difference.owner = difference.owner or by
    difference.save(update_fields=["state", "reason", "adjustment", "resolution", "explained_by", "owner"])
    _forget_acceptance(one)
    keep_state(one)
    return difference


def open_again(adjustment: Adjustment) -> None:
    """Open the difference again that an adjustment was to put right, where that was refused, withdrawn or taken back.

    Signatures of one side fall with it: they were given to figures that were explained. What both have signed stays;
    who opened the round is told in either case. Called with the locked adjustment after it moved.
    """
    if adjustment.state in {*UNDECIDED, AdjustmentState.APPROVED}:
        return
    difference = Difference.objects.filter(adjustment=adjustment).first()
    if difference is None:
        return
    rows = Reconciliation.objects.select_for_update(of=("self",)).select_related("statement", "customer", "round")
    one = rows.get(pk=difference.reconciliation_id)
    telling.of_refused_adjustment(one, adjustment)
    if one.is_frozen:
        return
    difference.state, difference.reason, difference.explained_by = DifferenceState.OPEN, "", None
    difference.adjustment, difference.resolution = None, ""
    difference.save(update_fields=["state", "reason", "explained_by", "adjustment", "resolution"])
    for side in ("our", "their"):
        if getattr(one, f"{side}_signed_at"):
            _write_signature(one, side, None, None, "")
    _forget_acceptance(one)
    keep_state(one)


@transaction.atomic
@recorded
def reopen_difference(reconciliation_id: int, position: int, *, by: User) -> Difference:
    """Take an explanation back: it is open again, and nothing puts it right.

    RuleBroken without the right, after a signature, where nothing explains it, and while an adjustment that was asked
    for it waits or is posted.
    """
    one = locked(reconciliation_id, by)
    require(by.has_perm(RUN), _("Finance explains differences."), rule="permission")
    _unsigned(one, by)
    difference = _difference(one, position)
    require(
        difference.state == DifferenceState.EXPLAINED,
        _("Nothing explains it yet."),
        rule="state",
        state=difference.state,
    )
    _require_no_adjustment(difference)
    difference.state, difference.reason, difference.explained_by = DifferenceState.OPEN, "", None
    difference.posted, difference.resolution = None, ""
    difference.save(update_fields=["state", "reason", "explained_by", "posted", "resolution"])
    _forget_acceptance(one)
    keep_state(one)
    return difference


@transaction.atomic
@recorded
def state_closing(reconciliation_id: int, *, by: User, amount: Money | None) -> Reconciliation:
    """Write what their books close with; None: what they say follows from the differences. RuleBroken once signed."""
    one = locked(reconciliation_id, by)
    _require_side(one, by)
    _unsigned(one, by)
    one.their_closing = amount
    _forget_acceptance(one)
    keep_state(one, "their_closing")
    if by.customer_id:
        telling.of_answer(one, by)
    return one


@transaction.atomic
@recorded
def accept_unexplained(reconciliation_id: int, *, by: User, reason: str) -> Reconciliation:
    """Accept what is left unexplained, exactly as it is now, with a reason; any change of figures undoes it.

    RuleBroken without the right or a reason, after a signature, and where nothing is unexplained.
    """
    one = locked(reconciliation_id, by)
    require(by.has_perm(ACCEPT), _("A sales manager accepts what is unexplained."), rule="permission")
    _unsigned(one, by)
    require(reason.strip(), _("Say why it is accepted."), rule="reason", field="reason")
    formula = formula_now(one)
    require(not formula.is_settled, _("Nothing is unexplained."), rule="unexplained", unexplained=formula.unexplained)
    one.accepted_amount, one.accepted_reason, one.accepted_by = formula.unexplained, reason.strip()[:300], by
    one.save(update_fields=["accepted_amount", "accepted_reason", "accepted_by"])
    return one


# ---- signing ----
@transaction.atomic
@recorded
def sign(reconciliation_id: int, *, by: User, address: str = "", closing: Money | None = None) -> Reconciliation:
    """Sign for one's own side; with both signatures it is frozen and its letter is made and kept.

    People of the customer sign for it, those with the right for the company. `closing` is what their books close with
    as the person has read it; None: whatever it is. RuleBroken where it has become another amount, where something is
    unexplained and not accepted, where that side has signed, and without the right.
    """
    one = locked(reconciliation_id, by)
    theirs = by.customer_id == one.customer_id
    require(by.has_perm(ANSWER if theirs else RUN), _("Your role does not include signing."), rule="permission")
    signed = one.their_signed_at if theirs else one.our_signed_at
    require(signed is None, _("It is signed already."), rule="signed", number=one.number)
    formula = formula_now(one)
    require(
        formula.is_settled,
        _("%(amount)s is unexplained, %(count)d differences are open.")
        % {"amount": f"{formula.unexplained:,.2f}", "count": formula.open_count},
        rule="unexplained",
        unexplained=formula.unexplained,
        open=formula.open_count,
    )
    require(
        closing is None or closing == formula.theirs,
        _("The account closes with %(now)s now, not with %(then)s: look at what was stated since.")
        % {"now": f"{formula.theirs:,.2f}", "then": f"{closing or ZERO:,.2f}"},
        rule="changed",
        closing=formula.theirs,
    )
    side = "their" if theirs else "our"
    _write_signature(one, side, by, timezone.now(), address)
    if one.is_frozen:
        make_letter(one)
    if theirs:
        telling.of_answer(one, by)
    elif one.is_frozen or not one.their_signed_at:
        telling.of_our_signature(one, by)
    return one


@transaction.atomic
@recorded
def take_signature_back(reconciliation_id: int, *, by: User) -> Reconciliation:
    """Take one's own side's signature back while the other side has not signed."""
    one = locked(reconciliation_id, by)
    theirs = by.customer_id == one.customer_id
    require(by.has_perm(ANSWER if theirs else RUN), _("Your role does not include signing."), rule="permission")
    require(
        not one.is_frozen,
        _("Both sides have signed %(number)s: it stays as it is.") % {"number": one.number},
        rule="signed",
        number=one.number,
    )
    require(
        one.their_signed_at if theirs else one.our_signed_at, _("It is not signed."), rule="signed", number=one.number
    )
    _write_signature(one, "their" if theirs else "our", None, None, "")
    return one


def _write_signature(one: Reconciliation, side: str, signer: User | None, at: Any, address: str) -> None:
    setattr(one, f"{side}_signer", signer)
    setattr(one, f"{side}_signed_at", at)
    setattr(one, f"{side}_signed_from", address[:64])
    keep_state(one, f"{side}_signer", f"{side}_signed_at", f"{side}_signed_from")
