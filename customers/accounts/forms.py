"""The forms of credit terms and holds."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from salesops.web.forms import Form, Segments

from .models import CreditAccount, DueRule


class TermsForm(Form):
    """Limit, payment terms and tolerance."""

    limit = forms.DecimalField(
        label=_("Credit limit"),
        max_digits=14,
        decimal_places=2,
        min_value=0,
        required=False,
        help_text=_("Tax included. Empty: not controlled. 0: goods only against prepayment."),
    )
    due_rule = forms.ChoiceField(label=_("Due"), choices=DueRule.choices, widget=Segments)
    due_days = forms.IntegerField(label=_("Days"), min_value=0, max_value=365)
    tolerance_days = forms.IntegerField(
        label=_("Tolerance, days"),
        min_value=0,
        max_value=365,
        help_text=_("So many days overdue are still normal for this customer."),
    )

    sections = [("", ["limit", ("due_rule", "due_days"), "tolerance_days"])]

    @staticmethod
    def initial_of(account: CreditAccount) -> dict[str, Any]:
        """What the form starts with for an account."""
        return {name: getattr(account, name) for name in TermsForm.base_fields}


class HoldForm(Form):
    """Why everything stops."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("Everybody who works with the customer reads it.")
    )


class ReleaseForm(Form):
    """Why it goes on."""

    note = forms.CharField(label=_("What has changed"), max_length=200)
