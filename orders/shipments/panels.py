"""Parts of a shipment's page, and of its customer's."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.files.models import Customer
from orders.receivables.models import Source
from orders.receivables.queries import posting_of
from salesops.kernel.money import ZERO

from .models import Shipment
from .queries import shipped_by_month


def lines(request: HttpRequest, shipment: Shipment) -> dict[str, Any]:
    """What left, line by line."""
    parts = list(shipment.lines.select_related("line__product"))
    return {
        "shipment": shipment,
        "parts": parts,
        "pieces": sum(part.quantity for part in parts),
        "batch_url": f"{reverse('orders:shipments')}?batch=",
    }


def facts(request: HttpRequest, shipment: Shipment) -> dict[str, Any]:
    """From where to where, when, by whom."""
    return {"shipment": shipment}


def entry(request: HttpRequest, shipment: Shipment) -> dict[str, Any]:
    """What it posted, and what of that was paid."""
    posting = posting_of(Source.SHIPMENT, shipment.pk)
    if posting is None:
        return {"posting": None}
    return {
        "posting": posting,
        "late": (timezone.localdate() - posting.due_on).days if posting.open_amount else 0,
        "head_url": reverse("orders:account", args=[shipment.customer.code]),
        "head_link": _("Open the account"),
    }


def year(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """What a customer was shipped in each of the last twelve months."""
    months = shipped_by_month(customer.pk, timezone.localdate())
    total = sum((month.amount for month in months), ZERO)
    return {
        "months": months,
        "amounts": [month.amount for month in months],
        "total": total,
        "a_month": total / len(months),
        "head_url": f"{reverse('orders:shipments')}?customer={customer.code}&shipped_after={months[0].month}",
        "head_link": _("Shipments"),
    }
