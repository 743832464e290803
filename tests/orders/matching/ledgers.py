"""Ledgers of both sides, made row by row for tests of matching."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from customers.models import Customer
from orders.models import LedgerLine, LedgerMatch, LedgerUpload, ReceivableEntry
from orders.receivables.models import Source
from salesops.users.models import User
from tests.support.build import next_int

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
Given = tuple[int, str, int | str]
"""A day of October 2026, a reference, an amount as our ledger sees it."""


def on(day: int) -> date:
    """So many days into October 2026, from 1."""
    return FIRST + timedelta(days=day - 1)


def make_entries(customer: Customer, lines: Iterable[Given], *, source: str = Source.OPENING) -> list[ReceivableEntry]:
    """Entries of ours alone, without items, balance or documents."""
    return ReceivableEntry.objects.bulk_create(
        ReceivableEntry(
            customer=customer,
            source=source,
            source_id=next_int() + 10_000_000,
            document=reference,
            posted_on=on(day),
            due_on=on(day),
            debit=max(Decimal(amount), Decimal(0)),
            credit=max(-Decimal(amount), Decimal(0)),
        )
        for day, reference, amount in lines
    )


def make_ledger(customer: Customer, by: User, lines: Iterable[Given], **fields: object) -> LedgerUpload:
    """A ledger of theirs that is read, of October unless other days are given."""
    given = {"first_day": FIRST, "last_day": LAST, "state": "read", "file_name": "theirs.csv", **fields}
    upload = LedgerUpload.objects.create(customer=customer, uploaded_by=by, **given)
    made = LedgerLine.objects.bulk_create(
        LedgerLine(upload=upload, row=row, day=on(day), reference=reference, amount=Decimal(amount))
        for row, (day, reference, amount) in enumerate(lines, start=2)
    )
    LedgerUpload.objects.filter(pk=upload.pk).update(lines_read=len(made))
    return upload


def matches_of(upload: LedgerUpload) -> list[tuple[str, list[str], list[str]]]:
    """The standing matches: the way, our documents, their references; in order of our documents."""
    made = LedgerMatch.objects.standing().filter(upload=upload).prefetch_related("ours__entry", "theirs__line")
    return sorted(
        (
            match.way,
            sorted(side.entry.document for side in match.ours.all()),
            sorted(side.line.reference for side in match.theirs.all()),
        )
        for match in made
    )
