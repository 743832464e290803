"""Settling open credits by the rule: the accounts that have any, what would settle what, and doing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from salesops.users.models import User
from salesops.web.figures import money_text
from salesops.web.forms import Form
from salesops.web.pages import Action, Empty, FormPage, ListPage

from .filters import OfCustomerFilters
from .jobs import SETTLE, start_settlement
from .models import OpenItem
from .queries import accounts_to_settle, document_urls
from .settlement import Planned, plan_settlement, settle_accounts
from .tables import ToSettleTable

MOST_SHOWN = 200
FEW = 20
"""Accounts that are settled at once; more are background work."""


class ToSettleFilters(OfCustomerFilters):
    """Accounts with credits beside debits, by whose they are."""

    class Meta:
        model = OpenItem
        fields: list[str] = []


class AccountsToSettle(ListPage):
    """The accounts that have open credits beside open debits, the largest credit first."""

    title = gettext_lazy("Open credits")
    permission_required = SETTLE
    menu_key = "open_credits"
    table = ToSettleTable
    filters = ToSettleFilters
    search_fields = ("customer__name", "customer__name_zh", "customer__code")
    search_label = gettext_lazy("Customer")
    intro = gettext_lazy("Credits that could settle something. What an account's credits settle is shown before.")
    empty = Empty(
        gettext_lazy("Nothing to settle"), gettext_lazy("No account has open credits beside open debits."), icon="check"
    )

    def rows(self) -> Any:
        return accounts_to_settle(self.request.user)

    def actions(self) -> Sequence[Action]:
        url, query = reverse("orders:settlement_new"), self.query(sort=None)
        return [Action(_("Settle these"), f"{url}?{query}" if query else url, "check", True)] if self.filtered else []


@dataclass(frozen=True)
class PlannedRow:
    """A planned allocation as a page shows it."""

    planned: Planned
    credit: OpenItem
    debit: OpenItem
    credit_url: str
    debit_url: str


class SettleOpenCredits(FormPage):
    """What would settle what, of one account or of all that the address keeps; then it is settled."""

    title = gettext_lazy("Settle open credits")
    permission_required = SETTLE
    menu_key = "open_credits"
    form_class = Form
    template_name = "orders/receivables/settle_open.html"
    submit_label = gettext_lazy("Settle")

    def get_form(self) -> forms.BaseForm:
        return Form(self.request.POST if self.request.method == "POST" else None)

    @cached_property
    def accounts(self) -> AccountsToSettle:
        """The list whose accounts are meant, as the address narrows it."""
        page = AccountsToSettle()
        page.setup(self.request)
        return page

    @cached_property
    def customer_ids(self) -> list[int]:
        """The accounts, in order of their keys."""
        return list(self.accounts.filtered.order_by("pk").values_list("pk", flat=True))

    @property
    def person(self) -> User:
        """Who settles."""
        user: User = self.request.user
        return user

    def perform(self, form: forms.BaseForm) -> str | HttpResponseBase:
        if len(self.customer_ids) > FEW:
            return start_settlement(self.customer_ids, by=self.person).get_absolute_url()
        settled = settle_accounts(self.customer_ids, by=self.person)
        self.message = ngettext(
            "%(amount)s of %(n)d credit is settled.", "%(amount)s of %(n)d credits is settled.", settled.credits
        ) % {"amount": money_text(settled.amount), "n": settled.credits}
        return reverse("orders:open_credits")

    def context(self, **more: Any) -> dict[str, Any]:
        plan = plan_settlement(self.customer_ids)
        return super().context(
            rows=planned_rows(plan[:MOST_SHOWN]),
            more_rows=max(len(plan) - MOST_SHOWN, 0),
            amount=sum(one.amount for one in plan),
            credit_count=len({one.credit_id for one in plan}),
            account_count=len(self.customer_ids),
            is_long=len(self.customer_ids) > FEW,
            **more,
        )


def planned_rows(plan: Sequence[Planned]) -> list[PlannedRow]:
    """Return planned allocations with their documents, in a constant number of queries."""
    keys = {key for one in plan for key in (one.credit_id, one.debit_id)}
    items = OpenItem.objects.select_related("entry", "customer").in_bulk(keys)
    urls = document_urls(item.entry for item in items.values())

    def url_of(item: OpenItem) -> str:
        return urls.get(item.entry_id, "")

    return [
        PlannedRow(one, credit, debit, url_of(credit), url_of(debit))
        for one, credit, debit in ((one, items[one.credit_id], items[one.debit_id]) for one in plan)
    ]
