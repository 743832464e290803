"""Bills for tests: registered by finance, matured as long ago as is said."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from customers.models import Customer
from orders.bills.services import register_bill
from orders.models import Bill
from salesops.kernel.money import to_money
from tests.support.build import Sales, next_int


def day(days: int) -> date:
    """So many days from today; negative: ago."""
    return timezone.localdate() + timedelta(days=days)


def registered(sales: Sales, customer: Customer, amount: Any = 100, *, matures: int = 0, **more: Any) -> Bill:
    """A bill that matures in so many days from today, received thirty days before, or today."""
    values = {
        "kind": "bank",
        "instrument": f"N{next_int()}",
        "bank": "ICBC Suzhou",
        "received_on": day(min(matures - 30, 0)),
        "matures_on": day(matures),
        **more,
    }
    return register_bill(by=sales.finance, customer_id=customer.pk, amount=to_money(amount), **values)
