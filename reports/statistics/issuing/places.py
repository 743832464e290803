"""What a statistic is issued of: the company, a region with all below it, a team; and who may see which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from salesops.users.models import Region, Team, User
from salesops.users.people.queries import holders_of
from salesops.users.regions.queries import ids_above, subtree_ids
from salesops.users.roles import COMPANY_ROLES, Role
from salesops.users.scope import NOTHING

SEE = "reports.view_statistics"
ISSUE = "reports.issue_statistics"
ACCOUNTS = "orders.view_accounts"
"""An issued statistic says what each customer owes: it is for those only who see accounts."""
Kept = Mapping[str, Sequence[int]]
"""Which facts are a place's: their regions, or their representatives; all of them where nothing is said."""


@dataclass(frozen=True)
class Place:
    """The company, unless a region or a team is named."""

    region: Region | None = None
    team: Team | None = None

    @property
    def key(self) -> str:
        """What addresses and forms call it."""
        if self.region:
            return f"region-{self.region.code}"
        return f"team-{self.team.pk}" if self.team else "company"

    @property
    def columns(self) -> dict[str, Any]:
        """What rows that are of a place hold."""
        return {"region": self.region, "team": self.team}

    @property
    def kind(self) -> str:
        """What sheets depend on."""
        if self.region:
            return "region"
        return "team" if self.team else "company"

    def kept(self) -> Kept:
        """Return which facts are its own: of its regions as the tree is today, of its people as they are today."""
        if self.region:
            return {"region": sorted(subtree_ids(self.region.pk))}
        if self.team:
            return {"representative": sorted(User.objects.filter(team=self.team).values_list("pk", flat=True))}
        return {}

    def __str__(self) -> str:
        return str(self.region or self.team or _("Company"))


def of_place(kept: Kept, **paths: str) -> Q:
    """Return the condition on facts, or on rows whose `region` and `representative` stand at other paths."""
    return Q(**{f"{paths.get(name, name)}__in": list(keys) for name, keys in kept.items()})


def seen_by(user: User) -> Q:
    """Return the condition on rows with a region and a team that keeps what is of places that a person may see.

    The roles of the company see all, a regional manager the own region and what lies below it, a supervisor the own
    team; a representative none. Several roles add up.
    """
    if not user.is_active or not user.has_perm(ACCOUNTS):
        return NOTHING
    if user.is_superuser or user.roles & COMPANY_ROLES:
        return Q()
    condition = NOTHING
    if user.has_role(Role.REGIONAL_MANAGER) and user.region_id:
        condition |= Q(region__in=user.region_ids) | Q(team__region__in=user.region_ids)
    if user.has_role(Role.SUPERVISOR) and user.team_id:
        condition |= Q(team=user.team_id)
    return condition


def sees_some(user: Any) -> bool:
    """Whether there is any place that the person may see."""
    return seen_by(user) != NOTHING


def readers_of(place: Place) -> QuerySet[User]:
    """Return the people who may see a place: `seen_by`, asked from the other side."""
    allowed = Q(is_superuser=True) | Q(groups__name__in=COMPANY_ROLES)
    region_id = place.region.pk if place.region else place.team.region_id if place.team else None
    if region_id:
        allowed |= Q(groups__name=Role.REGIONAL_MANAGER, region__in=ids_above(region_id))
    if place.team:
        allowed |= Q(groups__name=Role.SUPERVISOR, team=place.team)
    return holders_of(SEE).filter(allowed, pk__in=holders_of(ACCOUNTS).values("pk")).distinct()


def sees(user: User, place: Place) -> bool:
    """Whether a person may see a place."""
    return readers_of(place).filter(pk=user.pk).exists()
