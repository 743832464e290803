"""The columns of the deliveries."""

from django.utils.translation import gettext_lazy as _

from salesops.web.badges import Badge
from salesops.web.tables import (
    DENSE,
    FULL,
    BadgeColumn,
    Column,
    DateColumn,
    MoneyColumn,
    NameColumn,
    NumberColumn,
    PercentColumn,
    QuantityColumn,
    ShortNameColumn,
    SomeMoneyColumn,
    Table,
)

from .models import Delivery, DeliveryLine, State

TONES: dict[str, str | tuple[str, str]] = {
    State.DRAFT: ("", "pen"),
    State.SUBMITTED: ("info", "clock"),
    State.RETURNED: ("warn", "undo"),
    State.WITHDRAWN: ("", "undo"),
    State.REJECTED: ("bad", "x"),
    State.APPROVED: ("good", "check"),
    State.PARTLY_SHIPPED: ("good", "truck"),
    State.SHIPPED: ("", "check"),
    State.CANCELLED: ("", "x"),
}
"""How a state looks; shipped is the quiet end, what needs somebody stands out."""


def state_badge(delivery: Delivery) -> Badge:
    """Return the badge of a delivery's state."""
    tone = TONES[delivery.state]
    assert isinstance(tone, tuple)
    return Badge(tone[0], tone[1], delivery.get_state_display())


class DeliveryTable(Table):
    """Deliveries as the company sees them; sorted by what has an index at a million, the others are filters."""

    number = NumberColumn(phone="line", width=18)
    ordered_on = DateColumn()
    customer = NameColumn(accessor="customer__name", zh="customer__name_zh", verbose_name=_("Customer"))
    representative = ShortNameColumn(
        accessor="representative__full_name",
        zh="representative__full_name_zh",
        verbose_name=_("Representative"),
        phone="hide",
        width=18,
        orderable=False,
    )
    region = ShortNameColumn(
        accessor="region__name", zh="region__name_zh", verbose_name=_("Region"), phone="hide", width=16, orderable=False
    )
    state = BadgeColumn(tones=TONES, width=20, orderable=False)
    wanted_on = DateColumn(phone="hide", default="")
    amount = MoneyColumn(total=True)
    approved_amount = SomeMoneyColumn(verbose_name=_("Approved"), total=True, phone="hide", orderable=False)
    shipped_amount = SomeMoneyColumn(verbose_name=_("Shipped"), total=True, phone="hide", orderable=False)

    class Meta(Table.Meta):
        attrs = FULL
        model = Delivery
        fields: tuple[str, ...] = (
            "number",
            "ordered_on",
            "customer",
            "representative",
            "region",
            "state",
            "wanted_on",
            "amount",
            "approved_amount",
            "shipped_amount",
        )
        sequence: tuple[str, ...] = fields
        order_by = "-ordered_on"


class OwnDeliveryTable(DeliveryTable):
    """Deliveries as an agent sees its own."""

    number = NumberColumn(phone="lead", width=18)

    class Meta(DeliveryTable.Meta):
        fields = ("number", "ordered_on", "state", "wanted_on", "amount", "approved_amount", "shipped_amount")
        sequence = fields
        exclude = ("customer", "representative", "region")


class DeliveryLineTable(Table):
    """What was asked for, line by line. Its order is that of the deliveries: no other has an index at a million."""

    number = NumberColumn(
        accessor="delivery__number",
        verbose_name=_("Delivery"),
        linkify=lambda record: record.delivery.get_absolute_url(),
        phone="line",
        width=18,
    )
    ordered_on = DateColumn(accessor="delivery__ordered_on")
    customer = NameColumn(
        accessor="delivery__customer__name", zh="delivery__customer__name_zh", verbose_name=_("Customer")
    )
    sku = Column(accessor="product__sku", verbose_name=_("SKU"), phone="hide", width=14)
    product = NameColumn(accessor="product__name", zh="product__name_zh", verbose_name=_("Product"))
    unit_price = MoneyColumn(phone="hide")
    discount_percent = PercentColumn(phone="hide")
    quantity = QuantityColumn()
    approved_quantity = QuantityColumn(phone="hide")
    shipped_quantity = QuantityColumn(phone="hide")
    amount = MoneyColumn()
    state = BadgeColumn(accessor="delivery__state", tones=TONES, verbose_name=_("State"), width=20)

    class Meta(Table.Meta):
        attrs = DENSE
        model = DeliveryLine
        orderable = False
        fields = (
            "number",
            "ordered_on",
            "customer",
            "sku",
            "product",
            "unit_price",
            "discount_percent",
            "quantity",
            "approved_quantity",
            "shipped_quantity",
            "amount",
            "state",
        )
        sequence = fields
