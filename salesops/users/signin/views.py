"""Signing in and out, and changing one's own password."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView, LogoutView
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.web.pages import FormPage

from .demo import PASSWORD, demo_sign_ins
from .forms import PasswordChangeForm, SignInForm


class SignIn(LoginView):
    """The way in; whoever is in already goes on."""

    template_name = "registration/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = demo_sign_ins()
        return super().get_context_data(demo_people=people, demo_password=PASSWORD if people else "", **kwargs)


class SignOut(LogoutView):
    """The way out, by POST only."""

    http_method_names = ["post", "options"]


class PasswordChange(FormPage):
    """One's own password. Sessions on other devices end with the old one; this one goes on."""

    title = gettext_lazy("Change my password")
    form_class = PasswordChangeForm
    submit_label = gettext_lazy("Change password")
    intro = gettext_lazy("You stay signed in here. Wherever else you are signed in, that ends.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"user": self.request.user, **super().get_form_kwargs()}

    def perform(self, form: PasswordChangeForm) -> str:
        user = form.save()
        update_session_auth_hash(self.request, user)
        messages.success(self.request, _("Your password is changed."))
        return "/"
