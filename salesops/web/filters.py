"""Filters: how they look in the bar above a list, and how they are said in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.db.models import Model
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters.fields import DateRangeField, RangeField

from salesops.kernel.money import MoneyField

from .figures import day_text
from .page import clean_query

ANY = gettext_lazy("Any")
DASHES = "---------"
SUFFIXES = ("", "_after", "_before", "_min", "_max", "_0", "_1")
"""What a filter's name may end with in the address: ranges have two ends."""
RANGE_ENDS = (gettext_lazy("from"), gettext_lazy("to"))


@dataclass(frozen=True)
class Chosen:
    """A filter in effect: its label, its value in words, and the query of the list without it."""

    label: Any
    text: str
    query_without: str


class AmountField(forms.DecimalField):
    """An amount. A signalling NaN is refused at once: the errors of two such fields could not be compared."""

    def to_python(self, value: Any) -> Any:
        """Return the number, or None; ValidationError where it is none."""
        number = super().to_python(value)
        if number is not None and number.is_snan():
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return number


class AmountRangeField(RangeField):
    """Two amounts, no larger than a column of money holds."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        ends = tuple(MoneyField(blank=True).formfield(form_class=AmountField) for _end in RANGE_ENDS)
        super().__init__(ends, *args, **kwargs)


class AmountRangeFilter(django_filters.RangeFilter):
    """Keeps the rows whose amount lies between two, both included."""

    field_class = AmountRangeField


class FilterSet(django_filters.FilterSet):
    """The base of every list's filters; ListPage gives their controls our look."""


def dress(field: forms.Field) -> None:
    """Give a filter's control its classes and types; a range has two controls."""
    widgets: Sequence[Any] = getattr(field.widget, "widgets", [field.widget])
    for end, widget in zip(RANGE_ENDS, widgets, strict=False):
        if isinstance(field, DateRangeField):
            widget.input_type = "date"
        elif isinstance(field, RangeField):
            widget.input_type = "number"
            widget.attrs |= {"step": "any", "placeholder": gettext_lazy("any"), "inputmode": "decimal"}
        if len(widgets) > 1:
            widget.attrs.setdefault("aria-label", format_lazy("{} {}", field.label or "", end))
        if isinstance(widget, forms.DateInput):
            widget.input_type = "date"
            widget.format = "%Y-%m-%d"
        if isinstance(widget, forms.Select):
            _say_any(field, widget)
            widget.attrs.setdefault("class", "form-select")
        elif isinstance(widget, forms.CheckboxInput):
            widget.attrs.setdefault("class", "so-check")
        elif not isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
            widget.attrs.setdefault("class", "form-control")


def _say_any(field: forms.Field, widget: forms.Select) -> None:
    """Let the choice that filters nothing say so, instead of dashes."""
    if isinstance(field, forms.ModelChoiceField):
        field.empty_label = ANY if field.empty_label == DASHES else field.empty_label
    else:
        widget.choices = [(value, ANY if label == DASHES else label) for value, label in widget.choices]


def chosen_filters(filterset: Any, given: QueryDict) -> list[Chosen]:
    """Return the filters in effect in words."""
    if not filterset.form.is_bound:
        return []
    filterset.form.is_valid()
    chosen: list[Chosen] = []
    for name, field in filterset.form.fields.items():
        value = filterset.form.cleaned_data.get(name)
        text = in_words(field, value)
        if text:
            without = clean_query(given, page=None, export=None, **dict.fromkeys(f"{name}{s}" for s in SUFFIXES))
            chosen.append(Chosen(field.label, text, without))
    return chosen


def in_words(field: forms.Field, value: Any) -> str:
    """Return the value of a filter as a person would say it; "" when it filters nothing."""
    if value in (None, "", [], ()):
        return ""
    if isinstance(value, slice):
        return _range_in_words(value.start, value.stop)
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, Model):
        return str(value)
    choices = dict(_flat(getattr(field, "choices", ()))) if not hasattr(field, "queryset") else {}
    if isinstance(value, str):
        return str(choices.get(value, value))
    if isinstance(value, Iterable):
        return ", ".join(str(choices.get(one, one)) for one in value)
    return day_text(value) if hasattr(value, "year") else str(choices.get(value, value))


def _range_in_words(start: Any, stop: Any) -> str:
    first, last = (day_text(end) if hasattr(end, "year") else str(end or "") for end in (start, stop))
    if first and last:
        return f"{first} – {last}"
    if first:
        return _("from %(first)s") % {"first": first}
    return _("until %(last)s") % {"last": last} if last else ""


def _flat(choices: Iterable[Any]) -> Iterable[tuple[Any, Any]]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield value, label
