"""The people of a customer, on its page."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.files.models import Customer
from salesops.web.history import Parts
from salesops.web.page import Action

from .models import Invitation
from .queries import may_look_after, people_of


def people(request: Any, customer: Customer) -> dict[str, Any]:
    """Who signs in for the customer, and who is invited."""
    may_invite = may_look_after(request.user, customer)
    invite = Action(_("Invite"), reverse("customers:person_invitation", args=[customer.code]), "plus")
    return {
        "people": list(people_of(customer)),
        "invitations": list(Invitation.objects.filter(customer=customer).unanswered()),
        "may_look_after": may_invite,
        "now": timezone.now(),
        "head_actions": [invite] if may_invite else [],
    }


def invitations_in_history(customer: Customer) -> Parts:
    """What the history of a customer tells of invitations."""
    return Parts(Invitation, customer=customer)
