"""Pages of bills: the register, registering one, what becomes of it."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.files.models import Customer
from orders.receivables.pages import DocumentRecord
from orders.receivables.search import with_words
from salesops.users.pages import Personal
from salesops.web.badges import Badge
from salesops.web.downloads import kept_file_response
from salesops.web.pages import Action, ActionPage, Empty, FormPage, ListPage, Page

from .filters import BillFilters
from .forms import BillForm, DishonourForm, EndorsementForm, ReturnForm
from .models import GOOD, Bill, BillState
from .queries import Expected, bills_for, by_instrument, expectation_of
from .services import (
    dishonour_bill,
    endorse_bill,
    register_bill,
    return_bill,
    settle_bill,
    take_endorsement_back,
)
from .tables import BillTable, OwnBillTable, state_badge
from .telling import REGISTER, SEE


def new_bill_action(customer_code: str = "") -> Action:
    """Return the button that registers a bill, of a customer where one is named."""
    url = reverse("orders:bill_new")
    url = f"{url}?{urlencode({'customer': customer_code})}" if customer_code else url
    return Action(_("Register a bill"), url, icon="plus", primary=not customer_code, permission=REGISTER)


def url_of(expected: Expected, customer_code: str = "") -> str:
    """Return the address of the bills that a figure is the sum of."""
    query: dict[str, Any] = {
        "state": BillState.HELD.value,
        "customer": customer_code,
        "matures_after": expected.first or "",
        "matures_before": expected.last or "",
        "sort": "matures_on",
    }
    return f"{reverse('orders:bills')}?{urlencode({name: value for name, value in query.items() if value})}"


class BillList(Personal, ListPage):
    """The register: what is expected by week above it."""

    title = gettext_lazy("Bills and post-dated cheques")
    permission_required = SEE
    menu_key = "bills"
    template_name = "orders/bills/list.html"
    filters = BillFilters
    search_fields = ("number", "instrument", "customer__name", "customer__name_zh", "customer__code")
    search_label = gettext_lazy("Number, number on it or customer")

    @property
    def table(self) -> type[BillTable]:  # type: ignore[override]
        """An agent's list leaves out whose bills they are."""
        return OwnBillTable if self.request.user.customer_id else BillTable

    def rows(self) -> Any:
        return bills_for(self.user)

    def search(self, rows: Any, text: str) -> Any:
        return with_words(rows, text, by_instrument)

    def actions(self) -> Sequence[Action]:
        return [new_bill_action()]

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        """What an empty list says."""
        return Empty(
            gettext_lazy("No bills"),
            gettext_lazy("Post-dated cheques and acceptance bills, expected until the day on which they are settled."),
            new_bill_action() if self.request.user.has_perm(REGISTER) else None,
            icon="calendar",
        )

    def expected(self) -> list[tuple[Any, Expected, str]]:
        """What is expected in the reader's scope by week: label, figures, where its bills are listed."""
        expectation = expectation_of(Bill.objects.visible_to(self.user))
        parts = [
            (_("Matured, not settled"), expectation.due),
            (_("Expected this week"), expectation.this_week),
            (_("Next week"), expectation.next_week),
            (_("Later"), expectation.later),
            (_("All expected"), Expected(None, None, expectation.amount, expectation.count)),
        ]
        return [(label, part, url_of(part)) for label, part in parts if part is not expectation.due or part.count]


class OfRegister(Personal, Page):
    """What is done in the register."""

    permission_required: str | tuple[str, ...] | None = REGISTER
    menu_key = "bills"


class NewBill(OfRegister, FormPage):
    """A paper was received."""

    title = gettext_lazy("Register a bill")
    form_class = BillForm
    submit_label = gettext_lazy("Register")

    def get_initial(self) -> dict[str, Any]:
        code = self.request.GET.get("customer", "").replace("\x00", "")
        customer = Customer.objects.visible_to(self.user).filter(code=code).first() if code else None
        return {"customer": customer} if customer else {}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.user}

    def perform(self, form: Any) -> str:
        given = dict(form.cleaned_data)
        bill = register_bill(
            by=self.user, customer_id=given.pop("customer").pk, file=given.pop("file") or None, **given
        )
        self.message = _("%(number)s of %(amount)s is expected on %(day)s.") % {
            "number": bill.number,
            "amount": f"{bill.amount:,.2f}",
            "day": bill.matures_on,
        }
        return bill.get_absolute_url()


class BillRecord(DocumentRecord):
    """One bill and what became of it."""

    permission_required = SEE
    menu_key = "bills"
    record_key = "bill"

    def rows(self) -> Any:
        return bills_for(self.user).select_related("registered_by", "payment", "customer__region")

    def badge_of(self, record: Bill) -> Badge:
        return state_badge(record)

    def actions(self, record: Bill) -> Sequence[Action]:
        return [*self._next(record), self.account_action(record)]

    def _next(self, record: Bill) -> list[Action]:
        """What may be done with it where it stands."""

        def action(label: str, name: str, icon: str, **more: Any) -> Action:
            return Action(
                label, reverse(f"orders:bill_{name}", args=[record.number]), icon, permission=REGISTER, **more
            )

        found = []
        if record.is_due:
            found.append(action(_("Settle now"), "settlement", "check", method="post", primary=True))
        if record.state == BillState.HELD and record.endorsed_to:
            found.append(action(_("It came back"), "endorsement_withdrawal", "undo", method="post"))
        elif record.state == BillState.HELD:
            found.append(action(_("Pass on"), "endorsement", "swap"))
            found.append(action(_("Give back"), "return", "undo"))
        if record.state in GOOD:
            found.append(action(_("Dishonoured"), "dishonour", "x", danger=True))
        return found


class OneBill(OfRegister):
    """What is done with one bill."""

    @cached_property
    def bill(self) -> Bill:
        """The bill that the address names."""
        found = bills_for(self.user).filter(number=self.kwargs["number"]).first()
        if found is None:
            raise Http404
        return found

    def get_success_url(self) -> str:
        """Back to the bill."""
        return self.bill.get_absolute_url()

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        return [*above, (self.bill.number, self.bill.get_absolute_url()), (self.heading(), None)]


class SettleBill(OneBill, ActionPage):
    """A matured bill becomes a payment before the night's run does it."""

    def perform(self) -> str:
        payment = settle_bill(self.bill.pk, by=self.user)
        return _("%(number)s is settled by %(payment)s.") % {"number": self.bill.number, "payment": payment}


class TakeEndorsementBack(OneBill, ActionPage):
    """A bill that was passed on came back."""

    def perform(self) -> str:
        take_endorsement_back(self.bill.pk, by=self.user)
        return _("%(number)s is with us again.") % {"number": self.bill.number}


class EndorseBill(OneBill, FormPage):
    """A bill is passed on."""

    title = gettext_lazy("Pass the bill on")
    form_class = EndorsementForm
    submit_label = gettext_lazy("Pass on")
    intro = gettext_lazy("It stays in the register, and settles the customer's debt on the day on which it matures.")

    def perform(self, form: Any) -> str:
        bill = endorse_bill(self.bill.pk, by=self.user, **form.cleaned_data)
        self.message = _("%(number)s is passed on to %(to)s.") % {"number": bill.number, "to": bill.endorsed_to}
        return bill.get_absolute_url()


class DishonourBill(OneBill, FormPage):
    """A bill was not paid."""

    title = gettext_lazy("The bill was dishonoured")
    form_class = DishonourForm
    submit_label = gettext_lazy("Dishonoured")

    @property
    def intro(self) -> str:
        """What follows from it."""
        if self.bill.state == BillState.SETTLED:
            return _("Its payment is reversed today, and what that had settled is open again, due on its own day.")
        return _("Nothing is posted: the debts that it was to settle are open as before.")

    def get_initial(self) -> dict[str, Any]:
        return {"seen": self.bill.state}

    def perform(self, form: Any) -> str:
        bill = dishonour_bill(self.bill.pk, by=self.user, **form.cleaned_data)
        self.message = _("%(number)s is dishonoured.") % {"number": bill.number}
        return bill.get_absolute_url()


class ReturnBill(OneBill, FormPage):
    """A bill is given back to the customer, or was registered by mistake."""

    title = gettext_lazy("Give the bill back")
    form_class = ReturnForm
    submit_label = gettext_lazy("Give back")
    intro = gettext_lazy("Its money is not expected any more; the register keeps it with the reason.")

    def perform(self, form: Any) -> str:
        bill = return_bill(self.bill.pk, by=self.user, **form.cleaned_data)
        self.message = _("%(number)s is given back.") % {"number": bill.number}
        return bill.get_absolute_url()


class BillScan(OneBill):
    """The picture of a bill, to keep."""

    permission_required = SEE

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return kept_file_response(self.bill.file, self.bill.file_name, self.bill.file_type)
