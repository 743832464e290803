"""Parts of a temporary limit's page, and of its customer's."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.files.models import Customer
from salesops.approvals.timeline import policy_of, timeline_of
from salesops.web.history import history_panel

from .models import LimitState, TemporaryLimit
from .queries import credit_picture
from .tables import limit_badge
from .views import ASK, SEE, ask_action, limits_for

LATEST = 5


def picture_of(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The account of a customer against its limit."""
    url = reverse("orders:account", args=[customer.code])
    return {
        "picture": credit_picture(customer.pk),
        "balance_url": url,
        "overdue_url": f"{url}?age=overdue#open-items",
        "committed_url": f"{reverse('orders:deliveries')}?customer={customer.code}&state=open",
        "head_note": _("as it stands now"),
        "head_url": url,
        "head_link": _("Open the account"),
    }


def limits_of(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The latest temporary limits of a customer."""
    user: Any = request.user
    rows = limits_for(user).filter(customer=customer)[:LATEST]
    return {
        "limits": [(limit, limit_badge(limit)) for limit in rows],
        "head_actions": [replace(ask_action(customer.code), primary=False)] if user.has_perm(ASK) else [],
        "head_url": f"{reverse('orders:temporary_limits')}?customer={customer.code}" if user.has_perm(SEE[0]) else "",
        "head_link": _("All"),
    }


def has_limits(request: HttpRequest, customer: Customer) -> bool:
    """Whether there is anything to show or to ask for."""
    return TemporaryLimit.objects.filter(customer=customer).exists()


# ---- on its own page ----
def facts(request: HttpRequest, limit: TemporaryLimit) -> dict[str, Any]:
    """How much on top of what, from when to when, why."""
    return {"limit": limit, "days": (limit.last_day - limit.first_day).days + 1}


def account(request: HttpRequest, limit: TemporaryLimit) -> dict[str, Any]:
    """The account now; an approved limit is counted in while it holds."""
    customer = limit.customer
    return {**picture_of(request, customer), "waits": limit.state == LimitState.SUBMITTED, "limit": limit}


def history(request: HttpRequest, limit: TemporaryLimit) -> dict[str, Any]:
    """Who changed what of it."""
    return history_panel(limit)


def approval(request: HttpRequest, limit: TemporaryLimit) -> dict[str, Any]:
    """The way through approval."""
    return {
        "timeline": timeline_of("temporary_limit", limit.pk),
        "head_note": policy_of("temporary_limit", limit.pk),
    }
