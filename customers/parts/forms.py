"""The forms of contacts, addresses and notes."""

from django import forms
from django.utils.translation import gettext_lazy as _

from salesops.web.forms import Form

from .services import AddressInput, ContactInput


class ContactForm(Form):
    """A person at the customer's."""

    name = forms.CharField(label=_("Name"), max_length=120)
    post = forms.CharField(label=_("Post"), max_length=80, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=60, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    is_main = forms.BooleanField(label=_("Main contact"), required=False)

    sections = [("", [("name", "post"), ("phone", "email"), "is_main"])]

    def as_input(self) -> ContactInput:
        """What was typed, as the services take it."""
        return ContactInput(**self.cleaned_data)


class AddressForm(Form):
    """A place at the customer's."""

    label = forms.CharField(label=_("Label"), max_length=80, help_text=_("For example: main warehouse"))
    text = forms.CharField(label=_("Address"), max_length=300)
    recipient = forms.CharField(label=_("Recipient"), max_length=120, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=60, required=False)
    is_default = forms.BooleanField(label=_("Goods go here"), required=False)

    sections = [("", ["label", "text", ("recipient", "phone"), "is_default"])]

    def as_input(self) -> AddressInput:
        """What was typed, as the services take it."""
        return AddressInput(**self.cleaned_data)


class NoteForm(Form):
    """Something worth knowing."""

    text = forms.CharField(label=_("Note"), max_length=4000, widget=forms.Textarea(attrs={"rows": "3"}))
