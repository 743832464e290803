"""What is asked for of a bill."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.attachments.uploads import ACCEPTED
from customers.files.models import Customer
from salesops.kernel.money import CENT
from salesops.users.models import User
from salesops.web.forms import Form, RemoteSelect

from .models import BillKind, BillState, Endorsed


class BillForm(Form):
    """A paper that was received."""

    customer = forms.ModelChoiceField(
        label=_("Customer"), queryset=Customer.objects.none(), widget=RemoteSelect("customers:pick")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=BillKind)
    instrument = forms.CharField(label=_("Number on it"), max_length=60, help_text=_("It is registered once."))
    drawer = forms.CharField(
        label=_("Drawer"), max_length=120, required=False, help_text=_("Left empty, it is the customer.")
    )
    bank = forms.CharField(label=_("Bank"), max_length=120, help_text=_("Which it is drawn on, or which accepted it."))
    amount = forms.DecimalField(label=_("Amount"), max_digits=14, decimal_places=2, min_value=CENT)
    received_on = forms.DateField(label=_("Received on"))
    matures_on = forms.DateField(label=_("Matures on"), help_text=_("It becomes a payment on this day."))
    settles = forms.CharField(
        label=_("Shall settle"),
        max_length=80,
        required=False,
        help_text=_("Numbers of shipments, settled first; left empty, the oldest due first."),
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
    file = forms.FileField(label=_("Scan"), required=False, widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED}))

    sections = [
        ("", [("customer", "kind"), ("instrument", "amount"), ("drawer", "bank"), ("received_on", "matures_on")]),
        ("", ["settles", "note", "file"]),
    ]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        customers: Any = self.fields["customer"]
        customers.queryset = Customer.objects.visible_to(user)
        self.initial.setdefault("received_on", timezone.localdate())
        self.fields["received_on"].widget.attrs["max"] = timezone.localdate().isoformat()
        self.fields["amount"].widget.attrs["step"] = "0.01"


class EndorsementForm(Form):
    """To whom a bill was passed on."""

    endorsed_as = forms.ChoiceField(label=_("How"), choices=Endorsed)
    endorsed_to = forms.CharField(label=_("To whom"), max_length=120)
    endorsed_on = forms.DateField(label=_("Day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("endorsed_on", timezone.localdate())


class DishonourForm(Form):
    """Why a bill was not paid, and since when that is known."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text=_("What the bank says; the representative reads it."),
    )
    on = forms.DateField(label=_("Day"))
    seen = forms.ChoiceField(choices=BillState, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", timezone.localdate())


class ReturnForm(Form):
    """Why a bill is given back."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3, "autofocus": True})
    )
