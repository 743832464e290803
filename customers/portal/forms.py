"""The forms about an agent's people."""

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.utils.translation import gettext_lazy as _

from salesops.users.models import User
from salesops.web.forms import Dressed, Form


class InvitationForm(Form):
    """Whom to invite."""

    full_name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(
        label=_("E-mail"), max_length=150, help_text=_("The link goes there; it is the user name as well.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=User._meta.get_field("language").choices or [])
    is_responsible = forms.BooleanField(
        label=_("Responsible"),
        required=False,
        help_text=_("May invite colleagues of the same account and end their access."),
    )

    sections = [("", [("full_name", "email"), "language", "is_responsible"])]


class JoinForm(Dressed, SetPasswordForm):
    """One's name, and a password twice."""

    full_name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))

    field_order = ["full_name", "new_password1", "new_password2"]

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(User(username=email, email=email), *args, **kwargs)
