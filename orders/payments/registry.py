"""What this feature adds to the shell, to its own record and to the customer's."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from salesops.web import registry
from salesops.web.figures import day_text, money_text

from . import panels
from .queries import payments_for

VIEW = "orders.view_payment"


def find_payments(user: Any, text: str, limit: int) -> Sequence[registry.Hit]:
    """Find payments by any part of the number or the reference; newest first."""
    if not any(sign.isdigit() for sign in text):
        return []  # every number has digits: a name being typed does not read the whole table
    rows = payments_for(user).filter(Q(number__icontains=text) | Q(reference__icontains=text)).order_by("-pk")[:limit]
    return [
        registry.Hit(
            payment.number,
            f"{payment.customer} · {money_text(payment.amount)} · {payment.reference or day_text(payment.received_on)}",
            payment.get_absolute_url(),
        )
        for payment in rows
    ]


registry.menu.add(
    registry.MenuEntry("payments", _("Payments"), "orders:payments", "download", "money", permission=VIEW, order=20)
)
registry.search.add(
    registry.SearchProvider("payments", _("Payments"), "download", find_payments, permission=VIEW, order=40)
)
for panel in (
    registry.Panel(
        "payment",
        "allocation",
        _("What it settled"),
        10,
        "orders/payments/allocation.html",
        panels.allocation,
        eager=True,
    ),
    registry.Panel(
        "payment", "facts", _("Payment"), 10, "orders/payments/facts.html", panels.facts, eager=True, side=True
    ),
    registry.Panel(
        "customer",
        "payments",
        _("Payments"),
        40,
        "orders/payments/of_customer.html",
        panels.of_customer,
        permission=VIEW,
        height=8,
    ),
):
    registry.panels.add(panel)
