"""What a customer's page shows of the account."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.files.models import Customer

from .queries import ageing_of, open_items_of, open_rows

FIRST_ITEMS = 6


def open_items(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The balance by age, and the items that are due first."""
    today = timezone.localdate()
    ageing = ageing_of(customer.pk, today)
    url = reverse("orders:account", args=[customer.code])
    return {
        "ageing": ageing,
        "account_url": url,
        "rows": open_rows(open_items_of(customer.pk, today=today)[:FIRST_ITEMS], today),
        "more": max(ageing.debit_count + ageing.credit_count - FIRST_ITEMS, 0),
        "head_note": _("by due date, on %(day)s") % {"day": today},
        "head_url": url,
        "head_link": _("Open the account"),
    }
