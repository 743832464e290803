"""Pages of the full counts: the list, one count with what differed, the button that counts now."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.web.figures import moment_text
from salesops.web.pages import Action, ActionPage, Empty, ListPage, RecordPage

from .jobs import VERIFY, start_count
from .models import FactBuild
from .tables import BuildTable, outcome_badge


def count_action() -> Action:
    """Return the button that counts now."""
    return Action(_("Count now"), reverse("orders:fact_build_new"), "play", True, "post")


class Counts(ListPage):
    """Every full count, and whether the figures of the statistics were those of the documents."""

    permission_required = VERIFY
    title = gettext_lazy("Counts of the facts")
    menu_key = "facts"
    table = BuildTable
    intro = gettext_lazy(
        "Statistics are read from facts, which follow each document within seconds. Each night all are counted anew."
    )

    def rows(self) -> QuerySet[FactBuild]:
        return FactBuild.objects.select_related("asked_by").defer("found")

    def actions(self) -> Sequence[Action]:
        return [count_action()]

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        """What will stand here."""
        words = _("The first count is made tonight. You can have one now.")
        return Empty(_("The facts have not been counted anew yet"), words, count_action(), icon="check")


class CountRecord(RecordPage):
    """One count: when, and what differed."""

    permission_required = VERIFY
    menu_key = "facts"
    lookup = "pk"
    template_name = "orders/facts/record.html"

    def rows(self) -> QuerySet[FactBuild]:
        return FactBuild.objects.select_related("asked_by")

    def headline(self, record: FactBuild) -> dict[str, Any]:
        return {
            "kind": _("Count of the facts"),
            "title": moment_text(record.started_at),
            "badge": outcome_badge(record),
            "meta": [str(record.asked_by) if record.asked_by else _("each night")],
        }

    def actions(self, record: FactBuild) -> Sequence[Action]:
        return [count_action()]


class CountNew(ActionPage):
    """Count all facts now."""

    permission_required = VERIFY

    def perform(self) -> str:
        self.success_url = start_count(by=self.request.user).get_absolute_url()
        return ""
