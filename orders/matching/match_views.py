"""What is done with two ledgers side by side: matched by rule and by hand, undone, a line split and put together."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from salesops.jobs.models import Job
from salesops.web.figures import day_text
from salesops.web.pages import ActionPage, FormPage

from .forms import PartsForm
from .models import LedgerLine, LedgerMatch, LedgerSplit
from .services import match_by_hand, start_matching, undo_match
from .splitting import split_line, undo_split
from .views import MATCH, OfLedger, keys_in


class RunMatching(OfLedger, ActionPage):
    """Matches what is left by rule."""

    permission_required = MATCH

    def perform(self) -> str:
        made = start_matching(self.upload.pk, by=self.user)
        if isinstance(made, Job):
            return _("It is being matched; the bell tells you when it is done.")
        if not made:
            return _("The rules find nothing more.")
        return ngettext("%(n)s match was made.", "%(n)s matches were made.", made) % {"n": f"{made:,}"}


class NewMatch(OfLedger, ActionPage):
    """Matches what a person chose."""

    permission_required = MATCH

    def perform(self) -> str:
        match = match_by_hand(
            self.upload.pk,
            by=self.user,
            ours=keys_in(self.request.POST.getlist("ours")),
            theirs=keys_in(self.request.POST.getlist("theirs")),
            reason=self.request.POST.get("reason", "")[:300],
        )
        return _("%(ours)s of ours and %(theirs)s of theirs are matched.") % {
            "ours": match.ours_count,
            "theirs": match.theirs_count,
        }


class UndoMatch(OfLedger, ActionPage):
    """The lines of a match are free again."""

    permission_required = MATCH

    @cached_property
    def match(self) -> LedgerMatch:
        """The match that the address names."""
        match = LedgerMatch.objects.filter(upload=self.upload, pk=self.kwargs["match"]).first()
        if match is None:
            raise Http404
        return match

    def perform(self) -> str:
        match = undo_match(self.match.pk, by=self.user)
        return _("The match of %(amount)s is undone.") % {"amount": f"{match.amount:,.2f}"}


class NewParts(OfLedger, FormPage):
    """Splits a line of theirs; over the ledger, or on a page of its own."""

    permission_required = MATCH
    title = gettext_lazy("Split a line")
    form_class = PartsForm
    template_name = "orders/matching/parts.html"
    over_template = "orders/matching/parts_over.html"
    draws_anew = "#ledger"
    submit_label = gettext_lazy("Split")

    @cached_property
    def line(self) -> LedgerLine:
        """The line that the address names."""
        line = self.upload.lines.filter(pk=self.kwargs["line"]).first()
        if line is None:
            raise Http404
        return line

    @property
    def intro(self) -> str:
        """What is split."""
        return f"{day_text(self.line.day)} {self.line.reference} {self.line.text} {self.line.amount:,.2f}"

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        return [*above, (str(self.upload), self.upload.get_absolute_url()), (self.heading(), None)]

    def perform(self, form: PartsForm) -> str:
        split = split_line(self.line.pk, by=self.user, amounts=form.cleaned_data["amounts"])
        self.message = _("The line is split into %(n)s parts.") % {"n": split.parts_count}
        return f"{self.upload.get_absolute_url()}#left-theirs"


class UndoParts(OfLedger, ActionPage):
    """A line is put together again."""

    permission_required = MATCH

    @cached_property
    def split(self) -> LedgerSplit:
        """The split that the address names."""
        split = LedgerSplit.objects.filter(upload=self.upload, pk=self.kwargs["split"]).first()
        if split is None:
            raise Http404
        return split

    def perform(self) -> str:
        split = undo_split(self.split.pk, by=self.user)
        return _("The line of %(amount)s is put together again.") % {"amount": f"{split.line.amount:,.2f}"}
