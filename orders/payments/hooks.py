"""Where features above payments listen to them."""

from collections.abc import Callable

from salesops.kernel.errors import RuleBroken

from .models import Payment

refusals_of_reversal: list[Callable[[Payment], RuleBroken | None]] = []
"""Asked before a payment is reversed: what stands against it, if anything does."""


def refusal_of_reversal(payment: Payment) -> RuleBroken | None:
    """Return why a payment is not reversed by itself, or None."""
    found = (ask(payment) for ask in refusals_of_reversal)
    return next((refusal for refusal in found if refusal is not None), None)
