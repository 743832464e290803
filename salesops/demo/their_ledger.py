"""The ledger that one agent keeps of us, of the last month: most of it is matched by rule, some is left to a person."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from orders.matching.intake import keep_lines
from orders.matching.reading import LineRead
from orders.models import ReceivableEntry, Reconciliation
from orders.receivables.models import Source

from .cast import Cast
from .clock import acting

AGENT = "taihu"
SUBSIDY = Decimal("-5200.00")


def send_their_ledger(cast: Cast, now: datetime) -> None:
    """Let an agent send its ledger of the last round's days."""
    person = cast.people[AGENT]
    one = Reconciliation.objects.filter(customer=person.customer_id).select_related("round").latest("pk")
    first, last = one.round.first_day, one.round.last_day
    entries = ReceivableEntry.objects.filter(
        customer=one.customer_id, posted_on__gte=first, posted_on__lte=last
    ).in_order()
    lines = list(_lines_of(list(entries), last))
    if lines:
        with acting(person, now - timedelta(hours=18)):
            keep_lines(one.customer_id, lines, by=person, first_day=first, last_day=last)


def _lines_of(entries: list[ReceivableEntry], last: date) -> Iterator[LineRead]:
    """The same business as the agent wrote it down: under its own numbers, a day or two apart, once in two parts.

    The last shipment is not there yet, a subsidy that we have not credited is, and a figure was typed wrong.
    """
    shipped = [entry for entry in entries if entry.source == Source.SHIPMENT]
    on_the_way, in_parts = shipped[-1:], shipped[:1]
    mistyped = shipped[1:2] if len(shipped) > 2 else []
    row = 1
    for number, entry in enumerate(entries, start=1017):
        if entry in on_the_way:
            continue
        is_goods = entry.amount > 0
        row += 1
        day = min(entry.posted_on + timedelta(days=1), last) if is_goods else entry.posted_on
        reference = f"RK-{number}" if is_goods else f"FK-{number - 700:04d}"
        text = "入库" if is_goods else "付款"
        if entry in in_parts:
            part = (entry.amount * Decimal("0.55")).quantize(Decimal(100))
            yield LineRead(row, day, f"{reference}-1", text, part)
            row += 1
            yield LineRead(row, min(day + timedelta(days=1), last), f"{reference}-2", text, entry.amount - part)
        elif entry in mistyped:
            yield LineRead(row, day, reference, text, entry.amount - Decimal(450))
        else:
            yield LineRead(row, day, reference, f"{text} {entry.document}" if number % 2 else text, entry.amount)
    yield LineRead(row + 1, last, "FY-0088", "秋季促销补贴", SUBSIDY)
