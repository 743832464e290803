"""What this feature adds to the shell and to the customer's record, and what it listens to."""

from django.utils.translation import gettext_lazy as _

from orders.receivables.hooks import after_credit, after_reopening
from salesops.web import registry

from . import holds, panels
from .views import SEE

after_credit.append(holds.lift_if_paid)
after_reopening.append(holds.hold_again)

registry.menu.add(
    registry.MenuEntry(
        "collections", _("Collections"), "orders:collections", "phone", "money", permission=SEE, order=25
    )
)
for record in ("customer", "account"):
    registry.panels.add(
        registry.Panel(
            record,
            "collections",
            _("Collections"),
            47,
            "orders/collections/of_customer.html",
            panels.of_customer,
            permission=SEE,
            height=4,
        )
    )
