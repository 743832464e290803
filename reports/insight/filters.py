"""What lists of agents that are to be looked after can be narrowed by."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from customers.files.models import Customer, Grade
from orders.receivables.filters import OfCustomerFilters
from salesops.web.forms import Chips


class AgentFilters(OfCustomerFilters):
    """By whose they are."""

    region_path = "region"
    customer_path = ""

    grade = django_filters.ChoiceFilter(choices=Grade.choices, label=_("Grade"))

    class Meta:
        model = Customer
        fields: list[str] = []


class SleepingFilters(AgentFilters):
    """And by how long they sleep."""

    days = django_filters.ChoiceFilter(
        choices=[("90", _("90 days")), ("180", _("180 days"))],
        method="keep_silent",
        label=_("At least"),
        empty_label=_("60 days"),
        widget=Chips,
    )

    def keep_silent(self, rows: Any, name: str, value: str) -> Any:
        """Keep those that have slept so long."""
        return rows.filter(silent__gte=int(value))
