"""What is typed and uploaded for an import."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.web.forms import Form, dress

from .assistant import TableChoice, TableLook, guess, guess_columns
from .kinds import Kind, kinds, kinds_in_order
from .models import ImportRun
from .rows import required_fields


class SeveralFilesInput(forms.ClearableFileInput):
    """A control that takes several files."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class SeveralFilesField(forms.FileField):
    """Several files at once."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the files as a list."""
        files = data if isinstance(data, list | tuple) else [data]
        return [super(SeveralFilesField, self).clean(file, initial) for file in files]


class NewRunForm(Form):
    """The files of a company, and what explains them."""

    title = forms.CharField(label=gettext_lazy("What is it"), max_length=120)
    upload = SeveralFilesField(
        label=gettext_lazy("Files"),
        help_text=gettext_lazy(
            "Excel (.xlsx) or text (.csv), several at once, or a .zip of them; a .toml is the mapping."
        ),
    )
    mapping_of = forms.ModelChoiceField(
        ImportRun.objects.none(),
        label=gettext_lazy("Mapping"),
        required=False,
        empty_label=gettext_lazy("none yet: the assistant helps to make one"),
        help_text=gettext_lazy("It says which column holds what. That of an earlier import can be used again."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["mapping_of"]
        field.queryset = ImportRun.objects.exclude(mapping="").order_by("-pk")
        self.fields["upload"].widget.attrs |= {"accept": ".xlsx,.csv,.zip,.toml", "multiple": True}


class MappingForm(Form):
    """A mapping as text."""

    mapping = forms.CharField(label=gettext_lazy("Mapping"), strip=False, widget=forms.Textarea)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mapping"].widget.attrs |= {"rows": 30, "spellcheck": "false", "class": "form-control so-code"}


class AssistantForm(Form):
    """For each table of the files: what it holds, and where each field stands."""

    def __init__(self, *args: Any, looks: list[TableLook], chosen: dict[int, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.looks = looks
        self.kind_of: list[Kind | None] = []
        choices = [("", _("nothing that is needed")), *((kind.key, str(kind.label)) for kind in kinds_in_order())]
        for at, look in enumerate(looks):
            key = self.data.get(f"kind-{at}", "") if self.is_bound else (chosen or {}).get(at, guess(look).kind)
            self._add(
                f"kind-{at}", forms.ChoiceField(label=_("It holds"), choices=choices, required=False, initial=key)
            )
            kind = kinds.get(key) if not look.trouble else None
            self.kind_of.append(kind)
            if kind is not None:
                self._add_fields(at, look, kind)

    def _add_fields(self, at: int, look: TableLook, kind: Kind) -> None:
        guessed = guess_columns(look, kind)
        columns = [("", "–"), *((name, name) for name in look.columns)]
        needed = required_fields(kind.row)
        for name in kind.row.model_fields:
            label = field_label(name)
            control = forms.ChoiceField(label=label, choices=columns, required=False, initial=guessed.get(name, ""))
            self._add(f"column-{at}-{name}", control)
            always = forms.CharField(label=_("%(field)s is always") % {"field": label}, max_length=120, required=False)
            self._add(f"always-{at}-{name}", always)
            control.is_needed = name in needed  # type: ignore[attr-defined]

    def _add(self, name: str, field: forms.Field) -> None:
        dress(field)
        self.fields[name] = field

    def parts(self) -> Iterator[dict[str, Any]]:
        """What the page shows, table by table."""
        for at, (look, kind) in enumerate(zip(self.looks, self.kind_of, strict=True)):
            yield {"at": at, "look": look, "kind_field": self[f"kind-{at}"], "rows": self.rows_of(at, look, kind)}

    def rows_of(self, at: int, look: TableLook, kind: Kind | None) -> list[dict[str, Any]]:
        """The fields of one table: control, what it always is, and a value from the file."""
        if kind is None:
            return []
        rows = []
        for name in kind.row.model_fields:
            column = self[f"column-{at}-{name}"]
            samples = look.columns.get(column.value() or "", [])
            rows.append(
                {
                    "column": column,
                    "always": self[f"always-{at}-{name}"],
                    "needed": name in required_fields(kind.row),
                    "sample": next(filter(None, samples), ""),
                }
            )
        return rows

    def choices_made(self) -> list[TableChoice]:
        """What was chosen, tables that hold nothing left out."""
        made = []
        for at, (look, kind) in enumerate(zip(self.looks, self.kind_of, strict=True)):
            if kind is None:
                continue
            names = list(kind.row.model_fields)
            columns = {name: self.cleaned_data[f"column-{at}-{name}"] for name in names}
            constants = {name: self.cleaned_data[f"always-{at}-{name}"] for name in names}
            made.append(
                TableChoice(
                    look,
                    kind.key,
                    {name: column for name, column in columns.items() if column},
                    {name: text for name, text in constants.items() if text},
                )
            )
        return made


FIELD_LABELS = {
    "key": gettext_lazy("Key in the old books"),
    "sku": "SKU",
    "name_zh": gettext_lazy("Chinese name"),
    "full_name_zh": gettext_lazy("Chinese name"),
    "day": gettext_lazy("Date"),
}


def field_label(name: str) -> str:
    """Return what the assistant calls a field."""
    known = FIELD_LABELS.get(name)
    return str(known) if known else capfirst(_(name.replace("_", " ")))
