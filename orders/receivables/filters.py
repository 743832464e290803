"""What lists of customers' documents can be narrowed by, and of accounts."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from customers.accounts.models import CreditAccount
from salesops.users.models import Region, User
from salesops.users.people.queries import people_visible_to
from salesops.users.regions.queries import subtree_ids
from salesops.web.filters import FilterSet
from salesops.web.forms import Chips, RemoteSelect

from .queries import beyond_tolerance


class OfCustomerFilters(FilterSet):
    """By customer (from links), region with all below it, representative; an agent has one account to look at.

    Nobody learns a name from outside their scope; who has left is still found by a link that names them.
    """

    region_path = "customer__region"
    customer_path = "customer__"
    """Where a row's customer is found; nothing where rows are customers."""

    customer = django_filters.CharFilter(field_name="customer__code", label=_("Customer"), widget=forms.HiddenInput)
    region = django_filters.ModelChoiceFilter(
        queryset=Region.objects.all(),
        label=_("Region"),
        method="keep_region",
        widget=RemoteSelect("users:pick_region", placeholder=_("any")),
    )
    representative = django_filters.ModelChoiceFilter(
        field_name="customer__representative",
        queryset=User.objects.none(),
        label=_("Representative"),
        widget=RemoteSelect("customers:pick_representative", placeholder=_("any")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reader: Any = getattr(self.request, "user", None)
        for name, field in (("customer", "code"), ("representative", "representative")):
            self.filters[name].field_name = f"{self.customer_path}{field}"
        is_agent = bool(getattr(reader, "customer_id", None))
        if reader is not None:
            self.filters["representative"].queryset = people_visible_to(reader)
        for name in ("region", "representative"):
            place = self.filters.pop(name)
            if not is_agent:
                self.filters[name] = place

    def keep_region(self, rows: QuerySet[Any], name: str, region: Region) -> QuerySet[Any]:
        """Keep the rows of a region and of all below it."""
        return rows.filter(**{f"{self.region_path}__in": subtree_ids(region.pk)})


class AccountFilters(OfCustomerFilters):
    """Accounts by what they need: over the limit, overdue, on hold."""

    only = django_filters.ChoiceFilter(
        choices=[
            ("over", _("Over limit")),
            ("overdue", _("Overdue")),
            ("late", _("Beyond tolerance")),
            ("hold", _("On hold")),
            ("prepaid", _("Prepaid")),
        ],
        method="keep_only",
        label=_("Only"),
        empty_label=_("All"),
        widget=Chips,
    )

    class Meta:
        model = CreditAccount
        fields: list[str] = []

    def keep_only(self, rows: Any, name: str, value: str) -> Any:
        """Keep the accounts of one kind."""
        if value == "over":
            return rows.filter(available__lt=0)
        if value == "overdue":
            return rows.filter(overdue__gt=0)
        if value == "late":
            return beyond_tolerance(rows)
        return rows.filter(is_on_hold=True) if value == "hold" else rows.filter(balance__lt=0)
