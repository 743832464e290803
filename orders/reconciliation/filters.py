"""What reconciliations and statements can be narrowed by."""

from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from customers.files.models import Grade
from orders.receivables.filters import OfCustomerFilters

from .models import IssuedStatement, Reconciliation, ReconciliationState
from .queries import sent_before

UNFINISHED = "unfinished"
SILENT = (3, 7, 14, 30)


class ReconciliationFilters(OfCustomerFilters):
    """Where they stand, who is silent, place, grade; `round` keeps those of one round."""

    round = django_filters.CharFilter(field_name="round__number", label=_("Round"), widget=forms.HiddenInput)
    state = django_filters.ChoiceFilter(
        choices=[*ReconciliationState.choices, ("late", _("Overdue")), (UNFINISHED, _("Not signed"))],
        method="keep_state",
        label=_("State"),
        empty_label=_("All"),
    )
    silent = django_filters.ChoiceFilter(
        choices=[(str(days), _("%(days)s days or more") % {"days": days}) for days in SILENT],
        method="keep_silent",
        label=_("No answer for"),
        empty_label=_("Any"),
    )

    ends = django_filters.DateFromToRangeFilter(field_name="round__last_day", label=_("Until"))
    grade = django_filters.ChoiceFilter(
        field_name="customer__grade", choices=Grade.choices, label=_("Grade"), empty_label=_("All")
    )

    class Meta:
        model = Reconciliation
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "region" not in self.filters:  # of an agent's own, no place and no grade are to be chosen
            self.filters.pop("grade")

    def keep_state(self, rows: Any, name: str, value: str) -> Any:
        """Keep those that stand there; overdue ones are those that were to answer by now."""
        if value == UNFINISHED:
            return rows.unfinished()
        return rows.filter(is_late=True) if value == "late" else rows.filter(state=value)

    def keep_silent(self, rows: Any, name: str, value: str) -> Any:
        """Keep those that were sent at least so many days ago and not answered."""
        return rows.filter(sent_before(int(value)))


class StatementFilters(OfCustomerFilters):
    """By last day, place."""

    until = django_filters.DateFromToRangeFilter(field_name="last_day", label=_("Until"))

    class Meta:
        model = IssuedStatement
        fields: list[str] = []
