"""Pages of bank files: the list, a new one, its columns, its lines and what is decided of them."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders.closing.days import closed_through
from orders.matching.reading import FileLook, look_at_file
from salesops.jobs.models import Job
from salesops.jobs.views import progress_context
from salesops.kernel.errors import RuleBroken, require
from salesops.users.pages import Personal
from salesops.web.downloads import kept_file_response
from salesops.web.figures import day_text
from salesops.web.pages import Action, ActionPage, BulkAction, Empty, FormPage, ListPage, Page

from .filters import BankFileFilters, BankLineFilters
from .forms import BankColumnsForm, BankFileForm, FreeingForm, LineForm
from .models import BankFile, BankFileState, BankLine, LineState
from .queries import Proof, bank_files_for, lines_of, payment_of, proof_of
from .reading import BankMapping, guess_bank_mapping, read_bank_lines
from .services import (
    RECORD,
    choose_customer,
    discard_bank_file,
    free_line,
    keep_bank_file,
    match_again,
    read_bank_file,
    set_line_aside,
    start_recording,
)
from .tables import BankFileTable, BankLineTable

FIRST_LINES = 6


def new_file_action(*, primary: bool = True) -> Action:
    """Return the button that uploads a bank file."""
    return Action(_("Upload bank file"), reverse("orders:bank_file_new"), "upload", primary=primary, permission=RECORD)


class BankFiles(Personal, Page):
    """What all these pages share."""

    permission_required: str | tuple[str, ...] | None = RECORD
    menu_key = "bank_files"


class BankFileList(BankFiles, ListPage):
    """Bank files, the latest first."""

    title = gettext_lazy("Bank files")
    table = BankFileTable
    filters = BankFileFilters
    search_fields = ("file_name", "account__name")
    search_label = gettext_lazy("File or account")

    def rows(self) -> QuerySet[BankFile]:
        return bank_files_for(self.user)

    def actions(self) -> Sequence[Action]:
        return [new_file_action()]

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        """What an empty list says."""
        return Empty(
            gettext_lazy("No bank files yet"),
            gettext_lazy("Upload the bank's statement: what came in is matched to customers and recorded."),
            new_file_action(),
            icon="upload",
        )


class NewBankFile(BankFiles, FormPage):
    """Keeps a file; its columns come next, or are known from the last one."""

    title = gettext_lazy("Upload bank file")
    form_class = BankFileForm
    submit_label = gettext_lazy("Upload")
    intro = gettext_lazy("Next you see what we read in it; nothing is recorded before.")

    def perform(self, form: Any) -> str:
        one = keep_bank_file(by=self.user, **form.cleaned_data)
        return reverse("orders:bank_file_columns", args=[one.pk])


class OfBankFile(BankFiles):
    """What pages about one file share."""

    @cached_property
    def one(self) -> BankFile:
        """The file that the address names."""
        one = bank_files_for(self.user).filter(pk=self.kwargs["pk"]).first()
        if one is None:
            raise Http404
        return one

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        return [*above, (self.one.file_name, self.one.get_absolute_url()), (self.heading(), None)]


class OfBankColumns(OfBankFile):
    """The columns of a file that is not read yet."""

    @cached_property
    def look_and_mapping(self) -> tuple[FileLook, BankMapping]:
        """What the file holds, with the remembered mapping where it fits, else a guess."""
        path = Path(self.one.file.path)
        if kept := self.one.mapping or self.one.account.mapping:
            remembered = BankMapping.of(kept)
            try:
                look = look_at_file(path, remembered)
            except RuleBroken:
                pass
            else:
                if remembered.fits(list(look.columns)):
                    return look, remembered
        look = look_at_file(path, guess=guess_bank_mapping)
        return look, guess_bank_mapping(look)

    def columns_form(self, **kwargs: Any) -> BankColumnsForm:
        """The form over the file's columns."""
        look, mapping = self.look_and_mapping
        return BankColumnsForm(look=look, mapping=mapping, has_bad=bool(self.one.bad), **kwargs)

    def preview(self, mapping: BankMapping) -> dict[str, Any]:
        """What would be read."""
        try:
            reading = read_bank_lines(Path(self.one.file.path), mapping)
        except RuleBroken as refusal:
            return {"trouble": refusal.message}
        return {"reading": reading, "lines": reading.lines[:FIRST_LINES]}


class BankColumns(OfBankColumns, FormPage):
    """Which column holds what, with what we would read; then it is read and matched."""

    title = gettext_lazy("What stands where")
    template_name = "orders/bankfiles/columns.html"
    form_class = BankColumnsForm
    submit_label = gettext_lazy("Read and match")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form; a file that is read has its own page."""
        if self.one.state != BankFileState.NEW:
            return self.go(self.one.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def get_form(self) -> BankColumnsForm:
        return self.columns_form(**self.get_form_kwargs())

    def get_cancel_url(self) -> str:
        return reverse("orders:bank_files")

    def perform(self, form: BankColumnsForm) -> str:
        given = form.cleaned_data
        one = read_bank_file(self.one.pk, form.mapping(), by=self.user, only_good=given.get("only_good", False))
        if one.state == BankFileState.NEW:
            return reverse("orders:bank_file_columns", args=[one.pk])
        return one.get_absolute_url()

    def context(self, **more: Any) -> dict[str, Any]:
        form: BankColumnsForm = more["form"]
        chosen = form.mapping() if form.is_bound and form.is_valid() else self.look_and_mapping[1]
        discard = Action(
            _("Discard"), reverse("orders:bank_file_deletion", args=[self.one.pk]), "trash", method="post", danger=True
        )
        return super().context(one=self.one, upload=self.one, head=[discard], **self.preview(chosen), **more)


class BankPreview(OfBankColumns):
    """What would be read with the columns that are being chosen."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the part beside the form."""
        if self.one.state != BankFileState.NEW:
            raise Http404
        form = self.columns_form(data=request.GET)
        if not form.is_valid():
            return self.render("orders/bankfiles/preview.html", trouble=_("Choose columns of this file."))
        return self.render("orders/bankfiles/preview.html", **self.preview(form.mapping()))


class BankFilePage(OfBankFile, ListPage):
    """The lines of a file: what is proposed, to decide, recorded, set aside; and that they add up."""

    template_name = "orders/bankfiles/lines.html"
    table = BankLineTable
    filters = BankLineFilters
    search_fields = ("payer_name", "payer_account", "reference", "transaction", "customer__name", "customer__name_zh")
    search_label = gettext_lazy("Payer, account, reference or customer")
    starts_ticked = True
    empty = Empty(
        gettext_lazy("Nothing is read yet"), gettext_lazy("Say which of its columns holds what."), icon="upload"
    )

    def heading(self) -> Any:
        return self.one.file_name

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        return [*above, (self.heading(), None)]

    def rows(self) -> QuerySet[BankLine]:
        return lines_of(self.one)

    @cached_property
    def proof(self) -> Proof:
        """What the whole file adds up to, whatever the filters leave."""
        return proof_of(self.one)

    def actions(self) -> Sequence[Action]:
        pk = [self.one.pk]
        file = Action(_("Their file"), reverse("orders:bank_file_file", args=pk), "download")
        if self.one.state == BankFileState.NEW:
            columns = reverse("orders:bank_file_columns", args=pk)
            return [file, Action(_("Say what stands where"), columns, "pen", primary=True, permission=RECORD)]
        actions = [file]
        if self.proof.states[LineState.OPEN][0]:
            again = reverse("orders:bank_file_matching", args=pk)
            actions.append(Action(_("Match again"), again, "swap", method="post", permission=RECORD))
        count, amount = self.proof.states[LineState.PROPOSED]
        if count and not self.one.is_busy:
            label = ngettext("Record %(n)s receipt", "Record %(n)s receipts", count) % {"n": f"{count:,}"}
            ask = _("%(amount)s is recorded and settles what its references name, then the oldest due.")
            url = reverse("orders:bank_file_recording", args=pk)
            actions.append(
                Action(
                    label,
                    url,
                    "check",
                    primary=True,
                    method="post",
                    permission=RECORD,
                    confirm=ask % {"amount": f"{amount:,.2f}"},
                )
            )
        return actions

    def bulk_actions(self) -> Sequence[BulkAction]:
        if self.one.is_busy or not self.proof.states[LineState.PROPOSED][0]:
            return []
        url = f"{reverse('orders:bank_file_recording', args=[self.one.pk])}?ticked=1"
        ask = _("They are recorded and settle what their references name, then the oldest due.")
        return [BulkAction(_("Record those ticked"), url, "check", primary=True, permission=RECORD, confirm=ask)]

    def may_tick(self, record: BankLine) -> bool:
        return record.state == LineState.PROPOSED

    def export_facts(self) -> list[tuple[Any, Any]]:
        return [(_("Account"), str(self.one.account)), (_("File"), self.one.file_name)]

    def context(self, **more: Any) -> dict[str, Any]:
        chips = [(state, label, *self.proof.states[state]) for state, label in LineState.choices]
        closed = closed_through()
        waiting = [LineState.OPEN, LineState.PROPOSED]
        late = lines_of(self.one).filter(state__in=waiting, day__lte=closed).count() if closed else 0
        more |= {"one": self.one, "upload": self.one, "proof": self.proof, "chips": chips}
        if self.one.is_busy and self.one.job is not None and self.one.job.owner_id == self.user.pk:
            more |= progress_context(self.one.job)
        return super().context(closed=closed, late=late, shown_state=self.request.GET.get("state", ""), **more)


class BankFileFile(OfBankFile):
    """The file as it was uploaded, to keep."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send it."""
        return kept_file_response(self.one.file, self.one.file_name)


class DiscardBankFile(OfBankFile, ActionPage):
    """Throws a file away that was never read."""

    def get_success_url(self) -> str:
        return reverse("orders:bank_files")

    def perform(self) -> str:
        return _("%(file)s is discarded.") % {"file": discard_bank_file(self.one.pk, by=self.user)}


class MatchBankFile(OfBankFile, ActionPage):
    """Matches what is open once more."""

    def get_success_url(self) -> str:
        return self.one.get_absolute_url()

    def perform(self) -> str:
        found = match_again(self.one.pk, by=self.user)
        return ngettext("%(n)s more is proposed.", "%(n)s more are proposed.", found) % {"n": f"{found:,}"}


class RecordBankFile(OfBankFile, ActionPage):
    """Records what is proposed: all of it, or those that are ticked."""

    def get_success_url(self) -> str:
        return self.one.get_absolute_url()

    def perform(self) -> str:
        given = self.request.POST.getlist("selected")
        require(given or "ticked" not in self.request.GET, _("Tick what is to be recorded."), rule="selected")
        ids = [int(key) if key.isdecimal() and len(key) < 19 else 0 for key in given] if given else None
        made = start_recording(self.one.pk, by=self.user, line_ids=ids)
        if isinstance(made, Job):
            return _("They are being recorded; the bell tells you when it is done.")
        return ngettext("%(n)s payment is recorded.", "%(n)s payments are recorded.", made) % {"n": f"{made:,}"}


class OfBankLine(OfBankFile):
    """What pages about one line share."""

    @cached_property
    def line(self) -> BankLine:
        """The line that the address names."""
        line = lines_of(self.one).filter(pk=self.kwargs["line"]).first()
        if line is None:
            raise Http404
        return line

    @property
    def intro(self) -> str:
        """What the bank says."""
        line = self.line
        words = [
            day_text(line.day),
            f"{line.amount:,.2f}",
            line.payer_name,
            line.payer_account,
            line.reference,
            line.transaction,
        ]
        return " · ".join([*filter(None, words), *filter(None, [str(line.get_doubt_display()), line.reason])])


class DecideLine(OfBankLine, FormPage):
    """Whose money a line is, or that it is no receipt; a recorded one leads to its payment."""

    form_class = LineForm
    submit_label = gettext_lazy("Save")

    def heading(self) -> str:
        return _("Row %(row)s") % {"row": self.line.row}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form; nothing is decided of what is recorded."""
        payment = payment_of(self.line)
        if payment is None:
            return super().get(request, *args, **kwargs)
        if hasattr(payment, "reversal") and self.line.state == LineState.RECORDED:
            return self.go(reverse("orders:bank_line_freeing", args=[self.one.pk, self.line.pk]))
        return self.go(payment.get_absolute_url())

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.user, "line": self.line}

    def perform(self, form: LineForm) -> str:
        given = form.cleaned_data
        if given["reason"]:
            set_line_aside(self.line.pk, by=self.user, reason=given["reason"])
            self.message = _("Row %(row)s is set aside.") % {"row": self.line.row}
        else:
            choose_customer(self.line.pk, by=self.user, customer_id=given["customer"].pk)
            words = _("Row %(row)s is proposed for %(customer)s.")
            self.message = words % {"row": self.line.row, "customer": given["customer"]}
        return f"{self.one.get_absolute_url()}?state={LineState.OPEN}"


class FreeLine(OfBankLine, FormPage):
    """A line whose payment was reversed is decided on again."""

    title = gettext_lazy("Record the line again")
    form_class = FreeingForm
    submit_label = gettext_lazy("Decide again")

    def perform(self, form: FreeingForm) -> str:
        free_line(self.line.pk, by=self.user, reason=form.cleaned_data["reason"])
        self.message = _("Row %(row)s is to be decided on again.") % {"row": self.line.row}
        return reverse("orders:bank_line", args=[self.one.pk, self.line.pk])
