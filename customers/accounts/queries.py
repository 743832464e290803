"""Reads about accounts: where each stands against its limit."""

from typing import Any

from django.db.models import DecimalField, F, Value
from django.db.models.functions import Coalesce

from salesops.kernel.money import ZERO

from .hooks import limit_on_top

MONEY: Any = DecimalField(max_digits=16, decimal_places=2)


def on_top() -> Any:
    """The database's expression for what is on top of the limit today, over accounts."""
    total: Any = Value(ZERO, output_field=MONEY)
    for make in limit_on_top:
        total = total + Coalesce(make(), Value(ZERO), output_field=MONEY)
    return total


def available() -> Any:
    """The database's expression for what the limit leaves, over accounts; NULL where it is not controlled."""
    return F("limit") + on_top() - F("balance") - F("committed")
