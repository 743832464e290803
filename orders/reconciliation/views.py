"""Pages of rounds: the list, opening one, the board of one, reminders."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.receivables.search import with_words
from salesops.users.pages import Personal
from salesops.web.figures import day_text
from salesops.web.pages import Action, ActionPage, Empty, FormPage, ListPage, Page

from .filters import SILENT, ReconciliationFilters
from .forms import RoundForm
from .models import ReconciliationState, Round
from .queries import SEE, Tally, reconciliations_for, rounds_for, tally_of
from .rounds import open_round, remind, send_again, silents
from .services import RUN
from .tables import BoardTable, OwnReconciliationTable, ReconciliationTable, RoundTable


class RoundList(ListPage):
    """All rounds in which the person sees an account."""

    title = gettext_lazy("Reconciliation")
    permission_required = SEE
    menu_key = "reconciliation"
    table = RoundTable

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the list; an agent is led to its own reconciliations."""
        user: Any = request.user
        if user.customer_id:
            return HttpResponseRedirect(reverse("orders:reconciliations"))
        return super().get(request, *args, **kwargs)

    def rows(self) -> Any:
        return rounds_for(self.request.user)

    def actions(self) -> Sequence[Action]:
        return [
            Action(_("Statements"), reverse("orders:statements"), icon="file", permission=SEE),
            new_round_action(),
        ]

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        """What an empty list says."""
        return Empty(
            gettext_lazy("No rounds yet"),
            gettext_lazy("A round sends every agent the statement of a month, and shows on one board who agrees."),
            new_round_action() if self.request.user.has_perm(RUN) else None,
            icon="swap",
        )


def new_round_action() -> Action:
    """Return the button that opens a round."""
    return Action(_("Open a round"), reverse("orders:round_new"), icon="plus", primary=True, permission=RUN)


class NewRound(FormPage):
    """Who is sent a statement of which days."""

    title = gettext_lazy("Open a round")
    permission_required = RUN
    menu_key = "reconciliation"
    form_class = RoundForm
    submit_label = gettext_lazy("Make and send statements")
    intro = gettext_lazy("Statements are made in the background, kept as issued, and shown to each customer's people.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def perform(self, form: RoundForm) -> str:
        given = form.cleaned_data
        made, _job = open_round(
            by=self.request.user,
            customers=form.taking_part(),
            first_day=given["first_day"],
            last_day=given["last_day"],
            answer_by=given["answer_by"],
            note=given["note"],
        )
        self.message = _("%(number)s is open; its statements are being made.") % {"number": made.number}
        return made.get_absolute_url()


class OfRound(Personal, Page):
    """The round that an address names, where the person sees one of its accounts."""

    permission_required: str | tuple[str, ...] | None = RUN
    menu_key = "reconciliation"

    @cached_property
    def round(self) -> Round:
        """The round."""
        found: Round | None = rounds_for(self.user).filter(number=self.kwargs["number"]).first()
        if found is None:
            raise Http404
        return found


class Board(OfRound, ListPage):
    """Where every account of a round stands."""

    permission_required = SEE
    template_name = "orders/reconciliation/board.html"
    table = BoardTable
    filters = ReconciliationFilters
    search_fields = ("number", "customer__name", "customer__name_zh", "customer__code")
    search_label = gettext_lazy("Number or customer")
    empty = Empty(gettext_lazy("Nobody takes part"), icon="swap")

    def heading(self) -> Any:
        return _("Reconciliation %(period)s") % {"period": self.round.period}

    def rows(self) -> Any:
        return reconciliations_for(self.user).filter(round=self.round)

    def search(self, rows: Any, text: str) -> Any:
        return with_words(rows, text)

    @cached_property
    def tally(self) -> Tally:
        """The counts of the whole round, whatever the filters leave."""
        return tally_of(self.rows())

    def actions(self) -> Sequence[Action]:
        if not self.user.has_perm(RUN):
            return []
        number, found = [self.round.number], []
        if self.tally.states[ReconciliationState.NOT_SENT]:
            url = reverse("orders:round_sending", args=number)
            found.append(Action(_("Send what is not sent"), url, icon="mail", method="post", permission=RUN))
        days = silent_days(self.request)
        if silent := silents(self.user, self.round, days).count():
            url = reverse("orders:round_reminder", args=number)
            label = _("Remind %(count)d") % {"count": silent}
            question = _("Everybody who has not answered, and was not reminded today, is told again.")
            if days:
                url = f"{url}?silent={days}"
                question = _("Everybody who has not answered for %(days)d days is told again.") % {"days": days}
            found.append(Action(label, url, icon="bell", method="post", permission=RUN, confirm=question))
        return found

    def export_facts(self) -> list[tuple[Any, Any]]:
        return [(_("Period"), str(self.round.period)), (_("Answers due"), day_text(self.round.answer_by))]

    def context(self, **more: Any) -> dict[str, Any]:
        chips = [(state, label, self.tally.states[state]) for state, label in ReconciliationState.choices]
        return super().context(round=self.round, tally=self.tally, chips=chips, **more)


def silent_days(request: HttpRequest) -> int:
    """For how many days one must have been silent, as the filter of the board says; 0 where it says nothing."""
    given = request.GET.get("silent", "")
    return int(given) if given in {str(days) for days in SILENT} else 0


class RemindRound(OfRound, ActionPage):
    """Tells everybody again who has not answered, or not for as long as the board was narrowed to."""

    def perform(self) -> HttpResponseBase:
        remind(self.round.pk, by=self.user, silent_days=silent_days(self.request))
        return self.go(self.round.get_absolute_url())


class SendRound(OfRound, ActionPage):
    """Makes the statements that are still to be sent."""

    def perform(self) -> HttpResponseBase:
        send_again(self.round.pk, by=self.user)
        return self.go(self.round.get_absolute_url())


class ReconciliationList(ListPage):
    """Accounts of all rounds; an agent's own."""

    title = gettext_lazy("Reconciliations")
    permission_required = SEE
    menu_key = "reconciliation"
    filters = ReconciliationFilters
    search_fields = ("number", "customer__name", "customer__name_zh", "customer__code")
    search_label = gettext_lazy("Number or customer")
    empty = Empty(
        gettext_lazy("Nothing to reconcile"),
        gettext_lazy("Statements that are sent for confirmation stand here."),
        icon="swap",
    )

    @property
    def table(self) -> type[ReconciliationTable]:  # type: ignore[override]
        """An agent's list leaves out whose they are."""
        return OwnReconciliationTable if self.request.user.customer_id else ReconciliationTable

    def rows(self) -> Any:
        return reconciliations_for(self.request.user)

    def search(self, rows: Any, text: str) -> Any:
        return with_words(rows, text)

    def actions(self) -> Sequence[Action]:
        return [Action(_("Statements"), reverse("orders:statements"), icon="file", permission=SEE)]
