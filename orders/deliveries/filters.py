"""What the list of deliveries can be narrowed by."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.receivables.filters import OfCustomerFilters
from salesops.users.models import User
from salesops.web.filters import AmountRangeFilter, FilterSet
from salesops.web.forms import RemoteSelect

from .models import SHIPPABLE, Delivery, DeliveryLine, State
from .queries import late_to_ship, with_back_orders

OPEN = "open"
STATES = [(OPEN, _("To ship")), *State.choices]


class DeliveryFilters(OfCustomerFilters):
    """By state, days, amount, place, and what deserves a look."""

    region_path = "region"

    state = django_filters.ChoiceFilter(choices=STATES, method="keep_state", label=_("State"), empty_label=_("Any"))
    only = django_filters.ChoiceFilter(
        choices=[("late", _("Late to ship")), ("short", _("With back-orders")), ("disputed", _("Disputed"))],
        method="keep_only",
        label=_("Only"),
        empty_label=_("All"),
    )
    ordered = django_filters.DateFromToRangeFilter(field_name="ordered_on", label=_("Date"))
    wanted = django_filters.DateFromToRangeFilter(field_name="wanted_on", label=_("Wanted"))
    amount = AmountRangeFilter(label=_("Amount"))
    representative = django_filters.ModelChoiceFilter(
        queryset=User.objects.none(),
        label=_("Representative"),
        widget=RemoteSelect("customers:pick_representative", placeholder=_("any")),
    )

    class Meta:
        model = Delivery
        fields: list[str] = []

    def keep_state(self, rows: QuerySet[Delivery], name: str, value: str) -> QuerySet[Delivery]:
        """Keep one state; “to ship” are the two in which something is still to leave."""
        return rows.filter(state__in=SHIPPABLE) if value == OPEN else rows.filter(state=value)

    def keep_only(self, rows: Any, name: str, value: str) -> Any:
        """Keep what is late, short of stock, or disputed."""
        if value == "late":
            return late_to_ship(rows, timezone.localdate())
        if value == "disputed":
            return rows.filter(is_disputed=True)
        return with_back_orders(rows)


class DeliveryLineFilters(FilterSet):
    """By state and day of the delivery, and by product."""

    state = django_filters.ChoiceFilter(choices=STATES, method="keep_state", label=_("State"), empty_label=_("Any"))
    ordered = django_filters.DateFromToRangeFilter(field_name="delivery__ordered_on", label=_("Date"))
    customer = django_filters.CharFilter(
        field_name="delivery__customer__code", label=_("Customer"), widget=forms.HiddenInput
    )
    product = django_filters.CharFilter(field_name="product__sku", lookup_expr="iexact", label=_("SKU"))

    class Meta:
        model = DeliveryLine
        fields: list[str] = []

    def keep_state(self, rows: QuerySet[DeliveryLine], name: str, value: str) -> QuerySet[DeliveryLine]:
        """Keep the lines of deliveries in one state, or of those still to ship."""
        return rows.filter(delivery__state__in=SHIPPABLE if value == OPEN else [value])
