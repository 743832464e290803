"""Parts of a reconciliation's page, and of its customer's."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.files.models import Customer
from salesops.web.history import Parts, history_panel
from salesops.web.page import Action

from .models import Difference, Reconciliation
from .queries import reconciliations_for
from .services import RUN
from .tables import state_badge

LATEST = 6


def history(request: HttpRequest, one: Reconciliation) -> dict[str, Any]:
    """Who said, explained and signed what."""
    return history_panel(one, Parts(Difference, reconciliation=one))


def of_customer(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The latest reconciliations of a customer."""
    user: Any = request.user
    rows = reconciliations_for(user).filter(customer=customer)[:LATEST]
    issue = Action(_("Issue a statement"), reverse("orders:statement_new", args=[customer.code]), icon="file")
    return {
        "reconciliations": [(one, state_badge(one)) for one in rows],
        "head_actions": [issue] if user.has_perm(RUN) else [],
        "head_url": f"{reverse('orders:reconciliations')}?customer={customer.code}",
        "head_link": _("All"),
    }
