"""Pages about delegations."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.users.models import Delegation
from salesops.users.rights.services import MANAGE
from salesops.web.pages import Action, ActionPage, Empty, FormPage, ListPage

from .forms import DelegationForm
from .queries import delegations_visible_to
from .services import give_delegation, revoke_delegation
from .tables import DelegationTable

DELEGATE = "users.delegate"


class DelegationList(ListPage):
    """One's own delegations, given and taken; all of them for administrators."""

    permission_required = DELEGATE
    title = gettext_lazy("Delegation")
    table = DelegationTable
    search_fields = (
        "giver__full_name",
        "giver__full_name_zh",
        "taker__full_name",
        "taker__full_name_zh",
        "reason",
    )
    intro = gettext_lazy("While you are away a colleague decides in your place; each decision says so.")
    empty = Empty(
        gettext_lazy("Nobody decides in your place"),
        gettext_lazy("Before you go on leave, choose a colleague and the days."),
    )

    def rows(self) -> QuerySet[Delegation]:
        return delegations_visible_to(self.request.user)

    def actions(self) -> Sequence[Action]:
        return [Action(_("Delegate"), reverse("users:delegation_new"), "plus", primary=True)]

    def may_take_back(self, delegation: Delegation) -> bool:
        """Whether the reader may end it, and there is something to end."""
        user = self.request.user
        ended = delegation.revoked_at is not None or delegation.last_day < timezone.localdate()
        return not ended and (delegation.giver_id == user.pk or user.has_perm(MANAGE))


class NewDelegation(FormPage):
    """Let a colleague decide for a span of days."""

    permission_required = DELEGATE
    title = gettext_lazy("Delegate")
    form_class = DelegationForm
    submit_label = gettext_lazy("Delegate")
    message = gettext_lazy("Your colleague decides in your place on these days.")

    def get_cancel_url(self) -> str:
        return reverse("users:delegation")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"by": self.request.user, **super().get_form_kwargs()}

    def perform(self, form: DelegationForm) -> str:
        data = form.cleaned_data
        giver = data.get("giver") or self.request.user
        days = {key: data[key] for key in ("first_day", "last_day", "reason")}
        give_delegation(by=self.request.user, giver_id=giver.pk, taker_id=data["taker"].pk, **days)
        return reverse("users:delegation")


class RevokeDelegation(ActionPage):
    """A delegation ends now."""

    permission_required = DELEGATE

    def perform(self) -> str:
        seen = delegations_visible_to(self.request.user).filter(pk=self.kwargs["pk"])
        if not seen.exists():
            raise Http404
        delegation = revoke_delegation(self.kwargs["pk"], by=self.request.user)
        return _("%(name)s decides in nobody's place any more.") % {"name": delegation.taker}
