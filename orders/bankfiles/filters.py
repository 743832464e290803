"""What bank files and their lines can be narrowed by."""

import django_filters
from django.utils.translation import gettext_lazy as _

from salesops.web.filters import AmountRangeFilter, FilterSet

from .models import BankFile, BankFileState, BankLine, CompanyAccount, LineState, Way


class BankFileFilters(FilterSet):
    """By account and state."""

    account = django_filters.ModelChoiceFilter(
        queryset=CompanyAccount.objects.all(), label=_("Account"), empty_label=_("All")
    )
    state = django_filters.ChoiceFilter(choices=BankFileState, label=_("State"), empty_label=_("All"))

    class Meta:
        model = BankFile
        fields: list[str] = []


class BankLineFilters(FilterSet):
    """By state, what the customer was found by, day, amount."""

    state = django_filters.ChoiceFilter(choices=LineState, label=_("State"), empty_label=_("All"))
    way = django_filters.ChoiceFilter(choices=Way, label=_("Found by"), empty_label=_("Any"))
    day = django_filters.DateFromToRangeFilter(field_name="day", label=_("Date"))
    amount = AmountRangeFilter(label=_("Amount"))

    class Meta:
        model = BankLine
        fields: list[str] = []
