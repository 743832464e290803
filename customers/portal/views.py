"""Pages about an agent's people, and the page that an invitation opens."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from customers.files.models import Customer
from customers.files.views import OfCustomer
from salesops.kernel.errors import RuleBroken
from salesops.users.signin.events import where_of
from salesops.users.signin.views import enter
from salesops.web.pages import ActionPage, FormPage

from .forms import InvitationForm, JoinForm
from .models import Invitation
from .queries import LOOK_AFTER, may_look_after
from .services import (
    end_access_of,
    give_access_again,
    invitation_called,
    invite_person,
    join,
    revoke_invitation,
    send_again,
    why_not,
)


class OfPeople(OfCustomer):
    """A page about a customer's people: for those who look after them."""

    permission_required = LOOK_AFTER

    def allowed(self) -> bool:
        """Whether the role includes it; PermissionDenied with the reason for who of an agent is not responsible."""
        if not super().allowed():
            return False
        if not may_look_after(self.request.user, self.customer):
            raise PermissionDenied(_("Only the responsible person looks after the people of an account."))
        return True

    def get_success_url(self) -> str:
        """Back to the people on the customer's page."""
        return f"{self.customer.get_absolute_url()}#panel-people"


class InvitePerson(OfPeople, FormPage):
    """Somebody more who signs in for the customer."""

    title = gettext_lazy("Invite a person")
    menu_key = "customers"
    form_class = InvitationForm
    submit_label = gettext_lazy("Send invitation")
    intro = gettext_lazy("A mail brings a link that works once, for seven days. The person chooses the password.")
    message = gettext_lazy("The invitation is on its way.")

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        return self.steps(self.title)

    def get_initial(self) -> dict[str, Any]:
        return {"language": self.request.user.language}

    def perform(self, form: InvitationForm) -> str:
        invite_person(self.customer.pk, by=self.request.user, **form.cleaned_data)
        return self.get_success_url()


class OfInvitation(OfPeople):
    """The invitation that an address names, in the reader's scope."""

    @cached_property
    def invitation(self) -> Invitation:
        """The invitation; Http404 for one that is not there or not in scope."""
        rows = Invitation.objects.visible_to(self.request.user).select_related("customer")
        invitation: Invitation | None = rows.filter(pk=self.kwargs["pk"]).first()
        if invitation is None:
            raise Http404
        return invitation

    @cached_property
    def customer(self) -> Customer:
        customer: Customer = self.invitation.customer
        return customer


class SendAgain(OfInvitation, ActionPage):
    """The same invitation with a new link."""

    def perform(self) -> str:
        invitation = send_again(self.invitation.pk, by=self.request.user)
        return _("Sent to %(email)s with a new link.") % {"email": invitation.email}


class Revoke(OfInvitation, ActionPage):
    """An invitation that opens nothing any more."""

    def perform(self) -> str:
        invitation = revoke_invitation(self.invitation.pk, by=self.request.user)
        return _("The link sent to %(email)s opens nothing any more.") % {"email": invitation.email}


class EndAccess(OfPeople, ActionPage):
    """One of the people signs in no more."""

    def perform(self) -> str:
        person = end_access_of(self.customer.pk, self.kwargs["pk"], by=self.request.user, where=where_of(self.request))
        return _("%(name)s has no access any more.") % {"name": person}


class GiveAccess(OfPeople, ActionPage):
    """One of the people signs in again."""

    def perform(self) -> str:
        person = give_access_again(self.customer.pk, self.kwargs["pk"], by=self.request.user)
        return _("%(name)s may sign in again.") % {"name": person}


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class Join(View):
    """What the link of an invitation opens: one chooses a password and is in."""

    template_name = "customers/portal/join.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Say at once why a link does not open; an unknown one is not there."""
        found = invitation_called(self.kwargs["word"])
        if found is None:
            raise Http404
        self.invitation = found
        reason = why_not(found)
        if reason:
            return render(request, self.template_name, {"reason": reason}, status=410)
        response = super().dispatch(request, *args, **kwargs)
        response["Referrer-Policy"] = "strict-origin"  # the word goes nowhere; with no-referrer the form has no origin
        return response

    def get(self, request: HttpRequest, word: str) -> HttpResponse:
        """Ask for name and password."""
        form = JoinForm(email=self.invitation.email, initial={"full_name": self.invitation.full_name})
        return self.show(form)

    def post(self, request: HttpRequest, word: str) -> HttpResponse:
        """Make the account, and let the person in."""
        form = JoinForm(request.POST, email=self.invitation.email)
        if not form.is_valid():
            return self.show(form, status=422)
        data = form.cleaned_data
        try:
            person = join(word, full_name=data["full_name"], password=data["new_password1"])
        except RuleBroken as refusal:
            form.add_error(None, str(refusal.message))
            return self.show(form, status=422)
        enter(request, person)
        return HttpResponseRedirect("/")

    def show(self, form: JoinForm, status: int = 200) -> HttpResponse:
        """Show the form."""
        return render(self.request, self.template_name, {"form": form, "invitation": self.invitation}, status=status)
