"""Pages of accounts: the list, one account with its ageing, open items and ledger, the ledger as a file."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from io import BytesIO
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from customers.accounts.terms import terms_in_words
from customers.files.models import Customer
from orders.credit.queries import credit_picture
from orders.deliveries.queries import SEES_FACTS
from orders.payments.models import Payment
from orders.payments.views import new_payment_action
from salesops.kernel.periods import Period
from salesops.users.models import User
from salesops.web.excel import Column, Sheet, write_workbook
from salesops.web.exports import file_response, filename_for
from salesops.web.figures import day_text, moment_text
from salesops.web.pages import Action, Badge, Empty, ListPage, RecordPage

from .filters import AccountFilters
from .forms import PeriodForm
from .jobs import SETTLE
from .models import ReceivableEntry
from .queries import (
    BUCKETS,
    Statement,
    account_customers,
    accounts_for,
    ageing_of,
    days_to_pay,
    document_urls,
    open_items_of,
    open_rows,
    statement_of,
)
from .tables import AccountTable

VIEW = "orders.view_accounts"
TERMS = "customers.set_credit_terms"
MOST_ITEMS = 200
MOST_ENTRIES = 500


class AccountList(ListPage):
    """Where every account in scope stands."""

    title = gettext_lazy("Accounts")
    permission_required = VIEW
    menu_key = "accounts"
    table = AccountTable
    filters = AccountFilters
    search_fields = ("customer__name", "customer__name_zh", "customer__code")
    search_label = gettext_lazy("Customer")
    empty = Empty(gettext_lazy("No accounts"), gettext_lazy("Every customer has one."), icon="wallet")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the list; an agent, who has one account, is led to it."""
        user: Any = request.user
        if user.customer_id:
            return HttpResponseRedirect(reverse("orders:account", args=[user.customer.code]))
        return super().get(request, *args, **kwargs)

    def rows(self) -> Any:
        user: Any = self.request.user
        return accounts_for(user)

    def actions(self) -> Sequence[Action]:
        return [new_payment_action()]


class AccountPages(RecordPage):
    """What the page of an account and its file share: the customer, and the span of days."""

    permission_required = VIEW
    menu_key = "accounts"
    lookup = "code"

    @property
    def user(self) -> User:
        """Who reads."""
        user: Any = self.request.user
        return user

    def rows(self) -> Any:
        return account_customers(self.user)

    @cached_property
    def period_form(self) -> PeriodForm:
        """The span in the address."""
        return PeriodForm(self.request.GET, today=timezone.localdate())

    @property
    def statement(self) -> Statement:
        """The ledger over the span."""
        return statement_of(self.record.pk, self.period_form.period)


class AccountPage(AccountPages):
    """One account: what is owed, how old it is, what is open, what happened."""

    record_key = "account"
    template_name = "orders/receivables/account.html"

    def headline(self, record: Customer) -> dict[str, Any]:
        account = record.account
        return {
            "title": record.name,
            "title_zh": record.name_zh,
            "meta": [
                record.code,
                _("Grade %(grade)s") % {"grade": record.grade},
                _("Terms %(terms)s") % {"terms": terms_in_words(account, account.parts.all())},
                record.region,
                _("Rep. %(name)s") % {"name": record.representative} if record.representative else "",
            ],
            "hold": _hold_badge(account, inside=self.user.has_perm(SEES_FACTS)),
        }

    def actions(self, record: Customer) -> Sequence[Action]:
        code = record.code
        hold = ("customers:release", _("Lift hold")) if record.account.is_on_hold else ("customers:hold", _("Hold"))
        ask = f"{reverse('orders:temporary_limit_new')}?customer={code}"
        return [
            new_payment_action(code),
            Action(_("Temporary limit"), ask, icon="gauge", permission="orders.ask_temporary_limit"),
            Action(_("Credit terms"), reverse("customers:credit_terms", args=[code]), icon="pen", permission=TERMS),
            Action(hold[1], reverse(hold[0], args=[code]), icon="lock", permission=TERMS),
            Action(_("Print"), "#print", icon="print"),
        ]

    def context(self, **more: Any) -> dict[str, Any]:
        today = timezone.localdate()
        record = self.record
        age = self.request.GET.get("age", "")
        age = age if age in {bucket.key for bucket in BUCKETS} | {"credits", "overdue"} else ""
        items = open_items_of(record.pk, age, today)
        shown = open_rows(items[:MOST_ITEMS], today)
        ageing = ageing_of(record.pk, today)
        statement = self.statement
        last_payment = Payment.objects.filter(customer=record.pk, reversal=None).first()
        return super().context(
            account=record.account,
            ageing=ageing,
            age=age,
            age_label=next((bucket.label for bucket in BUCKETS if bucket.key == age), ""),
            debits=[row for row in shown if row.item.is_debit],
            credits=[row for row in shown if not row.item.is_debit],
            more_items=max(ageing.debit_count + ageing.credit_count - MOST_ITEMS, 0) if not age else 0,
            picture=credit_picture(record.pk),
            pays_after=days_to_pay(record.pk, Period.last_months(12, today).start),
            last_payment=last_payment,
            period_form=self.period_form,
            statement=statement,
            entries=_newest_first(statement),
            more_entries=max(statement.count - MOST_ENTRIES, 0),
            spans=_spans(today),
            customer_code=record.code,
            may_settle=self.user.has_perm(SETTLE),
            may_dispute=self.user.has_perm("orders.collect"),
            to_ship_url=f"{reverse('orders:deliveries')}?customer={record.code}&state=open",
            **more,
        )


def _hold_badge(account: Any, *, inside: bool) -> Badge | None:
    """A hold says so, with its reason for people of the company; no hold is worth a word to them too."""
    if account.is_on_hold:
        return Badge("bad", "lock", _("On hold: %(why)s") % {"why": account.hold_reason} if inside else _("On hold"))
    return Badge("good", "check", _("No hold")) if inside else None


def _newest_first(statement: Statement) -> list[tuple[ReceivableEntry, str]]:
    """The entries of a ledger, the newest first, each with the address of its document."""
    entries = list(statement.entries.reverse()[:MOST_ENTRIES])
    urls = document_urls(entries)
    return [(entry, urls.get(entry.pk, "")) for entry in entries]


def _spans(today: Any) -> list[tuple[Any, str]]:
    """Spans that are one click away: label and query."""
    year = Period.year(today.year)
    spans = [
        (_("3 months"), Period.last_months(3, today)),
        (_("12 months"), Period.last_months(12, today)),
        (str(today.year), year),
        (str(today.year - 1), year.previous),
    ]
    return [(label, f"from={span.start}&to={span.last_day}") for label, span in spans] + [(_("All"), "from=2000-01-01")]


class LedgerFile(AccountPages):
    """The ledger of the span as Excel: opening balance, every entry, the balance after it."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Make the file of the moment."""
        record, statement = self.record, self.statement
        title = _("Account %(code)s %(name)s") % {"code": record.code, "name": record}
        target = BytesIO()
        write_workbook(target, [ledger_sheet(title, record, statement, self.user)])
        return file_response(target.getvalue(), filename_for(f"{_('Ledger')} {record.code}"))


def ledger_sheet(title: str, customer: Customer, statement: Statement, reader: User) -> Sheet:
    """Return the sheet of a statement, in posting order; debits and credits are summed by formulas."""
    columns = [
        Column(_("Date"), "date", 12),
        Column(_("Document"), "text", 20),
        Column(_("What"), "text", 44),
        Column(_("Due"), "date", 12),
        Column(pgettext("ledger", "Debit"), "money", 16),
        Column(pgettext("ledger", "Credit"), "money", 16),
        Column(_("Balance"), "money", 16, total=False),
        Column(_("Belongs to"), "text", 12),
    ]
    facts = [
        (_("Period"), f"{day_text(statement.period.start)} – {day_text(statement.period.last_day)}"),
        (_("Opening balance"), f"{statement.opening:,.2f}"),
        (_("Closing balance"), f"{statement.closing:,.2f}"),
        (_("Made"), f"{reader}, {moment_text(timezone.now())}, {settings.COMPANY_NAME}"),
    ]
    return Sheet(title, columns, _ledger_rows(statement), facts)


def _ledger_rows(statement: Statement) -> Iterator[Sequence[Any]]:
    yield [statement.period.start, "", _("Opening balance"), None, None, None, statement.opening, ""]
    for entry in statement.entries.iterator(chunk_size=2000):
        what = entry.text or entry.get_source_display()
        yield [
            entry.posted_on,
            entry.document,
            what,
            entry.due_on if entry.debit else None,
            entry.debit or None,
            entry.credit or None,
            entry.running,  # type: ignore[attr-defined]
            str(entry.belongs_to or ""),
        ]
