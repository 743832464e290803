"""A bank's file and its account, which column holds what, whose money a line is."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.files.models import Customer
from orders.matching.forms import FileColumnsForm
from salesops.users.models import User
from salesops.web.forms import Form, RemoteSelect

from .models import BankLine, CompanyAccount
from .reading import BankMapping

LABELS = {
    "day": _("Date"),
    "credit": _("Came in (credit)"),
    "debit": _("Went out (debit)"),
    "amount": _("Signed amount"),
    "payer_account": _("Payer's account"),
    "payer_name": _("Payer's name"),
    "reference": _("Reference"),
    "text": _("Purpose"),
    "transaction": _("Bank's number"),
}


class BankFileForm(Form):
    """A file and which account of the company it is of."""

    file = forms.FileField(
        label=_("File"), help_text=_("Excel (.xlsx) or text (.csv), as the bank gives it: one line for each movement.")
    )
    account = forms.CharField(
        label=_("Our account"),
        max_length=80,
        help_text=_("Its name or number; how its files are written is remembered by it."),
    )

    sections = [("", ["file", "account"])]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ".xlsx,.csv,.txt"
        last = CompanyAccount.objects.order_by("-files__uploaded_at").exclude(files=None).first()
        if last:
            self.initial.setdefault("account", last.name)


class BankColumnsForm(FileColumnsForm):
    """The columns of a bank's file."""

    labels = LABELS

    def mapping(self) -> BankMapping:
        """What was chosen."""
        return BankMapping.of(self.chosen())


class LineForm(Form):
    """Whose money a line is, or why it is no receipt."""

    customer = forms.ModelChoiceField(
        label=_("Customer"), queryset=Customer.objects.none(), widget=RemoteSelect("customers:pick"), required=False
    )
    reason = forms.CharField(
        label=_("Not a receipt from a customer, because"),
        max_length=300,
        required=False,
        help_text=_("Sets the line aside; nothing is recorded."),
    )

    def __init__(self, *args: Any, user: User, line: BankLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        customers: Any = self.fields["customer"]
        customers.queryset = Customer.objects.visible_to(user)
        self.initial = {**self.initial, "customer": line.customer}

    def clean(self) -> dict[str, Any]:
        """A customer or a reason; where both stand there, the reason was written later."""
        given = super().clean() or self.cleaned_data
        if not given.get("customer") and not given.get("reason") and not self.errors:
            self.add_error("customer", _("Choose a customer, or say why it is no receipt."))
        return given


class FreeingForm(Form):
    """Why a line is decided on again."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3, "autofocus": True})
    )
