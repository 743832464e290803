"""The form of a paper."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.files.models import Attachment
from salesops.web.forms import Form, Segments

from .services import PaperInput
from .uploads import ACCEPTED


class PaperForm(Form):
    """What the paper is, how long it is valid, and its scan."""

    paper = forms.ChoiceField(label=_("Kind"), choices=Attachment.Paper.choices, initial="licence", widget=Segments)
    title = forms.CharField(label=_("Title"), max_length=160)
    number = forms.CharField(label=_("Number"), max_length=80, required=False)
    valid_from = forms.DateField(label=_("Valid from"), required=False)
    valid_until = forms.DateField(
        label=_("Valid until"), required=False, help_text=_("The representative is told 30 days before.")
    )
    file = forms.FileField(
        label=_("File"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text=_("PDF, picture, Word or Excel, up to 20 MB."),
    )

    sections = [("", ["paper", ("title", "number"), ("valid_from", "valid_until"), "file"])]

    def as_input(self) -> PaperInput:
        """What was typed, as the services take it."""
        return PaperInput(**{name: value for name, value in self.cleaned_data.items() if name != "file"})

    @staticmethod
    def initial_of(attachment: Attachment) -> dict[str, Any]:
        """What the form starts with for a paper."""
        return {name: getattr(attachment, name) for name in PaperForm.base_fields if name != "file"}
