"""The forms of one's own second factor, and of resetting somebody else's."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from salesops.users.models import User
from salesops.users.signin.services import confirm_password, confirm_proof
from salesops.web.forms import Form


class SetUpForm(Form):
    """The first code of the app; the password, for somebody else may sit at an open screen."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
        help_text=_("The six figures that the app shows now."),
    )
    password = forms.CharField(
        label=_("Your password"), strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, request: HttpRequest, person: User, **kwargs: Any) -> None:
        self.request, self.person = request, person
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        """Raise Barred after too many wrong ones."""
        password: str = self.cleaned_data["password"]
        if not confirm_password(self.request, self.person, password):
            raise ValidationError(_("This is not your password."))
        return password


class ProofForm(Form):
    """That it is really you: password or code, either is enough."""

    proof = forms.CharField(
        label=_("Your password, or a code"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        help_text=_("The code of the app, or a recovery code, will do where the password is forgotten."),
    )

    def __init__(self, *args: Any, request: HttpRequest, person: User, **kwargs: Any) -> None:
        self.request, self.person = request, person
        super().__init__(*args, **kwargs)

    def clean_proof(self) -> str:
        """Raise Barred after too many wrong ones."""
        proof: str = self.cleaned_data["proof"]
        if not confirm_proof(self.request, self.person, proof):
            raise ValidationError(_("This is neither your password nor a code that opens."))
        return proof


class ResetForm(Form):
    """Why somebody's second factor is reset."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("How you made sure that it is really them: it stands in the record of sign-ins."),
    )
