"""The facts of a delivery that a policy may speak of: worked out in one place, for the draft and for the decision."""

from decimal import Decimal

from django.db.models import Max

from orders.catalogue.models import DiscountRight
from orders.credit.queries import CreditPicture
from salesops.approvals.documents import Facts
from salesops.users.models import User


def facts_of_picture(picture: CreditPicture, largest_discount: Decimal, writer: User | None) -> Facts:
    """Return the facts by the names of the document type "delivery"; `picture` has the delivery on the account."""
    return {
        "amount": picture.this,
        "over_amount": picture.over_amount,
        "over_percent": picture.over_percent,
        "overdue_amount": picture.overdue_amount,
        "overdue_days": picture.overdue_days,
        "discount_over_right": discount_over_right(largest_discount, writer),
        "on_hold": picture.is_on_hold,
        "days_over_tolerance": picture.days_over_tolerance,
    }


def discount_over_right(largest: Decimal, writer: User | None) -> Decimal:
    """By how many points a discount passes the largest that the writer's roles may give; 0 where it does not."""
    if not largest:
        return Decimal(0)
    roles = writer.roles if writer else frozenset()
    right: Decimal | None = DiscountRight.objects.filter(role__in=roles).aggregate(right=Max("percent"))["right"]
    return max(largest - (right or Decimal(0)), Decimal(0))
