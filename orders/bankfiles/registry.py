"""What this feature adds to the shell and to a payment's page."""

from django.utils.translation import gettext_lazy as _

from salesops.web import registry

from . import jobs as jobs
from . import panels
from .services import RECORD

registry.menu.add(
    registry.MenuEntry(
        "bank_files", _("Bank files"), "orders:bank_files", "upload", "money", permission=RECORD, order=21
    )
)
registry.panels.add(
    registry.Panel(
        "payment",
        "bank_line",
        _("From the bank"),
        20,
        "orders/bankfiles/of_payment.html",
        panels.of_payment,
        permission=RECORD,
        eager=True,
        side=True,
        show=panels.came_from_a_file,
    )
)
