"""What the list of agents' ledgers can be narrowed by."""

import django_filters
from django.utils.translation import gettext_lazy as _

from orders.receivables.filters import OfCustomerFilters

from .models import LedgerState, LedgerUpload


class LedgerFilters(OfCustomerFilters):
    """By state, last day, place."""

    state = django_filters.ChoiceFilter(choices=LedgerState, label=_("State"), empty_label=_("All"))
    until = django_filters.DateFromToRangeFilter(field_name="last_day", label=_("To"))

    class Meta:
        model = LedgerUpload
        fields: list[str] = []
