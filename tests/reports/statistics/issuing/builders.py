"""Deeds of a month that has ended, and what was issued of it."""

from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django.utils import timezone

from customers.models import Customer
from orders.models import Delivery, Payment, Shipment
from reports.models import IssuedStatistic
from reports.statistics.issuing.services import issue_statistic
from salesops.kernel.periods import Period
from salesops.users.models import User
from tests.support.build import Sales
from tests.support.closing import day_in, ended_month

MONTH: Period = ended_month()


def customer_of(sales: Sales, **fields: Any) -> Customer:
    """A customer who may buy on credit for years, so that nobody but the supervisor is asked."""
    return sales.customer(**{"limit": None, "due_days": 720, **fields})


def shipped(sales: Sales, customer: Customer, pieces: int, *, month: Period = MONTH, day: int = 5) -> Shipment:
    """Goods at 100.00 a piece that left on a day of the month, recorded now."""
    delivery = sales.approved(customer, pieces)
    began = timezone.make_aware(datetime.combine(month.start, time(9)))
    Delivery.objects.filter(pk=delivery.pk).update(ordered_on=month.start, approved_at=began)
    delivery.refresh_from_db()
    return sales.ship(delivery, on=day_in(month, day))


def paid(sales: Sales, customer: Customer, amount: int, *, month: Period = MONTH) -> Payment:
    """A payment that was received on the tenth of the month, recorded now."""
    return sales.pay(customer, amount, on=day_in(month))


def issued(month: Period = MONTH, *, by: User | None = None, **place: int) -> IssuedStatistic:
    """The statistic of a month, of the company unless a place is said."""
    return issue_statistic("month", month.start, by=by, **place)


def figure(statistic: IssuedStatistic, sheet: str, row: str, measure: str, of: int = 0) -> Decimal:
    """A figure as issued; `row` is the row's code, empty for the total. `of` is 1 before it, 2 a year before."""
    (part,) = [one for one in statistic.sheets if one["key"] == sheet]
    figures = part["total"] if not row else next(one["figures"] for one in part["rows"] if one["code"] == row)
    return Decimal(figures[part["measures"].index(measure)][of])


def rows_of(statistic: IssuedStatistic, sheet: str) -> list[str]:
    """The codes of a sheet's rows."""
    return [row["code"] for part in statistic.sheets if part["key"] == sheet for row in part["rows"]]
