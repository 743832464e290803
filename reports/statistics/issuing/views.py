"""Pages of issued statistics: the list, one with what documents say today, issuing one, choosing what one is told."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.users.pages import Personal
from salesops.web.badges import Badge
from salesops.web.figures import moment_text
from salesops.web.pages import Action, ActionPage, Empty, FormPage, ListPage, Page, RecordPage

from ..models import IssuedStatistic, Span
from ..questions import spell_period
from .filters import IssuedFilters
from .forms import IssueForm, SubscriptionForm
from .jobs import start_issuing
from .places import ISSUE, SEE
from .restating import Restated, restate
from .schedule import running
from .tables import IssuedTable
from .telling import choose_subscription, choose_subscriptions, is_subscribed, offered_to

MOST_ROWS = 100
"""So many rows of a sheet are shown until one asks for all; those that are restated always are."""


class OfIssued(Personal, Page):
    """What these pages share."""

    permission_required: str | tuple[str, ...] | None = SEE
    menu_key = "issued"

    def issued(self) -> Any:
        """The statistics that the person may see."""
        return IssuedStatistic.objects.visible_to(self.user).select_related("region", "team", "issued_by")


class IssuedList(OfIssued, ListPage):
    """Statistics as they were issued."""

    title = gettext_lazy("Issued statistics")
    intro = gettext_lazy("Each keeps its figures as they were; what came later stands beside them.")
    table = IssuedTable
    filters = IssuedFilters
    filters_in_view = 3
    search_fields = ("number", "region__code", "region__name", "region__name_zh", "team__name", "team__name_zh")

    def rows(self) -> Any:
        return self.issued().defer("sheets", "parameters")

    def actions(self) -> Sequence[Action]:
        return [
            Action(_("What I am told of"), reverse("reports:issued_subscriptions"), "bell"),
            Action(_("Issue a statistic"), reverse("reports:issued_new"), "plus", True, permission=ISSUE),
        ]

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        """What will stand here, and when."""
        words = _("They are made by themselves on the first working day after a month, a quarter and a year.")
        return Empty(_("No statistic that you may see is issued yet"), words, icon="chart")


class IssuedRecord(OfIssued, RecordPage):
    """One statistic: its figures as issued, whether it still is what it was, what documents say today."""

    template_name = "reports/statistics/issuing/record.html"

    def rows(self) -> Any:
        return self.issued()

    @cached_property
    def restated(self) -> Restated:
        """The statistic beside what documents say today."""
        return restate(self.record, most=MOST_ROWS, whole=self.request.GET.get("all", ""))

    def headline(self, record: IssuedStatistic) -> dict[str, Any]:
        who = str(record.issued_by) if record.issued_by else _("on schedule")
        named = record.parameters
        return {
            "kind": _("Statistic"),
            "number": record.number,
            "title": f"{named['name'] or _('Company')}, {record.period_words}",
            "title_zh": f"{named['name_zh']}, {record.period_words}" if named["name_zh"] else "",
            "badge": self._badge(),
            "meta": [_("issued %(moment)s") % {"moment": moment_text(record.issued_at)}, who],
        }

    def _badge(self) -> Badge:
        if not self.restated.is_unchanged:
            return Badge("bad", "x", _("Altered"))
        return Badge("warn", "warn", _("Restated")) if self.restated.count else Badge("good", "check", _("As issued"))

    def actions(self, record: IssuedStatistic) -> Sequence[Action]:
        if is_subscribed(self.user, record):
            words, name = _("Tell me no more of these"), "reports:issued_subscription_end"
        else:
            words, name = _("Tell me of these"), "reports:issued_subscription"
        return [Action(words, reverse(name, args=[record.number]), "bell", method="post")]

    def context(self, **more: Any) -> dict[str, Any]:
        last_year = spell_period(self.record.period.last_year)
        return super().context(restated=self.restated, last_year=last_year, **more)


class IssueNew(OfIssued, FormPage):
    """A statistic on demand."""

    permission_required = ISSUE
    title = gettext_lazy("Issue a statistic")
    form_class = IssueForm
    submit_label = gettext_lazy("Issue")
    intro = gettext_lazy("It is made in the background, once, and never changes afterwards; its subscribers are told.")

    def get_initial(self) -> dict[str, Any]:
        return {"period": spell_period(running(Span.MONTH, timezone.localdate()).previous)}

    def perform(self, form: IssueForm) -> str:
        return start_issuing(**form.asked, by=self.user)


class Subscriptions(OfIssued, FormPage):
    """Of which statistics one is told."""

    title = gettext_lazy("What I am told of")
    template_name = "reports/statistics/issuing/subscriptions.html"
    form_class = SubscriptionForm
    message = gettext_lazy("Kept. It holds from now on.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "offers": offered_to(self.user)}

    def context(self, **more: Any) -> dict[str, Any]:
        return super().context(spans=Span.labels, **more)

    def perform(self, form: SubscriptionForm) -> str:
        choose_subscriptions(form.wishes, by=self.user)
        return reverse("reports:issued_statistics")


class Subscribe(OfIssued, ActionPage):
    """Be told of statistics like this one."""

    is_wanted = True

    @cached_property
    def statistic(self) -> IssuedStatistic:
        """The statistic that the address names."""
        found = self.issued().filter(number=self.kwargs["number"]).first()
        if found is None:
            raise Http404
        statistic: IssuedStatistic = found
        return statistic

    def get_success_url(self) -> str:
        """Back to the statistic."""
        return self.statistic.get_absolute_url()

    def perform(self) -> str:
        one = self.statistic
        choose_subscription(one.span, one.place, by=self.user, is_wanted=self.is_wanted)
        facts = {"place": one.place, "span": str(one.get_span_display()).lower()}
        if self.is_wanted:
            return _("You are told of each %(span)s of %(place)s.") % facts
        return _("You are told no more of each %(span)s of %(place)s.") % facts


class Unsubscribe(Subscribe):
    """Be told of them no more."""

    is_wanted = False
