"""Parts of an adjustment's page, and of its customer's and its account's."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.files.models import Customer
from orders.credit.panels import picture_of
from orders.deliveries.queries import SEES_FACTS
from orders.receivables.models import ReceivableEntry
from orders.receivables.queries import posting_of
from salesops.approvals.timeline import policy_of, timeline_of
from salesops.web.history import history_panel

from .models import POSTED, Adjustment
from .queries import adjustments_for, lines_of, reversals_of
from .services import KEY
from .tables import state_badge
from .views import WRITE, new_adjustment_action

LATEST = 5


def facts(request: HttpRequest, adjustment: Adjustment) -> dict[str, Any]:
    """How much, of what kind, why, which day it concerns; people of the company read the explanation."""
    user: Any = request.user
    return {
        "adjustment": adjustment,
        "sees_text": user.has_perm(SEES_FACTS),
        "reversals": [one for one in reversals_of(adjustment) if user.has_perm(SEES_FACTS) or one.state in POSTED],
    }


def items(request: HttpRequest, adjustment: Adjustment) -> dict[str, Any]:
    """What it is raised against, and how that stands now."""
    return {"lines": lines_of(adjustment), "adjustment": adjustment, "is_posted": adjustment.state in POSTED}


def has_items(request: HttpRequest, adjustment: Adjustment) -> bool:
    """Whether it is raised against something."""
    return adjustment.items.exists()


def posting(request: HttpRequest, adjustment: Adjustment) -> dict[str, Any]:
    """The entry, what it settled, and what is open of it."""
    entries = ReceivableEntry.objects.filter(source=adjustment.source, source_id=adjustment.pk)
    return {
        "adjustment": adjustment,
        "entry": entries.first(),
        "posting": posting_of(adjustment.source, adjustment.pk),
        "head_url": reverse("orders:account", args=[adjustment.customer.code]),
        "head_link": _("Open the account"),
    }


def is_posted(request: HttpRequest, adjustment: Adjustment) -> bool:
    """Whether it stands on the account."""
    return adjustment.state in POSTED


def account(request: HttpRequest, adjustment: Adjustment) -> dict[str, Any]:
    """The account as it stands now."""
    return picture_of(request, adjustment.customer)


def approval(request: HttpRequest, adjustment: Adjustment) -> dict[str, Any]:
    """The way through approval."""
    return {"timeline": timeline_of(KEY, adjustment.pk), "head_note": policy_of(KEY, adjustment.pk)}


def history(request: HttpRequest, adjustment: Adjustment) -> dict[str, Any]:
    """Who changed what of it."""
    return history_panel(adjustment)


# ---- on the page of the customer, and of its account ----
def of_customer(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The latest adjustments of a customer."""
    user: Any = request.user
    rows = adjustments_for(user).filter(customer=customer)[:LATEST]
    return {
        "adjustments": [(one, state_badge(one)) for one in rows],
        "head_actions": [new_adjustment_action(customer.code)] if user.has_perm(WRITE) else [],
        "head_url": f"{reverse('orders:adjustments')}?customer={customer.code}",
        "head_link": _("All"),
    }


def has_adjustments(request: HttpRequest, customer: Customer) -> bool:
    """Whether there is anything to show or to ask for."""
    user: Any = request.user
    return bool(user.has_perm(WRITE)) or adjustments_for(user).filter(customer=customer).exists()
