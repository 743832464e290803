"""The facts of a delivery that a policy may speak of: worked out in one place, for the draft and for the decision."""

from decimal import Decimal

from django.contrib.auth.models import Group
from django.db.models import Max, OuterRef, Subquery
from django.db.models.functions import Coalesce

from orders.catalogue.models import DiscountRight
from orders.credit.queries import CreditPicture
from salesops.approvals.documents import Facts
from salesops.users.models import User


def facts_of_picture(picture: CreditPicture, largest_discount: Decimal, right: Decimal) -> Facts:
    """Return the facts by the names of the document type "delivery"; `picture` has the delivery on the account.

    `right` is the largest discount in percent that the writer may give.
    """
    return {
        "amount": picture.this,
        "over_amount": picture.over_amount,
        "over_percent": picture.over_percent,
        "overdue_amount": picture.overdue_amount,
        "overdue_days": picture.overdue_days,
        "discount_over_right": max(largest_discount - right, Decimal(0)),
        "on_hold": picture.is_on_hold,
        "days_over_tolerance": picture.days_over_tolerance,
    }


def discount_right(writer: User | None) -> Decimal:
    """Return the largest discount in percent that the writer's roles may give; 0 for nobody."""
    roles = writer.roles if writer else frozenset()
    right: Decimal | None = DiscountRight.objects.filter(role__in=roles).aggregate(right=Max("percent"))["right"]
    return right or Decimal(0)


def discount_right_of(person: str) -> Coalesce:
    """The database's expression for the `discount_right` of the person whose id the outer rows have under a name."""
    roles = Group.objects.filter(user=OuterRef(OuterRef(person))).order_by().values("name")
    rights = DiscountRight.objects.filter(role__in=roles).order_by("-percent")
    return Coalesce(Subquery(rights.values("percent")[:1]), Decimal(0))
