"""The credit picture: one function for screen, API and decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Subquery, Sum
from django.utils import timezone

from salesops.kernel.money import ZERO, Money, percent_of

from .models import LimitState, TemporaryLimit

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
    def available(self) -> Money | None:
        """What is left of the limit afterwards; negative: over the limit; None: not controlled."""
        return None if self.limit is None else self.limit - self.exposure

    @property
    def remains(self) -> Money | None:
        """What is left of the limit afterwards, never negative; None: not controlled."""
        return None if self.available is None else max(self.available, ZERO)

    @property
    def days_over_tolerance(self) -> int:
        """By how many days the oldest overdue item passes the tolerance."""
        return max(self.overdue_days - self.tolerance_days, 0)


def credit_picture(customer_id: int, this: Money = ZERO) -> CreditPicture:
    """Return the picture of one account today, with `this` more on it; one query."""
    return credit_pictures([customer_id], {customer_id: this})[customer_id]


PICTURES = """
SELECT account.customer_id, account."limit" AS own_limit, account.balance, account.committed,
       account.tolerance_days, account.is_on_hold, account.hold_reason,
       COALESCE((SELECT SUM(extra.amount) FROM orders_temporarylimit extra
                 WHERE extra.customer_id = account.customer_id AND extra.state = %(approved)s
                   AND extra.first_day <= %(day)s AND extra.last_day >= %(day)s), 0.00) AS temporary,
       COALESCE(late.amount, CASE WHEN account.known_overdue_on = %(day)s THEN account.known_overdue_amount END, 0.00)
           AS overdue_amount,
       COALESCE(%(day)s::date - late.oldest,
                CASE WHEN account.known_overdue_on = %(day)s THEN account.known_overdue_days END, 0)
           AS overdue_days
FROM customers_creditaccount account
CROSS JOIN LATERAL (
    SELECT SUM(item.open_amount) AS amount, MIN(item.due_on) AS oldest FROM orders_openitem item
    WHERE item.customer_id = account.customer_id AND item.is_debit AND item.open_amount > 0 AND item.due_on < %(day)s
      AND account.known_overdue_on IS DISTINCT FROM %(day)s
) late
WHERE account.customer_id = ANY(%(customers)s)
"""
"""The figures of the pictures, as OpenItem.overdue_on and TemporaryLimit.active_on say them; written out because it is
asked at every decision, and building it by Django took longer than the database's answer. What the last approval of the
day found overdue is not added up again while no item of the account changed."""


def credit_pictures(customer_ids: Sequence[int], this: Mapping[int, Money] | None = None) -> dict[int, CreditPicture]:
    """Return the pictures of many accounts today by customer id, in one query whatever their number."""
    day = timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute(PICTURES, {"customers": list(customer_ids), "day": day, "approved": LimitState.APPROVED.value})
        names = [column.name for column in cursor.description]
        figures = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {
        one["customer_id"]: CreditPicture(**one, day=day, this=(this or {}).get(one["customer_id"], ZERO))
        for one in figures
    }


def found_overdue(picture: CreditPicture) -> dict[str, Any]:
    """Return the columns of the account in which an approval that holds its lock leaves what it found overdue."""
    return {
        "known_overdue_on": picture.day,
        "known_overdue_amount": picture.overdue_amount,
        "known_overdue_days": picture.overdue_days,
    }


def temporary_on_top(day: date | None = None) -> Subquery:
    """Return the database's expression over accounts for what active temporary limits add; NULL where none does."""
    active = TemporaryLimit.objects.active_on(day or timezone.localdate()).filter(customer=OuterRef("pk"))
    return Subquery(active.order_by().values("customer").annotate(total=Sum("amount")).values("total"))
