"""An agent's ledger comes in, is read, and is matched against ours: by rule, by hand, undone.

The customer's LedgerFormat is locked before anything of its ledgers is changed, so that two people never match one
line twice; the account itself stays free for those who sell and ship.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.files.models import Customer
from orders.receivables.models import ReceivableEntry
from orders.reconciliation.models import Reconciliation, ReconciliationState
from salesops.imports.sniffing import require_size, what_is
from salesops.imports.staging import insert_rows
from salesops.jobs.models import Job
from salesops.jobs.services import start_job
from salesops.kernel.errors import RuleBroken, found, require
from salesops.kernel.money import ZERO, Money, to_money
from salesops.kernel.periods import require_meant
from salesops.users.models import User

from .engine import match_by_rule
from .models import (
    LedgerDifference,
    LedgerFormat,
    LedgerLine,
    LedgerMatch,
    LedgerSplit,
    LedgerState,
    LedgerUpload,
    MatchOurs,
    MatchTheirs,
    Way,
)
from .queries import carried_over, entries_of, keys_of, ledger_before
from .reading import LedgerMapping, LineRead, Reading, read_lines

JOB = "orders.their_ledger"
MATCHING_JOB = "orders.matching"
READ_AT_ONCE = 2_000
"""Rows that are read while the person waits; more are read in the background."""
MOST_DIFFERENCE = Decimal("1.00")
"""By how much the sides of a match may differ where a person says why."""
MOST_SIDES = 200
"""Lines of a match made by hand."""
MOST_PARTS = 20
"""Parts of a line."""
LONGEST_SPAN = 366 * 2


# ---- coming in ----
def keep_ledger(
    customer_id: int,
    *,
    by: User,
    file: UploadedFile,
    first_day: date,
    last_day: date,
    opening: Money | None = None,
    closing: Money | None = None,
) -> LedgerUpload:
    """Keep an agent's ledger of the days from `first_day` to `last_day`; nothing is read before its columns are known.

    Raises RuleBroken out of scope, for days that make no span, for a file that is no table or too large; then nothing
    is kept.
    """
    upload = _new_upload(customer_id, by=by, first_day=first_day, last_day=last_day, opening=opening, closing=closing)
    name = Path(file.name or "").name
    require(name, _("A file needs a name."), rule="file", field="file")
    _at_field("file", lambda: require_size(name, file.size or 0))
    upload.file_name = name[-200:]
    upload.file.save(name, file, save=False)
    try:
        kind = _at_field("file", lambda: what_is(Path(upload.file.path)))
        words = _("%(file)s is an archive: unpack it first.") % {"file": name}
        require(kind != "zip", words, rule="file", field="file")
        upload.save()
    except BaseException:
        upload.file.delete(save=False)
        raise
    return upload


def _new_upload(
    customer_id: int, *, by: User, first_day: date, last_day: date, opening: Money | None, closing: Money | None
) -> LedgerUpload:
    customer = Customer.objects.visible_to(by).filter(pk=customer_id).first()
    found(customer, _("This customer is not in your scope."), field="customer")
    require_meant(first_day, field="first_day")
    require_meant(last_day, field="last_day")
    require(first_day <= last_day, _("It ends before it begins."), rule="date", field="last_day", first=first_day)
    require(
        (last_day - first_day).days < LONGEST_SPAN,
        _("At most two years at once."),
        rule="date",
        field="last_day",
        most=LONGEST_SPAN,
    )
    return LedgerUpload(
        customer_id=customer_id,
        first_day=first_day,
        last_day=last_day,
        opening=opening,
        closing=closing,
        uploaded_by=by,
    )


def _at_field(field: str, work: Callable[[], Any]) -> Any:
    """Do it; what is wrong with a file is said where it was chosen."""
    try:
        return work()
    except RuleBroken as refusal:
        raise RuleBroken(refusal.message, rule=refusal.rule, field=field, **refusal.facts) from refusal


@transaction.atomic
def discard_ledger(upload_id: int, *, by: User) -> str:
    """Throw away a ledger that was never read, with its file; returns what it was called."""
    upload = _locked(upload_id, by)
    _require_new(upload)
    name, file = upload.file_name or str(upload), upload.file
    upload.delete()
    transaction.on_commit(lambda: file.storage.delete(str(file.name)) if file else None)
    return name


# ---- being read ----
@transaction.atomic
def read_ledger(
    upload_id: int, mapping: LedgerMapping, *, by: User, only_good: bool = False, replaces: bool = False
) -> LedgerUpload:
    """Read a ledger as a mapping says and match it by rule; a long one is read in the background (`upload.job`).

    Where a row cannot be read nothing is taken in, but that is noted on the ledger; unless `only_good`.
    The mapping is remembered for the agent's next ledger. Ledgers of the same customer that share a day are replaced
    where `replaces` says so: their matches are kept as history and their entries free again. RuleBroken where it does
    not, where it is read already, where the file lacks a column.
    """
    upload = _locked(upload_id, by)
    _require_new(upload)
    _require_replaces(upload, replaces)
    path = Path(upload.file.path)
    reading = read_lines(path, mapping, first=upload.first_day, last=upload.last_day, most=READ_AT_ONCE)
    if reading.is_whole:
        return take_in(upload, reading, mapping=mapping, only_good=only_good)
    params = {"upload": upload.pk, "mapping": mapping.kept, "only_good": only_good, "replaces": replaces}
    title = _("Ledger of %(customer)s") % {"customer": upload.customer}
    upload.job = start_job(JOB, by=by, title=title, params=params, key=f"{JOB}/{upload.pk}")
    upload.mapping = mapping.kept
    upload.save(update_fields=["job", "mapping"])
    return upload


@transaction.atomic
def keep_lines(
    customer_id: int,
    lines: Sequence[LineRead],
    *,
    by: User,
    first_day: date,
    last_day: date,
    opening: Money | None = None,
    closing: Money | None = None,
    replaces: bool = False,
) -> LedgerUpload:
    """Take in an agent's ledger that a program sends line by line, and match it by rule; otherwise as `read_ledger`."""
    upload = _new_upload(customer_id, by=by, first_day=first_day, last_day=last_day, opening=opening, closing=closing)
    for line in lines:
        require(
            first_day <= line.day <= last_day,
            _("Line %(row)s: %(day)s lies outside of the days.") % {"row": line.row, "day": line.day},
            rule="date",
            field="lines",
            row=line.row,
            day=line.day,
        )
    require(lines, _("It has no lines."), rule="lines", field="lines")
    lock_ledgers(customer_id)
    _require_replaces(upload, replaces)
    upload.save()
    return take_in(upload, Reading(lines=list(lines)))


def take_in(
    upload: LedgerUpload,
    reading: Reading,
    *,
    mapping: LedgerMapping | None = None,
    only_good: bool = False,
    tell: Callable[[], object] = lambda: None,
) -> LedgerUpload:
    """Write what was read of a locked ledger and match it by rule; or note what could not be read, and take in nothing.

    RuleBroken where it has no line at all.
    """
    upload.bad, upload.left_out, upload.problems = reading.bad, reading.left_out, reading.problems
    if mapping is not None:
        upload.mapping = mapping.kept
    if reading.bad and not only_good:
        upload.save(update_fields=["bad", "left_out", "problems", "mapping"])
        return upload
    require(reading.lines, _("It has no lines with an amount."), rule="lines")
    _replace_others(upload)
    rows = (
        {
            "upload_id": upload.pk,
            "row": line.row,
            "part": 1,
            "day": line.day,
            "reference": line.reference,
            "text": line.text,
            "amount": line.amount,
        }
        for line in reading.lines
    )
    insert_rows(LedgerLine, rows)
    upload.state, upload.lines_read = LedgerState.READ, len(reading.lines)
    upload.save(update_fields=["state", "lines_read", "bad", "left_out", "problems", "mapping"])
    if mapping is not None:
        LedgerFormat.objects.filter(pk=upload.customer_id).update(mapping=mapping.kept)
    _match(upload, tell)
    return upload


def _replace_others(upload: LedgerUpload) -> None:
    """Let go of what other ledgers of the same days had matched; their matches stay as history."""
    others = others_of(upload)
    for other in others:
        _require_unsigned(other)
    _require_unstated(LedgerDifference.objects.filter(upload__in=others))
    _require_not_carried(others)
    for side in (MatchOurs, MatchTheirs):
        side.objects.filter(match__upload__in=others, stands=True).update(stands=False)
    LedgerUpload.objects.filter(pk__in=[one.pk for one in others]).update(
        state=LedgerState.REPLACED, replaced_by=upload.pk
    )


def _require_not_carried(others: list[LedgerUpload]) -> None:
    """What a later ledger cleared is undone there before the ledger that it came from is replaced."""
    entries = Q()
    for other in others:
        days = Q(match__upload__customer=other.customer_id, match__upload__first_day__gt=other.last_day)
        entries |= days & Q(entry__posted_on__gte=other.first_day, entry__posted_on__lte=other.last_day)
    ours = MatchOurs.objects.filter(entries, stands=True) if others else MatchOurs.objects.none()
    theirs = MatchTheirs.objects.filter(line__upload__in=others, stands=True).exclude(match__upload__in=others)
    side = ours.select_related("match__upload").first() or theirs.select_related("match__upload").first()
    require(
        side is None,
        _("The ledger of %(days)s clears something of it: undo that match first.")
        % {"days": f"{side.match.upload.first_day} – {side.match.upload.last_day}" if side else ""},
        rule="carried",
    )


def others_of(upload: LedgerUpload) -> list[LedgerUpload]:
    rows = LedgerUpload.objects.standing().filter(customer=upload.customer_id)
    return list(rows.touching(upload.first_day, upload.last_day).exclude(pk=upload.pk))


def _require_replaces(upload: LedgerUpload, replaces: bool) -> None:
    other = next(iter(others_of(upload)), None)
    require(
        replaces or other is None,
        _("There is a ledger of %(first)s – %(last)s already, with %(lines)s lines. Say that this one replaces it.")
        % {
            "first": other.first_day if other else "",
            "last": other.last_day if other else "",
            "lines": other.lines_read if other else "",
        },
        rule="replaces",
        field="replaces",
        first=other.first_day if other else None,
        last=other.last_day if other else None,
    )


# ---- matching ----
@transaction.atomic
def match_ledger(upload_id: int, *, by: User, tell: Callable[[], object] = lambda: None) -> int:
    """Match what is left of a ledger by rule; returns how many matches were made. What somebody undid stays so.

    RuleBroken out of scope, and for a ledger that is not read or was replaced.
    """
    upload = _locked(upload_id, by)
    _require_read(upload)
    return _match(upload, tell)


@transaction.atomic
def start_matching(upload_id: int, *, by: User) -> Job | int:
    """Match what is left by rule: now, or for a long ledger in the background; returns how many were made, or the job.

    RuleBroken as of `match_ledger`.
    """
    upload = _locked(upload_id, by)
    _require_read(upload)
    if upload.lines_read <= READ_AT_ONCE and entries_of(upload).count() <= READ_AT_ONCE:
        return _match(upload)
    title = _("Matching the ledger of %(customer)s") % {"customer": upload.customer}
    return start_job(MATCHING_JOB, by=by, title=title, params={"upload": upload.pk}, key=f"{MATCHING_JOB}/{upload.pk}")


def _match(upload: LedgerUpload, tell: Callable[[], object] = lambda: None) -> int:
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
    upload = _locked(upload_id, by)
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
    _require_free(entry_ids, line_ids)
    stated = LedgerDifference.objects.filter(Q(line__in=line_ids) | Q(difference__entry__in=entry_ids))
    before = ledger_before(upload)
    _require_unstated(stated.exclude(upload=before) if before else stated)
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


def _require_free(entry_ids: set[int], line_ids: set[int]) -> None:
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
    upload = _locked(seen.upload_id, by)
    _require_read(upload)
    match = LedgerMatch.objects.get(pk=match_id)
    _require_unstated(LedgerDifference.objects.filter(match=match))
    undone_on = timezone.localdate(match.undone_at) if match.undone_at else None
    require(undone_on is None, _("It is undone already."), rule="undone", day=undone_on)
    match.undone_by, match.undone_at = by, timezone.now()
    match.save(update_fields=["undone_by", "undone_at"])
    for side in (MatchOurs, MatchTheirs):
        side.objects.filter(match=match).update(stands=False)
    return match


# ---- in parts ----
@transaction.atomic
def split_line(line_id: int, *, by: User, amounts: Sequence[Money]) -> LedgerSplit:
    """Split a line of theirs into parts that add up to it to the cent; each is matched and stated for itself.

    RuleBroken out of scope, for fewer than two parts or more than MOST_PARTS, for a part of nothing, for parts that do
    not add up, for a part, and for a line that is matched, stated or split already.
    """
    rows = LedgerLine.objects.filter(pk=line_id, upload__in=LedgerUpload.objects.visible_to(by))
    upload = _locked(found(rows.first(), _("This line is not in your scope.")).upload_id, by)
    _require_read(upload)
    line = LedgerLine.objects.get(pk=line_id)
    require(line.split_id is None, _("A part is not split: put its line together first."), rule="split")
    require(line.stands, _("It is split already."), rule="split")
    _require_free(set(), {line.pk})
    _require_unstated(LedgerDifference.objects.filter(line=line))
    words = _("A line is split into 2 to %(most)s parts.") % {"most": MOST_PARTS}
    require(2 <= len(amounts) <= MOST_PARTS, words, rule="parts", field="amounts", most=MOST_PARTS)
    whole_cents = all(amount and amount == to_money(amount) for amount in amounts)
    require(whole_cents, _("Each part moves something, in whole cents."), rule="amount", field="amounts")
    total = sum(amounts, ZERO)
    require(
        total == line.amount,
        _("The parts add up to %(total)s, the line to %(amount)s.")
        % {"total": f"{total:,.2f}", "amount": f"{line.amount:,.2f}"},
        rule="sum",
        field="amounts",
        total=total,
        amount=line.amount,
    )
    split = LedgerSplit.objects.create(upload=upload, line=line, parts_count=len(amounts), made_by=by)
    last = LedgerLine.objects.filter(upload=upload, row=line.row).aggregate(last=Max("part"))["last"]
    LedgerLine.objects.filter(pk=line.pk).update(stands=False)
    LedgerLine.objects.bulk_create(
        LedgerLine(
            upload=upload,
            row=line.row,
            part=part,
            split=split,
            day=line.day,
            reference=line.reference,
            text=line.text,
            amount=amount,
        )
        for part, amount in enumerate(amounts, start=last + 1)
    )
    return split


@transaction.atomic
def undo_split(split_id: int, *, by: User) -> LedgerSplit:
    """Put a line together again; its parts stay as history. RuleBroken while a part is matched or stated."""
    rows = LedgerSplit.objects.filter(pk=split_id, upload__in=LedgerUpload.objects.visible_to(by))
    upload = _locked(found(rows.first(), _("This line is not in your scope.")).upload_id, by)
    _require_read(upload)
    split = LedgerSplit.objects.select_related("line").get(pk=split_id)
    require(split.undone_at is None, _("It is put together already."), rule="undone")
    parts = set(split.parts.values_list("pk", flat=True))
    _require_free(set(), parts)
    _require_unstated(LedgerDifference.objects.filter(line__in=parts))
    split.undone_by, split.undone_at = by, timezone.now()
    split.save(update_fields=["undone_by", "undone_at"])
    split.parts.update(stands=False)
    LedgerLine.objects.filter(pk=split.line_id).update(stands=True)
    return split


# ---- locks and states ----
def lock_ledgers(customer_id: int) -> None:
    """Let nobody else change the ledgers of a customer until the transaction ends."""
    LedgerFormat.objects.get_or_create(customer_id=customer_id)
    LedgerFormat.objects.select_for_update().get(pk=customer_id)


def locked_ledger(upload_id: int, *, by: User) -> LedgerUpload:
    """Return a ledger that is read, in somebody's scope, with all ledgers of its customer locked; RuleBroken if not."""
    upload = _locked(upload_id, by)
    _require_read(upload)
    return upload


def _locked(upload_id: int, by: User) -> LedgerUpload:
    """A ledger in somebody's scope, with all ledgers of its customer locked before it is read."""
    rows = LedgerUpload.objects.visible_to(by).filter(pk=upload_id)
    seen = found(rows.first(), _("This ledger is not in your scope."))
    lock_ledgers(seen.customer_id)
    return found(
        LedgerUpload.objects.select_related("job", "customer").filter(pk=upload_id).first(),
        _("Somebody has just discarded this ledger."),
        rule="state",
    )


def locked_again(upload_id: int, *, replaces: bool) -> LedgerUpload:
    """Return a ledger that was being read in the background, locked; RuleBroken where others came in meanwhile."""
    seen = LedgerUpload.objects.get(pk=upload_id)
    lock_ledgers(seen.customer_id)
    upload = LedgerUpload.objects.get(pk=upload_id)
    require(upload.state == LedgerState.NEW, _("This ledger is read already."), rule="state", state=upload.state)
    _require_replaces(upload, replaces)
    return upload


def _require_new(upload: LedgerUpload) -> None:
    require(not upload.is_busy, _("It is being read just now."), rule="busy")
    require(
        upload.state == LedgerState.NEW,
        _("This ledger is read already."),
        rule="state",
        state=upload.state,
        allowed={LedgerState.NEW},
    )


def _require_read(upload: LedgerUpload) -> None:
    require(
        upload.state == LedgerState.READ,
        _("Only a ledger that is read and was not replaced is matched."),
        rule="state",
        state=upload.state,
        allowed={LedgerState.READ},
    )
    _require_unsigned(upload)


def _require_unsigned(upload: LedgerUpload) -> None:
    """What both sides have signed rests on these matches."""
    rows = Reconciliation.objects.filter(customer=upload.customer_id, state=ReconciliationState.SIGNED)
    signed = rows.filter(round__first_day=upload.first_day, round__last_day=upload.last_day).first()
    require(
        signed is None,
        _("Both sides have signed %(number)s: its matches stay as they are.") % {"number": signed},
        rule="signed",
        number=signed.number if signed else "",
    )


def _require_unstated(links: QuerySet[LedgerDifference]) -> None:
    """What is stated as a difference is withdrawn before it is matched, undone or replaced."""
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
