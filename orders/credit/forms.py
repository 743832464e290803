"""What a temporary limit asks for."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.files.models import Customer
from salesops.kernel.money import CENT
from salesops.users.models import User
from salesops.web.forms import Form, RemoteSelect


class TemporaryLimitForm(Form):
    """An amount on top of a customer's limit, for a span of days, and why."""

    customer = forms.ModelChoiceField(
        label=_("Customer"), queryset=Customer.objects.none(), widget=RemoteSelect("customers:pick")
    )
    amount = forms.DecimalField(label=_("Amount on top of the limit"), max_digits=14, decimal_places=2, min_value=CENT)
    first_day = forms.DateField(label=_("From"))
    last_day = forms.DateField(label=_("Until"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever decides reads it: what the goods are for, and when they will be paid."),
    )

    sections = [("", ["customer", "amount", ("first_day", "last_day"), "reason"])]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        customers: Any = self.fields["customer"]
        customers.queryset = Customer.objects.visible_to(user).active()
        self.initial.setdefault("first_day", timezone.localdate())

    @property
    def customer_so_far(self) -> Customer | None:
        """The customer chosen, also while the rest is not right yet."""
        if not self.is_bound:
            return self.initial.get("customer")
        self.is_valid()
        return self.cleaned_data.get("customer")
