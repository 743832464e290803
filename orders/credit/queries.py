"""The credit picture: one function for screen, API and decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import OuterRef, Subquery, Sum
from django.utils import timezone

from customers.accounts.models import CreditAccount
from orders.receivables.models import OpenItem
from salesops.kernel.money import ZERO, Money, percent_of

from .models import TemporaryLimit

PREPAID_EXCESS = Decimal(100)
"""Percent over the limit where the limit is 0 (goods only against prepayment) and something is owed."""


@dataclass(frozen=True)
class CreditPicture:
    """What an account looks like with one more delivery on it. Money in the company's currency, tax included.

    `limit` counts active temporary limits in; None means not controlled, 0 goods only against prepayment.
    `exposure` = balance + committed + this; prepayments make the balance negative and so count in favour.
    `over_percent` is over_amount / limit in percent (source: the policy's thresholds are stated so), 100 at limit 0.
    """

    customer_id: int
    day: date
    own_limit: Money | None
    temporary: Money
    balance: Money
    committed: Money
    this: Money
    overdue_amount: Money
    overdue_days: int
    tolerance_days: int
    is_on_hold: bool
    hold_reason: str

    @property
    def limit(self) -> Money | None:
        """The limit with active temporary limits; None: not controlled."""
        return None if self.own_limit is None else self.own_limit + self.temporary

    @property
    def exposure(self) -> Money:
        """What the company has at stake afterwards."""
        return self.balance + self.committed + self.this

    @property
    def over_amount(self) -> Money:
        """How much the exposure passes the limit; 0 where it does not."""
        return ZERO if self.limit is None else max(self.exposure - self.limit, ZERO)

    @property
    def over_percent(self) -> Decimal:
        """How much it passes the limit, in percent of the limit."""
        if not self.over_amount:
            return Decimal(0)
        return percent_of(self.over_amount, self.limit) if self.limit else PREPAID_EXCESS

    @property
    def remains(self) -> Money | None:
        """What is left of the limit afterwards, never negative; None: not controlled."""
        return None if self.limit is None else max(self.limit - self.exposure, ZERO)

    @property
    def days_over_tolerance(self) -> int:
        """By how many days the oldest overdue item passes the tolerance."""
        return max(self.overdue_days - self.tolerance_days, 0)


def credit_picture(customer_id: int, this: Money = ZERO) -> CreditPicture:
    """Return the picture of one account today, with `this` more on it; one query."""
    return credit_pictures([customer_id], {customer_id: this})[customer_id]


def credit_pictures(customer_ids: Sequence[int], this: Mapping[int, Money] | None = None) -> dict[int, CreditPicture]:
    """Return the pictures of many accounts today by customer id, in one query whatever their number."""
    day = timezone.localdate()
    overdue = OpenItem.objects.overdue_on(day).filter(customer=OuterRef("pk")).order_by()
    accounts = CreditAccount.objects.filter(pk__in=customer_ids).annotate(
        temporary=temporary_on_top(day),
        overdue=Subquery(overdue.values("customer").annotate(total=Sum("open_amount")).values("total")),
        oldest=Subquery(overdue.order_by("due_on").values("due_on")[:1]),
    )
    return {
        account.pk: CreditPicture(
            customer_id=account.pk,
            day=day,
            own_limit=account.limit,
            temporary=account.temporary or ZERO,
            balance=account.balance,
            committed=account.committed,
            this=(this or {}).get(account.pk, ZERO),
            overdue_amount=account.overdue or ZERO,
            overdue_days=(day - account.oldest).days if account.oldest else 0,
            tolerance_days=account.tolerance_days,
            is_on_hold=account.is_on_hold,
            hold_reason=account.hold_reason,
        )
        for account in accounts
    }


def temporary_on_top(day: date | None = None) -> Subquery:
    """Return the database's expression over accounts for what active temporary limits add; NULL where none does."""
    active = TemporaryLimit.objects.active_on(day or timezone.localdate()).filter(customer=OuterRef("pk"))
    return Subquery(active.order_by().values("customer").annotate(total=Sum("amount")).values("total"))
