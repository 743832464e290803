"""Pages of shipments: what is to leave, the form by which it leaves, what left, and its delivery note."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.deliveries.models import SHIPPABLE, Delivery
from orders.deliveries.queries import deliveries_for
from orders.deliveries.tables import state_badge
from orders.receivables.search import with_words
from salesops.users.models import User
from salesops.web.pages import Action, Empty, Figure, FormPage, ListPage, RecordPage
from salesops.web.pdf import pdf_response

from .filters import ShipmentFilters, ToShipFilters
from .forms import ShipmentForm
from .models import Shipment
from .note import delivery_note, note_data
from .queries import of_delivery_or_waybill, open_lines_of, shipments_for, to_ship_for, usual_carriers
from .services import ship_delivery
from .tables import ShipmentTable, ToShipTable


class ToShipList(ListPage):
    """What supply works down: approved deliveries, the earliest wanted first."""

    title = gettext_lazy("To ship")
    permission_required = "orders.ship_delivery"
    menu_key = "to_ship"
    table = ToShipTable
    filters = ToShipFilters
    search_fields = ("number", "customer__name", "customer__name_zh", "customer__code")
    search_label = gettext_lazy("Number or customer")
    empty = Empty(
        gettext_lazy("Everything has left"),
        gettext_lazy("Deliveries appear here as soon as they are approved."),
        icon="truck",
    )

    def rows(self) -> Any:
        return to_ship_for(self.user)

    def search(self, rows: Any, text: str) -> Any:
        return with_words(rows, text)

    @property
    def user(self) -> User:
        """Who looks."""
        user: Any = self.request.user
        return user


class ShipmentList(ListPage):
    """What left."""

    title = gettext_lazy("Shipments")
    permission_required = "orders.view_shipment"
    menu_key = "shipments"
    table = ShipmentTable
    filters = ShipmentFilters
    search_fields = ("number", "delivery__number", "customer__name", "customer__name_zh", "customer__code", "tracking")
    search_label = gettext_lazy("Number, customer or tracking")
    empty = Empty(
        gettext_lazy("Nothing has left yet"), gettext_lazy("A shipment is recorded when goods leave."), icon="box"
    )

    def rows(self) -> Any:
        user: Any = self.request.user
        return shipments_for(user)

    def search(self, rows: Any, text: str) -> Any:
        return with_words(rows, text, of_delivery_or_waybill)

    def actions(self) -> Sequence[Action]:
        return [Action(_("To ship"), reverse("orders:to_ship"), icon="truck", permission="orders.ship_delivery")]


class NewShipment(FormPage):
    """Goods of one delivery leave: all that lies ready is proposed."""

    title = gettext_lazy("Ship")
    permission_required = "orders.ship_delivery"
    menu_key = "to_ship"
    form_class = ShipmentForm
    template_name = "orders/shipments/form.html"

    @property
    def user(self) -> User:
        """Who ships."""
        user: Any = self.request.user
        return user

    @cached_property
    def delivery(self) -> Delivery:
        """The delivery that the address names."""
        rows = deliveries_for(self.user).select_related("customer__account")
        found = rows.filter(number=self.kwargs["number"]).first()
        if found is None:
            raise Http404
        return found

    def heading(self) -> str:
        return _("Ship %(number)s") % {"number": self.delivery.number}

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        above = [(self.menu_entry.label, self.menu_entry.url)] if self.menu_entry else []
        return [*above, (self.delivery.number, self.delivery.get_absolute_url()), (_("Ship"), None)]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form, or, where nothing is to leave any more, the delivery."""
        if self.delivery.state not in SHIPPABLE:
            return self.go(self.delivery.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            **super().get_form_kwargs(),
            "lines": open_lines_of(self.delivery),
            "carriers": usual_carriers(),
        }

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        shipment = ship_delivery(
            self.delivery.pk,
            by=self.user,
            shipped_on=given["shipped_on"],
            quantities=form.quantities(),
            batches=form.batches(),
            carrier=given["carrier"],
            tracking=given["tracking"],
            note=given["note"],
        )
        self.message = _("%(number)s has left.") % {"number": shipment.number}
        return shipment.get_absolute_url()

    def context(self, **more: Any) -> dict[str, Any]:
        return super().context(
            delivery=self.delivery,
            badge=state_badge(self.delivery),
            account=self.delivery.customer.account,
            **more,
        )


class ShipmentRecord(RecordPage):
    """One shipment: what left, how, and what it posted."""

    permission_required = "orders.view_shipment"
    menu_key = "shipments"
    record_key = "shipment"
    template_name = "orders/shipments/record.html"

    def rows(self) -> Any:
        user: Any = self.request.user
        return shipments_for(user).select_related("recorded_by", "customer__region", "delivery__representative")

    def headline(self, record: Shipment) -> dict[str, Any]:
        return {
            "kind": _("Shipment"),
            "number": record.number,
            "title": record.customer.name,
            "title_zh": record.customer.name_zh,
            "meta": [],
        }

    def figures(self, record: Shipment) -> Sequence[Figure]:
        return []

    def actions(self, record: Shipment) -> Sequence[Action]:
        ships = self.request.user.has_perm("orders.ship_delivery") and record.delivery.state in SHIPPABLE
        more = reverse("orders:shipment_new", args=[record.delivery.number])
        found = [Action(_("Ship the rest"), more, icon="truck")] if ships else []
        note = reverse("orders:shipment_note", args=[record.number])
        paper = [
            Action(_("Print"), "#print", icon="print"),
            Action(_("Delivery note"), note, icon="file", primary=True),
        ]
        return [*found, *paper]


class ShipmentNote(RecordPage):
    """The delivery note as a PDF, shown in the browser."""

    permission_required = "orders.view_shipment"

    def rows(self) -> Any:
        user: Any = self.request.user
        return shipments_for(user).select_related("delivery__representative")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Make the paper of the moment; nothing of it is kept."""
        content = delivery_note(note_data(self.record))
        return pdf_response(content, f"{self.record.number}.pdf")
