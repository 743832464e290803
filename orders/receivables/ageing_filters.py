"""What ageing can be asked for: the day, what makes an item old, the columns, the rows, and of which customers."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.files.models import Customer, Grade
from salesops.kernel.periods import MEANT_YEARS
from salesops.web.forms import Chips

from .ageing import BY_DUE, BY_POSTING, CUSTOMER, EDGES, REGION
from .filters import OfCustomerFilters

MOST_EDGES = 10
LAST_EDGE = 3_650
"""Ten years, in days."""


class DayField(forms.DateField):
    """Today or a day before it."""

    def clean(self, value: Any) -> date | None:
        """Return the day; ValidationError where it lies in the future or in a year that nobody means."""
        day: date | None = super().clean(value)
        first, last = date(MEANT_YEARS[0], 1, 1), timezone.localdate()
        if day and not first <= day <= last:
            raise forms.ValidationError(
                _("The day lies between %(first)s and %(last)s.") % {"first": first, "last": last}, code="day"
            )
        return day


class DayFilter(django_filters.DateFilter):
    """A day that keeps all rows: what they say is of that day."""

    field_class = DayField


class EdgesField(forms.CharField):
    """Days where a next column begins, with commas between: 30,60,90,120."""

    def clean(self, value: Any) -> Any:
        """Return the days; ValidationError where they do not rise or are too many."""
        text = super().clean(value)
        parts = [part.strip() for part in text.split(",")]
        edges = [int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) < 5]
        rises = all(first < next_one for first, next_one in zip([0, *edges], edges, strict=False))
        if not edges or len(edges) != len(parts) or not rises or len(edges) > MOST_EDGES or edges[-1] > LAST_EDGE:
            raise forms.ValidationError(
                _("Up to %(most)d numbers of days that rise, such as 30,60,90,120; the last is at most %(last)d.")
                % {"most": MOST_EDGES, "last": LAST_EDGE},
                code="edges",
            )
        return tuple(edges)


class EdgesFilter(django_filters.CharFilter):
    """Where columns begin; it keeps all rows."""

    field_class = EdgesField


class AgeingFilters(OfCustomerFilters):
    """The customers, and how what is open of them is aged and added up."""

    region_path = "region"
    customer_path = ""

    group = django_filters.ChoiceFilter(
        choices=[
            (CUSTOMER, gettext_lazy("Customers")),
            (REGION, gettext_lazy("Regions")),
            ("representative", gettext_lazy("Representatives")),
            ("grade", gettext_lazy("Grades")),
        ],
        method="keep_all",
        label=gettext_lazy("Rows"),
        empty_label=None,
        widget=Chips,
    )
    day = DayFilter(method="keep_all", label=gettext_lazy("As of"))
    by = django_filters.ChoiceFilter(
        choices=[(BY_DUE, gettext_lazy("due day")), (BY_POSTING, gettext_lazy("posting day"))],
        method="keep_all",
        label=gettext_lazy("Age from"),
        empty_label=None,
    )
    edges = EdgesFilter(
        method="keep_all",
        label=gettext_lazy("Columns end at (days)"),
    )
    grade = django_filters.ChoiceFilter(choices=Grade.choices, label=gettext_lazy("Grade"))
    without = django_filters.ChoiceFilter(
        choices=[("representative", gettext_lazy("representative"))],
        method="keep_without",
        label=gettext_lazy("Without"),
        widget=forms.HiddenInput,
    )

    class Meta:
        model = Customer
        fields: list[str] = []

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(self._completed(data), *args, **kwargs)

    @staticmethod
    def _completed(data: Any) -> Any:
        """What the address says, and what counts where it says nothing."""
        if data is None:
            return None
        completed = data.copy()
        for name, usual in usual_answers().items():
            completed[name] = data.get(name) or usual
        return completed

    def keep_all(self, rows: Any, name: str, value: Any) -> Any:
        """Keep every customer: the value says how they are shown."""
        return rows

    def keep_without(self, rows: Any, name: str, value: str) -> Any:
        """Keep the customers without a representative."""
        return rows.filter(representative=None)

    def said(self, name: str) -> Any:
        """What the address says; what is usual where that makes no sense."""
        self.form.is_valid()
        return self.form.cleaned_data.get(name) or self.form.fields[name].clean(usual_answers().get(name))


def usual_answers() -> dict[str, str]:
    """What is shown where nothing is asked for."""
    return {
        "group": CUSTOMER,
        "day": timezone.localdate().isoformat(),
        "by": BY_DUE,
        "edges": ",".join(str(edge) for edge in EDGES),
    }


class ItemFilters(AgeingFilters):
    """The items of one cell: of its customers, its column, its day."""

    age = django_filters.CharFilter(method="keep_all", label=gettext_lazy("Column"), widget=forms.HiddenInput)
