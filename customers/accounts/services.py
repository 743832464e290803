"""Every change to the terms of an account: limit, days, hold. Only goods and money move its balance."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.files.models import Customer
from salesops.kernel.errors import found, require
from salesops.kernel.money import Money
from salesops.users.models import User
from salesops.web.history import recorded

from .hooks import after_terms_changed
from .models import CreditAccount, DueRule

LONGEST = 365
"""Days: longer terms or tolerances are typing errors."""


@transaction.atomic
@recorded
def set_credit_terms(
    customer_id: int, *, by: User, limit: Money | None, due_rule: str, due_days: int, tolerance_days: int
) -> CreditAccount:
    """Set the terms of an account; deliveries that wait for room are considered again.

    `limit` is in the company's currency, tax included: None is not controlled, 0 goods only against prepayment.
    """
    require(limit is None or limit >= 0, _("A limit is not negative."), field="limit", rule="limit")
    require(due_rule in DueRule.values, _("There is no such rule."), field="due_rule", rule="due rule")
    require(0 <= due_days <= LONGEST, _("Up to 365 days."), field="due_days", rule="days")
    require(0 <= tolerance_days <= LONGEST, _("Up to 365 days."), field="tolerance_days", rule="days")
    account = _locked_account(customer_id, by)
    account.limit = limit
    account.due_rule, account.due_days, account.tolerance_days = due_rule, due_days, tolerance_days
    account.save(update_fields=["limit", "due_rule", "due_days", "tolerance_days"])
    _tell(customer_id)
    return account


@transaction.atomic
@recorded
def put_on_hold(customer_id: int, *, by: User, reason: str) -> CreditAccount:
    """Stop everything for a customer: nothing is approved or shipped until the hold is lifted."""
    account = _locked_account(customer_id, by)
    require(not account.is_on_hold, _("The account is on hold already."), rule="state")
    require(reason.strip(), _("A hold has a reason that everybody can read."), field="reason", rule="reason")
    account.is_on_hold, account.hold_reason = True, reason.strip()
    account.hold_by, account.hold_at = by, timezone.now()
    account.save(update_fields=["is_on_hold", "hold_reason", "hold_by", "hold_at"])
    _tell(customer_id)
    return account


@transaction.atomic
@recorded
def lift_hold(customer_id: int, *, by: User, note: str) -> CreditAccount:
    """End a hold; why it ended becomes a note of the file, and deliveries that wait are considered again."""
    from customers.files.models import Note

    account = _locked_account(customer_id, by)
    require(account.is_on_hold, _("The account is not on hold."), rule="state")
    require(note.strip(), _("Say what has changed, so that others understand."), field="note", rule="reason")
    words = _("Hold lifted: %(note)s (it was: %(reason)s)") % {"note": note.strip(), "reason": account.hold_reason}
    account.is_on_hold, account.hold_reason, account.hold_by, account.hold_at = False, "", None, None
    account.save(update_fields=["is_on_hold", "hold_reason", "hold_by", "hold_at"])
    Note.objects.create(customer_id=customer_id, text=words, written_by=by)
    _tell(customer_id)
    return account


def _locked_account(customer_id: int, by: User) -> CreditAccount:
    rows = Customer.objects.visible_to(by).filter(pk=customer_id)
    found(rows.first(), _("This customer is not in your scope."))
    return CreditAccount.objects.locked(customer_id)


def _tell(customer_id: int) -> None:
    for consider in after_terms_changed:
        consider(customer_id)
