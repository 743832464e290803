"""The forms of credit terms and holds."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from salesops.web.forms import Form

from .models import CreditAccount, DueRule
from .services import LAST, LONGEST, DueInput

PARTS = range(1, 4)
"""How many parts the form has room for."""


def _names(part: int) -> tuple[str, str, str, str]:
    """The fields of a part."""
    return f"percent_{part}", f"due_rule_{part}", f"due_days_{part}", f"due_day_{part}"


def _day_field() -> forms.IntegerField:
    return forms.IntegerField(label=_("Day of the month"), min_value=1, max_value=LAST, required=False)


def _fields_of_part() -> list[forms.Field]:
    return [
        forms.DecimalField(label=_("Percent"), max_digits=5, decimal_places=2, min_value=0, required=False),
        forms.ChoiceField(label=_("Due"), choices=DueRule.choices, required=False),
        forms.IntegerField(label=_("Days"), min_value=0, max_value=LONGEST, required=False),
        _day_field(),
    ]


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
    due_rule = forms.ChoiceField(label=_("Due"), choices=DueRule.choices)
    due_days = forms.IntegerField(label=_("Days"), min_value=0, max_value=LONGEST)
    due_day = _day_field()
    tolerance_days = forms.IntegerField(
        label=_("Tolerance, days"),
        min_value=0,
        max_value=365,
        help_text=_("So many days overdue are still normal for this customer."),
    )

    sections = [
        ("", ["limit", ("due_rule", "due_days", "due_day"), "tolerance_days"]),
        (_("Parts that are due by other terms; the rest is due as above"), [_names(at) for at in PARTS]),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for at in PARTS:
            self.fields |= dict(zip(_names(at), _fields_of_part(), strict=True))

    def clean(self) -> dict[str, Any]:
        """A part has a percentage and days, or is empty; the parts that are there become `parts`."""
        given = super().clean() or self.cleaned_data
        parts = []
        for at in PARTS:
            percent, rule, days, day = (given.pop(name, None) for name in _names(at))
            if percent is not None and days is None and f"due_days_{at}" not in self.errors:
                self.add_error(f"due_days_{at}", _("In how many days?"))
            elif percent is None and days is not None and f"percent_{at}" not in self.errors:
                self.add_error(f"percent_{at}", _("How much of it?"))
            elif percent is not None and days is not None:
                parts.append(DueInput(rule or DueRule.SHIPMENT, days, day or LAST, percent))
        return {**given, "due_day": given.get("due_day") or LAST, "parts": parts}

    @staticmethod
    def initial_of(account: CreditAccount) -> dict[str, Any]:
        """What the form starts with for an account."""
        found = {name: getattr(account, name) for name in TermsForm.base_fields}
        for at, part in enumerate(account.parts.all(), start=1):
            found |= zip(_names(at), (part.percent, part.due_rule, part.due_days, part.due_day), strict=True)
        return found


class HoldForm(Form):
    """Why everything stops."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("Everybody who works with the customer reads it.")
    )


class ReleaseForm(Form):
    """Why it goes on."""

    note = forms.CharField(label=_("What has changed"), max_length=200)
