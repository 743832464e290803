"""Every change to the terms of an account: limit, days, hold. Only goods and money move its balance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.files.models import Customer
from salesops.kernel.errors import found, require
from salesops.kernel.money import Money
from salesops.users.models import User
from salesops.web.history import recorded

from .hooks import after_terms_changed
from .models import CreditAccount, DueRule, TermsPart

LONGEST = 365
"""Days: longer terms or tolerances are typing errors."""
LAST = 31
"""The last day of a month, however long it is."""


@dataclass(frozen=True)
class DueInput:
    """When something is due, by a rule of DueRule, and how much of a shipment that is: all that is left without one."""

    due_rule: str
    due_days: int
    due_day: int = LAST
    percent: Decimal | None = None


@transaction.atomic
@recorded
def set_credit_terms(
    customer_id: int,
    *,
    by: User,
    limit: Money | None,
    due_rule: str,
    due_days: int,
    tolerance_days: int,
    due_day: int = LAST,
    parts: Sequence[DueInput] = (),
) -> CreditAccount:
    """Set the terms of an account, for what leaves from now on; deliveries that wait for room are considered again.

    `limit` is in the company's currency, tax included: None is not controlled, 0 goods only against prepayment.
    `parts` are due by rules of their own, the rest by `due_rule`; together they are less than all.
    """
    require(limit is None or limit >= 0, _("A limit is not negative."), field="limit", rule="limit")
    _require_due(DueInput(due_rule, due_days, due_day), "")
    for at, part in enumerate(parts, start=1):
        _require_due(part, f"_{at}")
        is_part = part.percent is not None and 0 < part.percent < 100
        message = _("A part is more than 0 and less than 100 percent.")
        require(is_part, message, field=f"percent_{at}", rule="parts")
    left = 100 - sum((part.percent or 0 for part in parts), Decimal(0))
    message = _("Leave something for the rest: the parts are less than 100 percent.")
    require(left > 0, message, field=f"percent_{len(parts)}", rule="parts", left=left)
    require(0 <= tolerance_days <= LONGEST, _("Up to 365 days."), field="tolerance_days", rule="days")
    account = _locked_account(customer_id, by)
    account.limit = limit
    account.due_rule, account.due_days, account.due_day = due_rule, due_days, due_day
    account.tolerance_days = tolerance_days
    account.save(update_fields=["limit", "due_rule", "due_days", "due_day", "tolerance_days"])
    account.parts.all().delete()
    TermsPart.objects.bulk_create(
        TermsPart(
            account=account,
            position=position,
            percent=part.percent or 0,
            due_rule=part.due_rule,
            due_days=part.due_days,
            due_day=part.due_day,
        )
        for position, part in enumerate(parts, start=1)
    )
    _tell(customer_id)
    return account


def _require_due(due: DueInput, of_part: str) -> None:
    """Say no to rules and days that make no sense, naming the field of the account or of its part."""
    known = due.due_rule in DueRule.values
    require(known, _("There is no such rule."), field=f"due_rule{of_part}", rule="due rule")
    require(0 <= due.due_days <= LONGEST, _("Up to 365 days."), field=f"due_days{of_part}", rule="days")
    require(1 <= due.due_day <= LAST, _("A day of a month is from 1 to 31."), field=f"due_day{of_part}", rule="day")


@transaction.atomic
@recorded
def put_on_hold(customer_id: int, *, by: User, reason: str) -> CreditAccount:
    """Stop everything for a customer: nothing is approved or shipped until the hold is lifted."""
    account = _locked_account(customer_id, by)
    require(not account.is_on_hold, _("The account is on hold already."), rule="state")
    require(reason.strip(), _("A hold has a reason that everybody can read."), field="reason", rule="reason")
    begin_hold(account, by=by, reason=reason, at=timezone.now())
    return account


def begin_hold(account: CreditAccount, *, by: User, reason: str, at: datetime) -> None:
    """Put a locked account on hold, as `put_on_hold` does, of whom and since when is said; no scope is asked for."""
    account.is_on_hold, account.hold_reason = True, reason.strip()
    account.hold_by, account.hold_at = by, at
    account.save(update_fields=["is_on_hold", "hold_reason", "hold_by", "hold_at"])
    _tell(account.pk)


@transaction.atomic
@recorded
def lift_hold(customer_id: int, *, by: User, note: str) -> CreditAccount:
    """End a hold; why it ended becomes a note of the file, and deliveries that wait are considered again.

    Nothing that was known now puts the account on hold by itself again.
    """
    account = _locked_account(customer_id, by)
    require(account.is_on_hold, _("The account is not on hold."), rule="state", on_hold=False)
    require(note.strip(), _("Say what has changed, so that others understand."), field="note", rule="reason")
    account.let_go_at = timezone.now()
    account.save(update_fields=["let_go_at"])
    end_hold(account, by=by, note=note)
    return account


def end_hold(account: CreditAccount, *, by: User, note: str) -> None:
    """End the hold of a locked account, as `lift_hold` does, for who set it; nobody's scope is asked for."""
    from customers.files.models import Note

    words = _("Hold lifted: %(note)s (it was: %(reason)s)") % {"note": note.strip(), "reason": account.hold_reason}
    account.is_on_hold, account.hold_reason, account.hold_by, account.hold_at = False, "", None, None
    account.save(update_fields=["is_on_hold", "hold_reason", "hold_by", "hold_at"])
    Note.objects.create(customer_id=account.pk, text=words, written_by=by)
    _tell(account.pk)


def _locked_account(customer_id: int, by: User) -> CreditAccount:
    rows = Customer.objects.visible_to(by).filter(pk=customer_id)
    found(rows.first(), _("This customer is not in your scope."))
    return CreditAccount.objects.locked(customer_id)


def _tell(customer_id: int) -> None:
    for consider in after_terms_changed:
        consider(customer_id)
