"""Reads of bank files: how far each is, its lines, what they add up to."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, DecimalField, IntegerField, OuterRef, Prefetch, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from orders.payments.models import Payment
from salesops.kernel.money import ZERO, Money
from salesops.users.models import User

from .models import BankFile, BankLine, BankReceipt, LineState


def _of_lines(value: Any, *, of: Any, **conditions: Any) -> Any:
    rows = BankLine.objects.filter(file=OuterRef("pk"), **conditions).order_by().values("file")
    return Coalesce(Subquery(rows.annotate(found=value).values("found")), 0, output_field=of)


def bank_files_for(user: User) -> QuerySet[BankFile]:
    """Return the bank files that a person may see, each with counts of its lines and their sum."""
    count, number = Count("pk"), IntegerField()
    rows = BankFile.objects.visible_to(user).select_related("account", "uploaded_by", "job")
    return rows.annotate(
        line_count=_of_lines(count, of=number),
        total=_of_lines(Sum("amount"), of=DecimalField(max_digits=14, decimal_places=2)),
        recorded_count=_of_lines(count, of=number, state=LineState.RECORDED),
        open_count=_of_lines(count, of=number, state__in=[LineState.OPEN, LineState.PROPOSED]),
    )


def lines_of(one: BankFile) -> QuerySet[BankLine]:
    """Return the lines of a file with customer, and with the payment of theirs or of the line that they repeat."""
    standing = BankReceipt.objects.filter(freed_at=None).select_related("payment", "payment__reversal")
    rows = BankLine.objects.filter(file=one).select_related("customer", "repeats", "file")
    return rows.prefetch_related(
        Prefetch("receipts", standing, to_attr="standing"),
        Prefetch("repeats__receipts", standing, to_attr="standing"),  # type: ignore[no-redef]
    )


def payment_of(line: BankLine) -> Payment | None:
    """Return the payment that a line of `lines_of` became, or the line that it repeats."""
    first = line.repeats or line
    receipts = getattr(first, "standing", [])
    return receipts[0].payment if receipts else None


def line_of_payment(payment: Payment) -> BankReceipt | None:
    """Return what says which line of the bank a payment is."""
    return BankReceipt.objects.filter(payment=payment).select_related("line__file__account").first()


@dataclass(frozen=True)
class Proof:
    """That the lines of a file add up: what each state has, and all lines."""

    states: dict[str, tuple[int, Money]]
    count: int
    total: Money

    @property
    def holds(self) -> bool:
        """Whether the states add up to all lines."""
        return sum((amount for _count, amount in self.states.values()), ZERO) == self.total


def proof_of(one: BankFile) -> Proof:
    """Return what the lines of a file add up to, in two queries."""
    rows = BankLine.objects.filter(file=one).order_by()
    by_state = dict.fromkeys(LineState.values, (0, ZERO))
    for state, count, amount in rows.values_list("state").annotate(count=Count("pk"), amount=Sum("amount")):
        by_state[state] = (count, amount)
    whole = rows.aggregate(count=Count("pk"), total=Sum("amount"))
    return Proof(by_state, whole["count"], whole["total"] or ZERO)
