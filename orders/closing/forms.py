"""What closing a month and asking to reopen one ask for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from salesops.web.forms import Form

from .checks import Checklist


class CloseForm(Form):
    """A note, and that one accepts what is left, where anything is."""

    accepts_warnings = forms.BooleanField(label=_("I accept what is left"), required=False)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, checklist: Checklist, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not checklist.warnings:
            del self.fields["accepts_warnings"]


class ReopeningForm(Form):
    """Why the month has to be open again."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever decides reads it, and it stays on record beside the month."),
    )
