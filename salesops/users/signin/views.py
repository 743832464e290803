"""Signing in, with a code where one is needed, and out; changing one's own password."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import login as remember_device

from salesops.users.models import User
from salesops.web.pages import FormPage

from . import halfway
from .demo import PASSWORD, demo_sign_ins
from .events import where_of, write_event
from .forms import CodeForm, PasswordChangeForm, RecoveryCodeForm, SignInForm
from .models import Outcome
from .services import try_code
from .throttle import Barred

BACKEND = "salesops.users.signin.backend.PeopleBackend"


def barred_response(request: HttpRequest, barred: Barred) -> HttpResponse:
    """Return the page that asks to wait."""
    minutes = -(-barred.seconds // 60)
    response = render(request, "429.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(barred.seconds)
    return response


def enter(request: HttpRequest, user: User, device: Any = None) -> None:
    """Let somebody in, in a session of a new key."""
    login(request, user, backend=BACKEND)
    if device is not None:
        remember_device(request, device)
    write_event(Outcome.SIGNED_IN, user=user, where=where_of(request))


class SignIn(LoginView):
    """The way in; whoever is in already goes on."""

    template_name = "registration/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = demo_sign_ins()
        return super().get_context_data(demo_people=people, demo_password=PASSWORD if people else "", **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Look at the pair, unless too many were tried."""
        try:
            return super().post(request, *args, **kwargs)
        except Barred as barred:
            return barred_response(request, barred)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Let in who needs no code; ask the others for it."""
        user: Any = form.get_user()
        goal = self.get_success_url()
        if user.has_second_factor:
            halfway.remember(self.request, user, goal)
            return HttpResponseRedirect(reverse("users:sign_in_code"))
        enter(self.request, user)
        return HttpResponseRedirect(goal)


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class SignInCode(View):
    """The second step: a code of the app, or one of those written down."""

    template_name = "registration/code.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send away who is in, and who has not said the password."""
        if request.user.is_authenticated:
            return HttpResponseRedirect("/")
        person = halfway.person_of(request)
        if person is None:
            halfway.forget(request)
            return HttpResponseRedirect(reverse("users:sign_in"))
        self.person = person
        return super().dispatch(request, *args, **kwargs)

    @property
    def by_recovery(self) -> bool:
        """Whether it is asked for a code that was written down."""
        return self.request.GET.get("with") == "recovery"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for the code."""
        return self.show(RecoveryCodeForm() if self.by_recovery else CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Let in who knows it."""
        form = (RecoveryCodeForm if self.by_recovery else CodeForm)(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            device = try_code(request, self.person, form.cleaned_data["code"])
        except Barred as barred:
            halfway.forget(request)
            return barred_response(request, barred)
        if device is None:
            form.add_error("code", _("This code opens nothing. Each opens once: wait for the next one."))
            return self.show(form)
        goal = halfway.next_of(request)
        halfway.forget(request)
        enter(request, self.person, device)
        return HttpResponseRedirect(goal)

    def show(self, form: CodeForm | RecoveryCodeForm) -> HttpResponse:
        """Show the form."""
        context = {"form": form, "person": self.person, "by_recovery": self.by_recovery}
        return HttpResponse(render_to_string(self.template_name, context, request=self.request))


class SignOut(LogoutView):
    """The way out, by POST only."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """End the session, and remember that it was ended."""
        user: Any = request.user
        if user.is_authenticated:
            write_event(Outcome.SIGNED_OUT, user=user, where=where_of(request))
        return super().post(request, *args, **kwargs)


class PasswordChange(FormPage):
    """One's own password. Sessions on other devices end with the old one; this one goes on."""

    title = gettext_lazy("Change my password")
    form_class = PasswordChangeForm
    submit_label = gettext_lazy("Change password")
    intro = gettext_lazy("You stay signed in here. Wherever else you are signed in, that ends.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"user": self.request.user, "request": self.request, **super().get_form_kwargs()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Change it, unless too many old ones were tried."""
        try:
            return super().post(request, *args, **kwargs)
        except Barred as barred:
            return barred_response(request, barred)

    def perform(self, form: PasswordChangeForm) -> str:
        user = form.save()
        update_session_auth_hash(self.request, user)
        write_event(Outcome.PASSWORD_CHANGED, user=user, where=where_of(self.request))
        messages.success(self.request, _("Your password is changed."))
        return "/"
