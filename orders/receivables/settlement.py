"""Which credit settles which debit: along with an entry, the oldest due first, by hand; and taking it back.

What is settled by itself follows the rule in rule.py. An account is locked before its items are touched. Nothing is
deleted: what is taken back is taken back by a row.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.accounts.models import CreditAccount
from customers.files.models import Customer
from orders.closing.days import first_open_day, open_day
from salesops.approvals.queries import customers_aside
from salesops.approvals.services import bring_back
from salesops.kernel.errors import found, require
from salesops.kernel.money import CENT, ZERO, Money
from salesops.users.models import User

from . import rule
from .hooks import tell_of_credit, tell_of_reopening
from .models import BOUND, Allocation, OpenItem, ReceivableEntry

AT_ONCE = 500
"""Accounts that are settled by one statement; between them it is said how far it is."""


@dataclass(frozen=True)
class Settled:
    """What was settled at once: how many allocations were made, of how many credits, and how much they come to."""

    allocations: int = 0
    credits: int = 0
    amount: Money = ZERO

    def __add__(self, other: "Settled") -> "Settled":
        return Settled(self.allocations + other.allocations, self.credits + other.credits, self.amount + other.amount)


@dataclass(frozen=True)
class Planned:
    """How much of a debit a credit would settle, by the keys of items; `is_named` where its text names the debit."""

    debit_id: int
    credit_id: int
    amount: Money
    is_named: bool


def settle_entry(entry: ReceivableEntry, *, against: Collection[int] | None = None) -> Settled:
    """Settle an entry that was just posted against what is open on the other side, by the rule (see rule.py).

    With `against` only the items of those keys are settled by it, and what is left of it stays open. What was open
    beside each other before stays so: somebody may have left it. Call it with the account locked.
    """
    sides = {"entry": entry.pk, "is_debit": bool(entry.debit), "against": list(against or ())}
    only = rule.ONE_ENTRY if against is None else rule.THESE_ITEMS
    return _settle(only, customers=[entry.customer_id], day=None, by=None, **sides)


def settle_customers(customer_ids: Iterable[int], *, on: date | None = None, by: User | None = None) -> Settled:
    """Settle open credits against open debits, by the rule, for whole customers at once.

    What the text of a credit names is settled first, then what is due first. Call it with the accounts locked.
    Afterwards what is open stands on one side only. It counts from `on` at the earliest, and from the first
    open day.
    """
    day = open_day(on) if on else first_open_day()
    return _settle(rule.EVERYTHING, customers=list(customer_ids), day=day, by=by.pk if by else None)


def plan_settlement(customer_ids: Iterable[int], *, credit_id: int | None = None) -> list[Planned]:
    """Return what `settle_customers` would settle now, in order of customers and credits; with a credit only by it."""
    only = rule.EVERYTHING if credit_id is None else rule.ONE_CREDIT
    with connection.cursor() as cursor:
        cursor.execute(
            rule.PLAN.format(only=only) + rule.AND_SHOW, {"customers": list(customer_ids), "credit": credit_id}
        )
        return [Planned(*row) for row in cursor.fetchall()]


def _settle(only: str, **values: Any) -> Settled:
    with connection.cursor() as cursor:
        cursor.execute(rule.PLAN.format(only=only) + rule.AND_SETTLE, values)
        return Settled(*cursor.fetchone())


def take_back_entry(entry: ReceivableEntry, *, by: User | None, on: date | None = None) -> int:
    """Take back all that an entry settled or was settled by, as `take_back` does of one; returns the items touched.

    Both sides are open again, each with its own due day. It counts from `on`, today unless said, from the first open
    day where that is closed, and of what was allocated later from then. Call it with the account locked.
    """
    statement = rule.TAKE_BACK.format(side="debit" if entry.debit else "credit")
    day = open_day(on or timezone.localdate())
    with connection.cursor() as cursor:
        cursor.execute(statement, {"entry": entry.pk, "day": day, "by": by.pk if by else None})
        return cursor.rowcount


@transaction.atomic
def settle_accounts(
    customer_ids: Iterable[int], *, by: User, step: Callable[[int], None] = lambda _done: None
) -> Settled:
    """Settle open credits of accounts in somebody's scope against their open debits, by the rule, from today on.

    The accounts are locked one after another in order of their keys, and what waited for an approval because of what
    was overdue is looked at again. Accounts out of scope are left alone. `step` is told how many accounts are done.
    """
    visible = Customer.objects.visible_to(by).filter(pk__in=list(customer_ids)).order_by("pk")
    ids, settled = list(visible.values_list("pk", flat=True)), Settled()
    for at in range(0, len(ids), AT_ONCE):
        some = ids[at : at + AT_ONCE]
        locked = list(CreditAccount.objects.select_for_update(of=("self",)).filter(pk__in=some).order_by("pk"))
        settled += settle_customers(some, on=timezone.localdate(), by=by)
        for account in locked:
            tell_of_credit(account)
        for customer_id in customers_aside(some):
            bring_back(customer_id)
        step(at + len(some))
    return settled


@transaction.atomic
def settle_by_hand(
    credit_id: int, amounts: Mapping[int, Money], *, by: User, on: date | None = None
) -> list[Allocation]:
    """Settle open debits with an open credit, each with its amount; it counts from `on`, today unless said.

    RuleBroken where the day lies in the future, in a closed month, before one of the entries or before one of them was
    last taken back, the credit or a debit is out of scope or another customer's, an amount is not above zero, more than
    is open of the debit, or all of them more than is open of the credit: then nothing is settled.
    """
    credit = _locked([credit_id], by).get(credit_id)
    credit = found(credit, _("This credit is not in your scope."))
    require(not credit.is_debit, _("Only credits settle."), rule="side")
    day = on or timezone.localdate()
    require(amounts, _("Say what it settles, and how much of it."), rule="amount")
    debits = {item.pk: item for item in _items(amounts).filter(customer=credit.customer_id, is_debit=True)}
    for item_id, amount in amounts.items():
        debit = found(debits.get(item_id), _("This item is not one of the account's debits."))
        _require_open(debit, amount, field=f"amount_{item_id}")
        _require_day(day, first=max(_free_from(credit), _free_from(debit)))
    _require_open(credit, sum(amounts.values(), Money(0)))
    made = [
        Allocation(debit=debits[item_id], credit=credit, amount=amount, allocated_on=day, made_by=by)
        for item_id, amount in amounts.items()
    ]
    for one in made:
        _move(one)
    saved = Allocation.objects.bulk_create(made)
    tell_of_credit(CreditAccount.objects.get(pk=credit.customer_id))
    bring_back(credit.customer_id)
    return saved


@transaction.atomic
def take_back(allocation_id: int, *, by: User, on: date | None = None) -> Allocation:
    """Take an allocation back by a row of its own: both sides are open again, and stay so until settled.

    A letter's hold is back where the debit was what it waited for. It counts from `on`, today unless said. RuleBroken
    where that day lies in the future, in a closed month or before the allocation's, it is out of scope, takes another
    one back itself, was taken back already, or is what a write-off or refund was approved for, or a reversal set off:
    those are taken back by a reversal only.
    """
    made = Allocation.objects.select_related("debit", "credit").filter(pk=allocation_id).first()
    made = found(made, _("This is not in your scope."))
    items = _locked([made.debit_id, made.credit_id], by)
    found(items.get(made.debit_id), _("This is not in your scope."))
    facts: dict[str, Any] = {"amount": made.amount, "allocated_on": made.allocated_on}
    require(made.reverses_id is None, _("It takes another one back itself."), rule="taken back", **facts)
    again = Allocation.objects.filter(reverses=made).exists()
    require(not again, _("It was taken back already."), rule="taken back", **facts)
    bound = [item.entry for item in items.values() if item.entry.source in BOUND]
    require(
        not bound,
        _("%(document)s settles exactly this: reverse that document instead.")
        % {"document": bound[0].document if bound else ""},
        rule="bound",
        document=bound[0].document if bound else "",
    )
    day = on or max(timezone.localdate(), made.allocated_on)
    _require_day(day, first=made.allocated_on)
    back = Allocation(
        debit=items[made.debit_id],
        credit=items[made.credit_id],
        amount=-made.amount,
        allocated_on=day,
        reverses=made,
        made_by=by,
    )
    _move(back)
    back.save()
    tell_of_reopening(CreditAccount.objects.get(pk=made.debit.customer_id), [made.debit_id])
    return back


def _locked(item_ids: Iterable[int], by: User) -> dict[int, OpenItem]:
    """Items in somebody's scope, by their keys, with their account locked before they are read."""
    visible = OpenItem.objects.filter(pk__in=list(item_ids), customer__in=Customer.objects.visible_to(by))
    for customer_id in sorted(set(visible.values_list("customer", flat=True))):
        CreditAccount.objects.locked(customer_id)
    return {item.pk: item for item in _items(visible.values_list("pk", flat=True))}


def _items(item_ids: Iterable[int]) -> Any:
    return OpenItem.objects.select_related("entry").filter(pk__in=list(item_ids))


def _require_open(item: OpenItem, amount: Money, *, field: str = "") -> None:
    require(amount >= CENT, _("The amount is more than 0."), rule="amount", field=field)
    require(
        amount <= item.open_amount,
        _("%(document)s: %(open)s is open; %(asked)s cannot be settled.")
        % {"document": item.entry.document, "open": f"{item.open_amount:,.2f}", "asked": f"{amount:,.2f}"},
        rule="more than open",
        field=field,
        document=item.entry.document,
        open=item.open_amount,
        asked=amount,
    )


def _free_from(item: OpenItem) -> date:
    """The first day from which on it may be settled: nothing that was settled of it is taken back later."""
    made = item.settled_by if item.is_debit else item.settles
    back: date | None = made.filter(amount__lt=0).aggregate(last=Max("allocated_on"))["last"]
    return max(item.posted_on, back or item.posted_on)


def _require_day(day: date, *, first: date) -> None:
    first = max(first, open_day(day)) if day <= timezone.localdate() else first
    last = max(timezone.localdate(), first)
    require(
        first <= day <= last,
        _("The day lies between %(first)s and today.") % {"first": first},
        rule="date",
        field="on",
        first=first,
        last=last,
    )


def _move(made: Allocation) -> None:
    """Bring what is open of both sides along."""
    for item in (made.debit, made.credit):
        item.open_amount -= made.amount
        item.save(update_fields=["open_amount"])
