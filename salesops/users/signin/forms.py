"""The forms of signing in and of one's own password."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.forms import PasswordChangeForm as DjangoPasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from salesops.web.forms import Dressed, Form

from .services import confirm_password, try_password


class SignInForm(Dressed, AuthenticationForm):
    """User name and password. The answer to a wrong pair never says which of the two was wrong."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _(
            "User name and password do not fit together. Mind capitals; after five tries you must wait."
        ),
    }

    def clean(self) -> dict[str, Any]:
        """Count the try and look at the pair. Barred goes through to the page."""
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if name and password:
            assert self.request is not None
            self.user_cache = try_password(self.request, name, password)
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data


class CodeForm(Form):
    """What the app shows."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
        help_text=_("The six figures that your authenticator app shows now."),
    )


class RecoveryCodeForm(Form):
    """One of the codes that were written down."""

    code = forms.CharField(
        label=_("Recovery code"),
        max_length=40,
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "autofocus": True}
        ),
        help_text=_("One of those that you wrote down or printed. Each opens once."),
    )


class PasswordChangeForm(Dressed, DjangoPasswordChangeForm):
    """The old password, and the new one twice. Tries of the old one are counted like those at the door."""

    sections = [("", ["old_password", "new_password1", "new_password2"])]

    def __init__(self, *args: Any, request: Any, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_old_password(self) -> str:
        """Raise Barred after too many wrong ones."""
        password: str = self.cleaned_data["old_password"]
        if not confirm_password(self.request, self.user, password):
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return password
