"""The forms of signing in and of one's own password."""

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.forms import PasswordChangeForm as DjangoPasswordChangeForm
from django.utils.translation import gettext_lazy as _

from salesops.web.forms import Dressed


class SignInForm(Dressed, AuthenticationForm):
    """User name and password. The answer to a wrong pair never says which of the two was wrong."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _(
            "User name and password do not fit together. Mind capitals; after five tries you must wait."
        ),
    }


class PasswordChangeForm(Dressed, DjangoPasswordChangeForm):
    """The old password, and the new one twice."""

    sections = [("", ["old_password", "new_password1", "new_password2"])]
