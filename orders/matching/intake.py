"""An agent's ledger comes in, is read, and takes the place of others of its days; then it is matched by rule."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from customers.files.models import Customer
from salesops.imports.sniffing import require_size, what_is
from salesops.imports.staging import insert_rows
from salesops.jobs.services import start_job
from salesops.kernel.errors import RuleBroken, found, require
from salesops.kernel.money import Money
from salesops.kernel.periods import require_meant
from salesops.users.models import User

from .models import LedgerDifference, LedgerFormat, LedgerLine, LedgerState, LedgerUpload, MatchOurs, MatchTheirs
from .reading import LedgerMapping, LineRead, Reading, read_lines
from .services import READ_AT_ONCE, lock_ledgers, locked, match_what_is_left, require_unsigned, require_unstated

JOB = "orders.their_ledger"
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
    upload = locked(upload_id, by)
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
    upload = locked(upload_id, by)
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
    match_what_is_left(upload, tell)
    return upload


def _replace_others(upload: LedgerUpload) -> None:
    """Let go of what other ledgers of the same days had matched; their matches stay as history."""
    others = others_of(upload)
    for other in others:
        require_unsigned(other)
    require_unstated(LedgerDifference.objects.filter(upload__in=others))
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
