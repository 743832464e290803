"""What this feature adds to the shell, to its own record, to the payment's, the customer's and the account's."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from orders.deliveries.queries import SEES_FACTS
from orders.payments.hooks import refusals_of_reversal
from orders.receivables.search import number_condition
from salesops.web import registry
from salesops.web.figures import money_text

from . import panels
from .models import Bill
from .queries import bills_for, by_instrument
from .services import refusal_of_reversal
from .telling import SEE


def find_bills(user: Any, text: str, limit: int) -> Sequence[registry.Hit]:
    """Find bills by how the number, or the number on it, begins or ends; newest first."""
    if not any(sign.isdigit() for sign in text):
        return []
    rows = bills_for(user).filter(number_condition(text, Bill.series) | by_instrument(text)).order_by("-pk")[:limit]
    return [
        registry.Hit(
            one.number, f"{one.customer} · {money_text(one.amount)} · {one.instrument}", one.get_absolute_url()
        )
        for one in rows
    ]


refusals_of_reversal.append(refusal_of_reversal)
registry.menu.add(
    registry.MenuEntry("bills", _("Bills"), "orders:bills", "calendar", "money", permission=SEE, order=22)
)
registry.search.add(registry.SearchProvider("bills", _("Bills"), "calendar", find_bills, permission=SEE, order=42))
OWN = "orders/bills/"
for panel in (
    registry.Panel("bill", "outcome", _("What became of it"), 10, f"{OWN}outcome.html", panels.outcome, eager=True),
    registry.Panel(
        "bill", "history", _("History"), 90, "web/history.html", panels.history, permission=SEES_FACTS, height=6
    ),
    registry.Panel("bill", "facts", _("Bill"), 10, f"{OWN}facts.html", panels.facts, eager=True, side=True),
    registry.Panel(
        "payment",
        "bill",
        _("Came of a bill"),
        20,
        f"{OWN}of_payment.html",
        panels.of_payment,
        permission=SEE,
        eager=True,
        side=True,
        show=panels.came_of_a_bill,
    ),
    *(
        registry.Panel(
            record,
            "bills",
            _("Expected receipts"),
            38,
            f"{OWN}of_customer.html",
            panels.of_customer,
            permission=SEE,
            height=4,
            show=panels.has_bills,
        )
        for record in ("customer", "account")
    ),
):
    registry.panels.add(panel)
