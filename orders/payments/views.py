"""Pages of payments: the list, recording one, what it settled, taking a mistake back."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.files.models import Customer
from orders.credit.queries import credit_picture
from orders.receivables.models import Source
from orders.receivables.pages import DocumentRecord
from orders.receivables.queries import posting_of
from orders.receivables.search import with_words
from salesops.users.models import User
from salesops.web.badges import Badge
from salesops.web.pages import Action, Empty, FormPage, ListPage, Page

from .filters import PaymentFilters
from .forms import PaymentForm, ReversalForm
from .hooks import refusal_of_reversal
from .models import Payment
from .queries import by_reference, payments_for
from .services import record_payment, reverse_payment
from .tables import REVERSED, OwnPaymentTable, PaymentTable

RECORD = "orders.record_payment"


class PaymentList(ListPage):
    """Money received."""

    title = gettext_lazy("Payments")
    permission_required = "orders.view_payment"
    menu_key = "payments"
    filters = PaymentFilters
    search_fields = ("number", "reference", "customer__name", "customer__name_zh", "customer__code")
    search_label = gettext_lazy("Number, reference or customer")

    @property
    def table(self) -> type[PaymentTable]:  # type: ignore[override]
        """An agent's list leaves out whose payments they are."""
        return OwnPaymentTable if self.request.user.customer_id else PaymentTable

    def rows(self) -> Any:
        user: Any = self.request.user
        return payments_for(user)

    def search(self, rows: Any, text: str) -> Any:
        return with_words(rows, text, by_reference)

    def actions(self) -> Sequence[Action]:
        files = Action(_("Bank files"), reverse("orders:bank_files"), icon="upload", permission=RECORD)
        return [files, new_payment_action()]

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        """What an empty list says."""
        action = new_payment_action() if self.request.user.has_perm(RECORD) else None
        return Empty(
            gettext_lazy("No payments yet"),
            gettext_lazy("A payment lowers what a customer owes, the oldest due first."),
            action,
            icon="wallet",
        )


def new_payment_action(customer_code: str = "") -> Action:
    """Return the button that records a payment, of a customer where one is named."""
    url = reverse("orders:payment_new")
    return Action(
        _("Record payment"),
        f"{url}?customer={customer_code}" if customer_code else url,
        icon="plus",
        primary=True,
        permission=RECORD,
    )


class OfPayer(Page):
    """What the form and the account beside it share."""

    permission_required: str | tuple[str, ...] | None = RECORD

    @property
    def user(self) -> User:
        """Who records."""
        user: Any = self.request.user
        return user

    def account_context(self, customer: Customer | None) -> dict[str, Any]:
        """The account of the customer chosen so far."""
        picture = credit_picture(customer.pk) if customer else None
        return {"customer": customer, "picture": picture, "offers_amounts": True}


class NewPayment(OfPayer, FormPage):
    """Money came in; the form shows what its customer owes."""

    title = gettext_lazy("Record payment")
    menu_key = "payments"
    form_class = PaymentForm
    template_name = "orders/payments/form.html"
    submit_label = gettext_lazy("Record")

    def get_initial(self) -> dict[str, Any]:
        code = self.request.GET.get("customer", "")
        customer = Customer.objects.visible_to(self.user).filter(code=code).first() if code else None
        return {"customer": customer} if customer else {}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.user}

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        payment = record_payment(
            by=self.user,
            customer_id=given["customer"].pk,
            received_on=given["received_on"],
            amount=given["amount"],
            method=given["method"],
            reference=given["reference"],
            note=given["note"],
        )
        self.message = _("%(number)s of %(amount)s is on the account of %(customer)s.") % {
            "number": payment.number,
            "amount": f"{payment.amount:,.2f}",
            "customer": payment.customer,
        }
        return payment.get_absolute_url()

    def context(self, **more: Any) -> dict[str, Any]:
        return super().context(**self.account_context(more["form"].customer_so_far), **more)


class PayerAccount(OfPayer):
    """The account of the customer that is being chosen."""

    template_name = "orders/payments/account.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the part of the form beside the fields."""
        given = request.GET.get("customer", "")
        customers = Customer.objects.visible_to(self.user)
        customer = customers.filter(pk=int(given)).first() if given.isdecimal() and len(given) < 19 else None
        return self.render(**self.account_context(customer))


class PaymentRecord(DocumentRecord):
    """One payment, and what it settled."""

    permission_required = "orders.view_payment"
    menu_key = "payments"
    record_key = "payment"

    def rows(self) -> Any:
        return payments_for(self.user).select_related("recorded_by", "reversal")

    def kind_of(self, record: Any) -> str:
        return _("Payment")

    def badge_of(self, record: Any) -> Badge | None:
        return REVERSED if record.is_reversed else None

    def actions(self, record: Any) -> Sequence[Action]:
        refused = _("It is reversed already.") if record.is_reversed else refusal_of_reversal(record) or ""
        url = reverse("orders:payment_reversal", args=[record.number])
        posting = posting_of(Source.PAYMENT, record.pk)
        settle = [
            Action(
                _("Settle"),
                reverse("orders:credit_settlement", args=[record.customer.code, item.pk]),
                icon="check",
                permission=RECORD,
            )
            for item in (posting.items if posting else ())
            if item.open_amount
        ]
        return [
            *settle,
            self.account_action(record),
            Action(_("Reverse"), url, icon="undo", permission=RECORD, refused=refused, danger=not refused),
        ]


class ReversePayment(OfPayer, FormPage):
    """A mistake is taken back by an entry of its own; the payment stays as it was recorded."""

    title = gettext_lazy("Reverse the payment")
    menu_key = "payments"
    form_class = ReversalForm
    intro = gettext_lazy("The payment stays in the books; a second entry of the same amount takes it back, today.")

    @cached_property
    def payment(self) -> Payment:
        """The payment that the address names."""
        found: Payment | None = payments_for(self.user).filter(number=self.kwargs["number"]).first()
        if found is None:
            raise Http404
        return found

    @property
    def submit_label(self) -> str:
        """The button says how much."""
        return _("Reverse %(amount)s") % {"amount": f"{self.payment.amount:,.2f}"}

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        return [*above, (self.payment.number, self.payment.get_absolute_url()), (self.heading(), None)]

    def perform(self, form: Any) -> str:
        reverse_payment(self.payment.pk, by=self.user, reason=form.cleaned_data["reason"])
        self.message = _("%(number)s is reversed.") % {"number": self.payment.number}
        return self.payment.get_absolute_url()
