"""Handing over what is left: each line with its kind, amount, reason and owner, as the rules propose them."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders.reconciliation.models import DifferenceReason, Reconciliation
from orders.reconciliation.record_views import ADJUST, OneDifference
from orders.reconciliation.services import RUN
from salesops.users.models import User
from salesops.users.people.queries import people_visible_to
from salesops.web.forms import Form, RemoteSelect
from salesops.web.pages import ActionPage, FormPage

from .adjusting import post_difference
from .differences import Proposal, hand_over, proposals, reconciliation_of
from .models import LedgerState
from .views import OfLedger

LEAVE_OUT = "-"


class ProposalsForm(Form):
    """For each proposal its reason, or that it is left out; and whose it is."""

    def __init__(self, *args: Any, rows: Sequence[Proposal], user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposed = rows
        choices = [*DifferenceReason.choices, ("", _("Left open")), (LEAVE_OUT, _("Not now"))]
        self.people = people_visible_to(user)
        owners = [(one.owner.pk, str(one.owner)) for one in rows if one.owner]
        for one in rows:
            what = {"document": one.document or one.text}
            self.fields[f"reason_{one.key}"] = forms.ChoiceField(
                label=_("Reason of %(document)s") % what, choices=choices, required=False, initial=one.reason
            )
            self.fields[f"reason_{one.key}"].widget.attrs["class"] = "form-select so-sm"
            widget = RemoteSelect("customers:pick_representative")
            widget.choices = list(dict.fromkeys(owners))
            self.fields[f"owner_{one.key}"] = forms.IntegerField(
                label=_("Owner of %(document)s") % what,
                required=False,
                initial=one.owner.pk if one.owner else None,
                widget=widget,
            )

    def clean(self) -> dict[str, Any]:
        """All owners are looked up at once; who is not in sight is nobody's owner."""
        given: dict[str, Any] = super().clean() or {}
        chosen = {name: pk for name, pk in given.items() if name.startswith("owner_") and pk}
        people = {one.pk: str(one) for one in self.people.filter(pk__in=set(chosen.values()))}
        for name, pk in chosen.items():
            self.fields[name].widget.choices = list(people.items())
            if pk not in people:
                self.add_error(name, _("This person is not there."))
        return given

    def rows(self) -> Iterator[tuple[Proposal, Any, Any]]:
        """Each proposal with its two fields."""
        for one in self.proposed:
            yield one, self[f"reason_{one.key}"], self[f"owner_{one.key}"]

    def chosen(self) -> dict[str, str]:
        """The reason of each that is handed over, by key."""
        given = {one.key: self.cleaned_data.get(f"reason_{one.key}", "") for one in self.proposed}
        return {key: reason for key, reason in given.items() if reason != LEAVE_OUT}

    def owners(self) -> dict[str, int | None]:
        """Whose each is."""
        return {one.key: self.cleaned_data.get(f"owner_{one.key}") for one in self.proposed}


class HandOver(OfLedger, FormPage):
    """What matching leaves, as differences of the reconciliation of the same days."""

    permission_required = RUN
    title = gettext_lazy("State as differences")
    template_name = "orders/matching/differences.html"
    form_class = ProposalsForm
    intro = gettext_lazy("Kind, reason and owner come from rules. What is left open has to be explained later.")

    @cached_property
    def reconciliation(self) -> Reconciliation:
        """That of the ledger's days."""
        found = reconciliation_of(self.upload, self.user)
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the proposals; only a ledger that is read has some."""
        if self.upload.state != LedgerState.READ:
            return self.go(self.upload.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        return [*above, (str(self.upload), self.upload.get_absolute_url()), (self.heading(), None)]

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = proposals(self.upload, self.reconciliation, by=self.user)
        return {**super().get_form_kwargs(), "rows": rows, "user": self.user}

    @property
    def submit_label(self) -> str:
        """The button."""
        return _("State them")

    def perform(self, form: ProposalsForm) -> str:
        made = hand_over(self.upload.pk, by=self.user, chosen=form.chosen(), owners=form.owners())
        self.message = ngettext("%(n)s difference is stated.", "%(n)s differences are stated.", len(made)) % {
            "n": len(made)
        }
        return self.reconciliation.get_absolute_url()

    def context(self, **more: Any) -> dict[str, Any]:
        return super().context(upload=self.upload, reconciliation=self.reconciliation, **more)


class PostDifference(OneDifference, ActionPage):
    """Asks for the adjustment that a difference needs."""

    permission_required = ADJUST

    def perform(self) -> str:
        adjustment = post_difference(self.reconciliation.pk, self.difference.position, by=self.user)
        return _("%(number)s of %(amount)s waits for approval.") % {
            "number": adjustment.number,
            "amount": f"{adjustment.amount:,.2f}",
        }
