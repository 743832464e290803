"""Reads about delegations."""

from django.db.models import Q, QuerySet

from salesops.users.models import Delegation, User
from salesops.users.rights.services import MANAGE


def delegations_visible_to(user: User) -> QuerySet[Delegation]:
    """One's own, given and taken; all of them for administrators."""
    rows = Delegation.objects.select_related("giver", "taker")
    if user.has_perm(MANAGE):
        return rows
    return rows.filter(Q(giver=user) | Q(taker=user))
