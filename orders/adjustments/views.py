"""Pages of adjustments: the list, asking for one, what became of it, taking it back."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.files.models import Customer
from orders.credit.queries import credit_picture
from orders.receivables.pages import DocumentRecord
from orders.receivables.queries import open_items_of, open_rows
from orders.receivables.search import with_words
from salesops.approvals.models import Request
from salesops.approvals.queries import decides_as
from salesops.users.pages import Personal
from salesops.web.badges import Badge
from salesops.web.pages import Action, ActionPage, Empty, FormPage, ListPage, Page

from .filters import AdjustmentFilters
from .forms import KINDS, AdjustmentForm, ReversalForm
from .models import UNDECIDED, Adjustment, AdjustmentState, Kind
from .queries import adjustments_for
from .services import (
    KEY,
    reverse_adjustment,
    submit_adjustment,
    submit_adjustment_again,
    withdraw_adjustment,
)
from .tables import AdjustmentTable, OwnAdjustmentTable, state_badge

SEE = "orders.view_adjustment"
WRITE = "orders.write_adjustment"
MOST_ITEMS = 200


def new_adjustment_action(customer_code: str = "", **given: Any) -> Action:
    """Return the button that asks for an adjustment, for a customer and of a kind where they are named."""
    query = {name: value for name, value in {"customer": customer_code, **given}.items() if value}
    url = reverse("orders:adjustment_new")
    return Action(_("Adjust"), f"{url}?{urlencode(query)}" if query else url, icon="plus", permission=WRITE)


class AdjustmentList(Personal, ListPage):
    """All adjustments in scope."""

    title = gettext_lazy("Adjustments")
    permission_required = SEE
    menu_key = "adjustments"
    filters = AdjustmentFilters
    search_fields = ("number", "reference", "customer__name", "customer__name_zh", "customer__code")
    search_label = gettext_lazy("Number or customer")

    @property
    def table(self) -> type[AdjustmentTable]:  # type: ignore[override]
        """An agent's list leaves out whose adjustments they are."""
        return OwnAdjustmentTable if self.request.user.customer_id else AdjustmentTable

    def rows(self) -> Any:
        return adjustments_for(self.user)

    def search(self, rows: Any, text: str) -> Any:
        return with_words(rows, text)

    def actions(self) -> Sequence[Action]:
        return [new_adjustment_action()]

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        """What an empty list says."""
        return Empty(
            gettext_lazy("No adjustments"),
            gettext_lazy("More or less to pay, write-offs and refunds, each with a reason and decided on by approval."),
            new_adjustment_action() if self.request.user.has_perm(WRITE) else None,
            icon="pen",
        )


class OfAccount(Personal, Page):
    """What the form and the account beside it share."""

    permission_required: str | tuple[str, ...] | None = WRITE

    def account_context(self, customer: Customer | None, kind: str, chosen: Sequence[int]) -> dict[str, Any]:
        """The account of the customer chosen so far, and what is open of it that the kind can be raised against."""
        if customer is None:
            return {"customer": None}
        items = open_items_of(customer.pk).filter(is_debit=kind != Kind.REFUND)
        shown = list(items[: MOST_ITEMS + 1]) if kind != Kind.DEBIT else []
        return {
            "customer": customer,
            "picture": credit_picture(customer.pk),
            "kind": kind,
            "rows": [(row, row.item.pk in set(chosen)) for row in open_rows(shown[:MOST_ITEMS])],
            "is_cut": len(shown) > MOST_ITEMS,
            "most": MOST_ITEMS,
        }


class NewAdjustment(OfAccount, FormPage):
    """An application for an adjustment; it is posted once it is approved."""

    title = gettext_lazy("Ask for an adjustment")
    menu_key = "adjustments"
    form_class = AdjustmentForm
    template_name = "orders/adjustments/form.html"
    submit_label = gettext_lazy("Submit")

    @cached_property
    def returned(self) -> Adjustment | None:
        """The person's own application that was returned for change, if the address names one."""
        own = Adjustment.objects.visible_to(self.user).filter(created_by=self.user, state=AdjustmentState.RETURNED)
        return own.filter(number=self.request.GET.get("again", "")).exclude(kind=Kind.REVERSAL).first()

    def get_initial(self) -> dict[str, Any]:
        if self.returned:
            names = ("customer", "kind", "amount", "reason", "concerns", "text", "method", "reference")
            given = {name: getattr(self.returned, name) for name in names}
            if self.returned.kind == Kind.WRITE_OFF:
                del given["amount"]  # what is open may have changed: that is why it came back
            return given | {"items": list(self.returned.items.values_list("item", flat=True))}
        asked = self.request.GET
        customers = Customer.objects.visible_to(self.user)
        customer = customers.filter(code=asked.get("customer", "")).first()
        kind = asked.get("kind", "")
        given = {"customer": customer} if customer else {}
        given |= {"kind": kind} if kind in dict(KINDS) else {}
        return given | {"items": AdjustmentForm.base_fields["items"].to_python(asked.getlist("item"))}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.user, "is_again": self.returned is not None}

    def perform(self, form: Any) -> str:
        names = ("amount", "reason", "concerns", "text", "method", "reference", "items")
        given = {name: form.cleaned_data[name] for name in names}
        if self.returned:
            adjustment = submit_adjustment_again(self.returned.pk, by=self.user, **given)
        else:
            customer, kind = form.cleaned_data["customer"], form.cleaned_data["kind"]
            adjustment = submit_adjustment(by=self.user, customer_id=customer.pk, kind=kind, **given)
        self.message = _("%(number)s of %(amount)s is submitted.") % {
            "number": adjustment.number,
            "amount": f"{adjustment.amount:,.2f}",
        }
        return adjustment.get_absolute_url()

    def context(self, **more: Any) -> dict[str, Any]:
        return super().context(**self.account_context(*more["form"].so_far), **more)


class AdjustedAccount(OfAccount):
    """The account of the customer that is being chosen, with what is open of it."""

    template_name = "orders/adjustments/account.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the part of the form beside the fields."""
        given = request.GET.get("customer", "")
        customers = Customer.objects.visible_to(self.user)
        customer = customers.filter(pk=int(given)).first() if given.isdecimal() and len(given) < 19 else None
        kind = request.GET.get("kind", "")
        return self.render(**self.account_context(customer, kind if kind in dict(KINDS) else Kind.CREDIT, []))


class AdjustmentRecord(DocumentRecord):
    """One adjustment: what it asks for, who decided, what it posted and settled."""

    permission_required = SEE
    menu_key = "adjustments"
    record_key = "adjustment"

    def rows(self) -> Any:
        return adjustments_for(self.user).select_related("created_by", "customer__account")

    def badge_of(self, record: Adjustment) -> Badge:
        return state_badge(record)

    def actions(self, record: Adjustment) -> Sequence[Action]:
        return [*self._next(record), self.account_action(record)]

    def _next(self, record: Adjustment) -> list[Action]:
        """What may be done with it where it stands."""
        is_own = record.created_by_id == self.request.user.pk
        if record.state == AdjustmentState.SUBMITTED:
            return self._while_it_waits(record, is_own)
        if record.state == AdjustmentState.RETURNED and is_own:
            url = f"{reverse('orders:adjustment_new')}?again={record.number}"
            if record.reverses:
                url = reverse("orders:adjustment_reversal", args=[record.reverses.number])
            return [
                self._withdrawal(record),
                Action(_("Change and submit again"), url, icon="pen", primary=True, permission=WRITE),
            ]
        if record.state == AdjustmentState.APPROVED and record.kind != Kind.REVERSAL:
            asked = record.reversals.filter(state__in=UNDECIDED).first()
            refused = _("%(number)s asks for it already.") % {"number": asked.number} if asked else ""
            url = reverse("orders:adjustment_reversal", args=[record.number])
            return [
                Action(_("Reverse"), url, icon="undo", permission=WRITE, refused=refused, danger=not refused),
            ]
        return []

    def _while_it_waits(self, record: Adjustment, is_own: bool) -> list[Action]:
        waiting = Request.objects.waiting().filter(document_type=KEY, object_id=record.pk)
        request = waiting.select_related("version", "stage", "region").first()
        found = []
        if request is not None and decides_as(request, self.user):
            found.append(Action(_("Decide"), request.get_absolute_url(), icon="inbox", primary=True))
        return [*found, self._withdrawal(record)] if is_own else found

    def _withdrawal(self, record: Adjustment) -> Action:
        url = reverse("orders:adjustment_withdrawal", args=[record.number])
        return Action(_("Withdraw"), url, icon="undo", method="post", permission=WRITE)


class OneAdjustment(Personal, Page):
    """What is done with one adjustment."""

    permission_required: str | tuple[str, ...] | None = WRITE

    @cached_property
    def adjustment(self) -> Adjustment:
        """The adjustment that the address names."""
        found = adjustments_for(self.user).filter(number=self.kwargs["number"]).first()
        if found is None:
            raise Http404
        return found


class WithdrawAdjustment(OneAdjustment, ActionPage):
    """Back from those who decide."""

    def get_success_url(self) -> str:
        return self.adjustment.get_absolute_url()

    def perform(self) -> str:
        withdraw_adjustment(self.adjustment.pk, by=self.user)
        return _("%(number)s is withdrawn.") % {"number": self.adjustment.number}


class ReverseAdjustment(OneAdjustment, FormPage):
    """A mistake is taken back by a document of its own, on which the same people decide."""

    title = gettext_lazy("Reverse the adjustment")
    menu_key = "adjustments"
    form_class = ReversalForm
    intro = gettext_lazy(
        "The adjustment stays in the books. Once the reversal is approved, a second entry of the same amount takes it"
        " back, and what it had settled is open again, due on its own day."
    )

    @cached_property
    def returned(self) -> Adjustment | None:
        """The person's own reversal of it that was returned for change."""
        own = self.adjustment.reversals.filter(created_by=self.user, state=AdjustmentState.RETURNED)
        return own.first()

    @property
    def submit_label(self) -> str:
        """The button says how much."""
        return _("Ask to reverse %(amount)s") % {"amount": f"{self.adjustment.amount:,.2f}"}

    def get_initial(self) -> dict[str, Any]:
        return {"reason": self.returned.reason, "text": self.returned.text} if self.returned else {}

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        return [*above, (self.adjustment.number, self.adjustment.get_absolute_url()), (self.heading(), None)]

    def perform(self, form: Any) -> str:
        given = {name: form.cleaned_data[name] for name in ("reason", "text")}
        if self.returned:
            again = {**given, "concerns": self.returned.concerns}
            reversal = submit_adjustment_again(self.returned.pk, by=self.user, **again)
        else:
            reversal = reverse_adjustment(self.adjustment.pk, by=self.user, **given)
        self.message = _("%(number)s is submitted.") % {"number": reversal.number}
        return reversal.get_absolute_url()
