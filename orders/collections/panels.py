"""What a customer's page and its account show of collections."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.files.models import Customer
from salesops.web.page import Action

from .models import DisputeState, Outcome
from .queries import disputes_for, promises_for, reminders_for
from .services import COLLECT
from .tables import OUTCOMES, sending_badge

LATEST = 4


def of_customer(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """Promises, open disputes and letters, the latest of each."""
    user: Any = request.user
    promises = promises_for(user).filter(customer=customer)[:LATEST]
    promise = Action(_("Record a promise"), reverse("orders:promise_new", args=[customer.code]), icon="promise")
    return {
        "promises": [(one, OUTCOMES[Outcome(one.outcome)]) for one in promises],
        "disputes": disputes_for(user).filter(item__customer=customer, state=DisputeState.OPEN)[:LATEST],
        "reminders": [(one, sending_badge(one)) for one in reminders_for(user).filter(customer=customer)[:LATEST]],
        "head_actions": [promise] if user.has_perm(COLLECT) else [],
    }
