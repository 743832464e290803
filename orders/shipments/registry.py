"""What this feature adds to the shell, to its own record and to the customer's."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.deliveries.models import Delivery
from salesops.notify.registry import NoticeKind, notice_kinds
from salesops.web import registry
from salesops.web.figures import day_text, money_text

from . import panels
from .queries import shipments_for


def deliveries_to_ship(user: Any) -> Any:
    """What waits for supply."""
    return Delivery.objects.visible_to(user).to_ship()


def find_shipments(user: Any, text: str, limit: int) -> Sequence[registry.Hit]:
    """Find shipments by any part of the number or by the tracking number; newest first."""
    if not any(sign.isdigit() for sign in text):
        return []  # every number has digits: a name being typed does not read the whole table
    rows = shipments_for(user).filter(Q(number__icontains=text) | Q(tracking__iexact=text)).order_by("-pk")[:limit]
    return [
        registry.Hit(
            shipment.number,
            f"{shipment.customer} · {money_text(shipment.amount)} · {day_text(shipment.shipped_on)}",
            shipment.get_absolute_url(),
        )
        for shipment in rows
    ]


notice_kinds.add(NoticeKind("delivery.shipped", _("Goods of my deliveries have left"), order=30))
registry.menu.add(
    registry.MenuEntry(
        "to_ship",
        _("To ship"),
        "orders:to_ship",
        "truck",
        "goods",
        permission="orders.ship_delivery",
        order=10,
        count=deliveries_to_ship,
    )
)
registry.menu.add(
    registry.MenuEntry(
        "shipments", _("Shipments"), "orders:shipments", "out", "goods", permission="orders.view_shipment", order=20
    )
)
registry.search.add(
    registry.SearchProvider(
        "shipments", _("Shipments"), "out", find_shipments, permission="orders.view_shipment", order=30
    )
)
for panel in (
    registry.Panel("shipment", "lines", _("Lines"), 10, "orders/shipments/lines.html", panels.lines, eager=True),
    registry.Panel(
        "shipment",
        "entry",
        _("On the account"),
        20,
        "orders/shipments/entry.html",
        panels.entry,
        permission="orders.view_accounts",
        eager=True,
    ),
    registry.Panel(
        "shipment", "facts", _("Shipment"), 10, "orders/shipments/facts.html", panels.facts, eager=True, side=True
    ),
    registry.Panel(
        "customer",
        "year",
        _("Last 12 months"),
        20,
        "orders/shipments/year.html",
        panels.year,
        permission="orders.view_shipment",
        side=True,
        height=4,
    ),
):
    registry.panels.add(panel)
