"""Who gives discounts: a line that somebody without the right changes keeps the discount that it had."""

from collections.abc import Sequence
from decimal import Decimal

from salesops.users.models import User

from .models import Delivery
from .queries import GIVES_DISCOUNT

Kept = Sequence[tuple[int, Decimal]]
"""Product id and discount in percent of each line, in their order; each stays with one line of that product."""


def kept_discounts(user: User, delivery: Delivery | None) -> Kept:
    """Return the discounts that stay as they are because this person gives none; none where the person does."""
    if delivery is None or user.has_perm(GIVES_DISCOUNT):
        return []
    return list(delivery.lines.order_by("position").values_list("product", "discount_percent"))


def kept_in_order(kept: Kept, products: Sequence[int]) -> list[Decimal]:
    """Return the discount of each of these lines: the first line of a product keeps that of its first line before."""
    left = list(kept)
    found = []
    for product in products:
        line = next((one for one in left if one[0] == product), None)
        if line is not None:
            left.remove(line)
        found.append(line[1] if line else Decimal(0))
    return found
