"""What temporary limits can be narrowed by."""

from typing import Any

import django_filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.receivables.filters import OfCustomerFilters
from salesops.web.forms import Chips

from .models import LimitState, TemporaryLimit


class TemporaryLimitFilters(OfCustomerFilters):
    """By whether they hold, state, place."""

    only = django_filters.ChoiceFilter(
        choices=[("now", _("In force")), ("waiting", _("Waiting")), ("over", _("Over or refused"))],
        method="keep_only",
        label=_("Only"),
        empty_label=_("All"),
        widget=Chips,
    )

    class Meta:
        model = TemporaryLimit
        fields: list[str] = []

    def keep_only(self, rows: Any, name: str, value: str) -> Any:
        """Keep what holds today, what waits, or what is over."""
        today = timezone.localdate()
        if value == "now":
            return rows.active_on(today)
        waiting = Q(state__in=[LimitState.SUBMITTED, LimitState.RETURNED])
        if value == "waiting":
            return rows.filter(waiting)
        return rows.exclude(waiting).exclude(state=LimitState.APPROVED, last_day__gte=today)
