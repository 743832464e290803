"""What this feature adds to the shell, to its own record, to the customer's and to the account's."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from orders.deliveries.queries import SEES_FACTS
from orders.receivables.search import with_number
from salesops.web import registry
from salesops.web.figures import money_text

from . import approval, panels  # noqa: F401  approval registers the document type
from .queries import adjustments_for
from .views import SEE


def find_adjustments(user: Any, text: str, limit: int) -> Sequence[registry.Hit]:
    """Find adjustments by how the number begins or ends; newest first."""
    rows = with_number(adjustments_for(user), text)[:limit]
    return [
        registry.Hit(
            one.number,
            f"{one.customer} · {money_text(one.amount)} · {one.get_kind_display()}",
            one.get_absolute_url(),
        )
        for one in rows
    ]


registry.menu.add(
    registry.MenuEntry("adjustments", _("Adjustments"), "orders:adjustments", "pen", "money", permission=SEE, order=30)
)
registry.search.add(
    registry.SearchProvider("adjustments", _("Adjustments"), "pen", find_adjustments, permission=SEE, order=45)
)
OWN = "orders/adjustments/"
for panel in (
    registry.Panel(
        "adjustment",
        "posting",
        _("On the account"),
        10,
        f"{OWN}posting.html",
        panels.posting,
        eager=True,
        show=panels.is_posted,
    ),
    registry.Panel(
        "adjustment",
        "items",
        _("What it is raised against"),
        20,
        f"{OWN}items.html",
        panels.items,
        eager=True,
        show=panels.has_items,
    ),
    registry.Panel(
        "adjustment",
        "account",
        _("Account"),
        30,
        "orders/credit/picture.html",
        panels.account,
        permission="orders.view_accounts",
        eager=True,
    ),
    registry.Panel(
        "adjustment",
        "approval",
        _("Approval"),
        40,
        "orders/credit/approval.html",
        panels.approval,
        permission=SEES_FACTS,
        eager=True,
    ),
    registry.Panel(
        "adjustment",
        "history",
        _("History"),
        90,
        "web/history.html",
        panels.history,
        permission=SEES_FACTS,
        height=6,
    ),
    registry.Panel("adjustment", "facts", _("Adjustment"), 10, f"{OWN}facts.html", panels.facts, eager=True, side=True),
    *(
        registry.Panel(
            record,
            "adjustments",
            _("Adjustments"),
            45,
            f"{OWN}of_customer.html",
            panels.of_customer,
            permission=SEE,
            height=4,
            show=panels.has_adjustments,
        )
        for record in ("customer", "account")
    ),
):
    registry.panels.add(panel)
