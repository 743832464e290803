"""What this feature adds to the shell, to its own record and to the customer's."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from orders.receivables.search import with_number
from salesops.web import registry
from salesops.web.figures import money_text

from . import approval, panels  # noqa: F401  approval registers the document type
from .queries import SEES_FACTS, deliveries_for


def orders_for_itself(user: Any) -> bool:
    """Whether somebody writes for the own account: the company starts from a list, or from a customer."""
    return bool(user.customer_id)


def find_deliveries(user: Any, text: str, limit: int) -> Sequence[registry.Hit]:
    """Find deliveries by how their number begins or ends; newest first."""
    if not any(sign.isdigit() for sign in text):
        return []  # every number has digits: a name being typed does not read the whole table
    rows = with_number(deliveries_for(user), text).order_by("-pk")[:limit]
    return [
        registry.Hit(
            delivery.number,
            f"{delivery.customer} · {money_text(delivery.amount)} · {delivery.get_state_display()}",
            delivery.get_absolute_url(),
        )
        for delivery in rows
    ]


registry.menu.add(
    registry.MenuEntry(
        "deliveries",
        _("Deliveries"),
        "orders:deliveries",
        "truck",
        "sell",
        permission="orders.view_delivery",
        order=20,
    )
)
registry.menu.add(
    registry.MenuEntry(
        "order",
        _("Order goods"),
        "orders:delivery_new",
        "plus",
        "sell",
        permission="orders.write_delivery",
        order=15,
        suits=orders_for_itself,
    )
)
registry.search.add(
    registry.SearchProvider(
        "deliveries", _("Deliveries"), "truck", find_deliveries, permission="orders.view_delivery", order=20
    )
)

DELIVERY = "delivery"
for panel in (
    registry.Panel(DELIVERY, "lines", _("Lines"), 10, "orders/deliveries/lines.html", panels.lines, eager=True),
    registry.Panel(
        DELIVERY,
        "credit",
        _("Credit"),
        20,
        "orders/deliveries/credit_panel.html",
        panels.credit,
        permission="orders.view_accounts",
        eager=True,
        show=panels.waits_for_decision,
    ),
    registry.Panel(
        DELIVERY,
        "shipments",
        _("Shipments"),
        30,
        "orders/deliveries/shipments.html",
        panels.shipments,
        permission="orders.view_shipment",
        eager=True,
        show=panels.has_been_approved,
    ),
    registry.Panel(
        DELIVERY,
        "entries",
        _("On the account"),
        40,
        "orders/deliveries/entries.html",
        panels.entries,
        permission="orders.view_accounts",
        height=4,
        show=panels.has_been_approved,
    ),
    registry.Panel(
        DELIVERY, "history", _("History"), 90, "web/history.html", panels.history, permission=SEES_FACTS, height=8
    ),
    registry.Panel(
        DELIVERY, "facts", _("Order"), 5, "orders/deliveries/facts.html", panels.facts, eager=True, side=True
    ),
    registry.Panel(
        DELIVERY,
        "approval",
        _("Approval"),
        10,
        "orders/deliveries/approval.html",
        panels.approval,
        eager=True,
        side=True,
    ),
    registry.Panel(
        "customer",
        "deliveries",
        _("Deliveries"),
        20,
        "orders/deliveries/of_customer.html",
        panels.of_customer,
        permission="orders.view_delivery",
        height=16,
    ),
):
    registry.panels.add(panel)
