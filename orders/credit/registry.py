"""What this feature adds to the shell, to its own record and to the customer's, and what it listens to."""

from django.utils.translation import gettext_lazy as _

from customers.accounts.hooks import after_terms_changed, limit_on_top
from salesops.web import registry

from . import approval, panels  # noqa: F401  approval registers the document type
from .queries import temporary_on_top
from .services import reconsider
from .views import SEE

after_terms_changed.append(reconsider)
limit_on_top.append(temporary_on_top)

registry.menu.add(
    registry.MenuEntry(
        "temporary_limits",
        _("Temporary limits"),
        "orders:temporary_limits",
        "gauge",
        "money",
        permission=SEE,
        order=40,
    )
)
for panel in (
    registry.Panel(
        "customer",
        "credit",
        _("Credit"),
        10,
        "orders/credit/picture.html",
        panels.picture_of,
        permission="orders.view_accounts",
        eager=True,
    ),
    registry.Panel(
        "customer",
        "temporary_limits",
        _("Temporary limits"),
        50,
        "orders/credit/of_customer.html",
        panels.limits_of,
        permission=SEE,
        height=4,
        show=panels.has_limits,
    ),
    registry.Panel(
        "temporary_limit", "account", _("Credit"), 10, "orders/credit/picture.html", panels.account, eager=True
    ),
    registry.Panel(
        "temporary_limit", "approval", _("Approval"), 20, "orders/credit/approval.html", panels.approval, eager=True
    ),
    registry.Panel("temporary_limit", "history", _("History"), 90, "web/history.html", panels.history, height=6),
    registry.Panel(
        "temporary_limit", "facts", _("Limit"), 10, "orders/credit/facts.html", panels.facts, eager=True, side=True
    ),
):
    registry.panels.add(panel)
