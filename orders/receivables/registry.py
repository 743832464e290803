"""What this feature adds to the shell and to the customer's record."""

from django.utils.translation import gettext_lazy as _

from salesops.web import registry

from . import panels
from .ageing_views import belongs_to_the_company
from .jobs import SETTLE

VIEW = "orders.view_accounts"

registry.menu.add(
    registry.MenuEntry("accounts", _("Accounts"), "orders:accounts", "wallet", "money", permission=VIEW, order=10)
)
registry.menu.add(
    registry.MenuEntry(
        "ageing", _("Ageing"), "orders:ageing", "clock", "money", VIEW, order=12, suits=belongs_to_the_company
    )
)
registry.menu.add(
    registry.MenuEntry("open_credits", _("Open credits"), "orders:open_credits", "swap", "money", SETTLE, order=14)
)
registry.panels.add(
    registry.Panel(
        "customer",
        "account",
        _("Balance by age"),
        30,
        "orders/receivables/of_customer.html",
        panels.open_items,
        permission=VIEW,
        height=8,
    )
)
