"""Pages of agents' ledgers: the list, a new one, its columns, and the two ledgers side by side."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from customers.files.models import Customer
from orders.receivables.queries import document_urls, statement_of
from orders.reconciliation.services import RUN
from salesops.jobs.models import Job, JobState
from salesops.jobs.views import progress_context
from salesops.kernel.errors import RuleBroken
from salesops.users.models import User
from salesops.web.downloads import kept_file_response
from salesops.web.figures import day_text, moment_text
from salesops.web.once import new_key
from salesops.web.pages import Action, ActionPage, Empty, FormPage, ListPage, Page, RecordPage

from .differences import reconciliation_of, stated_of
from .filters import LedgerFilters
from .forms import ColumnsForm, LedgerForm, PartsForm
from .models import LedgerFormat, LedgerLine, LedgerMatch, LedgerSplit, LedgerState, LedgerUpload, Way
from .queries import (
    Carried,
    Formula,
    carried_over,
    formula_of,
    ledgers_for,
    matches_of,
    ours_left,
    period_of,
    theirs_left,
    with_text_of_ours,
    with_text_of_theirs,
)
from .reading import FileLook, LedgerMapping, guess_mapping, look_at_file, read_lines
from .services import (
    MOST_DIFFERENCE,
    READ_AT_ONCE,
    discard_ledger,
    keep_ledger,
    match_by_hand,
    others_of,
    read_ledger,
    split_line,
    start_matching,
    undo_match,
    undo_split,
)
from .tables import LedgerTable, state_badge

VIEW = "orders.view_accounts"
UPLOAD = "orders.upload_ledger"
MATCH = "orders.match_ledger"
MOST_LEFT = 300
"""Lines of each side that the page shows; the search leads to the others."""
MATCHES_A_PAGE = 100
FIRST_LINES = 6


def parse_day(text: str) -> date | None:
    """Return the day that an address names, if it is one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def new_ledger_action(customer_code: str, *, primary: bool = False, days: Sequence[date] = ()) -> Action:
    """Return the button that uploads an agent's ledger; `days` are the first and the last where they are known."""
    url = reverse("orders:their_ledger_new", args=[customer_code])
    if days:
        url += f"?first_day={days[0]}&last_day={days[1]}"
    return Action(_("Upload their ledger"), url, "upload", primary=primary, permission=UPLOAD)


class LedgerList(ListPage):
    """Agents' ledgers, the latest first."""

    title = gettext_lazy("Agents' ledgers")
    permission_required = VIEW
    menu_key = "their_ledgers"
    table = LedgerTable
    filters = LedgerFilters
    search_fields = ("customer__name", "customer__name_zh", "customer__code", "file_name")
    search_label = gettext_lazy("Customer or file")
    empty = Empty(
        gettext_lazy("No agent's ledger yet"),
        gettext_lazy("Open an account and upload the ledger that its agent sent: it is matched against ours."),
        icon="swap",
    )

    def rows(self) -> QuerySet[LedgerUpload]:
        user: Any = self.request.user
        return ledgers_for(user)

    def actions(self) -> Sequence[Action]:
        own = self.request.user.customer
        return [new_ledger_action(own.code, primary=True)] if own else []


class NewLedger(FormPage):
    """Keeps a file; its columns come next, or are known from the last one."""

    permission_required = UPLOAD
    title = gettext_lazy("Upload their ledger")
    menu_key = "their_ledgers"
    form_class = LedgerForm
    submit_label = gettext_lazy("Upload")
    intro = gettext_lazy("Next you see what we read in it; nothing is matched before.")

    @property
    def user(self) -> User:
        """Who uploads."""
        user: Any = self.request.user
        return user

    @cached_property
    def customer(self) -> Customer:
        """Whose ledger it is."""
        customer = Customer.objects.visible_to(self.user).filter(code=self.kwargs["code"]).first()
        if customer is None:
            raise Http404
        return customer

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        account = reverse("orders:account", args=[self.customer.code])
        return [*above, (self.customer.code, account), (self.heading(), None)]

    def get_initial(self) -> dict[str, Any]:
        given = {name: parse_day(self.request.GET.get(name, "")) for name in ("first_day", "last_day")}
        return {name: day for name, day in given.items() if day}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "customer": self.customer}

    def perform(self, form: Any) -> str:
        upload = keep_ledger(self.customer.pk, by=self.user, **form.cleaned_data)
        return reverse("orders:their_ledger_columns", args=[upload.pk])


class OfLedger(Page):
    """What pages about one ledger share."""

    permission_required: str | tuple[str, ...] | None = VIEW
    menu_key = "their_ledgers"

    @property
    def user(self) -> User:
        """Who looks."""
        user: Any = self.request.user
        return user

    @cached_property
    def upload(self) -> LedgerUpload:
        """The ledger that the address names."""
        upload = ledgers_for(self.user).filter(pk=self.kwargs["pk"]).first()
        if upload is None:
            raise Http404
        return upload


class OfColumns(OfLedger):
    """The columns of a ledger that is not read yet."""

    permission_required = UPLOAD

    @cached_property
    def remembered(self) -> LedgerMapping | None:
        """What was chosen for this file, else for the agent's last one."""
        kept = self.upload.mapping
        if not kept:
            kept = LedgerFormat.objects.filter(pk=self.upload.customer_id).values_list("mapping", flat=True).first()
        return LedgerMapping.of(kept) if kept else None

    @cached_property
    def look_and_mapping(self) -> tuple[FileLook, LedgerMapping]:
        """What the file holds, with the remembered mapping where it fits, else a guess."""
        path = Path(self.upload.file.path)
        if self.remembered is not None:
            try:
                look = look_at_file(path, self.remembered)
            except RuleBroken:
                pass
            else:
                if self.remembered.fits(list(look.columns)):
                    return look, self.remembered
        look = look_at_file(path)
        return look, guess_mapping(look)

    def columns_form(self, **kwargs: Any) -> ColumnsForm:
        """The form over the file's columns."""
        look, mapping = self.look_and_mapping
        return ColumnsForm(
            look=look, mapping=mapping, has_bad=bool(self.upload.bad), others=others_of(self.upload), **kwargs
        )

    def preview(self, mapping: LedgerMapping) -> dict[str, Any]:
        """What would be read: the first lines, what they add up to, and the closing balance that follows."""
        upload = self.upload
        try:
            reading = read_lines(
                Path(upload.file.path), mapping, first=upload.first_day, last=upload.last_day, most=READ_AT_ONCE
            )
        except RuleBroken as refusal:
            return {"trouble": refusal.message}
        ours = statement_of(upload.customer_id, period_of(upload))
        opening = ours.opening if upload.opening is None else upload.opening
        closing = opening + reading.total
        return {
            "reading": reading,
            "lines": reading.lines[:FIRST_LINES],
            "ours": ours,
            "opening": opening,
            "closing": closing,
            "seems_turned": abs(ours.opening - reading.total - ours.closing) < abs(closing - ours.closing),
            "apart": None if upload.closing is None else closing - upload.closing,
        }


class Columns(OfColumns, FormPage):
    """Which column holds what, with what we would read; then it is read and matched."""

    title = gettext_lazy("What stands where")
    template_name = "orders/matching/columns.html"
    form_class = ColumnsForm
    submit_label = gettext_lazy("Read and match")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form; a ledger that is read has its own page."""
        if self.upload.state != LedgerState.NEW or self.upload.is_busy:
            return self.go(self.upload.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        return [*above, (self.upload.file_name, self.upload.get_absolute_url()), (self.heading(), None)]

    def get_form(self) -> ColumnsForm:
        return self.columns_form(**self.get_form_kwargs())

    def perform(self, form: ColumnsForm) -> str:
        given = form.cleaned_data
        upload = read_ledger(
            self.upload.pk,
            form.mapping(),
            by=self.user,
            only_good=given.get("only_good", False),
            replaces=given.get("replaces", False),
        )
        if upload.state == LedgerState.NEW and not upload.is_busy:
            return reverse("orders:their_ledger_columns", args=[upload.pk])
        return upload.get_absolute_url()

    def context(self, **more: Any) -> dict[str, Any]:
        form: ColumnsForm = more["form"]
        chosen = form.mapping() if form.is_bound and form.is_valid() else self.look_and_mapping[1]
        return super().context(upload=self.upload, **self.preview(chosen), **more)


class Preview(OfColumns):
    """What would be read with the columns that are being chosen."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the part beside the form."""
        if self.upload.state != LedgerState.NEW:
            raise Http404
        form = self.columns_form(data=request.GET)
        if not form.is_valid():
            return self.render("orders/matching/preview.html", trouble=_("Choose columns of this file."))
        return self.render("orders/matching/preview.html", upload=self.upload, **self.preview(form.mapping()))


class LedgerPage(RecordPage):
    """An agent's ledger beside ours: the way from one closing balance to the other, what is left, what was matched."""

    permission_required = VIEW
    menu_key = "their_ledgers"
    record_key = "their_ledger"
    lookup = "pk"
    template_name = "orders/matching/ledger.html"

    @property
    def user(self) -> User:
        """Who looks."""
        user: Any = self.request.user
        return user

    def rows(self) -> QuerySet[LedgerUpload]:
        return ledgers_for(self.user)

    def headline(self, record: LedgerUpload) -> dict[str, Any]:
        span = f"{day_text(record.first_day)} – {day_text(record.last_day)}"
        left_out = record.left_out + record.bad
        return {
            "kind": _("Agent's ledger"),
            "number": span,
            "title": record.customer.name,
            "title_zh": record.customer.name_zh,
            "badge": state_badge(record),
            "meta": [
                record.file_name,
                ngettext("%(n)s line", "%(n)s lines", record.lines_read) % {"n": f"{record.lines_read:,}"},
                ngettext("%(n)s row left out", "%(n)s rows left out", left_out) % {"n": left_out} if left_out else "",
                str(record.uploaded_by),
                moment_text(record.uploaded_at),
            ],
        }

    def actions(self, record: LedgerUpload) -> Sequence[Action]:
        pk = [record.pk]
        account = reverse("orders:account", args=[record.customer.code])
        file = Action(_("Their file"), reverse("orders:their_ledger_file", args=pk), "download")
        actions = [Action(_("Open the account"), account, "wallet"), *([file] if record.file else [])]
        if record.state == LedgerState.READ:
            again = reverse("orders:matching_run", args=pk)
            actions.append(Action(_("Match by rule again"), again, "swap", method="post", permission=MATCH))
            actions += self.more_actions(record)
        if record.state == LedgerState.NEW and not record.is_busy:
            discard = reverse("orders:their_ledger_deletion", args=pk)
            columns = reverse("orders:their_ledger_columns", args=pk)
            actions += [
                Action(_("Discard"), discard, "trash", method="post", permission=UPLOAD, danger=True),
                Action(_("Say what stands where"), columns, "pen", primary=True, permission=UPLOAD),
            ]
        return actions

    @cached_property
    def formula(self) -> Formula:
        """The way from our closing balance to theirs."""
        return formula_of(self.record, self.carried)

    @cached_property
    def carried(self) -> list[Carried]:
        """What the ledger before left to this one."""
        return carried_over(self.record)

    def more_actions(self, record: LedgerUpload) -> list[Action]:
        """What is done with what is left."""
        if self.formula.is_agreed and not self.formula.matched_apart:
            return []
        there = reconciliation_of(record, self.user)
        refused = "" if there else _("No reconciliation of these days was sent to this customer.")
        url = reverse("orders:matching_differences", args=[record.pk])
        return [Action(_("State as differences"), url, "flag", primary=True, permission=RUN, refused=refused)]

    def context(self, **more: Any) -> dict[str, Any]:
        upload: LedgerUpload = self.record
        more |= {"upload": upload, "q": self.request.GET.get("q", "").strip()[:80]}
        if upload.is_busy and upload.job is not None and upload.job.owner_id == self.user.pk:
            more |= progress_context(upload.job)
        if upload.state == LedgerState.NEW and upload.job and upload.job.state in {JobState.FAILED, JobState.CANCELLED}:
            more["failed"] = upload.job
        if upload.state == LedgerState.READ:
            more |= {"formula": self.formula, "may_match": self.user.has_perm(MATCH)}
            more |= self._matched(more["q"]) if self.request.GET.get("show") == "matched" else self._left(more["q"])
        return super().context(**more)

    def _left(self, text: str) -> dict[str, Any]:
        """What stands in no match, both sides by day."""
        ours, theirs = ours_left(self.record), theirs_left(self.record)
        if text:
            ours, theirs = with_text_of_ours(ours, text), with_text_of_theirs(theirs, text)
        entries, lines = list(ours[: MOST_LEFT + 1]), list(theirs[: MOST_LEFT + 1])
        urls = document_urls(entries)
        of_entries, of_lines = stated_of((entry.pk for entry in entries), (line.pk for line in lines))
        return {
            "show": "left",
            "carried": self.carried,
            "ours": [(entry, urls.get(entry.pk, ""), of_entries.get(entry.pk)) for entry in entries[:MOST_LEFT]],
            "theirs": [(line, of_lines.get(line.pk)) for line in lines[:MOST_LEFT]],
            "more_ours": len(entries) > MOST_LEFT,
            "more_theirs": len(lines) > MOST_LEFT,
            "most": MOST_LEFT,
            "most_difference": MOST_DIFFERENCE,
            "once_key": new_key(),
        }

    def _matched(self, text: str) -> dict[str, Any]:
        """What stands in a match, a page at a time."""
        rows = matches_of(self.record)
        way = self.request.GET.get("way", "")
        if way in Way.values:
            rows = rows.filter(way=way)
        if text:
            rows = rows.filter(
                Q(ours__entry__document__icontains=text)
                | Q(theirs__line__reference__icontains=text)
                | Q(theirs__line__text__icontains=text)
            ).distinct()
        page = Paginator(rows, MATCHES_A_PAGE).get_page(self.request.GET.get("page"))
        urls = document_urls(side.entry for match in page for side in match.ours.all())
        pairs = [
            (match, [(side.entry, urls.get(side.entry_id, "")) for side in match.ours.all()], list(match.theirs.all()))
            for match in page
        ]
        return {"show": "matched", "pairs": pairs, "shown": page, "way": way, "ways": Way.choices}


class LedgerFile(OfLedger):
    """The file as it was uploaded, to keep."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send it."""
        return kept_file_response(self.upload.file, self.upload.file_name)


class Discard(OfLedger, ActionPage):
    """Throws a ledger away that was never read."""

    permission_required = UPLOAD

    def get_success_url(self) -> str:
        return reverse("orders:their_ledgers")

    def perform(self) -> str:
        name = discard_ledger(self.upload.pk, by=self.user)
        return _("%(file)s is discarded.") % {"file": name}


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
            ours=_keys(self.request.POST.getlist("ours")),
            theirs=_keys(self.request.POST.getlist("theirs")),
            reason=self.request.POST.get("reason", "")[:300],
        )
        return _("%(ours)s of ours and %(theirs)s of theirs are matched.") % {
            "ours": match.ours_count,
            "theirs": match.theirs_count,
        }


def _keys(given: Sequence[str]) -> list[int]:
    """The keys among what was sent; what is none is nobody's line."""
    return [int(key) if key.isdecimal() and len(key) < 19 else 0 for key in given]


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
    """Splits a line of theirs."""

    permission_required = MATCH
    title = gettext_lazy("Split a line")
    form_class = PartsForm
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
