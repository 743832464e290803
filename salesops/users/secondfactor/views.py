"""Pages of one's own second factor: what it is, setting it up, new codes, its end; and resetting somebody's."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import login as remember_device

from salesops.users.models import User
from salesops.users.people.views import MANAGE, OfPerson
from salesops.users.signin.events import where_of
from salesops.users.signin.throttle import Barred
from salesops.users.signin.views import barred_response
from salesops.web.pages import Action, FormPage, Page

from . import begun
from .codes import in_groups
from .forms import ProofForm, ResetForm, SetUpForm
from .picture import qr_picture
from .queries import codes_left, device_of
from .services import confirm_set_up, end_second_factor, renew_codes, reset_second_factor

FEW = 3
"""So few codes left are worth a warning."""


class SecondFactorPage(Page):
    """Whether one has a second factor, and what can be done about it."""

    title = gettext_lazy("Second factor")
    template_name = "users/second_factor.html"

    def context(self, **more: Any) -> dict[str, Any]:
        user = self.request.user
        device = device_of(user)
        left = codes_left(user) if device else 0
        return super().context(device=device, left=left, is_few=left <= FEW, required=user.needs_second_factor, **more)

    def actions(self) -> list[Action]:
        """Buttons in the head."""
        if not self.request.user.has_second_factor:
            return [Action(_("Set up"), reverse("users:second_factor_new"), "key", primary=True)]
        return [
            Action(_("End it"), reverse("users:second_factor_end"), "x", danger=True),
            Action(_("New recovery codes"), reverse("users:second_factor_codes"), "list"),
        ]


@method_decorator(sensitive_post_parameters(), name="dispatch")
class OfSecondFactor(FormPage):
    """A form about one's own second factor."""

    cancel_url = "/second-factor/"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"request": self.request, "person": self.request.user, **super().get_form_kwargs()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Do it, unless too many passwords or codes were tried."""
        try:
            return super().post(request, *args, **kwargs)
        except Barred as barred:
            return barred_response(request, barred)

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        return [(_("Second factor"), reverse("users:second_factor")), (self.heading(), None)]

    def show_codes(self, codes: list[str]) -> HttpResponseBase:
        """Show the codes: this once, for nobody keeps them."""
        response = self.render("users/recovery_codes.html", codes=codes, username=self.request.user.username)
        response["Cache-Control"] = "no-store, private"
        return response

    def stay_signed_in(self, user: User, device: Any = None) -> None:
        """Let this session go on where every other one has just ended."""
        update_session_auth_hash(self.request, user)
        if device is not None:
            remember_device(self.request, device)


class SetUp(OfSecondFactor):
    """An authenticator app learns the secret, and its first code proves it."""

    title = gettext_lazy("Set up a second factor")
    template_name = "users/second_factor_new.html"
    form_class = SetUpForm
    submit_label = gettext_lazy("Confirm")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the picture; whoever has a second factor already sees that."""
        if self.request.user.has_second_factor:
            return HttpResponseRedirect(reverse("users:second_factor"))
        return super().get(request, *args, **kwargs)

    def context(self, **more: Any) -> dict[str, Any]:
        if "form" not in more:
            return super().context(**more)
        user = self.request.user
        url = begun.begin(self.request).config_url
        secret = in_groups(_secret_in(url), " ")
        return super().context(
            picture=qr_picture(url), secret=secret, setup_url=url, required=user.needs_second_factor, **more
        )

    def perform(self, form: SetUpForm) -> HttpResponseBase:
        user = self.request.user
        device = begun.device_in(self.request)
        codes = confirm_set_up(user.pk, device, form.cleaned_data["code"], where=where_of(self.request))
        begun.forget(self.request)
        user.refresh_from_db(fields=["session_round"])
        self.stay_signed_in(user, device)
        return self.show_codes(codes)


class NewCodes(OfSecondFactor):
    """Ten new recovery codes in place of the old ones."""

    title = gettext_lazy("New recovery codes")
    form_class = ProofForm
    submit_label = gettext_lazy("Make new codes")
    intro = gettext_lazy("The old ones open nothing from then on.")

    def perform(self, form: ProofForm) -> HttpResponseBase:
        return self.show_codes(renew_codes(self.request.user.pk, where=where_of(self.request)))


class End(OfSecondFactor):
    """No second factor any more."""

    title = gettext_lazy("End the second factor")
    form_class = ProofForm
    submit_label = gettext_lazy("End it")

    @property
    def intro(self) -> str:
        """What follows."""
        if self.request.user.needs_second_factor:
            return _("Your role requires one: right after this you set up another. Everywhere else you are signed out.")
        return _("The password alone opens your account then. Everywhere else you are signed out.")

    def perform(self, form: ProofForm) -> str:
        user = end_second_factor(self.request.user.pk, where=where_of(self.request))
        self.stay_signed_in(user)
        messages.success(self.request, _("You sign in with the password alone."))
        return reverse("users:second_factor")


class Reset(OfPerson, FormPage):
    """Somebody has lost the phone: an administrator lets them begin anew."""

    permission_required = MANAGE
    menu_key = "people"
    form_class = ResetForm
    submit_label = gettext_lazy("Reset")
    message = gettext_lazy("Reset. The person is signed out everywhere, and is told.")
    intro = gettext_lazy("Device and recovery codes are forgotten. The password stays as it is.")

    def heading(self) -> str:
        return _("Reset the second factor of %(name)s") % {"name": self.person}

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        return [(_("People"), reverse("users:people")), (self.person, self.person_url), (_("Second factor"), None)]

    def perform(self, form: ResetForm) -> str:
        reason = form.cleaned_data["reason"]
        reset_second_factor(self.person.pk, by=self.request.user, reason=reason, where=where_of(self.request))
        return self.person_url


def _secret_in(url: str) -> str:
    """The secret as apps take it when it is typed."""
    return url.split("secret=")[1].split("&")[0]
