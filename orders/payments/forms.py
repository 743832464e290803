"""What came in, from whom, how."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.files.models import Customer
from salesops.kernel.money import CENT
from salesops.users.models import User
from salesops.web.forms import Form, RemoteSelect

from .models import Method


class PaymentForm(Form):
    """A receipt; the account of the chosen customer stands beside it."""

    customer = forms.ModelChoiceField(
        label=_("Customer"), queryset=Customer.objects.none(), widget=RemoteSelect("customers:pick")
    )
    received_on = forms.DateField(label=_("Received on"))
    amount = forms.DecimalField(label=_("Amount"), max_digits=14, decimal_places=2, min_value=CENT)
    method = forms.ChoiceField(label=_("How"), choices=Method)
    reference = forms.CharField(
        label=_("Reference"),
        max_length=120,
        required=False,
        help_text=_("That of the bank or of the bill; a customer's reference is used once."),
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    sections = [("", ["customer", ("received_on", "amount"), ("method", "reference"), "note"])]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        customers: Any = self.fields["customer"]
        customers.queryset = Customer.objects.visible_to(user)
        self.initial.setdefault("received_on", timezone.localdate())
        self.fields["received_on"].widget.attrs["max"] = timezone.localdate().isoformat()
        self.fields["amount"].widget.attrs["step"] = "0.01"

    @property
    def customer_so_far(self) -> Customer | None:
        """The customer chosen, also while the rest is not right yet."""
        if not self.is_bound:
            return self.initial.get("customer")
        self.is_valid()
        return self.cleaned_data.get("customer")


class ReversalForm(Form):
    """Why a payment was a mistake."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text=_("It stands on the account beside the reversal."),
    )
