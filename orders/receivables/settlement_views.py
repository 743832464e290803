"""Settling a credit by hand, and taking back what was settled."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.files.models import Customer
from salesops.users.models import User
from salesops.web.pages import ActionPage, FormPage, Page

from .forms import SettlementForm
from .jobs import SETTLE
from .models import Allocation, OpenItem
from .queries import open_items_of, open_rows
from .settlement import settle_by_hand, take_back

MOST_DEBITS = 200


class OfAccount(Page):
    """What pages about an account's items share."""

    permission_required: str | tuple[str, ...] | None = SETTLE
    menu_key = "accounts"

    @property
    def user(self) -> User:
        """Who settles."""
        user: Any = self.request.user
        return user

    @cached_property
    def customer(self) -> Customer:
        """Whose account it is."""
        found = Customer.objects.visible_to(self.user).filter(code=self.kwargs["code"]).first()
        if found is None:
            raise Http404
        return found

    @property
    def account_url(self) -> str:
        """The account's page."""
        return reverse("orders:account", args=[self.customer.code])


class SettleCredit(OfAccount, FormPage):
    """An open credit settles what is chosen; proposed is the oldest due first, what its text names in front."""

    form_class = SettlementForm
    template_name = "orders/receivables/settle.html"

    @cached_property
    def credit(self) -> OpenItem:
        """The credit that the address names."""
        rows = OpenItem.objects.open().filter(customer=self.customer, is_debit=False).select_related("entry")
        found = rows.filter(pk=self.kwargs["item"]).first()
        if found is None:
            raise Http404
        return found

    def heading(self) -> str:
        return _("Settle with %(document)s") % {"document": self.credit.entry.document}

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        return [*above, (self.customer.code, self.account_url), (_("Settle"), None)]

    @property
    def submit_label(self) -> str:
        """The button."""
        return _("Settle")

    def get_form_kwargs(self) -> dict[str, Any]:
        debits = open_items_of(self.customer.pk).debits()[:MOST_DEBITS]
        return {**super().get_form_kwargs(), "credit": self.credit, "rows": open_rows(debits)}

    def perform(self, form: SettlementForm) -> str:
        made = settle_by_hand(self.credit.pk, form.amounts(), by=self.user, on=form.cleaned_data["on"])
        total = sum(one.amount for one in made)
        self.message = _("%(amount)s of %(document)s is settled.") % {
            "amount": f"{total:,.2f}",
            "document": self.credit.entry.document,
        }
        return self.account_url

    def context(self, **more: Any) -> dict[str, Any]:
        return super().context(credit=self.credit, customer=self.customer, **more)


class TakeBack(OfAccount, ActionPage):
    """Both sides are open again; the row that settled them stays, with one that takes it back."""

    def perform(self) -> str:
        rows = Allocation.objects.filter(pk=self.kwargs["pk"], credit__customer=self.customer)
        made = rows.select_related("debit__entry", "credit__entry").first()
        if made is None:
            raise Http404
        take_back(made.pk, by=self.user)
        return _("%(amount)s is open again on %(debit)s and %(credit)s.") % {
            "amount": f"{made.amount:,.2f}",
            "debit": made.debit.entry.document,
            "credit": made.credit.entry.document,
        }
