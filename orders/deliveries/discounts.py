"""Who gives discounts: a line that somebody without the right changes keeps the discount that it had."""

from collections.abc import Mapping
from decimal import Decimal

from salesops.users.models import User

from .models import Delivery
from .queries import GIVES_DISCOUNT


def kept_discounts(user: User, delivery: Delivery | None) -> Mapping[int, Decimal]:
    """Return the discounts, by product id, that stay as they are because this person gives none."""
    if delivery is None or user.has_perm(GIVES_DISCOUNT):
        return {}
    return dict(delivery.lines.values_list("product", "discount_percent"))
