"""Temporary limits, and what a change of terms does to deliveries that wait for room."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.accounts.models import CreditAccount
from customers.files.models import Customer
from salesops.approvals.models import Request
from salesops.approvals.services import bring_back, open_request, put_stopped_aside, withdraw
from salesops.kernel.errors import found, require
from salesops.kernel.money import Money
from salesops.kernel.numbering import next_number
from salesops.kernel.periods import require_meant
from salesops.users.models import User
from salesops.web.history import recorded

from .models import NEXT_LIMIT_STATES, LimitState, TemporaryLimit


@transaction.atomic
@recorded
def ask_temporary_limit(
    *, by: User, customer_id: int, amount: Money, first_day: date, last_day: date, reason: str
) -> TemporaryLimit:
    """Ask for an amount on top of a customer's limit for a span of days; it counts once it is approved.

    Raises RuleBroken out of scope, for an account that is not controlled, for an amount that is not positive, for days
    in the past, in the wrong order or in a year that nobody means, and without a reason.
    """
    rows = Customer.objects.visible_to(by).select_related("representative", "account")
    customer = found(rows.filter(pk=customer_id).first(), _("This customer is not in your scope."), field="customer")
    _require_sense(amount, first_day, last_day, reason)
    account = CreditAccount.objects.locked(customer_id)
    require(account.limit is not None, _("This account has no limit to add to."), rule="limit", field="customer")
    limit = TemporaryLimit.objects.create(
        number=next_number("CL", timezone.localdate().year),
        customer=customer,
        amount=amount,
        first_day=first_day,
        last_day=last_day,
        reason=reason.strip(),
        created_by=by,
    )
    open_request("temporary_limit", limit, by=by, note=limit.reason)
    limit.refresh_from_db()
    return limit


@transaction.atomic
@recorded
def ask_again(
    limit_id: int, *, by: User, amount: Money, first_day: date, last_day: date, reason: str
) -> TemporaryLimit:
    """Submit a temporary limit again that was returned for change, changed as asked; only who asked for it may.

    Raises RuleBroken as ask_temporary_limit does, and where it was not returned.
    """
    rows = TemporaryLimit.objects.visible_to(by).filter(created_by=by)
    unlocked = found(rows.filter(pk=limit_id).first(), _("This temporary limit is not yours to change."))
    _require_sense(amount, first_day, last_day, reason)
    CreditAccount.objects.locked(unlocked.customer_id)
    limit = TemporaryLimit.objects.select_for_update(of=("self",)).get(pk=limit_id)
    limit.amount, limit.first_day, limit.last_day = amount, first_day, last_day
    limit.reason = reason.strip()
    limit.save(update_fields=["amount", "first_day", "last_day", "reason"])
    move_limit(limit, LimitState.SUBMITTED)
    open_request("temporary_limit", limit, by=by, note=limit.reason)
    limit.refresh_from_db()
    return limit


def _require_sense(amount: Money, first_day: date, last_day: date, reason: str) -> None:
    require(amount > 0, _("The amount is more than 0."), rule="amount", field="amount")
    require(reason.strip(), _("Say why it is needed."), rule="reason", field="reason")
    require_meant(first_day, field="first_day")
    require_meant(last_day, field="last_day")
    require(first_day <= last_day, _("It ends on or after its first day."), rule="date", field="last_day")
    require(last_day >= timezone.localdate(), _("It ends in the past."), rule="date", field="last_day")


@transaction.atomic
@recorded
def withdraw_temporary_limit(limit_id: int, *, by: User) -> None:
    """Take back an application for a temporary limit before it is decided."""
    request = Request.objects.waiting().filter(document_type="temporary_limit", object_id=limit_id).first()
    withdraw(found(request, _("It does not wait for a decision any more."), rule="state").pk, by=by)


@transaction.atomic
@recorded
def revoke_temporary_limit(limit_id: int, *, by: User) -> TemporaryLimit:
    """End an approved temporary limit at once; what was approved under it stays approved."""
    rows = TemporaryLimit.objects.visible_to(by)
    unlocked = found(rows.filter(pk=limit_id).first(), _("This temporary limit is not in your scope."))
    CreditAccount.objects.locked(unlocked.customer_id)
    limit = TemporaryLimit.objects.select_for_update().get(pk=limit_id)
    move_limit(limit, LimitState.REVOKED)
    return limit


def move_limit(limit: TemporaryLimit, state: LimitState) -> None:
    """Set the next state of a locked temporary limit; RuleBroken where its states do not lead there."""
    require(
        state in NEXT_LIMIT_STATES[limit.state],
        _("%(number)s is “%(state)s”.") % {"number": limit.number, "state": limit.get_state_display()},
        rule="state",
    )
    limit.state = state
    limit.save(update_fields=["state"])


def reconsider(customer_id: int) -> None:
    """Put aside what a hold stops, bring back what has room, after the terms of an account changed under lock."""
    put_stopped_aside(customer_id)
    bring_back(customer_id)


def reconsider_limits_of(day: date) -> int:
    """Bring back what waits for a temporary limit that starts on a day; returns the number of customers looked at."""
    starting = TemporaryLimit.objects.active_on(day).filter(first_day=day).order_by("customer_id")
    customers = sorted(set(starting.values_list("customer_id", flat=True)))
    for customer_id in customers:
        with transaction.atomic():
            CreditAccount.objects.locked(customer_id)
            bring_back(customer_id)
    return len(customers)
