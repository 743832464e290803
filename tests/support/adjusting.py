"""Adjustments for tests: asked for by finance, decided by the sales manager."""

from decimal import Decimal
from typing import Any

from django.utils import timezone

from customers.models import Customer
from orders.adjustments.services import submit_adjustment
from orders.models import Adjustment, OpenItem, ReceivableEntry
from orders.proof.verification import Difference, differences
from salesops.approvals.models import Request
from salesops.approvals.services import approve
from salesops.users.models import User
from tests.support.build import Sales


def open_item(entry: ReceivableEntry) -> int:
    """The key of what is open of an entry with one part."""
    return OpenItem.objects.get(entry=entry).pk


def submitted(sales: Sales, customer: Customer, kind: str, amount: Any = None, **more: Any) -> Adjustment:
    """An adjustment that waits for its decision."""
    values = {"by": sales.finance, "reason": "other", "text": "Agreed", "concerns": timezone.localdate(), **more}
    return submit_adjustment(
        customer_id=customer.pk, kind=kind, amount=None if amount is None else Decimal(amount), **values
    )


def decide(sales: Sales, adjustment: Adjustment, *, by: User | None = None) -> Adjustment:
    """Approve what waits, as the sales manager unless somebody else is named."""
    request = Request.objects.waiting().get(document_type="adjustment", object_id=adjustment.pk)
    approve(request.pk, by=by or sales.sales_manager)
    adjustment.refresh_from_db()
    return adjustment


def adjusted(sales: Sales, customer: Customer, kind: str, amount: Any = None, **more: Any) -> Adjustment:
    """An adjustment that is posted."""
    return decide(sales, submitted(sales, customer, kind, amount, **more))


def wrong_in_the_books() -> list[Difference]:
    """What verify_books finds, but for the debts of Sales.overdue, which have no document."""
    return [one for one in differences() if one.claim != "entry without document"]
