"""Who sees which rows: the one place that knows, applied where rows are read."""

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from .roles import COMPANY_ROLES, Role

if TYPE_CHECKING:
    from .models import User

NOTHING = Q(pk__in=[])


def scope_condition(user: "User", *, owner: str, region: str, account: str) -> Q:
    """Return the condition that keeps the rows a person may see.

    `owner` is the path to the responsible representative, `region` to the region, `account` to the customer's id.
    Several roles add up. An agent sees its own account, a representative its own customers, a supervisor the team's,
    a regional manager the region's subtree, the roles of the company everything.
    """
    if not user.is_authenticated or not user.is_active:
        return NOTHING
    roles = user.roles
    if user.is_superuser or roles & COMPANY_ROLES:
        return Q()
    condition = NOTHING
    if Role.AGENT in roles and user.customer_id:
        condition |= Q(**{account: user.customer_id})
    if Role.REPRESENTATIVE in roles:
        condition |= Q(**{owner: user.pk})
    if Role.SUPERVISOR in roles and user.team_id:
        condition |= Q(**{f"{owner}__team": user.team_id})
    if Role.REGIONAL_MANAGER in roles and user.region_id:
        condition |= Q(**{f"{region}__in": user.region_ids})
    return condition


class ScopedQuerySet(models.QuerySet[Any]):
    """A queryset that can be narrowed to what a person may see."""

    owner_path: ClassVar[str] = "representative"
    region_path: ClassVar[str] = "region"
    account_path: ClassVar[str] = "pk"

    def visible_to(self, user: "User") -> Self:
        """Keep the rows in the person's scope."""
        return self.filter(
            scope_condition(user, owner=self.owner_path, region=self.region_path, account=self.account_path)
        )
