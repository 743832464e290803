"""What this feature adds to the shell, to its own record and to the customer's."""

from django.utils.translation import gettext_lazy as _

from orders.adjustments.hooks import after_move
from orders.closing.checks import Check, Level, closing_checks
from salesops.web import registry

from . import panels, rounds, telling  # noqa: F401  rounds declare jobs, telling declares notices
from .before_closing import unfinished_of
from .queries import SEE, reads_own_statements, waits_for
from .services import open_again

after_move.append(open_again)
closing_checks.add(
    Check("rounds", _("Rounds of reconciliation are signed by both sides"), Level.WARNS, unfinished_of, 20)
)
registry.menu.add(
    registry.MenuEntry(
        "reconciliation",
        _("Reconciliation"),
        "orders:rounds",
        "swap",
        "money",
        permission=SEE,
        order=30,
        count=waits_for,
    )
)
registry.menu.add(
    registry.MenuEntry(
        "statements",
        _("Statements"),
        "orders:statements",
        "file",
        "money",
        permission=SEE,
        order=31,
        suits=reads_own_statements,
    )
)
for panel in (
    registry.Panel("reconciliation", "history", _("What happened"), 90, "web/history.html", panels.history, height=6),
    registry.Panel(
        "customer",
        "reconciliations",
        _("Reconciliation"),
        45,
        "orders/reconciliation/of_customer.html",
        panels.of_customer,
        permission=SEE,
        height=4,
    ),
):
    registry.panels.add(panel)
