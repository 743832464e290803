"""Posting to the ledger: once for each document, with the balance in the same transaction."""

from collections.abc import Collection, Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from customers.accounts.models import CreditAccount
from customers.accounts.terms import DuePart
from orders.closing.days import open_day
from salesops.kernel.money import ZERO, Money
from salesops.users.models import User

from .hooks import tell_of_credit, tell_of_reopening
from .models import Allocation, OpenItem, ReceivableEntry, Source
from .settlement import settle_entry, take_back_entry


@transaction.atomic
def post_entry(
    account: CreditAccount,
    *,
    source: Source,
    source_id: int,
    document: str,
    posted_on: date,
    due: date | Sequence[DuePart],
    debit: Money = ZERO,
    credit: Money = ZERO,
    text: str = "",
    against: Collection[int] | None = None,
    by: User | None,
) -> ReceivableEntry:
    """Post one entry to a locked account, bring its balance along, and settle it against the other side.

    Amounts are in the company's currency; one of debit and credit is positive, the other zero. `due` is a day, or the
    parts of the amount with a day each, which add up to it; the entry is due when its last part is. With `against` it
    settles with the items of those keys only, and what is left of it stays open. Where the month of `posted_on` is
    closed, it is posted on the first open day and says in `belongs_on` which day it is of.
    The database refuses a second entry for the same document (IntegrityError `a_document_is_posted_once`).
    """
    amount = debit or credit
    parts = [DuePart(due, amount)] if isinstance(due, date) else due
    assert sum(part.amount for part in parts) == amount
    day = open_day(posted_on)
    entry = ReceivableEntry.objects.create(
        customer_id=account.pk,
        source=source,
        source_id=source_id,
        document=document,
        text=text,
        posted_on=day,
        belongs_on=posted_on if day != posted_on else None,
        due_on=max(part.due_on for part in parts),
        debit=debit,
        credit=credit,
        posted_by=by,
    )
    OpenItem.objects.bulk_create(
        OpenItem(
            entry=entry,
            part=number,
            customer_id=account.pk,
            is_debit=bool(debit),
            posted_on=day,
            due_on=part.due_on,
            amount=part.amount,
            open_amount=part.amount,
        )
        for number, part in enumerate(parts, start=1)
    )
    account.balance += entry.amount
    account.save(update_fields=["balance"])
    settle_entry(entry, against=against)
    if credit:
        tell_of_credit(account)
    return entry


@transaction.atomic
def reverse_entry(
    account: CreditAccount,
    entry: ReceivableEntry,
    *,
    source: Source,
    source_id: int,
    document: str,
    text: str,
    by: User | None,
) -> ReceivableEntry:
    """Take an entry back by one of the same amount on the other side, posted today to the locked account.

    All that the entry settled, or was settled by, is open again and due on its own day; the two settle each other.
    """
    settled = Allocation.objects.standing().filter(credit__entry=entry) if entry.credit else Allocation.objects.none()
    reopened = sorted(set(settled.values_list("debit", flat=True)))
    take_back_entry(entry, by=by)
    opposite = post_entry(
        account,
        source=source,
        source_id=source_id,
        document=document,
        text=text,
        posted_on=timezone.localdate(),
        due=entry.due_on,
        debit=entry.credit,
        credit=entry.debit,
        against=list(entry.items.values_list("pk", flat=True)),
        by=by,
    )
    if reopened:
        tell_of_reopening(account, reopened)
    return opposite
