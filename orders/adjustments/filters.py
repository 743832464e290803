"""What the list of adjustments can be narrowed by."""

import django_filters
from django.utils.translation import gettext_lazy as _

from orders.receivables.filters import OfCustomerFilters
from salesops.web.filters import AmountRangeFilter

from .models import Adjustment, AdjustmentState, Kind, Reason


class AdjustmentFilters(OfCustomerFilters):
    """By state, kind, reason, the day that it concerns, amount, place."""

    state = django_filters.ChoiceFilter(choices=AdjustmentState, label=_("State"), empty_label=_("All"))
    kind = django_filters.ChoiceFilter(choices=Kind, label=_("Kind"), empty_label=_("All"))
    reason = django_filters.ChoiceFilter(choices=Reason, label=_("Reason"), empty_label=_("Any"))
    concerns = django_filters.DateFromToRangeFilter(field_name="concerns", label=_("Concerns"))
    amount = AmountRangeFilter(label=_("Amount"))

    class Meta:
        model = Adjustment
        fields: list[str] = []
