"""Exact money: decimals with two places, in the company's currency, rounded in one place only."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import models

Money = Decimal
ZERO = Decimal("0.00")
CENT = Decimal("0.01")
HUNDRED = Decimal(100)


def to_money(amount: Decimal | int | str) -> Money:
    """Return the amount with two places, halves away from zero; the only place where money is rounded.

    Raises TypeError for a float, which cannot hold cents exactly.
    """
    if isinstance(amount, float):
        raise TypeError("money is never a float")
    return Decimal(amount).quantize(CENT, ROUND_HALF_UP)


def percent_of(part: Decimal, whole: Decimal) -> Decimal:
    """Return part / whole in percent with four places; 0 where the whole is 0."""
    if not whole:
        return Decimal(0)
    return (part * HUNDRED / whole).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def share_of(amount: Money, part: int, whole: int) -> Money:
    """Return the money that `part` of `whole` pieces are worth.

    Shares are taken cumulatively by callers (share of the first n less share of the first m),
    so that the parts of an amount always add up to it, to the cent.
    """
    if part == whole:
        return amount
    return to_money(amount * part / whole)


class MoneyField(models.DecimalField):
    """A column for money: 14 digits, two of them cents."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"] = 14
        kwargs["decimal_places"] = 2
        super().__init__(*args, **kwargs)
