"""Forms that look alike: label, control, help and error by our own field template; selects that search remotely."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.forms.models import ModelChoiceIterator
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .autocomplete import Autocomplete

Rows = Sequence[str | Sequence[str]]
DJANGO_ROWS = "10"
"""The height of a text area that nobody chose."""
TYPED = str.maketrans({",": "", "，": "", " ": "", "\u00a0": "", "¥": "", "￥": "", "−": "-", "。": "."})
"""What people type around a number, and what it means."""
NUMBERS_ONLY = frozenset({"step", "min", "max"})
"""Attributes that only a number input has."""


class Dressed(forms.BaseForm):
    """Gives controls their classes and types. `sections` orders the fields: [(title, ["name", ("from", "to")])]."""

    sections: ClassVar[Sequence[tuple[Any, Rows]]] = ()
    error_css_class = "is-wrong"
    required_css_class = "is-required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            dress(field)


class Form(Dressed, forms.Form):
    """The base of every form that is not a model's."""


class ModelForm(Dressed, forms.ModelForm):
    """The base of every form over a model."""


def dress(field: forms.Field) -> None:
    """Give a field's control its classes, its type and its keyboard."""
    widget = field.widget
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        _add_class(widget, "so-check")
    elif isinstance(widget, forms.Select):
        _add_class(widget, "form-select")
    elif not widget.is_hidden:
        _add_class(widget, "form-control")
    if isinstance(widget, forms.DateInput):
        widget.input_type = "date"
        widget.format = "%Y-%m-%d"
    elif isinstance(widget, forms.DateTimeInput):
        widget.input_type = "datetime-local"
        widget.format = "%Y-%m-%dT%H:%M"
    if isinstance(widget, forms.Textarea):
        widget.attrs.pop("cols", None)
        if widget.attrs.get("rows") == DJANGO_ROWS:
            widget.attrs["rows"] = "3"
    if isinstance(field, forms.DecimalField) and type(widget) is forms.NumberInput:
        field.widget = FigureInput({name: value for name, value in widget.attrs.items() if name not in NUMBERS_ONLY})
        field.widget.is_required = field.required


class FigureInput(forms.TextInput):
    """An amount as people type or paste it: 1,200.50, ¥1200.5, −3. What is no number stays to be corrected."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", **(attrs or {})})
        _add_class(self, "so-num-input")

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return what was typed, without separators and signs of currency."""
        typed = super().value_from_datadict(data, files, name)
        return typed.translate(TYPED) if isinstance(typed, str) else typed


def _add_class(widget: forms.Widget, name: str) -> None:
    classes = widget.attrs.get("class", "").split()
    if name not in classes:
        widget.attrs["class"] = " ".join([*classes, name])


class RemoteSelect(forms.Select):
    """A select that finds its options by typing any part; the page holds only what is chosen.

    `url_name` names an `Autocomplete` page, `args` what its address needs. For a ModelChoiceField:
    `widget=RemoteSelect("customers:pick")`.
    """

    def __init__(
        self, url_name: str, attrs: dict[str, Any] | None = None, placeholder: Any = "", args: Sequence[Any] = ()
    ) -> None:
        super().__init__(attrs)
        self.url_name = url_name
        self.args = args
        self.placeholder = placeholder or _("Type any part of the name or code")

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        own = {"data-remote": reverse(self.url_name, args=self.args), "data-placeholder": str(self.placeholder)}
        return super().build_attrs({**base_attrs, **own}, extra_attrs)

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        """Offer the chosen option only; reading every row would make the page as long as the table."""
        wanted = [one for one in value if one]
        options = [self._empty(name)] if not self.is_required else []
        if wanted:
            options += [self._option(name, pk, text, at) for at, (pk, text) in enumerate(self._chosen(wanted), start=1)]
        return [(None, options, 0)]

    def _chosen(self, wanted: list[str]) -> list[tuple[Any, str]]:
        choices: Any = self.choices
        if isinstance(choices, ModelChoiceIterator):
            field = choices.field
            key = field.to_field_name or "pk"
            try:
                rows = list(choices.queryset.filter(**{f"{key}__in": wanted}))
            except (ValueError, TypeError):
                return []
            return [(field.prepare_value(row), field.label_from_instance(row)) for row in rows]
        return [(key, str(text)) for key, text in choices if str(key) in wanted]

    def _empty(self, name: str) -> dict[str, Any]:
        return self.create_option(name, "", "", False, 0)

    def _option(self, name: str, value: Any, text: str, at: int) -> dict[str, Any]:
        return self.create_option(name, str(value), text, True, at)


class RemoteSelectMultiple(RemoteSelect, forms.SelectMultiple):
    """The same for several."""

    allow_multiple_selected = True

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        chosen = [self._option(name, pk, text, at) for at, (pk, text) in enumerate(self._chosen(value))]
        return [(None, chosen, 0)]


class SearchSelect(forms.Select):
    """A select of a few dozen options that can be narrowed by typing."""

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Any = ()) -> None:
        super().__init__({"data-searchable": "", **(attrs or {})}, choices)


class Chips(forms.RadioSelect):
    """Two to eight values as chips in a row: one of them is chosen. For filters."""

    template_name = "web/forms/chips.html"
    option_template_name = "web/forms/chip.html"


class Segments(forms.RadioSelect):
    """Two to four values as a segmented control."""

    template_name = "web/forms/segments.html"
    option_template_name = "web/forms/segment.html"


__all__ = [
    "Autocomplete",
    "Chips",
    "Form",
    "ModelForm",
    "RemoteSelect",
    "RemoteSelectMultiple",
    "SearchSelect",
    "Segments",
    "dress",
]
