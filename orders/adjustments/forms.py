"""What an adjustment asks for."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.files.models import Customer
from orders.payments.models import Method
from salesops.kernel.money import CENT
from salesops.users.models import User
from salesops.web.forms import Form, RemoteSelect

from .models import Kind, Reason

KINDS = [(kind.value, kind.label) for kind in Kind if kind != Kind.REVERSAL]


class KeysField(forms.Field):
    """Keys of rows that are ticked beside the form; what is no key is left out."""

    widget = forms.SelectMultiple

    def to_python(self, value: Any) -> list[int]:
        """The keys as numbers."""
        return [int(key) for key in value or () if str(key).isascii() and str(key).isdecimal() and len(str(key)) < 19]


class AdjustmentForm(Form):
    """More or less to pay; the open items of the chosen account stand beside it."""

    customer = forms.ModelChoiceField(
        label=_("Customer"), queryset=Customer.objects.none(), widget=RemoteSelect("customers:pick")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS, initial=Kind.CREDIT)
    amount = forms.DecimalField(
        label=_("Amount"),
        max_digits=14,
        decimal_places=2,
        min_value=CENT,
        required=False,
        help_text=_("Left empty, a write-off or a refund is of all that is open of what is chosen."),
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", "–"), *Reason.choices])
    concerns = forms.DateField(label=_("Day that it concerns"))
    text = forms.CharField(
        label=_("Explanation"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever decides reads it; the customer does not."),
    )
    method = forms.ChoiceField(
        label=_("Paid by"), choices=[("", "–"), *Method.choices], required=False, help_text=_("Of a refund.")
    )
    reference = forms.CharField(label=_("Reference"), max_length=120, required=False)
    items = KeysField(label=_("Open items"), required=False)

    sections = [
        ("", ["customer", ("kind", "amount"), ("reason", "concerns"), "text"]),
        (_("How a refund is paid"), [("method", "reference")]),
    ]

    def __init__(self, *args: Any, user: User, is_again: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        customers: Any = self.fields["customer"]
        customers.queryset = Customer.objects.visible_to(user)
        self.initial.setdefault("concerns", timezone.localdate())
        self.fields["concerns"].widget.attrs["max"] = timezone.localdate().isoformat()
        self.fields["amount"].widget.attrs["step"] = "0.01"
        for name in ("customer", "kind") if is_again else ():
            self.fields[name].disabled = True

    @property
    def so_far(self) -> tuple[Customer | None, str, list[int]]:
        """The customer, the kind and the items chosen, also while the rest is not right yet."""
        if not self.is_bound:
            given = self.initial
        else:
            self.is_valid()
            given = self.cleaned_data
        return given.get("customer"), given.get("kind") or Kind.CREDIT, list(given.get("items") or [])


class ReversalForm(Form):
    """Why an adjustment is taken back."""

    reason = forms.ChoiceField(label=_("Reason"), choices=Reason, initial=Reason.MISTAKE)
    text = forms.CharField(
        label=_("Explanation"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text=_("Whoever decides reads it; the customer does not."),
    )
