"""Pages of deliveries: the list, the record, and what may be done with one."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders.receivables.search import with_words
from orders.stock.queries import SEES_STOCK
from salesops.approvals.queries import decides_as
from salesops.kernel.money import ZERO
from salesops.users.models import User
from salesops.web.figures import day_text
from salesops.web.pages import Action, ActionPage, Empty, Figure, FormPage, ListPage, Page, RecordPage

from .filters import DeliveryFilters, DeliveryLineFilters
from .forms import ReasonForm
from .models import EDITABLE, SHIPPABLE, Delivery, State
from .queries import (
    WITH_PRODUCTS,
    WITH_STOCK,
    deliveries_for,
    lines_for,
    open_request_of,
    said_no,
)
from .services import cancel_rest, copy_delivery, reopen_delivery, submit_delivery, withdraw_delivery
from .tables import DeliveryLineTable, DeliveryTable, OwnDeliveryTable, state_badge


class DeliveryList(ListPage):
    """All deliveries in scope."""

    title = gettext_lazy("Deliveries")
    permission_required = "orders.view_delivery"
    menu_key = "deliveries"
    filters = DeliveryFilters
    search_fields = ("number", "customer__name", "customer__name_zh", "customer__code")
    search_label = gettext_lazy("Number or customer")

    @property
    def table(self) -> type[DeliveryTable]:  # type: ignore[override]
        """An agent's list leaves out what is always the same."""
        return OwnDeliveryTable if self.request.user.customer_id else DeliveryTable

    def rows(self) -> Any:
        return deliveries_for(self.request.user)

    def search(self, rows: Any, text: str) -> Any:
        return with_words(rows, text)

    def actions(self) -> Sequence[Action]:
        return [Action(_("Lines"), reverse("orders:delivery_lines")), new_delivery_action()]

    @property
    def empty(self) -> Empty:  # type: ignore[override]
        """What an empty list says."""
        return Empty(
            gettext_lazy("No deliveries yet"),
            gettext_lazy("An application says what a customer asks for; once approved it is the order to ship."),
            new_delivery_action() if self.request.user.has_perm("orders.write_delivery") else None,
            icon="truck",
        )


class DeliveryLineList(ListPage):
    """All lines of the deliveries in scope, for who wants them in a file."""

    title = gettext_lazy("Lines of deliveries")
    permission_required = "orders.view_delivery"
    menu_key = "deliveries"
    table = DeliveryLineTable
    filters = DeliveryLineFilters
    empty = Empty(gettext_lazy("No deliveries yet"), icon="truck")

    def rows(self) -> Any:
        return lines_for(self.request.user)


def new_delivery_action(customer_code: str = "") -> Action:
    """Return the button that starts an application, for a customer where one is named."""
    url = reverse("orders:delivery_new")
    return Action(
        _("New delivery"),
        f"{url}?customer={customer_code}" if customer_code else url,
        icon="plus",
        primary=True,
        permission="orders.write_delivery",
    )


class DeliveryRecord(RecordPage):
    """One delivery: what it is, what comes next, its lines, its way through approval, what left, what it posted."""

    permission_required = "orders.view_delivery"
    menu_key = "deliveries"
    record_key = "delivery"
    template_name = "orders/deliveries/record.html"

    def rows(self) -> Any:
        return (
            deliveries_for(self.request.user)
            .select_related("created_by", "submitted_by", "customer__account")
            .prefetch_related(WITH_STOCK if self.request.user.has_perm(SEES_STOCK) else WITH_PRODUCTS)
        )

    def headline(self, record: Delivery) -> dict[str, Any]:
        return {
            "kind": _("Delivery"),
            "number": record.number,
            "title": record.customer.name,
            "title_zh": record.customer.name_zh,
            "badge": state_badge(record),
        }

    def figures(self, record: Delivery) -> Sequence[Figure]:
        amount = Figure(_("Amount"), record.amount, sub=_net_and_tax(record), money=True)
        lines = list(record.lines.all())
        late = record.state in SHIPPABLE and record.wanted_on and record.wanted_on < timezone.localdate()
        if not record.approved_at:
            pieces = sum(line.quantity for line in lines)
            lines_in_words = ngettext("%(n)d line", "%(n)d lines", len(lines)) % {"n": len(lines)}
            wanted = day_text(record.wanted_on) or _("as soon as possible")
            return [
                amount,
                Figure(_("Pieces"), f"{pieces:,}", sub=lines_in_words),
                Figure(_("Wanted on"), wanted, sub=_days_from_today(record.wanted_on)),
            ]
        open_pieces = sum(line.open_quantity for line in lines)
        figures = [
            amount,
            Figure(_("Approved"), record.approved_amount, sub=_trimmed(record), money=True),
            Figure(_("Shipped"), record.shipped_amount, sub=_share_shipped(record), money=True),
            Figure(
                _("Still to ship"),
                record.committed_amount,
                sub=_("%(pieces)s pieces") % {"pieces": f"{open_pieces:,}"} if open_pieces else "",
                money=True,
                tone="bad" if late else "",
            ),
        ]
        if record.cancelled_amount:
            figures.append(Figure(_("Cancelled"), record.cancelled_amount, money=True))
        return figures

    def actions(self, record: Delivery) -> Sequence[Action]:
        return [*self._next_step(record), *self._other_ways(record)]

    def _next_step(self, record: Delivery) -> list[Action]:
        """What the state asks for, for whoever may do it; the primary button."""
        write = "orders.write_delivery"
        if record.state in EDITABLE:
            return [
                Action(_("Change"), _url("delivery_change", record), icon="pen", permission=write),
                Action(
                    _("Submit %(amount)s") % {"amount": f"{record.amount:,.2f}"},
                    _url("delivery_submission", record),
                    primary=True,
                    method="post",
                    permission=write,
                    refused="" if record.amount or record.lines.exists() else _("It has no lines yet."),
                ),
            ]
        if record.state == State.SUBMITTED:
            waiting = open_request_of(record)
            if waiting is not None and decides_as(waiting, self.request.user):
                return [Action(_("Decide"), waiting.get_absolute_url(), icon="inbox", primary=True)]
            return []
        if record.state in SHIPPABLE:
            held = record.customer.account.is_on_hold
            return [
                Action(
                    _("Ship"),
                    _url("shipment_new", record),
                    icon="truck",
                    primary=True,
                    permission="orders.ship_delivery",
                    refused=_("The account is on hold: nothing leaves until the hold is lifted.") if held else "",
                )
            ]
        return []

    def _other_ways(self, record: Delivery) -> list[Action]:
        """What else may be done: copy, print, take back."""
        found = [
            Action(_("Print"), "#print", icon="print"),
            Action(
                _("Copy"), _url("delivery_copy", record), icon="plus", method="post", permission="orders.write_delivery"
            ),
        ]
        is_writer = self.request.user.pk in {record.created_by_id, record.submitted_by_id}
        if record.state in {State.DRAFT, State.RETURNED, State.SUBMITTED} and is_writer:
            leaves = _("It leaves the desks of those who decide.") if record.state == State.SUBMITTED else ""
            changeable = _("It can be changed and submitted again.")
            found.append(
                Action(
                    _("Withdraw"),
                    _url("delivery_withdrawal", record),
                    icon="undo",
                    method="post",
                    permission="orders.write_delivery",
                    confirm=f"{leaves} {changeable}".strip(),
                )
            )
        if record.state == State.APPROVED and not record.cancelled_amount:
            found.append(
                Action(
                    _("Reopen"), _url("delivery_reopening", record), icon="undo", permission="orders.cancel_delivery"
                )
            )
        if record.state in SHIPPABLE:
            found.append(
                Action(
                    _("Cancel the rest") if record.shipped_amount else _("Cancel"),
                    _url("delivery_cancellation", record),
                    icon="x",
                    danger=True,
                    permission="orders.cancel_delivery",
                )
            )
        return found

    def context(self, **more: Any) -> dict[str, Any]:
        return super().context(said=said_no(self.record) if self.record.is_editable else None, **more)


def _url(name: str, delivery: Delivery) -> str:
    return reverse(f"orders:{name}", args=[delivery.number])


def _net_and_tax(delivery: Delivery) -> str:
    return _("net %(net)s, tax %(tax)s") % {"net": f"{delivery.net:,.2f}", "tax": f"{delivery.tax:,.2f}"}


def _days_from_today(day: date | None) -> str:
    days = (day - timezone.localdate()).days if day else 0
    if days > 0:
        return ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}
    return ngettext("%(n)d day ago", "%(n)d days ago", -days) % {"n": -days} if days else ""


def _trimmed(delivery: Delivery) -> str:
    less = delivery.amount - delivery.approved_amount
    return _("%(less)s less than asked") % {"less": f"{less:,.2f}"} if less else _("all that was asked")


def _share_shipped(delivery: Delivery) -> str:
    if not delivery.approved_amount or delivery.shipped_amount == ZERO:
        return _("nothing yet")
    share = delivery.shipped_amount * 100 / delivery.approved_amount
    return _("%(share)s%% of what was approved") % {"share": f"{share:.1f}"}


# ---- actions ----
class OfDelivery(Page):
    """A page about one delivery that the person may see; any other is 404."""

    menu_key = "deliveries"

    @cached_property
    def delivery(self) -> Delivery:
        """The delivery that the address names."""
        found = deliveries_for(self.request.user).filter(number=self.kwargs["number"]).first()
        if found is None:
            raise Http404
        return found

    @property
    def user(self) -> User:
        """Who acts."""
        user: Any = self.request.user
        return user

    def crumbs(self) -> list[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        return [*above, (self.delivery.number, self.delivery.get_absolute_url()), (self.heading(), None)]


class DeliveryAction(OfDelivery, ActionPage):
    """Something that is done with one delivery by a button; afterwards its record shows the new state."""

    permission_required: str | tuple[str, ...] | None = "orders.write_delivery"

    def get_success_url(self) -> str:
        return self.delivery.get_absolute_url()


class SubmitDelivery(DeliveryAction):
    """To those who decide."""

    def perform(self) -> str:
        delivery = submit_delivery(self.delivery.pk, by=self.user)
        if delivery.state == State.APPROVED:
            return _("%(number)s is approved.") % {"number": delivery.number}
        return _("%(number)s is submitted.") % {"number": delivery.number}


class WithdrawDelivery(DeliveryAction):
    """Back from those who decide."""

    def perform(self) -> str:
        delivery = withdraw_delivery(self.delivery.pk, by=self.user)
        return _("%(number)s is withdrawn. Change it and submit it again when it is ready.") % {
            "number": delivery.number
        }


class CopyDelivery(DeliveryAction):
    """The same again, at today's prices."""

    copied: Delivery

    def perform(self) -> str:
        self.copied = copy_delivery(self.delivery.pk, by=self.user)
        return _("%(copy)s is a draft with the lines of %(number)s at today's prices.") % {
            "copy": self.copied.number,
            "number": self.delivery.number,
        }

    def get_success_url(self) -> str:
        return reverse("orders:delivery_change", args=[self.copied.number])


class TakeBack(OfDelivery, FormPage):
    """Takes something back, with a reason."""

    permission_required = "orders.cancel_delivery"
    form_class = ReasonForm


class ReopenDelivery(TakeBack):
    """The approval is taken back, and it is decided anew."""

    title = gettext_lazy("Reopen the delivery")
    submit_label = gettext_lazy("Reopen")
    intro = gettext_lazy(
        "Its credit and its reserved goods are free again. It can be changed, and is decided anew when it is submitted."
    )

    def perform(self, form: Any) -> str:
        delivery = reopen_delivery(self.delivery.pk, by=self.user, reason=form.cleaned_data["reason"])
        self.message = _("%(number)s is open for change again.") % {"number": delivery.number}
        return delivery.get_absolute_url()


class CancelRest(TakeBack):
    """What has not left will not."""

    title = gettext_lazy("Cancel what is not shipped")
    intro = gettext_lazy(
        "What is not shipped leaves the account's figure of approved goods, and its stock is free again."
    )

    @property
    def submit_label(self) -> str:
        """The button says how much."""
        return _("Cancel %(amount)s") % {"amount": f"{self.delivery.committed_amount:,.2f}"}

    def perform(self, form: Any) -> str:
        delivery = cancel_rest(self.delivery.pk, by=self.user, reason=form.cleaned_data["reason"])
        self.message = _("What was not shipped of %(number)s is cancelled.") % {"number": delivery.number}
        return delivery.get_absolute_url()
