"""Reads about accounts: where each stands against its limit."""

from dataclasses import dataclass
from typing import Any

from django.db.models import DecimalField, F, Value
from django.db.models.functions import Coalesce

from salesops.kernel.money import ZERO, Money

from .hooks import limit_on_top
from .models import CreditAccount

MONEY: Any = DecimalField(max_digits=16, decimal_places=2)


@dataclass(frozen=True)
class Standing:
    """Where an account stands today. Money in the company's currency, tax included.

    `limit` counts in what is on top of it today; None means not controlled, 0 goods only against prepayment.
    """

    limit: Money | None
    on_top: Money
    balance: Money
    committed: Money
    this: Money = ZERO

    @property
    def exposure(self) -> Money:
        """What the company has at stake: balance and what is approved and not shipped."""
        return self.balance + self.committed

    @property
    def available(self) -> Money | None:
        """What the limit leaves, negative where it is passed; None: not controlled."""
        return None if self.limit is None else self.limit - self.exposure


def standing_of(customer_id: int) -> Standing:
    """Return where an account stands."""
    account = CreditAccount.objects.annotate(on_top=on_top()).get(pk=customer_id)
    limit = None if account.limit is None else account.limit + account.on_top
    return Standing(limit, account.on_top, account.balance, account.committed)


def on_top() -> Any:
    """The database's expression for what is on top of the limit today, over accounts."""
    total: Any = Value(ZERO, output_field=MONEY)
    for make in limit_on_top:
        total = total + Coalesce(make(), Value(ZERO), output_field=MONEY)
    return total


def available() -> Any:
    """The database's expression for what the limit leaves, over accounts; NULL where it is not controlled."""
    return F("limit") + on_top() - F("balance") - F("committed")
