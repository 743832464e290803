"""The page of one reconciliation, and what both sides do there."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.receivables.models import ReceivableEntry
from orders.receivables.queries import document_urls
from salesops.kernel.errors import RuleBroken
from salesops.users.pages import Personal
from salesops.web.downloads import kept_file_response
from salesops.web.pages import Action, ActionPage, FormPage, Page, RecordPage
from salesops.web.pdf import pdf_response

from .asking import signing_action
from .forms import ClosingForm, DifferenceForm, ExplanationForm, ReasonForm
from .formula import Formula, formula_of
from .letters import read_letter
from .models import Difference, DifferenceState, Reconciliation, ReconciliationState
from .postings import PutRight, put_right
from .queries import SEE, reconciliations_for
from .services import (
    ACCEPT,
    ANSWER,
    RUN,
    STATE,
    accept_unexplained,
    explain_difference,
    mark_seen,
    reopen_difference,
    sign,
    state_closing,
    state_difference,
    take_signature_back,
    withdraw_difference,
)
from .tables import state_badge

MOST_ENTRIES = 1000
ADJUST = "orders.write_adjustment"


class OneReconciliation(Personal, Page):
    """What pages about one reconciliation share: it, its differences, its formula."""

    permission_required: str | tuple[str, ...] | None = SEE
    menu_key = "reconciliation"

    @cached_property
    def reconciliation(self) -> Reconciliation:
        """The one that the address names."""
        rows = reconciliations_for(self.user).exclude(state=ReconciliationState.NOT_SENT)
        found: Reconciliation | None = rows.filter(number=self.kwargs["number"]).first()
        if found is None:
            raise Http404
        return found

    @property
    def is_theirs(self) -> bool:
        """Whether the person belongs to the customer."""
        return self.user.customer_id == self.reconciliation.customer_id

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        one = self.reconciliation
        return [*above, (one.number, one.get_absolute_url()), (self.heading(), None)]


class ReconciliationRecord(Personal, RecordPage):
    """One account of a round: the formula, what differs, who signed."""

    permission_required = SEE
    menu_key = "reconciliation"
    record_key = "reconciliation"
    template_name = "orders/reconciliation/record.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show it; the first look of somebody of the customer is noted."""
        self.note_first_look()
        return super().get(request, *args, **kwargs)

    def note_first_look(self) -> None:
        """Note that somebody of the customer sees it, where nobody of them has."""
        record = self.record
        if record.seen_at is None and self.user.customer_id == record.customer_id:
            mark_seen(record.pk, by=self.user)
            record.refresh_from_db(fields=["state", "seen_at"])

    def rows(self) -> Any:
        rows = reconciliations_for(self.user).exclude(state=ReconciliationState.NOT_SENT)
        return rows.select_related("our_signer", "their_signer", "accepted_by", "round__opened_by")

    @cached_property
    def differences(self) -> list[Difference]:
        """All that was stated."""
        rows = self.record.differences.select_related(
            "entry", "stated_by", "owner", "explained_by", "adjustment", "posted"
        )
        return list(rows)

    @cached_property
    def put_right(self) -> dict[int, PutRight]:
        """What of ours put them right, by their keys."""
        return put_right(self.differences, self.user)

    @cached_property
    def formula(self) -> Formula:
        """The way from our closing balance to theirs."""
        return formula_of(self.record, self.differences)

    def headline(self, record: Reconciliation) -> dict[str, Any]:
        return {
            "kind": _("Reconciliation %(period)s") % {"period": record.round.period},
            "number": record.number,
            "title": record.customer.name,
            "title_zh": record.customer.name_zh,
            "badge": state_badge(record),
        }

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        if not self.user.customer_id:
            above.append((str(self.record.round.period), self.record.round.get_absolute_url()))
        return [*above, (self.record.number, None)]

    def actions(self, record: Reconciliation) -> Sequence[Action]:
        number = [record.number]
        theirs = self.user.customer_id == record.customer_id
        found = [
            Action(_("Statement"), record.statement.get_absolute_url() if record.statement else "", icon="file"),
        ]
        if record.is_frozen:
            url = reverse("orders:reconciliation_letter", args=number)
            return [*found, Action(_("Letter"), url, icon="print", primary=True)]
        signed = record.their_signed_at if theirs else record.our_signed_at
        if signed:
            url = reverse("orders:reconciliation_unsigning", args=number)
            label = _("Take the signature back")
            return [*found, Action(label, url, icon="undo", method="post", permission=STATE)]
        if record.is_open_to(self.user):
            url = reverse("orders:difference_new", args=number)
            found.append(Action(_("State a difference"), url, icon="plus", permission=STATE))
        found += self._accepting(record)
        return [*found, signing_action(record, self.formula, theirs=theirs)]

    def _accepting(self, record: Reconciliation) -> list[Action]:
        if self.formula.is_settled or record.is_signed_by_somebody:
            return []
        url = reverse("orders:unexplained_acceptance", args=[record.number])
        return [Action(_("Accept as it is"), url, icon="check", permission=ACCEPT)]

    def context(self, **more: Any) -> dict[str, Any]:
        record = self.record
        may_change = record.is_open_to(self.user)
        standing = [one for one in self.differences if one.state != DifferenceState.WITHDRAWN]
        urls = document_urls(one.entry for one in standing if one.entry)
        return super().context(
            formula=self.formula,
            differences=[(one, urls.get(one.entry_id or 0, ""), self.put_right.get(one.pk)) for one in standing],
            withdrawn=[one for one in self.differences if one.state == DifferenceState.WITHDRAWN],
            may_explain=may_change and self.user.has_perm(RUN),
            may_adjust=may_change and self.user.has_perm(RUN) and self.user.has_perm(ADJUST),
            may_state=may_change and (self.user.has_perm(RUN) or self.user.has_perm(ANSWER)),
            is_theirs=self.user.customer_id == record.customer_id,
            **more,
        )


class Sign(OneReconciliation, ActionPage):
    """One side says that it agrees."""

    permission_required = STATE

    def perform(self) -> str:
        read = ClosingForm({"amount": self.request.GET.get("closing", "")})
        closing = read.cleaned_data["amount"] if read.is_valid() else None
        address = self.request.META.get("REMOTE_ADDR", "")
        one = sign(self.reconciliation.pk, by=self.user, address=address, closing=closing)
        if one.is_frozen:
            return _("Both sides have signed %(number)s.") % {"number": one.number}
        return _("%(number)s is signed; the other side signs too.") % {"number": one.number}


class Unsign(OneReconciliation, ActionPage):
    """One side changes its mind while the other has not signed."""

    permission_required = STATE

    def perform(self) -> str:
        take_signature_back(self.reconciliation.pk, by=self.user)
        return _("The signature is taken back.")


class AcceptUnexplained(OneReconciliation, FormPage):
    """Somebody answers for what nobody explains."""

    permission_required = ACCEPT
    form_class = ReasonForm
    submit_label = gettext_lazy("Accept")
    title = gettext_lazy("Accept what is unexplained")

    def perform(self, form: ReasonForm) -> str:
        one = accept_unexplained(self.reconciliation.pk, by=self.user, reason=form.cleaned_data["reason"])
        self.message = _("%(amount)s is accepted.") % {"amount": f"{one.accepted_amount:,.2f}"}
        return one.get_absolute_url()


class StateClosing(OneReconciliation, FormPage):
    """What their books close with."""

    permission_required = STATE
    form_class = ClosingForm
    title = gettext_lazy("Their closing balance")

    def get_initial(self) -> dict[str, Any]:
        return {"amount": self.reconciliation.their_closing}

    def perform(self, form: ClosingForm) -> str:
        one = state_closing(self.reconciliation.pk, by=self.user, amount=form.cleaned_data["amount"])
        self.message = _("It is written down.")
        return one.get_absolute_url()


class NewDifference(OneReconciliation, FormPage):
    """Something differs: about an entry of the statement, or about what it does not show."""

    permission_required = STATE
    form_class = DifferenceForm
    template_name = "orders/reconciliation/difference.html"
    submit_label = gettext_lazy("State it")
    title = gettext_lazy("State a difference")

    @property
    def intro(self) -> str:
        """What it undoes."""
        signed = self.reconciliation.our_signed_at and self.is_theirs
        return _("The company has signed already: with what you state here it signs anew.") if signed else ""

    def refuse(self, form: DifferenceForm, refusal: RuleBroken) -> None:
        if refusal.field == "amount":
            refusal.field = "their_amount"
        super().refuse(form, refusal)

    def get_initial(self) -> dict[str, Any]:
        entry = self.request.GET.get("entry", "")
        return {"entry": int(entry)} if entry.isdecimal() and len(entry) < 19 else {}

    def get_form_kwargs(self) -> dict[str, Any]:
        statement = self.reconciliation.statement
        assert statement is not None
        entries = ReceivableEntry.objects.filter(
            customer=self.reconciliation.customer_id,
            posted_on__gte=statement.first_day,
            posted_on__lte=statement.last_day,
            pk__lte=statement.upto,
        ).in_order()[:MOST_ENTRIES]
        return {**super().get_form_kwargs(), "reconciliation": self.reconciliation, "entries": entries}

    def perform(self, form: DifferenceForm) -> str:
        given = form.cleaned_data
        made = state_difference(
            self.reconciliation.pk,
            by=self.user,
            kind=given["kind"],
            amount=form.amount,
            entry_id=given["entry"],
            document=given["document"],
            text=given["text"],
            file=given["file"] or None,
        )
        self.message = _("A difference of %(amount)s is stated.") % {"amount": f"{made.amount:,.2f}"}
        return self.reconciliation.get_absolute_url()


class OneDifference(OneReconciliation):
    """A difference that the address names by its position."""

    @cached_property
    def difference(self) -> Difference:
        """The difference."""
        rows = self.reconciliation.differences.select_related("entry", "stated_by", "owner", "adjustment")
        found = rows.filter(position=self.kwargs["position"]).first()
        if found is None:
            raise Http404
        return found


class Explain(OneDifference, FormPage):
    """What explains a difference."""

    permission_required = RUN
    form_class = ExplanationForm

    @property
    def submit_label(self) -> str:
        """The button says how much."""
        return _("Explain %(amount)s") % {"amount": f"{self.difference.amount:,.2f}"}

    def heading(self) -> str:
        return _("Explain %(what)s") % {"what": self.difference.at or self.difference.get_kind_display()}

    @property
    def intro(self) -> str:
        """What was said."""
        return self.difference.text

    def get_initial(self) -> dict[str, Any]:
        one = self.difference
        return {"reason": one.reason, "owner": one.owner, "note": one.note, "resolution": one.resolution}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.user}

    def perform(self, form: ExplanationForm) -> str:
        given = form.cleaned_data
        explain_difference(
            self.reconciliation.pk,
            self.difference.position,
            by=self.user,
            reason=given["reason"],
            owner_id=given["owner"].pk if given["owner"] else None,
            note=given["note"],
            resolution=given["resolution"],
        )
        self.message = _("%(amount)s is explained.") % {"amount": f"{self.difference.amount:,.2f}"}
        return self.reconciliation.get_absolute_url()


class Withdraw(OneDifference, ActionPage):
    """Whoever stated a difference takes it back."""

    permission_required = STATE

    def perform(self) -> str:
        withdraw_difference(self.reconciliation.pk, self.difference.position, by=self.user)
        return _("The difference is withdrawn.")


class Reopen(OneDifference, ActionPage):
    """An explanation does not hold."""

    permission_required = RUN

    def perform(self) -> str:
        reopen_difference(self.reconciliation.pk, self.difference.position, by=self.user)
        return _("The difference is open again.")


class Evidence(OneDifference):
    """The file that came with a difference, to keep; never shown inside a page of ours."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        one = self.difference
        return kept_file_response(one.file, one.file_name, one.file_type or "application/octet-stream")


class Letter(OneReconciliation):
    """The letter that both sides signed, as it was made then."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        content = read_letter(self.reconciliation)
        if content is None:
            raise Http404
        return pdf_response(content, f"{self.reconciliation.number}.pdf")
