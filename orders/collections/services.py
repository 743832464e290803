"""Promises and disputes are recorded; the account is locked where what is open of an item counts."""

from datetime import date

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.accounts.models import CreditAccount
from customers.files.models import Customer
from orders.receivables.models import OpenItem
from salesops.kernel.errors import found, require
from salesops.kernel.money import CENT, Money
from salesops.kernel.periods import require_meant
from salesops.users.models import User
from salesops.web.history import recorded

from .holds import hold_again, lift_if_paid
from .models import FIRST_LEVELS, Dispute, DisputeKind, DisputeState, Outcome, Promise, ReminderLevel
from .queries import open_promise_of, with_disputed, with_outcome

COLLECT = "orders.collect"
LIFT = "customers.set_credit_terms"
REMIND = "orders.send_reminders"


def _customer(customer_id: int, by: User) -> Customer:
    row = Customer.objects.visible_to(by).filter(pk=customer_id).first()
    return found(row, _("This customer is not in your scope."), field="customer")


@transaction.atomic
@recorded
def record_promise(
    *, by: User, customer_id: int, amount: Money, promised_for: date, given_by: str = "", note: str = ""
) -> Promise:
    """Record what a customer promised to pay until a day, included.

    RuleBroken without the right or scope, where the amount is not positive, the day lies in the past or in a year that
    nobody means, and while another promise of the customer is open.
    """
    require(by.has_perm(COLLECT), _("Your role does not include this."), rule="permission")
    customer = _customer(customer_id, by)
    require(amount >= CENT, _("The amount is more than 0."), rule="amount", field="amount")
    require_meant(promised_for, field="promised_for")
    today = timezone.localdate()
    require(
        promised_for >= today,
        _("A promise is for today or a later day."),
        rule="date",
        field="promised_for",
        first=today,
    )
    CreditAccount.objects.locked(customer_id)
    other = open_promise_of(customer_id, today)
    require(
        other is None,
        _("%(amount)s is promised for %(day)s already. Withdraw that promise first.")
        % {"amount": f"{other.amount:,.2f}" if other else "", "day": other.promised_for if other else ""},
        rule="promise",
        amount=other.amount if other else None,
        day=other.promised_for if other else None,
    )
    return Promise.objects.create(
        customer=customer,
        amount=amount,
        given_on=today,
        promised_for=promised_for,
        given_by=given_by.strip(),
        note=note.strip(),
        made_by=by,
    )


@transaction.atomic
@recorded
def withdraw_promise(promise_id: int, *, by: User) -> Promise:
    """Take back an open promise that was recorded by mistake, or that another takes the place of; it counts no more.

    RuleBroken without the right or scope, and where it is kept, broken or withdrawn: what became of it stays.
    """
    require(by.has_perm(COLLECT), _("Your role does not include this."), rule="permission")
    visible = Promise.objects.visible_to(by).filter(pk=promise_id).first()
    visible = found(visible, _("This promise is not in your scope."))
    CreditAccount.objects.locked(visible.customer_id)
    promise = with_outcome(Promise.objects.filter(pk=visible.pk)).get()
    facts = {"state": promise.outcome, "allowed": {Outcome.OPEN}}
    require(promise.withdrawn_at is None, _("It is withdrawn already."), rule="state", **facts)
    require(promise.outcome == Outcome.OPEN, _("Only an open promise is withdrawn."), rule="state", **facts)
    promise.withdrawn_at = timezone.now()
    promise.save(update_fields=["withdrawn_at"])
    return promise


@transaction.atomic
@recorded
def open_dispute(
    *, by: User, item_id: int, kind: str, amount: Money, text: str, owner_id: int | None = None
) -> Dispute:
    """Note that a customer does not accept an open item, or so much of it; who opens it owns it, or who is named.

    A hold that a letter set is lifted where the account waits for nothing else, by who may lift holds; disputed by
    others, it stays until somebody does, or the next money comes.
    RuleBroken without the right or scope, where the kind is none, nothing says why, the amount is not positive, or
    more is disputed than is open.
    """
    require(by.has_perm(COLLECT), _("Your role does not include this."), rule="permission")
    seen = OpenItem.objects.visible_to(by).debits().filter(pk=item_id).first()
    seen = found(seen, _("This item is not in your scope."))
    require(kind in DisputeKind.values, _("Choose what is disputed."), rule="kind", field="kind")
    require(text.strip(), _("Say what the customer says."), rule="text", field="text")
    require(amount >= CENT, _("The amount is more than 0."), rule="amount", field="amount")
    owner = User.objects.filter(pk=owner_id, is_active=True, customer=None).first() if owner_id else by
    owner = found(owner, _("This person is not there."), rule="owner", field="owner")
    account = CreditAccount.objects.locked(seen.customer_id)
    item = with_disputed(OpenItem.objects.select_related("entry")).get(pk=seen.pk)
    require(
        amount <= item.undisputed,
        _("%(document)s: %(open)s is open, %(disputed)s of it disputed already.")
        % {"document": item.entry.document, "open": f"{item.open_amount:,.2f}", "disputed": f"{item.disputed:,.2f}"},
        rule="more than open",
        field="amount",
        open=item.open_amount,
        disputed=item.disputed,
    )
    made = Dispute.objects.create(item=item, kind=kind, amount=amount, text=text.strip(), owner=owner, opened_by=by)
    if by.has_perm(LIFT):
        lift_if_paid(account, by=by)
    return made


@transaction.atomic
@recorded
def close_dispute(dispute_id: int, *, by: User, outcome: str) -> Dispute:
    """End a dispute with what came of it; the item is reminded of again, at the level after its last.

    Where a letter had put the account on hold for the item, it is on hold again, unless a person let it go.
    RuleBroken without the right or scope, without an outcome, or where it is closed.
    """
    require(by.has_perm(COLLECT), _("Your role does not include this."), rule="permission")
    mine = Dispute.objects.filter(pk=dispute_id, item__in=OpenItem.objects.visible_to(by))
    visible = found(mine.select_related("item").first(), _("This dispute is not in your scope."))
    account = CreditAccount.objects.locked(visible.item.customer_id)
    dispute = Dispute.objects.get(pk=visible.pk)
    require(
        dispute.closed_at is None,
        _("It is closed already."),
        rule="state",
        state=DisputeState.CLOSED,
        allowed={DisputeState.OPEN, DisputeState.SETTLED},
    )
    require(outcome.strip(), _("Say what came of it."), rule="outcome", field="outcome")
    dispute.outcome, dispute.closed_by, dispute.closed_at = outcome.strip(), by, timezone.now()
    dispute.save(update_fields=["outcome", "closed_by", "closed_at"])
    hold_again(account, [dispute.item_id])
    return dispute


@transaction.atomic
@recorded
def set_level(number: int, *, by: User, **given: object) -> ReminderLevel:
    """Write a reminder level: days, gap, title, title_zh, text, text_zh, holds. It holds for letters from now on.

    RuleBroken without the right, where it is not there, or where its days are not between those of its neighbours.
    """
    require(by.has_perm(REMIND), _("Finance sets reminder levels."), rule="permission")
    levels = {level.number: level for level in ReminderLevel.objects.select_for_update()}
    level = found(levels.get(number), _("This level is not there."))
    for name, value in given.items():
        setattr(level, name, value)
    before, after = levels.get(number - 1), levels.get(number + 1)
    require(
        (before is None or before.days < level.days) and (after is None or level.days < after.days),
        _("A higher level comes later: its days lie between those of the levels beside it."),
        rule="days",
        field="days",
        first=before.days if before else None,
        last=after.days if after else None,
    )
    level.save()
    return level


def write_first_levels(**kwargs: object) -> None:
    """Give a new company its reminder levels; runs after every migrate, also to a state before there were any."""
    if ReminderLevel._meta.db_table not in connection.introspection.table_names():
        return
    if not ReminderLevel.objects.exists():
        ReminderLevel.objects.bulk_create(ReminderLevel(**level) for level in FIRST_LEVELS)
