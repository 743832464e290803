"""What leaves: pieces and batch of each open line, the day, and who carries it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from salesops.web.forms import Form

from .queries import OpenLine


class ShipmentForm(Form):
    """One quantity and one batch for each open line; what lies ready is proposed."""

    shipped_on = forms.DateField(label=_("Shipped on"))
    carrier = forms.CharField(label=_("Carrier"), max_length=120, required=False)
    tracking = forms.CharField(label=_("Tracking number"), max_length=120, required=False)
    note = forms.CharField(label=_("Note on the delivery note"), max_length=300, required=False)

    def __init__(self, *args: Any, lines: Sequence[OpenLine], carriers: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        self.initial.setdefault("shipped_on", timezone.localdate())
        self.fields["shipped_on"].widget.attrs["max"] = timezone.localdate().isoformat()
        self.fields["carrier"].widget.attrs["list"] = "carriers"
        self.carriers = list(carriers)
        for each in lines:
            line = each.line
            self.fields[f"quantity_{line.pk}"] = forms.IntegerField(
                label=_("Pieces of %(product)s") % {"product": line.product},
                min_value=0,
                max_value=line.open_quantity,
                required=False,
                initial=each.ready,
                widget=forms.NumberInput(
                    attrs={
                        "class": "form-control so-num-input",
                        "inputmode": "numeric",
                        "max": line.open_quantity,
                        "data-ready": each.ready,
                    }
                ),
            )
            self.fields[f"batch_{line.pk}"] = forms.CharField(
                label=_("Batch of %(product)s") % {"product": line.product},
                max_length=60,
                required=False,
                widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
            )

    def rows(self) -> Iterator[tuple[OpenLine, BoundField, BoundField]]:
        """Each line with its two fields."""
        for each in self.lines:
            yield each, self[f"quantity_{each.line.pk}"], self[f"batch_{each.line.pk}"]

    def quantities(self) -> dict[int, int]:
        """Pieces by line id."""
        return {each.line.pk: self.cleaned_data.get(f"quantity_{each.line.pk}") or 0 for each in self.lines}

    def batches(self) -> dict[int, str]:
        """Batches by line id, where one was typed."""
        return {each.line.pk: self.cleaned_data.get(f"batch_{each.line.pk}", "") for each in self.lines}
