"""The columns of stock, movements, expected goods and warehouses."""

import django_tables2 as tables
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_tables2.utils import A

from salesops.web.badges import Badge, badge_html
from salesops.web.figures import quantity_text
from salesops.web.tables import BadgeColumn, Column, DateColumn, NameColumn, NumberColumn, QuantityColumn, Table

from .models import ExpectedGoods, Movement, Stock, StockMovement, Warehouse


def sku_column() -> NumberColumn:
    """The product of a row, by its SKU; leads to the product."""
    return NumberColumn(
        accessor="product__sku",
        verbose_name=_("SKU"),
        linkify=("orders:product", {"sku": A("product__sku")}),
        width=16,
        phone="line",
    )


def product_column() -> NameColumn:
    """The product's name."""
    return NameColumn(accessor="product__name", zh="product__name_zh", verbose_name=_("Product"))


class ChoicesColumn(tables.TemplateColumn):
    """What can be done with a row; not in the file."""

    def __init__(self, template: str) -> None:
        super().__init__(
            template_name=template,
            verbose_name=_("Do"),
            orderable=False,
            exclude_from_export=True,
            attrs={"td": {"class": "so-rowdo"}, "th": {"class": "so-rowdo"}},
        )


class StockTable(Table):
    """What lies where."""

    sku = sku_column()
    product = product_column()
    warehouse = Column(accessor="warehouse", order_by="warehouse__code")
    on_hand = QuantityColumn()
    reserved = QuantityColumn(phone="hide")
    free = QuantityColumn(accessor="free_pieces", verbose_name=_("Free"), phone="figure")
    back_ordered = QuantityColumn(verbose_name=_("Back-ordered"))
    expected_quantity = QuantityColumn(verbose_name=_("Expected"), phone="hide")
    expected_on = DateColumn(verbose_name=_("Next on"))

    class Meta(Table.Meta):
        model = Stock
        fields = (
            "sku",
            "product",
            "warehouse",
            "on_hand",
            "reserved",
            "free",
            "back_ordered",
            "expected_quantity",
            "expected_on",
        )
        order_by = ("sku", "warehouse")


class MovementTable(Table):
    """Every change of what lies in the warehouses."""

    moved_on = DateColumn()
    sku = sku_column()
    product = product_column()
    warehouse = Column(accessor="warehouse", order_by="warehouse__code")
    kind = BadgeColumn(
        tones={Movement.RECEIPT: ("", "box"), Movement.SHIPMENT: ("", "truck"), Movement.COUNT: ("", "list")}
    )
    quantity = QuantityColumn(phone="figure")
    batch = Column()
    document = Column()
    recorded_by = Column(verbose_name=_("Recorded by"), phone="hide")
    note = Column(phone="hide", orderable=False)

    class Meta(Table.Meta):
        model = StockMovement
        fields = (
            "moved_on",
            "sku",
            "product",
            "warehouse",
            "kind",
            "quantity",
            "batch",
            "document",
            "recorded_by",
            "note",
        )
        order_by = "-moved_on"

    def render_quantity(self, value: int) -> str:
        return signed(value)


class ExpectedTable(Table):
    """What will come, and when."""

    expected_on = DateColumn()
    state = Column(empty_values=(), orderable=False, verbose_name=_("State"), width=12)
    sku = sku_column()
    product = product_column()
    warehouse = Column(accessor="warehouse", order_by="warehouse__code")
    quantity = QuantityColumn(phone="figure")
    note = Column(orderable=False)
    recorded_by = Column(verbose_name=_("Announced by"), phone="hide")

    class Meta(Table.Meta):
        model = ExpectedGoods
        fields: tuple[str, ...] = (
            "expected_on",
            "state",
            "sku",
            "product",
            "warehouse",
            "quantity",
            "note",
            "recorded_by",
        )
        order_by = "expected_on"

    def render_state(self, record: ExpectedGoods) -> SafeString:
        return badge_html(expected_state(record))

    def value_state(self, record: ExpectedGoods) -> str:
        return str(expected_state(record).text)


class ExpectedToReceiveTable(ExpectedTable):
    """The same for those who take goods in."""

    do = ChoicesColumn("orders/stock/expected_do.html")

    class Meta(ExpectedTable.Meta):
        fields = (*ExpectedTable.Meta.fields, "do")


class WarehouseTable(Table):
    """Places that goods leave from."""

    code = NumberColumn(linkify=("orders:warehouse_change", {"pk": A("pk")}), phone="line")
    name = NameColumn(zh="name_zh")
    products = QuantityColumn(accessor="product_count", verbose_name=_("Products"))
    pieces = QuantityColumn(accessor="piece_count", verbose_name=_("Pieces on hand"), phone="figure")
    is_active = Column(verbose_name=_("State"), width=12)

    class Meta(Table.Meta):
        model = Warehouse
        fields = ("code", "name", "products", "pieces", "is_active")
        order_by = "code"

    def render_is_active(self, value: bool) -> SafeString | str:
        return "" if value else badge_html(Badge("", "", _("Closed")))

    def value_is_active(self, value: bool) -> str:
        return str(_("open") if value else _("closed"))


def signed(quantity: int) -> str:
    """A change in pieces, with its sign."""
    return f"+{quantity_text(quantity)}" if quantity > 0 else quantity_text(quantity)


def expected_state(expected: ExpectedGoods) -> Badge:
    """Whether goods have come, are late, or are still to come."""
    if expected.received_at is not None:
        return Badge("good", "check", _("Received"))
    if expected.expected_on < timezone.localdate():
        return Badge("bad", "warn", _("Late"))
    return Badge("info", "clock", _("To come"))
