"""Reads of what left."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Sum
from django.db.models.functions import TruncMonth

from salesops.kernel.money import ZERO, Money
from salesops.kernel.periods import Period

from .models import Shipment


@dataclass(frozen=True)
class MonthAmount:
    """What was shipped in a month, tax included."""

    month: date
    amount: Money


def shipped_by_month(customer_id: int, today: date, months: int = 12) -> list[MonthAmount]:
    """Return what a customer was shipped in each of the last calendar months, this one included, oldest first."""
    period = Period.last_months(months, today)
    amounts = dict(
        Shipment.objects.filter(customer=customer_id, **period.lookup("shipped_on"))
        .order_by()
        .annotate(month=TruncMonth("shipped_on"))
        .values_list("month")
        .annotate(total=Sum("amount"))
    )
    return [MonthAmount(month.start, amounts.get(month.start, ZERO)) for month in period.months()]
