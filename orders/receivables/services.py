"""Posting to the ledger: once for each document, with the balance in the same transaction; settling oldest first."""

from collections.abc import Iterable
from datetime import date

from django.db import connection, transaction

from customers.accounts.models import CreditAccount
from salesops.kernel.money import ZERO, Money
from salesops.users.models import User

from .models import OpenItem, ReceivableEntry, Source


@transaction.atomic
def post_entry(
    account: CreditAccount,
    *,
    source: Source,
    source_id: int,
    document: str,
    posted_on: date,
    due_on: date,
    debit: Money = ZERO,
    credit: Money = ZERO,
    text: str = "",
    by: User | None,
) -> ReceivableEntry:
    """Post one entry to a locked account, bring its balance along, and settle what can be settled.

    Amounts are in the company's currency; one of debit and credit is positive, the other zero.
    The database refuses a second entry for the same document (IntegrityError `a_document_is_posted_once`).
    """
    entry = ReceivableEntry.objects.create(
        customer_id=account.pk,
        source=source,
        source_id=source_id,
        document=document,
        text=text,
        posted_on=posted_on,
        due_on=due_on,
        debit=debit,
        credit=credit,
        posted_by=by,
    )
    amount = debit or credit
    OpenItem.objects.create(
        entry=entry, customer_id=account.pk, is_debit=bool(debit), due_on=due_on, amount=amount, open_amount=amount
    )
    account.balance += entry.amount
    account.save(update_fields=["balance"])
    settle_customers([account.pk])
    return entry


SETTLE = """
WITH side AS (
    SELECT entry_id, customer_id, is_debit, open_amount,
           SUM(open_amount) OVER (PARTITION BY customer_id, is_debit ORDER BY due_on, entry_id) AS upto
    FROM orders_openitem
    WHERE customer_id = ANY(%s) AND open_amount > 0
), made AS (
    INSERT INTO orders_allocation (debit_id, credit_id, amount, made_at)
    SELECT debit.entry_id, credit.entry_id,
           LEAST(debit.upto, credit.upto)
           - GREATEST(debit.upto - debit.open_amount, credit.upto - credit.open_amount),
           now()
    FROM side debit JOIN side credit
      ON debit.is_debit AND NOT credit.is_debit AND credit.customer_id = debit.customer_id
     AND credit.upto > debit.upto - debit.open_amount
     AND debit.upto > credit.upto - credit.open_amount
    RETURNING debit_id, credit_id, amount
), settled AS (
    SELECT entry_id, SUM(amount) AS amount FROM (
        SELECT debit_id AS entry_id, amount FROM made UNION ALL SELECT credit_id, amount FROM made
    ) both_sides GROUP BY entry_id
)
UPDATE orders_openitem item SET open_amount = item.open_amount - settled.amount
FROM settled WHERE item.entry_id = settled.entry_id
"""
"""Debits and credits of an account are laid end to end by due date; where a stretch of one lies over a stretch of the
other, that much is settled."""


def settle_customers(customer_ids: Iterable[int]) -> int:
    """Settle open credits against open debits, oldest due first, for whole customers at once; returns items touched.

    Call it with the accounts locked. What remains open stands on one side only.
    """
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, [list(customer_ids)])
        return cursor.rowcount
