"""Reads about an agent's people."""

from django.db.models import QuerySet

from customers.files.models import Customer
from salesops.users.models import User
from salesops.users.roles import Role
from salesops.web.registry import may

from .models import Invitation

INVITE = "customers.invite_person"
COLLEAGUE = "customers.invite_colleague"
LOOK_AFTER = (INVITE, COLLEAGUE)


def people_of(customer: Customer) -> QuerySet[User]:
    """Return who signs in for a customer, those with access first."""
    return (
        User.objects.filter(customer=customer)
        .select_related("invitation")
        .order_by("-is_active", "full_name", "username")
    )


def is_responsible(user: User) -> bool:
    """Whether somebody was invited as responsible for the agent's own people, and still has access."""
    return Invitation.objects.filter(person=user, person__is_active=True, is_responsible=True).exists()


def may_look_after(user: User, customer: Customer) -> bool:
    """Whether somebody who sees the customer may invite its people and end their access.

    Inside the company the right to invite; of the agent only the responsible person, and for the own account only.
    """
    if not user.has_role(Role.AGENT):
        return may(user, INVITE)
    return user.customer_id == customer.pk and may(user, COLLEAGUE) and is_responsible(user)
