"""What the record of sign-ins can be narrowed by."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from salesops.users.models import User
from salesops.web.filters import FilterSet
from salesops.web.forms import RemoteSelect
from salesops.web.proxies import address_in

from .models import Outcome, SignInEvent


class SignInFilters(FilterSet):
    """By person, what happened, address, days."""

    person = django_filters.ModelChoiceFilter(
        field_name="user",
        queryset=User.objects.all(),
        label=_("Person"),
        widget=RemoteSelect("users:pick_anybody", placeholder=_("Any")),
    )
    outcome = django_filters.ChoiceFilter(choices=Outcome, label=_("What happened"), empty_label=_("Any"))
    address = django_filters.CharFilter(label=_("Address"), method="from_address")
    at = django_filters.DateFromToRangeFilter(label=_("When"))

    class Meta:
        model = SignInEvent
        fields: list[str] = []

    def from_address(self, events: QuerySet[SignInEvent], name: str, value: Any) -> QuerySet[SignInEvent]:
        """Keep what came from one address; what is none leaves nothing."""
        address = address_in(value)
        return events.filter(address=str(address)) if address else events.none()
