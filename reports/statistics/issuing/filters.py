"""What the list of issued statistics can be narrowed by."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from salesops.kernel.periods import MEANT_YEARS
from salesops.users.models import Region, Team
from salesops.web.filters import FilterSet
from salesops.web.forms import Chips, RemoteSelect

from ..models import IssuedStatistic, Span

KINDS: dict[str, dict[str, Any]] = {
    "company": {"region": None, "team": None},
    "region": {"region__isnull": False},
    "team": {"team__isnull": False},
}


def years() -> list[tuple[int, str]]:
    """The years in which a statistic can begin, this one first."""
    return [(year, str(year)) for year in range(timezone.localdate().year, MEANT_YEARS[0] - 1, -1)]


class IssuedFilters(FilterSet):
    """By kind, place and year; teams are those of which the person may see something."""

    span = django_filters.ChoiceFilter(label=_("Kind"), choices=Span.choices, empty_label=_("All"), widget=Chips)
    place = django_filters.ChoiceFilter(
        label=_("Of"),
        choices=[("company", _("Company")), ("region", _("Regions")), ("team", _("Teams"))],
        method="keep_kind",
        empty_label=_("Everything"),
    )
    year = django_filters.ChoiceFilter(
        field_name="starts_on", lookup_expr="year", label=_("Year"), choices=years, empty_label=_("Any")
    )
    region = django_filters.ModelChoiceFilter(
        queryset=Region.objects.all(),
        label=_("Region"),
        widget=RemoteSelect("users:pick_region", placeholder=_("any")),
    )
    team = django_filters.ModelChoiceFilter(queryset=Team.objects.none(), label=_("Team"), empty_label=_("Any"))

    class Meta:
        model = IssuedStatistic
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reader: Any = getattr(self.request, "user", None)
        if reader is not None:
            seen = IssuedStatistic.objects.visible_to(reader).order_by().values("team")
            self.filters["team"].queryset = Team.objects.filter(pk__in=seen)

    def keep_kind(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep those of the company, of regions, or of teams."""
        return rows.filter(**KINDS[value])
