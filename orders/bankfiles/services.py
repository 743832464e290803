"""A bank file comes in, is read and matched; its lines become payments, once each.

The company's account is locked before anything of its files is changed, then the accounts of customers.
"""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.accounts.models import CreditAccount
from customers.files.models import Customer
from orders.payments.models import Payment, PaymentReversal
from orders.payments.services import record_payment
from salesops.imports.sniffing import require_size, what_is
from salesops.jobs.models import Job
from salesops.jobs.services import start_job
from salesops.kernel.errors import RuleBroken, found, require
from salesops.users.models import User

from .engine import match_lines
from .models import (
    BankFile,
    BankFileState,
    BankLine,
    BankReceipt,
    CompanyAccount,
    CustomerBankAccount,
    LineState,
    Way,
)
from .reading import BankMapping, BankReading, plain_account, read_bank_lines

RECORD = "orders.record_payment"
JOB = "orders.bank_file"
AT_ONCE = 50
"""Lines that are recorded while the person waits, and in one transaction of the background."""


# ---- coming in ----
@transaction.atomic
def keep_bank_file(*, by: User, file: UploadedFile, account: str) -> BankFile:
    """Keep a bank's file of an account of the company; nothing is read before its columns are known.

    An account that is not known yet is remembered by that name. RuleBroken without a name, for those who do not see the
    whole company, for a file that is no table or too large; then nothing is kept.
    """
    _require_company(by)
    account = " ".join(account.split())
    require(account, _("Say which account of ours it is of."), rule="account", field="account")
    name = Path(file.name or "").name
    require(name, _("A file needs a name."), rule="file", field="file")
    _at_field("file", lambda: require_size(name, file.size or 0))
    of, _made = CompanyAccount.objects.get_or_create(name=account)
    one = BankFile(account=of, file_name=name[-200:], uploaded_by=by)
    one.file.save(name, file, save=False)
    try:
        kind = _at_field("file", lambda: what_is(Path(one.file.path)))
        require(
            kind != "zip", _("%(file)s is an archive: unpack it first.") % {"file": name}, rule="file", field="file"
        )
        one.save()
    except BaseException:
        one.file.delete(save=False)
        raise
    return one


def _at_field(field: str, work: Callable[[], Any]) -> Any:
    """Do it; what is wrong with a file is said where it was chosen."""
    try:
        return work()
    except RuleBroken as refusal:
        raise RuleBroken(refusal.message, rule=refusal.rule, field=field, **refusal.facts) from refusal


@transaction.atomic
def discard_bank_file(file_id: int, *, by: User) -> str:
    """Throw away a file that was never read; returns what it was called."""
    one = _locked(file_id, by)
    _require_state(one, BankFileState.NEW)
    name, file = one.file_name, one.file
    one.delete()
    transaction.on_commit(lambda: file.storage.delete(str(file.name)))
    return name


@transaction.atomic
def read_bank_file(file_id: int, mapping: BankMapping, *, by: User, only_good: bool = False) -> BankFile:
    """Read a file as a mapping says, match its lines, and remember the mapping for the account's next file.

    Lines that went out are set aside; lines that came before, in whichever file, repeat those. Where a row cannot be
    read nothing is taken in, but that is noted on the file; unless `only_good`. RuleBroken where it is read already,
    has no line, lacks a column, or tells lines apart by other columns than the account's files before.
    """
    one = _locked(file_id, by)
    _require_state(one, BankFileState.NEW)
    _require_known_alike(one.account, mapping)
    reading = read_bank_lines(Path(one.file.path), mapping)
    one.bad, one.left_out, one.problems, one.mapping = reading.bad, reading.left_out, reading.problems, mapping.kept
    if reading.bad and not only_good:
        one.save(update_fields=["bad", "left_out", "problems", "mapping"])
        return one
    require(reading.lines, _("It has no lines with an amount."), rule="lines")
    BankLine.objects.bulk_create(_lines_of(one, reading), batch_size=1000)
    one.state = BankFileState.READ
    one.save(update_fields=["state", "bad", "left_out", "problems", "mapping"])
    CompanyAccount.objects.filter(pk=one.account_id).update(mapping=mapping.kept)
    match_lines(one)
    return one


def _lines_of(one: BankFile, reading: BankReading) -> list[BankLine]:
    identities = [line.identity for line in reading.lines]
    firsts = BankLine.objects.filter(account=one.account_id, repeats=None, identity__in=identities)
    before = dict(firsts.values_list("identity", "pk"))
    made = []
    for line in reading.lines:
        first = before.get(line.identity)
        state = LineState.REPEATED if first else LineState.OPEN if line.amount > 0 else LineState.ASIDE
        made.append(BankLine(file=one, account_id=one.account_id, repeats_id=first, state=state, **vars(line)))
    return made


def _require_known_alike(account: CompanyAccount, mapping: BankMapping) -> None:
    """A line is found again in a later file only where both tell lines apart by the same."""
    if not BankLine.objects.filter(account=account).exists():
        return
    before = BankMapping.of(account.mapping)
    labels = ", ".join(before.columns()[name] for name in before.known_by)
    require(
        before.known_by == mapping.known_by,
        _("Files of this account tell lines apart by %(columns)s: name the same columns, so that none counts twice.")
        % {"columns": labels},
        rule="identity",
        field="transaction" if before.transaction else "reference",
        columns=labels,
    )


@transaction.atomic
def match_again(file_id: int, *, by: User) -> int:
    """Match what is open of a file once more, with accounts learned since; returns how many more are proposed."""
    one = _locked(file_id, by)
    _require_state(one, BankFileState.READ)
    before = one.lines.filter(state=LineState.PROPOSED).count()
    return match_lines(one) - before


# ---- what a person decides ----
@transaction.atomic
def choose_customer(line_id: int, *, by: User, customer_id: int) -> BankLine:
    """Say whose money a line is: it is proposed then. RuleBroken for one that went out, is recorded or came before."""
    line = _locked_line(line_id, by)
    customer = Customer.objects.visible_to(by).filter(pk=customer_id).first()
    line.customer = found(customer, _("This customer is not in your scope."), field="customer")
    require(line.amount > 0, _("This money went out."), rule="amount", field="customer")
    _require_undecided(line)
    line.state, line.way, line.doubt, line.reason, line.decided_by = LineState.PROPOSED, Way.HAND, "", "", by
    line.save(update_fields=["customer", "state", "way", "doubt", "reason", "decided_by"])
    return line


@transaction.atomic
def set_line_aside(line_id: int, *, by: User, reason: str) -> BankLine:
    """Say that a line is no receipt from a customer, and why. RuleBroken once it is recorded, and without a reason."""
    line = _locked_line(line_id, by)
    require(reason.strip(), _("Say why it is no receipt."), rule="reason", field="reason")
    _require_undecided(line)
    line.state, line.customer, line.way, line.doubt = LineState.ASIDE, None, "", ""
    line.reason, line.decided_by = reason.strip(), by
    line.save(update_fields=["customer", "state", "way", "doubt", "reason", "decided_by"])
    return line


def _require_undecided(line: BankLine) -> None:
    allowed = {LineState.OPEN, LineState.PROPOSED, LineState.ASIDE}
    require(
        line.state in allowed,
        _("Row %(row)s: %(state)s; it stays so.") % {"row": line.row, "state": line.get_state_display()},
        rule="state",
        state=line.state,
        allowed=allowed,
    )


# ---- recording ----
@transaction.atomic
def record_lines(file_id: int, *, by: User, line_ids: Collection[int] | None = None) -> list[Payment]:
    """Record the proposed lines of a file as payments, all of them or those of `line_ids`; each becomes one payment.

    The payer's accounts are remembered for their customers. RuleBroken, with the row, where a payment is refused: then
    nothing is recorded; also where nothing of it is proposed, as when somebody has just recorded it.
    """
    one = _locked(file_id, by)
    _require_state(one, BankFileState.READ)
    lines = list(_proposed(one, line_ids))
    words = _("Nothing of this is proposed any more: look what is recorded.")
    require(lines, words, rule="proposed", file=one.file_name)
    owners = sorted({line.customer_id for line in lines if line.customer_id})
    accounts = CreditAccount.objects.select_for_update(of=("self",)).filter(pk__in=owners).order_by("pk")
    list(accounts.values_list("pk", flat=True))
    made = [_record(line, by) for line in lines]
    BankReceipt.objects.bulk_create(
        BankReceipt(line=line, payment=payment) for line, payment in zip(lines, made, strict=True)
    )
    BankLine.objects.filter(pk__in=[line.pk for line in lines]).update(state=LineState.RECORDED)
    CustomerBankAccount.objects.bulk_create(
        [
            CustomerBankAccount(number=number, customer_id=line.customer_id, learned_from=line, confirmed_by=by)
            for line in lines
            if (number := plain_account(line.payer_account))
        ],
        ignore_conflicts=True,
    )
    return made


def _proposed(one: BankFile, line_ids: Collection[int] | None) -> Any:
    rows = one.lines.filter(state=LineState.PROPOSED)
    return (rows if line_ids is None else rows.filter(pk__in=line_ids)).order_by("day", "row")


def _record(line: BankLine, by: User) -> Payment:
    """The payment of a line; what tells its reference from all others stands at its end."""
    mark = line.transaction or f"B{line.pk}"
    reference = f"{line.reference[: 119 - len(mark)]} {mark}".strip()
    assert line.customer_id is not None
    try:
        return record_payment(
            by=by,
            customer_id=line.customer_id,
            received_on=line.day,
            amount=line.amount,
            reference=reference,
            note=line.payer_name,
        )
    except RuleBroken as refusal:
        words = _("Row %(row)s: %(why)s") % {"row": line.row, "why": refusal.message}
        raise RuleBroken(words, rule=refusal.rule, **{**refusal.facts, "row": line.row}) from refusal


@transaction.atomic
def start_recording(file_id: int, *, by: User, line_ids: Collection[int] | None = None) -> int | Job:
    """Record lines as `record_lines` does: now, or many of them in the background; returns how many, or the job."""
    one = _locked(file_id, by)
    _require_state(one, BankFileState.READ)
    ids = list(_proposed(one, line_ids).values_list("pk", flat=True)[: AT_ONCE + 1])
    if len(ids) <= AT_ONCE:
        return len(record_lines(file_id, by=by, line_ids=line_ids))
    title = _("Recording receipts of %(file)s") % {"file": one.file_name}
    params = {"file": one.pk, "lines": None if line_ids is None else sorted(line_ids)}
    one.job = start_job(JOB, by=by, title=title, params=params, key=f"{JOB}/{one.pk}")
    one.save(update_fields=["job"])
    return one.job


def waiting_of(file_id: int, line_ids: Sequence[int] | None) -> list[int]:
    """Return the keys of proposed lines of a file, in the order in which they are recorded."""
    return list(_proposed(BankFile.objects.get(pk=file_id), line_ids).values_list("pk", flat=True))


@transaction.atomic
def free_line(line_id: int, *, by: User, reason: str) -> BankLine:
    """Let a line whose payment was reversed be decided on again; what was learned from it is forgotten.

    RuleBroken without a reason, and where its payment still holds.
    """
    line = _locked_line(line_id, by)
    require(reason.strip(), _("Say why it is recorded again."), rule="reason", field="reason")
    receipt = line.receipts.filter(freed_at=None).select_related("payment").first()
    receipt = found(receipt, _("This line is not recorded."), rule="state", state=line.state)
    require(
        PaymentReversal.objects.filter(payment=receipt.payment_id).exists(),
        _("%(number)s holds: reverse it first.") % {"number": receipt.payment.number},
        rule="reversed",
        number=receipt.payment.number,
    )
    receipt.freed_by, receipt.freed_at, receipt.freed_reason = by, timezone.now(), reason.strip()
    receipt.save(update_fields=["freed_by", "freed_at", "freed_reason"])
    CustomerBankAccount.objects.filter(learned_from=line).delete()
    line.state, line.customer, line.way, line.decided_by = LineState.OPEN, None, "", by
    line.save(update_fields=["state", "customer", "way", "decided_by"])
    return line


# ---- locks and states ----
def _require_company(by: User) -> None:
    require(by.has_perm(RECORD), _("Your role does not include recording payments."), rule="permission")


def _locked(file_id: int, by: User) -> BankFile:
    """A file that somebody may see, with its account locked before it is read."""
    _require_company(by)
    seen = found(BankFile.objects.visible_to(by).filter(pk=file_id).first(), _("This file is not in your scope."))
    CompanyAccount.objects.select_for_update().get(pk=seen.account_id)
    rows = BankFile.objects.select_related("account", "job").filter(pk=file_id)
    return found(rows.first(), _("Somebody has just discarded this file."), rule="state")


def _locked_line(line_id: int, by: User) -> BankLine:
    seen = found(BankLine.objects.filter(pk=line_id).first(), _("This line is not in your scope."))
    _locked(seen.file_id, by)
    return BankLine.objects.get(pk=line_id)


def _require_state(one: BankFile, state: BankFileState) -> None:
    words = _("This file is read already.") if state == BankFileState.NEW else _("This file is not read yet.")
    require(one.state == state, words, rule="state", state=one.state, allowed={state})
