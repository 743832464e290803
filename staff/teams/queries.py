"""Reads about the people somebody leads: what lies with each of them today."""

from typing import Any

from django.db.models import Count, DecimalField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from customers.files.models import Customer
from orders.deliveries.models import Delivery
from orders.shipments.models import Shipment
from salesops.kernel.money import ZERO
from salesops.kernel.periods import Period
from salesops.users.models import Delegation, User
from salesops.users.people.queries import employees, people_visible_to, with_role_list

MONEY: Any = DecimalField(max_digits=16, decimal_places=2)


def this_month() -> Period:
    """The calendar month of today."""
    today = timezone.localdate()
    return Period.month(today.year, today.month)


def team_of(user: User) -> QuerySet[User]:
    """Return the active colleagues in somebody's scope, each with what they look after.

    `customers_count` active customers, `waiting_count` their applications that wait for approval, `delivered` the
    shipments of this month for their deliveries in the company's currency, tax included; `deputy` and `deputy_until`
    say who decides for them today.
    """
    people = with_role_list(employees(people_visible_to(user)).filter(is_active=True))
    deputies = Delegation.objects.active_on(timezone.localdate()).filter(giver=OuterRef("pk")).order_by("pk")
    shipped = Shipment.objects.filter(**this_month().lookup("shipped_on"))
    return people.annotate(
        customers_count=_number(Customer.objects.active(), "representative"),
        waiting_count=_number(Delivery.objects.awaiting_approval(), "representative"),
        delivered=_total(shipped, "delivery__representative"),
        deputy=Subquery(deputies.values("taker__full_name")[:1]),
        deputy_until=Subquery(deputies.values("last_day")[:1]),
    )


def _number(rows: QuerySet[Any], owner: str) -> Coalesce:
    counted = rows.filter(**{owner: OuterRef("pk")}).order_by().values(owner).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def _total(rows: QuerySet[Any], owner: str) -> Coalesce:
    summed = rows.filter(**{owner: OuterRef("pk")}).order_by().values(owner).annotate(n=Sum("amount")).values("n")
    return Coalesce(Subquery(summed), Value(ZERO), output_field=MONEY)
