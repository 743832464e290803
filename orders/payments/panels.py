"""Parts of a payment's page, and of its customer's."""

from dataclasses import replace
from typing import Any

from django.db.models import Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.files.models import Customer
from orders.receivables.models import Source
from orders.receivables.queries import posting_of

from .models import Payment
from .queries import payments_for, reversal_of
from .views import RECORD, new_payment_action

LATEST = 6


def allocation(request: HttpRequest, payment: Payment) -> dict[str, Any]:
    """What it settled, and what of it is not allocated yet."""
    posting = posting_of(Source.PAYMENT, payment.pk)
    if posting is None:
        return {"posting": None}
    return {
        "posting": posting,
        "customer_code": payment.customer.code,
        "may_settle": request.user.has_perm(RECORD),
        "reversal": reversal_of(payment),
        "head_note": _("the oldest due first"),
    }


def facts(request: HttpRequest, payment: Payment) -> dict[str, Any]:
    """How much, when, how, by whom."""
    return {"payment": payment, "reversal": reversal_of(payment)}


def of_customer(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The latest payments of a customer."""
    user: Any = request.user
    rows: Any = payments_for(user).filter(customer=customer)
    return {
        "payments": rows[:LATEST],
        "total": rows.filter(is_reversed=False).aggregate(total=Sum("amount"))["total"],
        "head_url": f"{reverse('orders:payments')}?customer={customer.code}",
        "head_link": _("All"),
        "head_actions": [replace(new_payment_action(customer.code), primary=False)] if user.has_perm(RECORD) else [],
    }
