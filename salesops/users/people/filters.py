"""Filters of the list of people."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from salesops.users.models import Region, Team, User
from salesops.users.regions.queries import subtree_ids
from salesops.users.roles import Role
from salesops.web.forms import RemoteSelect


class PeopleFilters(django_filters.FilterSet):
    """By role, place, and whether they may sign in."""

    role = django_filters.ChoiceFilter(label=_("Role"), choices=Role.choices, field_name="groups__name")
    region = django_filters.ModelChoiceFilter(
        label=_("Region"),
        queryset=Region.objects.all(),
        method="in_region",
        widget=RemoteSelect("users:pick_region", placeholder=_("Any")),
    )
    team = django_filters.ModelChoiceFilter(label=_("Team"), queryset=Team.objects.all())
    access = django_filters.ChoiceFilter(
        label=_("Access"), choices=[("yes", _("May sign in")), ("no", _("Access ended"))], method="with_access"
    )

    class Meta:
        model = User
        fields: list[str] = []

    def in_region(self, people: QuerySet[User], name: str, region: Region) -> QuerySet[User]:
        """Keep the people of a region and of all below it, by their own place or their team's."""
        ids = subtree_ids(region.pk)
        return people.filter(region__in=ids) | people.filter(team__region__in=ids)

    def with_access(self, people: QuerySet[User], name: str, value: Any) -> QuerySet[User]:
        """Keep those who may sign in, or those who may not any more."""
        return people.filter(is_active=value == "yes")
