"""The columns of shipments, and of what is to be shipped."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_tables2.utils import A

from orders.deliveries.models import Delivery
from salesops.web.badges import icon_html
from salesops.web.figures import day_text, percent_text
from salesops.web.tables import (
    DENSE,
    Column,
    DateColumn,
    MoneyColumn,
    NameColumn,
    NumberColumn,
    PercentColumn,
    QuantityColumn,
    Table,
)

from .models import Shipment


class ShipmentTable(Table):
    """What left."""

    number = NumberColumn(phone="line", width=18)
    shipped_on = DateColumn()
    customer = NameColumn(accessor="customer__name", zh="customer__name_zh", verbose_name=_("Customer"))
    delivery = Column(
        accessor="delivery__number",
        linkify=("orders:delivery", {"number": A("delivery__number")}),
        attrs={"a": {"class": "so-id"}},
        verbose_name=_("Delivery"),
        phone="hide",
        orderable=False,
    )
    warehouse = Column(accessor="warehouse", phone="hide", width=22, orderable=False)
    carrier = Column(phone="hide", orderable=False)
    amount = MoneyColumn(total=True)

    class Meta(Table.Meta):
        attrs = DENSE
        model = Shipment
        fields = ("number", "shipped_on", "customer", "delivery", "warehouse", "carrier", "amount")
        sequence = fields
        order_by = "-shipped_on"


class WantedColumn(DateColumn):
    """The day on which goods are wanted; late ones say so."""

    def render(self, value: date) -> SafeString | str:
        late = (timezone.localdate() - value).days
        if late <= 0:
            return day_text(value)
        return format_html(
            '{} <span class="so-flag so-flag--bad">{}{}</span>',
            day_text(value),
            icon_html("clock"),
            _("%(days)d d late") % {"days": late},
        )


class ReadyColumn(PercentColumn):
    """How much of what is to leave lies there, as a share of the pieces."""

    def render(self, value: Decimal) -> SafeString:
        share = min(max(value, Decimal(0)), Decimal(100))
        return format_html(
            '<span class="so-ready"><svg class="so-inbar" aria-hidden="true">'
            '<rect class="so-bar__track" width="100%" height="6"/><rect class="so-f-now" width="{}%" height="6"/></svg>'
            '<span class="so-num">{}</span></span>',
            f"{share:.1f}",
            percent_text(share).replace(".0%", "%"),
        )


class CustomerColumn(NameColumn):
    """The customer; a hold, which stops its goods, is said beside it."""

    def render(self, value: Any, record: Any) -> SafeString:
        name = super().render(value, record)
        if not record.customer.account.is_on_hold:
            return name
        return format_html('{} <span class="so-flag so-flag--bad">{}{}</span>', name, icon_html("lock"), _("Hold"))


class ToShipTable(Table):
    """Approved and not all gone, the earliest wanted first."""

    number = NumberColumn(linkify=("orders:shipment_new", {"number": A("number")}), phone="line", width=18)
    wanted_on = WantedColumn()
    customer = CustomerColumn(accessor="customer__name", zh="customer__name_zh", verbose_name=_("Customer"))
    warehouse = Column(accessor="warehouse", order_by="warehouse__code", phone="hide", width=22)
    approved_at = DateColumn(verbose_name=_("Approved"), phone="hide")
    open_pieces = QuantityColumn(verbose_name=_("Pieces"), phone="line")
    ready = ReadyColumn(verbose_name=_("Ready"), phone="line")
    to_ship = MoneyColumn(verbose_name=_("To ship"), total=True)

    class Meta(Table.Meta):
        attrs = DENSE
        model = Delivery
        fields = ("number", "wanted_on", "customer", "warehouse", "approved_at", "open_pieces", "ready", "to_ship")
        sequence = fields
        order_by = "wanted_on"
