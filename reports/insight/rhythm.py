"""Agents that sleep, and agents that are behind their own rhythm, by the days on which goods left for them."""

from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Count,
    ExpressionWrapper,
    F,
    FloatField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, NullIf

from customers.files.models import Customer
from orders.receivables.queries import DaysBetween
from orders.shipments.models import Shipment
from salesops.kernel.money import ZERO, MoneyField

SLEEPS_AFTER = 60
"""Days without goods after which a customer that bought before sleeps."""
YEAR = timedelta(days=365)
LEAST_TIMES = 4
"""A rhythm needs so many days with goods within a year."""
BEHIND = 1.5
"""Behind is who is silent for so many times the usual span between two days with goods."""


def with_rhythm(customers: QuerySet[Customer], today: date) -> QuerySet[Any]:
    """Add to customers that ever got goods: `last_on`, `silent` (days since), and of the last year `bought` (money with
    tax), `times` (days with goods) and `usual` (mean days between them; None for less than LEAST_TIMES)."""
    own = Shipment.objects.filter(customer=OuterRef("pk")).order_by()
    year = own.filter(shipped_on__gt=today - YEAR, shipped_on__lte=today).values("customer")

    def of_year(aggregate: Any) -> Subquery:
        return Subquery(year.annotate(one=aggregate).values("one"))

    day = Value(today)
    span = DaysBetween(of_year(Max("shipped_on")), of_year(Min("shipped_on")))
    return (
        customers.active()  # type: ignore[attr-defined]
        .annotate(last_on=Subquery(own.order_by("-shipped_on").values("shipped_on")[:1]))
        .filter(last_on__isnull=False)
        .annotate(
            silent=DaysBetween(day, F("last_on")),
            bought=Coalesce(of_year(Sum("amount")), Value(ZERO), output_field=MoneyField()),
            times=Coalesce(of_year(Count("shipped_on", distinct=True)), 0),
            span=span,
        )
        .annotate(
            usual=ExpressionWrapper(  # of a single day there is no span, and no rhythm
                F("span") * Value(1.0) / NullIf(F("times") - Value(1), Value(0)), output_field=FloatField()
            )
        )
    )


def sleeping(customers: QuerySet[Customer], today: date, days: int = SLEEPS_AFTER) -> QuerySet[Any]:
    """Return those that bought before and got nothing for so many days, whoever bought most in the year first."""
    return with_rhythm(customers, today).filter(silent__gte=days).order_by("-bought", "code")


def behind_rhythm(customers: QuerySet[Customer], today: date, times: float = BEHIND) -> QuerySet[Any]:
    """Return those that are silent for so many times their usual span, but do not sleep; the latest first."""
    found = with_rhythm(customers, today).filter(times__gte=LEAST_TIMES, silent__lt=SLEEPS_AFTER, usual__gt=0)
    behind = ExpressionWrapper(F("silent") / F("usual"), output_field=FloatField())
    return found.annotate(behind=behind).filter(Q(behind__gt=times)).order_by("-behind", "code")
