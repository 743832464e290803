"""What worklist, promises, disputes and reminders can be narrowed by."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from customers.accounts.models import CreditAccount
from orders.receivables.filters import OfCustomerFilters
from salesops.web.forms import Chips

from .models import Dispute, DisputeKind, DisputeState, Outcome, Promise, Reminder


class WorklistFilters(OfCustomerFilters):
    """By what happened so far, place."""

    only = django_filters.ChoiceFilter(
        choices=[
            ("broken", _("Promise broken")),
            ("promised", _("Promised")),
            ("disputed", _("Disputed")),
            ("never", _("Never reminded")),
            ("hold", _("On hold")),
        ],
        method="keep_only",
        label=_("Only"),
        empty_label=_("All"),
        widget=Chips,
    )
    level = django_filters.NumberFilter(field_name="last_level", label=_("Last level"))

    class Meta:
        model = CreditAccount
        fields: list[str] = []

    def keep_only(self, rows: Any, name: str, value: str) -> Any:
        """Keep the accounts of one kind."""
        kinds: dict[str, dict[str, Any]] = {
            "broken": {"broken__gt": 0},
            "promised": {"promised_for__isnull": False},
            "disputed": {"disputed__gt": 0},
            "never": {"last_level": None},
            "hold": {"is_on_hold": True},
        }
        return rows.filter(**kinds[value])


class PromiseFilters(OfCustomerFilters):
    """By what became of them, day, place."""

    state = django_filters.ChoiceFilter(
        field_name="outcome",
        choices=Outcome,
        label=_("State"),
        empty_label=_("All"),
        widget=Chips,
    )
    day = django_filters.DateFromToRangeFilter(field_name="promised_for", label=_("Promised for"))

    class Meta:
        model = Promise
        fields: list[str] = []


class DisputeFilters(OfCustomerFilters):
    """By state, kind, place."""

    region_path = "item__customer__region"
    customer_path = "item__customer__"

    state = django_filters.ChoiceFilter(choices=DisputeState, label=_("State"), empty_label=_("All"), widget=Chips)
    kind = django_filters.ChoiceFilter(choices=DisputeKind, label=_("Kind"), empty_label=_("Any"))

    class Meta:
        model = Dispute
        fields: list[str] = []


class ReminderFilters(OfCustomerFilters):
    """By level, how it went, day, place."""

    level = django_filters.NumberFilter(label=_("Level"))
    sending = django_filters.ChoiceFilter(
        choices=[("print", _("To print")), ("failed", _("Not delivered"))],
        method="keep_sending",
        label=_("Letter"),
        empty_label=_("Any"),
    )
    made = django_filters.DateFromToRangeFilter(field_name="made_on", label=_("Date"))

    class Meta:
        model = Reminder
        fields: list[str] = []

    def keep_sending(self, rows: Any, name: str, value: str) -> Any:
        """Keep letters that could not be mailed to anybody, or that were refused."""
        if value == "print":
            return rows.filter(sent_to="")
        return rows.filter(mail__state="failed")
