"""What an account's page shows of its agent's own ledgers."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.files.models import Customer
from orders.reconciliation.models import Reconciliation
from salesops.web.page import Action

from .adjusting import to_post
from .differences import matching_of
from .models import LedgerState
from .queries import ledgers_for
from .tables import state_badge
from .views import UPLOAD, new_ledger_action

LATEST = 6


def of_reconciliation(request: HttpRequest, one: Reconciliation) -> dict[str, Any]:
    """How far their ledger of the same days is matched, or where it is uploaded."""
    user: Any = request.user
    matching = matching_of(one, user)
    upload = new_ledger_action(one.customer.code, days=(one.round.first_day, one.round.last_day))
    return {
        "matching": matching,
        "head_actions": [upload] if user.has_perm(UPLOAD) and matching is None and not one.is_frozen else [],
        "head_url": matching.upload.get_absolute_url() if matching else "",
        "head_link": _("Open it"),
    }


def of_account(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The latest ledgers of an agent, and the button for the next."""
    user: Any = request.user
    rows = ledgers_for(user).filter(customer=customer).exclude(state=LedgerState.REPLACED)[:LATEST]
    return {
        "ledgers": [(upload, state_badge(upload)) for upload in rows],
        "head_url": f"{reverse('orders:their_ledgers')}?customer={customer.code}",
        "head_link": _("All"),
        "head_actions": [new_ledger_action(customer.code)] if user.has_perm(UPLOAD) else [],
    }


def waits_to_be_posted(request: HttpRequest, one: Reconciliation) -> bool:
    """Whether a difference is ours to post, and may still be."""
    return not one.is_signed_by_somebody and to_post(one).exists()


def ours_to_post(request: HttpRequest, one: Reconciliation) -> dict[str, Any]:
    """What is ours to post, each with the button that asks for its adjustment."""
    return {
        "rows": [
            (
                difference,
                Action(
                    _("Ask for the adjustment"),
                    reverse("orders:difference_adjustment", args=[one.number, difference.position]),
                    method="post",
                ),
            )
            for difference in to_post(one)
        ]
    }
