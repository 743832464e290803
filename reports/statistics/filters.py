"""What a statistic can be asked in a form: the period, rows, columns and measures, and what is kept."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.files.models import Grade
from salesops.kernel.errors import RuleBroken
from salesops.users.models import User
from salesops.users.people.queries import people_visible_to
from salesops.web.filters import FilterSet
from salesops.web.forms import RemoteSelect

from .answers import heads_of, key_of, told_to
from .measures import DIMENSIONS, MEASURES
from .questions import ITSELF, NOBODY, USUAL, Question, month_now, read_period, spell_period

BY = "region"
KEPT = tuple(key for key, dimension in DIMENSIONS.items() if not dimension.is_time)
"""The dimensions of which one key can be kept."""
WITHOUT = {"representative": gettext_lazy("No representative"), "team": gettext_lazy("No team")}


@dataclass(frozen=True)
class Kept:
    """What is kept of a dimension: as the address names it, and in words."""

    code: str
    label: str

    def __str__(self) -> str:
        return self.label


class PickKept(RemoteSelect):
    """A select that finds what can be kept by typing; the address has its code."""

    def __init__(self, dimension: str) -> None:
        super().__init__("reports:statistics_pick", placeholder=gettext_lazy("any"), args=[dimension])
        self.kept: Kept | None = None

    def _chosen(self, wanted: list[str]) -> list[tuple[Any, str]]:
        return [(self.kept.code, self.kept.label)] if self.kept else []


class KeptField(forms.CharField):
    """One key of a dimension, as an address names it; `reader` may not learn of customers out of scope."""

    reader: User

    def __init__(self, *args: Any, dimension: str, **kwargs: Any) -> None:
        kwargs["widget"] = PickKept(dimension)
        super().__init__(*args, max_length=160, **kwargs)
        self.dimension = dimension

    def clean(self, value: Any) -> Any:
        """Return what is kept; ValidationError where there is no such thing for the reader."""
        code = super().clean(value)
        if not code:
            return None
        kept = Kept(code, str(WITHOUT[self.dimension]) if code == NOBODY and self.dimension in WITHOUT else "")
        if not kept.label:
            kept = Kept(code, self._label(code))
        self.widget.kept = kept
        return kept

    def _label(self, code: str) -> str:
        try:
            key = key_of(self.dimension, code, self.reader)
        except RuleBroken as refusal:
            raise forms.ValidationError(str(refusal), code="invalid_choice") from refusal
        if self.dimension == "representative" and not people_visible_to(self.reader).filter(pk=key).exists():
            return code  # whom a row names can be kept, but nobody learns a name by trying
        label = heads_of(DIMENSIONS[self.dimension], [key])[key].label
        return _("%(region)s itself") % {"region": label} if code.startswith(ITSELF) else label


class KeptFilter(django_filters.Filter):
    """Keeps one key of a dimension."""

    field_class = KeptField


class PeriodField(forms.CharField):
    """A period as an address spells it."""

    def clean(self, value: Any) -> Any:
        """Return the period; ValidationError where it is none."""
        text = super().clean(value)
        try:
            return read_period(text) if text else None
        except RuleBroken as refusal:
            raise forms.ValidationError(str(refusal), code="invalid") from refusal


class PeriodFilter(django_filters.Filter):
    """The months that are counted."""

    field_class = PeriodField


def dimension_choices() -> list[tuple[str, Any]]:
    """What rows and columns can be of."""
    return [(key, one.label) for key, one in DIMENSIONS.items()]


def measure_choices() -> list[tuple[str, Any]]:
    """What can be counted."""
    return [(key, one.label) for key, one in MEASURES.items()]


class KeptFilters(FilterSet):
    """The period, and what is kept: what a statistic and the documents behind it have in common."""

    period = PeriodFilter(label=gettext_lazy("Period"), widget=forms.HiddenInput, max_length=40)
    region = KeptFilter(label=gettext_lazy("Region"), dimension="region")
    team = KeptFilter(label=gettext_lazy("Team"), dimension="team")
    representative = KeptFilter(label=gettext_lazy("Representative"), dimension="representative")
    customer = KeptFilter(label=gettext_lazy("Customer"), dimension="customer")
    grade = django_filters.ChoiceFilter(choices=Grade.choices, label=gettext_lazy("Grade"))
    category = KeptFilter(label=gettext_lazy("Category"), dimension="category")
    product = KeptFilter(label=gettext_lazy("Product"), dimension="product")
    structure = django_filters.ChoiceFilter(
        choices=[("today", gettext_lazy("of today"))],
        label=gettext_lazy("Structure"),
        empty_label=gettext_lazy("of the document's day"),
    )

    @property
    def form(self) -> Any:
        """The form; each field of what is kept knows who reads."""
        made = super().form
        for field in made.fields.values():
            if isinstance(field, KeptField):
                field.reader = self.request.user
        return made

    @cached_property
    def question(self) -> Question:
        """What is asked; of what makes no sense, said at its field, the usual."""
        form = self.form
        form.is_valid()
        said = form.cleaned_data
        by = said.get("by") or BY
        across = said.get("across") or ""
        if across == by:
            form.add_error("across", _("Rows and columns are of the same."))
            across = ""
        question = Question(
            period=said.get("period") or month_now(),
            by=by,
            across=across,
            measures=tuple(said.get("measures") or ()) or self._known_measures(),
            kept={name: str(getattr(said[name], "code", said[name])) for name in KEPT if said.get(name)},
            today=said.get("structure") == "today",
        )
        return told_to(question, self.request.user)

    def _known_measures(self) -> tuple[str, ...]:
        given = self.data.getlist("measures") if "measures" in self.form.fields else []
        return tuple(dict.fromkeys(key for key in given if key in MEASURES)) or USUAL


class StatisticsFilters(KeptFilters):
    """Everything that a statistic can be asked; `main` is the measure that pictures and shares are of."""

    by = django_filters.ChoiceFilter(choices=dimension_choices, label=gettext_lazy("Rows of"), empty_label=None)
    across = django_filters.ChoiceFilter(
        choices=dimension_choices, label=gettext_lazy("Columns of"), empty_label=gettext_lazy("none")
    )
    measures = django_filters.MultipleChoiceFilter(
        choices=measure_choices, label=gettext_lazy("Measures"), widget=forms.CheckboxSelectMultiple
    )
    main = django_filters.ChoiceFilter(choices=measure_choices, widget=forms.HiddenInput, label=gettext_lazy("Measure"))

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(self._completed(data), *args, **kwargs)

    @staticmethod
    def _completed(data: Any) -> Any:
        """What the address says, and what counts where it says nothing."""
        if data is None:
            return None
        completed = data.copy()
        for name, usual in (("by", BY), ("period", spell_period(month_now()))):
            completed[name] = data.get(name) or usual
        if not data.get("measures"):
            completed.setlist("measures", list(USUAL))
        return completed

    @property
    def main_measure(self) -> str:
        """The measure that was chosen of those that can be told, the first one unless one was."""
        told = [one.key for one in self.question.asked]
        chosen = self.form.cleaned_data.get("main")
        return chosen if chosen in told else told[0]
