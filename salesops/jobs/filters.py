"""Filters of the list of background work."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from salesops.web.forms import Chips

from .models import Job, JobState
from .registry import job_kinds


def kind_choices() -> list[tuple[str, Any]]:
    """The kinds in words."""
    return [(kind.key, kind.label) for kind in job_kinds]


class JobFilters(django_filters.FilterSet):
    """By state and kind."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=JobState.choices, empty_label=_("All"), widget=Chips)
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=kind_choices, empty_label=_("All kinds"))

    class Meta:
        model = Job
        fields = ["state", "kind"]
