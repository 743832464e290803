"""What the register of bills can be narrowed by."""

import django_filters
from django.utils.translation import gettext_lazy as _

from orders.receivables.filters import OfCustomerFilters
from salesops.web.filters import AmountRangeFilter

from .models import Bill, BillKind, BillState


class BillFilters(OfCustomerFilters):
    """By state, kind, maturity, amount, place."""

    state = django_filters.ChoiceFilter(choices=BillState, label=_("State"), empty_label=_("All"))
    kind = django_filters.ChoiceFilter(choices=BillKind, label=_("Kind"), empty_label=_("All"))
    matures = django_filters.DateFromToRangeFilter(field_name="matures_on", label=_("Matures"))
    amount = AmountRangeFilter(label=_("Amount"))

    class Meta:
        model = Bill
        fields: list[str] = []
