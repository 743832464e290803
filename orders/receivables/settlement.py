"""Which credit settles which debit: along with an entry, the oldest due first, by hand; and taking it back.

An account is locked before its items are touched. Nothing is deleted: what is taken back is taken back by a row.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.accounts.models import CreditAccount
from customers.files.models import Customer
from salesops.kernel.errors import found, require
from salesops.kernel.money import Money
from salesops.users.models import User

from .models import Allocation, OpenItem, ReceivableEntry

SETTLE = """
WITH side AS (
    SELECT id, customer_id, is_debit, posted_on, open_amount,
           SUM(open_amount) OVER (PARTITION BY customer_id, is_debit ORDER BY due_on, id) AS upto
    FROM orders_openitem
    WHERE customer_id = ANY(%(customers)s) AND open_amount > 0 {only}
), made AS (
    INSERT INTO orders_allocation (debit_id, credit_id, amount, allocated_on, made_by_id, made_at)
    SELECT debit.id, credit.id,
           LEAST(debit.upto, credit.upto)
           - GREATEST(debit.upto - debit.open_amount, credit.upto - credit.open_amount),
           GREATEST(%(day)s::date, debit.posted_on, credit.posted_on,
                    (SELECT MAX(allocated_on) FROM orders_allocation WHERE debit_id = debit.id AND amount < 0),
                    (SELECT MAX(allocated_on) FROM orders_allocation WHERE credit_id = credit.id AND amount < 0)),
           %(by)s::bigint, now()
    FROM side debit JOIN side credit
      ON debit.is_debit AND NOT credit.is_debit AND credit.customer_id = debit.customer_id
     AND credit.upto > debit.upto - debit.open_amount
     AND debit.upto > credit.upto - credit.open_amount
    RETURNING debit_id, credit_id, amount
), settled AS (
    SELECT id, SUM(amount) AS amount FROM (
        SELECT debit_id AS id, amount FROM made UNION ALL SELECT credit_id, amount FROM made
    ) both_sides GROUP BY id
)
UPDATE orders_openitem item SET open_amount = item.open_amount - settled.amount
FROM settled WHERE item.id = settled.id
"""
"""Debits and credits of an account are laid end to end by due date; where a stretch of one lies over a stretch of the
other, that much is settled. It counts from the day on which both are there, and neither has anything to be taken back
later: so that on no day more is settled of an item than it has."""
ALL = SETTLE.format(only="")
ONE_ENTRY = SETTLE.format(only="AND (entry_id = %(entry)s OR is_debit <> %(is_debit)s)")
TWO_ENTRIES = SETTLE.format(only="AND entry_id IN (%(entry)s, %(against)s)")

TAKE_BACK = """
WITH back AS (
    INSERT INTO orders_allocation (debit_id, credit_id, amount, allocated_on, reverses_id, made_by_id, made_at)
    SELECT debit_id, credit_id, -amount, GREATEST(%(day)s, allocated_on), id, %(by)s::bigint, now()
    FROM orders_allocation made
    WHERE {side}_id IN (SELECT id FROM orders_openitem WHERE entry_id = %(entry)s) AND reverses_id IS NULL
      AND NOT EXISTS (SELECT FROM orders_allocation WHERE reverses_id = made.id)
    RETURNING debit_id, credit_id, amount
), freed AS (
    SELECT id, SUM(amount) AS amount FROM (
        SELECT debit_id AS id, amount FROM back UNION ALL SELECT credit_id, amount FROM back
    ) both_sides GROUP BY id
)
UPDATE orders_openitem item SET open_amount = item.open_amount - freed.amount
FROM freed WHERE item.id = freed.id
"""


def settle_entry(entry: ReceivableEntry, *, against: ReceivableEntry | None = None) -> int:
    """Settle an entry that was just posted against what is open on the other side, the oldest due first.

    With `against` only that entry is settled by it. What was open beside each other before stays so: somebody may have
    left it. Call it with the account locked; returns the items touched.
    """
    sides = {"entry": entry.pk, "is_debit": bool(entry.debit), "against": against and against.pk}
    statement = TWO_ENTRIES if against else ONE_ENTRY
    return _execute(statement, customers=[entry.customer_id], day=None, by=None, **sides)


def take_back_entry(entry: ReceivableEntry, *, by: User | None, on: date | None = None) -> int:
    """Take back all that an entry settled or was settled by, as `take_back` does of one; returns the items touched.

    Both sides are open again, each with its own due day. It counts from `on`, today unless said, and of what was
    allocated later from then. Call it with the account locked.
    """
    statement = TAKE_BACK.format(side="debit" if entry.debit else "credit")
    return _execute(statement, entry=entry.pk, day=on or timezone.localdate(), by=by and by.pk)


def settle_customers(customer_ids: Iterable[int], *, on: date | None = None, by: User | None = None) -> int:
    """Settle open credits against open debits, oldest due first, for whole customers at once; returns items touched.

    Call it with the accounts locked. Afterwards what is open stands on one side only. It counts from `on` at the
    earliest.
    """
    return _execute(ALL, customers=list(customer_ids), day=on, by=by and by.pk)


def _execute(statement: str, **values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


@transaction.atomic
def settle_by_hand(
    credit_id: int, amounts: Mapping[int, Money], *, by: User, on: date | None = None
) -> list[Allocation]:
    """Settle open debits with an open credit, each with its amount; it counts from `on`, today unless said.

    RuleBroken where the day lies in the future, before one of the entries or before one of them was last taken back,
    the credit or a debit is out of scope or another customer's, an amount is not above zero, more than is open of the
    debit, or all of them more than is open of the credit: then nothing is settled.
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
    return Allocation.objects.bulk_create(made)


@transaction.atomic
def take_back(allocation_id: int, *, by: User, on: date | None = None) -> Allocation:
    """Take an allocation back by a row of its own: both sides are open again, and stay so until settled.

    It counts from `on`, today unless said. RuleBroken where that day lies in the future or before the allocation's, it
    is out of scope, takes another one back itself, or was taken back already.
    """
    made = Allocation.objects.select_related("debit", "credit").filter(pk=allocation_id).first()
    made = found(made, _("This is not in your scope."))
    items = _locked([made.debit_id, made.credit_id], by)
    found(items.get(made.debit_id), _("This is not in your scope."))
    require(made.reverses_id is None, _("It takes another one back itself."), rule="taken back")
    again = Allocation.objects.filter(reverses=made).exists()
    require(not again, _("It was taken back already."), rule="taken back")
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
    require(amount > 0, _("The amount is more than 0."), rule="amount", field=field)
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
