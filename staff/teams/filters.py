"""Filters of the team page."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from salesops.users.models import Region, Team, User
from salesops.users.regions.queries import subtree_ids
from salesops.users.roles import Role
from salesops.web.forms import RemoteSelect


class TeamFilters(django_filters.FilterSet):
    """By role, place, and who is away."""

    role = django_filters.ChoiceFilter(
        label=_("Role"),
        choices=[choice for choice in Role.choices if choice[0] != Role.AGENT],
        field_name="groups__name",
    )
    team = django_filters.ModelChoiceFilter(label=_("Team"), queryset=Team.objects.all())
    region = django_filters.ModelChoiceFilter(
        label=_("Region"),
        queryset=Region.objects.all(),
        method="in_region",
        widget=RemoteSelect("users:pick_region", placeholder=_("Any")),
    )
    away = django_filters.ChoiceFilter(
        label=_("Today"), choices=[("yes", _("Somebody else decides")), ("no", _("Decides alone"))], method="is_away"
    )

    class Meta:
        model = User
        fields: list[str] = []

    def in_region(self, people: QuerySet[User], name: str, region: Region) -> QuerySet[User]:
        """Keep the people of a region and of all below it, by their own place or their team's."""
        ids = subtree_ids(region.pk)
        return people.filter(region__in=ids) | people.filter(team__region__in=ids)

    def is_away(self, people: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """Keep those for whom a colleague decides today, or the others."""
        condition: dict[str, Any] = {"deputy__isnull": value == "no"}
        return people.filter(**condition)
