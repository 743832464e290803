"""Pages of months: all of them, one with its checklist and record, closing it, asking to reopen it."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from salesops.approvals.models import Request
from salesops.approvals.queries import decides_as
from salesops.kernel.periods import Period
from salesops.users.pages import Personal
from salesops.web.badges import Badge
from salesops.web.pages import Action, ActionPage, FormPage, Page, RecordPage

from .checks import Checklist, checklist_of
from .forms import CloseForm, ReopeningForm
from .models import Reopening, ReopeningState
from .notices import CLOSE, EITHER
from .queries import (
    Month,
    last_closed_month,
    month_called,
    month_described,
    months_of_the_books,
    next_to_close,
    waiting_reopening,
)
from .services import ask_reopening, close_month, withdraw_reopening

TONES = {
    ReopeningState.SUBMITTED: ("info", "clock"),
    ReopeningState.APPROVED: ("good", "check"),
    ReopeningState.REJECTED: ("bad", "x"),
    ReopeningState.RETURNED: ("warn", "undo"),
    ReopeningState.WITHDRAWN: ("", "undo"),
}


def month_badge(month: Month) -> Badge:
    """Return what a month is: closed, open again, open, running."""
    if month.is_closed:
        return Badge("good", "lock", pgettext("month", "Closed"))
    if month.was_reopened:
        return Badge("warn", "undo", _("Open again"))
    return Badge("info", "clock", pgettext("month", "Open")) if month.has_ended else Badge("", "play", _("Running"))


def reopening_badge(reopening: Reopening) -> Badge:
    """Return where a request to reopen a month stands."""
    tone, icon = TONES[ReopeningState(reopening.state)]
    return Badge(tone, icon, reopening.get_state_display())


class PeriodPages(Personal, Page):
    """What pages of months share."""

    menu_key = "closing"
    permission_required: str | tuple[str, ...] | None = EITHER


class Periods(PeriodPages):
    """Every month of the books; the next one to close comes with its checklist."""

    title = gettext_lazy("Closing of months")
    template_name = "orders/closing/list.html"

    @cached_property
    def months(self) -> list[Month]:
        """The months, the latest first."""
        return months_of_the_books()

    def context(self, **more: Any) -> dict[str, Any]:
        coming = next_to_close()
        return super().context(
            months=[(month, month_badge(month)) for month in self.months],
            coming=coming,
            checklist=checklist_of(coming, self.user) if coming else None,
            may_close=self.user.has_perm(CLOSE),
            waiting=waiting_reopening(),
            nothing_closed=not any(month.is_closed for month in self.months),
            **more,
        )


class OfPeriod(PeriodPages):
    """What pages of one month share."""

    @cached_property
    def period(self) -> Period:
        """The month that the address names; 404 where it names none."""
        found = month_called(self.kwargs["month"])
        if found is None:
            raise Http404
        return found

    @cached_property
    def month(self) -> Month:
        """It, with what happened to it."""
        return month_described(self.period)

    @property
    def period_url(self) -> str:
        """The month's page."""
        return reverse("orders:period", args=[self.period])

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        return [*above, (str(self.period), self.period_url), (self.heading(), None)]


class PeriodRecord(OfPeriod):
    """One month: whether it is closed, by whom and how it stood then; open ones with their checklist."""

    template_name = "orders/closing/month.html"

    def heading(self) -> str:
        return str(self.period)

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        return Page.crumbs(self)

    @cached_property
    def checklist(self) -> Checklist | None:
        """What is looked at before the month is closed; of a closed or running one nothing is."""
        return checklist_of(self.period, self.user) if self.month.has_ended and not self.month.is_closed else None

    def actions(self) -> list[Action]:
        """Close the next month; ask for the last closed one."""
        if self.month.is_next:
            blocking = self.checklist.blocking if self.checklist else []
            refused = _("First: %(points)s") % {"points": "; ".join(str(one.check.label) for one in blocking)}
            url = reverse("orders:period_closing", args=[self.period])
            close = Action(
                pgettext("month", "Close"), url, "lock", True, permission=CLOSE, refused=refused if blocking else ""
            )
            return self.actions_allowed([close])
        if self.month.is_closed and last_closed_month() == self.period and waiting_reopening() is None:
            url = reverse("orders:period_reopening", args=[self.period])
            return self.actions_allowed([Action(_("Ask to reopen"), url, "undo", permission=CLOSE)])
        return []

    def context(self, **more: Any) -> dict[str, Any]:
        reopenings = Reopening.objects.filter(month=self.period.start).select_related("created_by")
        return super().context(
            month=self.month,
            badge=month_badge(self.month),
            checklist=self.checklist,
            actions=self.actions(),
            reopenings=[(one, reopening_badge(one)) for one in reopenings],
            **more,
        )


class CloseMonth(OfPeriod, FormPage):
    """Says what closing means, what is left, and closes."""

    permission_required = CLOSE
    form_class = CloseForm
    template_name = "orders/closing/close.html"

    def heading(self) -> str:
        return _("Close %(month)s") % {"month": self.period}

    @property
    def submit_label(self) -> str:
        """The button."""
        return self.heading()

    @cached_property
    def checklist(self) -> Checklist:
        """How the month stands now."""
        return checklist_of(self.period, self.user)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "checklist": self.checklist}

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        accepts = given.get("accepts_warnings", False)
        close_month(self.period, by=self.user, accepts_warnings=accepts, note=given["note"])
        self.message = _("%(month)s is closed.") % {"month": self.period}
        return self.period_url

    def context(self, **more: Any) -> dict[str, Any]:
        return super().context(checklist=self.checklist, period=self.period, **more)


class AskReopening(OfPeriod, FormPage):
    """A request to open the last closed month again."""

    permission_required = CLOSE
    form_class = ReopeningForm
    submit_label = gettext_lazy("Submit")

    def heading(self) -> str:
        return _("Reopen %(month)s") % {"month": self.period}

    @property
    def intro(self) -> str:
        """What it means."""
        return _("Once it is approved, documents of the month are posted into it again until it is closed anew.")

    def perform(self, form: Any) -> str:
        reopening = ask_reopening(self.period, by=self.user, reason=form.cleaned_data["reason"])
        self.message = _("%(number)s is submitted.") % {"number": reopening.number}
        return reopening.get_absolute_url()


class ReopeningRecord(Personal, RecordPage):
    """A request to reopen a month: why, and who decided."""

    permission_required = EITHER
    menu_key = "closing"
    record_key = "reopening"

    def rows(self) -> Any:
        return Reopening.objects.select_related("created_by")

    def headline(self, record: Reopening) -> dict[str, Any]:
        return {
            "kind": _("Reopening of a month"),
            "number": record.number,
            "title": _("Reopen %(month)s") % {"month": record.period},
            "badge": reopening_badge(record),
            "meta": [record.created_by, record.reason],
        }

    def actions(self, record: Reopening) -> Sequence[Action]:
        found = [Action(str(record.period), reverse("orders:period", args=[record.period]), icon="calendar")]
        if record.state != ReopeningState.SUBMITTED:
            return found
        waiting = Request.objects.waiting().filter(document_type="period_reopening", object_id=record.pk)
        request = waiting.select_related("version", "stage").first()
        if request is not None and decides_as(request, self.user):
            found.append(Action(_("Decide"), request.get_absolute_url(), icon="inbox", primary=True))
        if record.created_by_id == self.user.pk:
            url = reverse("orders:reopening_withdrawal", args=[record.number])
            found.append(Action(_("Withdraw"), url, icon="undo", method="post", permission=CLOSE))
        return found


class WithdrawReopening(Personal, ActionPage):
    """Back from those who decide."""

    permission_required = CLOSE

    def perform(self) -> str:
        found = Reopening.objects.filter(number=self.kwargs["number"]).first()
        if found is None:
            raise Http404
        withdraw_reopening(found.pk, by=self.user)
        self.success_url = found.get_absolute_url()
        return _("%(number)s is withdrawn.") % {"number": found.number}
