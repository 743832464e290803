"""What the list of payments can be narrowed by."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from orders.receivables.filters import OfCustomerFilters
from salesops.web.filters import AmountRangeFilter

from .models import Method, Payment


class PaymentFilters(OfCustomerFilters):
    """By day, amount, how it came, place."""

    method = django_filters.ChoiceFilter(choices=Method, label=_("How"), empty_label=_("Any"))
    received = django_filters.DateFromToRangeFilter(field_name="received_on", label=_("Received"))
    amount = AmountRangeFilter(label=_("Amount"))
    state = django_filters.ChoiceFilter(
        choices=[("held", _("Holds")), ("reversed", _("Reversed"))],
        method="keep_state",
        label=_("State"),
        empty_label=_("All"),
    )

    class Meta:
        model = Payment
        fields: list[str] = []

    def keep_state(self, rows: Any, name: str, value: str) -> Any:
        """Keep those that hold, or those that were reversed."""
        return rows.filter(is_reversed=value == "reversed")
