"""Filters of the list of customers."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from salesops.users.models import Region, User
from salesops.users.regions.queries import subtree_ids
from salesops.web.forms import RemoteSelect

from .models import Customer, Grade, Kind
from .queries import possible_representatives


class CustomerFilters(django_filters.FilterSet):
    """By kind, place, grade, representative, and how the account stands."""

    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Kind.choices)
    region = django_filters.ModelChoiceFilter(
        label=_("Region"),
        queryset=Region.objects.all(),
        method="in_region",
        widget=RemoteSelect("users:pick_region", placeholder=_("Any")),
    )
    grade = django_filters.ChoiceFilter(label=_("Grade"), choices=Grade.choices)
    representative = django_filters.ModelChoiceFilter(
        label=_("Representative"),
        queryset=User.objects.all(),
        widget=RemoteSelect("customers:pick_representative", placeholder=_("Any")),
    )
    credit = django_filters.ChoiceFilter(
        label=_("Account"),
        choices=[("hold", _("On hold")), ("over", _("Over the limit")), ("owing", _("Owes something"))],
        method="with_credit",
    )
    file = django_filters.ChoiceFilter(
        label=_("Status"), choices=[("active", _("Active")), ("inactive", _("Inactive"))], method="with_file"
    )

    class Meta:
        model = Customer
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.request is not None:
            self.filters["representative"].queryset = possible_representatives(self.request.user)

    def in_region(self, customers: QuerySet[Customer], name: str, region: Region) -> QuerySet[Customer]:
        """Keep the customers of a region and of all below it."""
        return customers.filter(region__in=subtree_ids(region.pk))

    def with_credit(self, customers: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        """Keep those whose account is on hold, over its limit, or not settled."""
        if value == "hold":
            return customers.filter(account__is_on_hold=True)
        over: dict[str, Any] = {"available__lt": 0}
        return customers.filter(**over) if value == "over" else customers.filter(account__balance__gt=0)

    def with_file(self, customers: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        """Keep those that may order, or those that may not any more."""
        return customers.filter(is_active=value == "active")


class PlainCustomerFilters(CustomerFilters):
    """The same for those who do not see what customers owe."""

    credit = None
