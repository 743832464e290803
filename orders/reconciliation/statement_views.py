"""Pages of statements: the list, issuing one, reading one on screen, as PDF and as Excel."""

from collections.abc import Sequence
from functools import cached_property
from io import BytesIO
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.receivables.ageing import EDGES, labels_of
from orders.receivables.queries import document_urls
from orders.receivables.search import with_words
from orders.receivables.settlement_views import OfAccount
from salesops.users.pages import Personal
from salesops.web import registry
from salesops.web.excel import write_workbook
from salesops.web.exports import file_response, filename_for
from salesops.web.figures import day_text, moment_text
from salesops.web.pages import Action, Empty, Figure, FormPage, ListPage, RecordPage
from salesops.web.pdf import pdf_response

from .filters import StatementFilters
from .forms import StatementForm
from .models import Difference, IssuedStatement, Reconciliation
from .papers import statement_pdf, statement_sheet
from .queries import SEE, reads_own_statements
from .services import RUN, STATE
from .statements import Issued, issue_statement, issued_for, read_statement
from .tables import OwnStatementTable, StatementTable

MOST_LINES = 1000


def menu_key_for(user: Any) -> str:
    """Return the entry under which statements stand: an agent's own one, or that of reconciliation."""
    return "statements" if reads_own_statements(user) else "reconciliation"


class StatementList(ListPage):
    """Statements as issued, the latest first."""

    title = gettext_lazy("Statements")
    permission_required = SEE
    filters = StatementFilters
    search_fields = ("number", "customer__name", "customer__name_zh", "customer__code")
    search_label = gettext_lazy("Number or customer")
    empty = Empty(
        gettext_lazy("No statements yet"),
        gettext_lazy("They are issued by a round, or from the page of an account."),
        icon="file",
    )

    @property
    def menu_key(self) -> str:  # type: ignore[override]
        """Where it stands in the reader's menu."""
        return menu_key_for(self.request.user)

    @property
    def table(self) -> type[StatementTable]:  # type: ignore[override]
        """An agent's list leaves out whose they are."""
        return OwnStatementTable if self.request.user.customer_id else StatementTable

    def rows(self) -> Any:
        return issued_for(self.request.user)

    def search(self, rows: Any, text: str) -> Any:
        return with_words(rows, text)


class IssueStatement(OfAccount, FormPage):
    """A statement of one account over any days."""

    permission_required = RUN
    form_class = StatementForm
    title = gettext_lazy("Issue a statement")
    submit_label = gettext_lazy("Issue")
    intro = gettext_lazy("It gets a number and is kept as issued.")

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        return [*above, (self.customer.code, self.account_url), (self.heading(), None)]

    def perform(self, form: StatementForm) -> str:
        issued = issue_statement(by=self.user, customer_id=self.customer.pk, **form.cleaned_data)
        self.message = _("%(number)s is issued.") % {"number": issued.number}
        return issued.get_absolute_url()


class StatementPages(Personal, RecordPage):
    """What page and files of a statement share."""

    permission_required = SEE

    @property
    def menu_key(self) -> str:  # type: ignore[override]
        """Where it stands in the reader's menu."""
        return menu_key_for(self.request.user)

    def rows(self) -> Any:
        return issued_for(self.user)

    @cached_property
    def issued(self) -> Issued:
        """The statement, read again."""
        return read_statement(self.record)


class StatementRecord(StatementPages):
    """A statement on screen."""

    record_key = "statement"
    template_name = "orders/reconciliation/statement.html"

    def headline(self, record: IssuedStatement) -> dict[str, Any]:
        return {
            "kind": _("Statement"),
            "number": record.number,
            "title": record.name,
            "title_zh": record.name_zh,
            "meta": [
                f"{day_text(record.first_day)} – {day_text(record.last_day)}",
                _("issued %(at)s") % {"at": moment_text(record.issued_at)},
            ],
        }

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        statements = [] if reads_own_statements(self.user) else [(_("Statements"), reverse("orders:statements"))]
        return [*above, *statements, (self.record.number, None)]

    def figures(self, record: IssuedStatement) -> Sequence[Figure]:
        return [
            Figure(_("Opening balance"), record.opening, money=True),
            Figure(_("Debits"), record.debits, money=True),
            Figure(_("Credits"), record.credits, money=True),
            Figure(_("Closing balance"), record.closing, money=True),
        ]

    def actions(self, record: IssuedStatement) -> Sequence[Action]:
        number = [record.number]
        one = self.reconciliation
        back = [Action(_("Reconciliation"), one.get_absolute_url(), icon="swap")] if one else []
        return [
            *back,
            Action("Excel", reverse("orders:statement_file", args=number), icon="download"),
            Action("PDF", reverse("orders:statement_paper", args=number), icon="print", primary=True),
        ]

    @cached_property
    def reconciliation(self) -> Reconciliation | None:
        """What it was issued for, if for one."""
        one: Reconciliation | None = getattr(self.record, "reconciliation", None)
        return one

    @property
    def may_state(self) -> bool:
        """Whether the person may say of each of its lines that it differs."""
        one = self.reconciliation
        return one is not None and one.is_open_to(self.user) and registry.may(self.user, STATE)

    @property
    def differing(self) -> dict[int, Difference]:
        """What was stated to its lines, by entry."""
        if self.reconciliation is None:
            return {}
        stated = self.reconciliation.differences.standing().exclude(entry=None)
        return {one.entry_id: one for one in stated if one.entry_id}

    def context(self, **more: Any) -> dict[str, Any]:
        entries = list(self.issued.statement.entries[:MOST_LINES])
        urls, differing = document_urls(entries), self.differing
        return super().context(
            issued=self.issued,
            lines=[(entry, urls.get(entry.pk, ""), differing.get(entry.pk)) for entry in entries],
            one=self.reconciliation,
            may_state=self.may_state,
            more_lines=max(self.record.count - MOST_LINES, 0),
            ages=zip(labels_of(EDGES), self.issued.debits_by_age, strict=True),
            **more,
        )


class StatementPaper(StatementPages):
    """A statement as PDF."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Print it."""
        return pdf_response(statement_pdf(self.issued), f"{self.record.number}.pdf")


class StatementFile(StatementPages):
    """A statement as Excel."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Write it."""
        target = BytesIO()
        write_workbook(target, [statement_sheet(self.issued)])
        return file_response(target.getvalue(), filename_for(self.record.number))
