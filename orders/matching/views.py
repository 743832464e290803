"""Pages of agents' ledgers: the list, a new one, its columns, and the two ledgers side by side."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from customers.files.models import Customer
from orders.receivables.queries import document_urls
from orders.reconciliation.services import RUN
from salesops.jobs.models import JobState
from salesops.jobs.views import progress_context
from salesops.users.pages import Personal
from salesops.web.downloads import kept_file_response
from salesops.web.figures import day_text, moment_text
from salesops.web.once import new_key
from salesops.web.pages import Action, ActionPage, Empty, FormPage, ListPage, Page, RecordPage

from .differences import reconciliation_of, stated_of
from .filters import LedgerFilters
from .forms import LedgerForm
from .intake import discard_ledger, keep_ledger
from .models import LedgerState, LedgerUpload, Way
from .queries import (
    Carried,
    Formula,
    carried_on,
    carried_over,
    formula_of,
    ledgers_for,
    matches_of,
    ours_left,
    theirs_left,
    with_clearings,
    with_text_of_ours,
    with_text_of_theirs,
)
from .services import MOST_DIFFERENCE
from .tables import LedgerTable, state_badge

VIEW = "orders.view_accounts"
UPLOAD = "orders.upload_ledger"
MATCH = "orders.match_ledger"
MOST_LEFT = 300
"""Lines of each side that the page shows; the search leads to the others."""
MATCHES_A_PAGE = 100


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


class LedgerList(Personal, ListPage):
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
        return ledgers_for(self.user)

    def actions(self) -> Sequence[Action]:
        own = self.request.user.customer
        return [new_ledger_action(own.code, primary=True)] if own else []


class NewLedger(Personal, FormPage):
    """Keeps a file; its columns come next, or are known from the last one."""

    permission_required = UPLOAD
    title = gettext_lazy("Upload their ledger")
    menu_key = "their_ledgers"
    form_class = LedgerForm
    submit_label = gettext_lazy("Upload")
    intro = gettext_lazy("Next you see what we read in it; nothing is matched before.")

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


def keys_in(given: Sequence[str]) -> list[int]:
    """Return the keys among what was sent; what is none is nobody's line."""
    return [int(key) if key.isdecimal() and len(key) < 19 else 0 for key in given]


class OfLedger(Personal, Page):
    """What pages about one ledger share."""

    permission_required: str | tuple[str, ...] | None = VIEW
    menu_key = "their_ledgers"

    @cached_property
    def upload(self) -> LedgerUpload:
        """The ledger that the address names."""
        upload = ledgers_for(self.user).filter(pk=self.kwargs["pk"]).first()
        if upload is None:
            raise Http404
        return upload


class LedgerPage(Personal, RecordPage):
    """An agent's ledger beside ours: the way from one closing balance to the other, what is left, what was matched."""

    permission_required = VIEW
    menu_key = "their_ledgers"
    record_key = "their_ledger"
    lookup = "pk"
    template_name = "orders/matching/ledger.html"

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
        cleared = {(one.side.side, one.side.pk): one.clearing for one in with_clearings(carried_on(self.record))}
        return {
            "show": "left",
            "carried": with_clearings(self.carried),
            "ours": [
                (entry, urls.get(entry.pk, ""), of_entries.get(entry.pk), cleared.get(("ours", entry.pk)))
                for entry in entries[:MOST_LEFT]
            ],
            "theirs": [(line, of_lines.get(line.pk), cleared.get(("theirs", line.pk))) for line in lines[:MOST_LEFT]],
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
        one = self.request.GET.get("match", "")
        if one:
            rows = rows.filter(pk__in=keys_in([one]))
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
        return {"show": "matched", "pairs": pairs, "shown": page, "way": way, "ways": Way.choices, "one": one}


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
