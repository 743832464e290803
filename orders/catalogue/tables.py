"""The columns of products, price lists and prices."""

from datetime import date
from typing import Any

import django_tables2 as tables
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_tables2.utils import A

from salesops.web.badges import Badge, badge_html
from salesops.web.tables import (
    Column,
    DateColumn,
    MoneyColumn,
    NameColumn,
    NumberColumn,
    PercentColumn,
    QuantityColumn,
    Table,
)

from .models import Price, PriceList, Product


def validity(price_list: PriceList, today: date) -> Badge:
    """Return in a word whether a list holds."""
    if not price_list.is_active:
        return Badge("", "", _("Inactive"))
    if price_list.valid_from > today:
        return Badge("info", "clock", _("To come"))
    if not price_list.holds_on(today):
        return Badge("", "", _("Over"))
    return Badge("good", "check", _("In force"))


class ActiveColumn(Column):
    """Says only what is out of the ordinary: that something is inactive."""

    width = 12

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, verbose_name=_("State"), **kwargs)

    def render(self, value: bool) -> SafeString | str:
        return "" if value else badge_html(Badge("", "", _("Inactive")))

    def value(self, value: bool) -> str:
        return str(_("active") if value else _("inactive"))


class ProductTable(Table):
    """Products as the company sees them."""

    sku = NumberColumn(width=16, phone="line")
    name = NameColumn(zh="name_zh")
    category = Column(accessor="category", order_by="category__name", phone="hide")
    unit = Column(phone="hide", width=8)
    pack_size = QuantityColumn(phone="hide")
    tax_rate = PercentColumn(verbose_name=_("Tax"), phone="hide")
    price = MoneyColumn(verbose_name=_("Price today"))
    free_stock = QuantityColumn(verbose_name=_("Free stock"))
    is_active = ActiveColumn()

    class Meta(Table.Meta):
        model = Product
        fields = ("sku", "name", "category", "unit", "pack_size", "tax_rate", "price", "free_stock", "is_active")
        order_by = "sku"


class OfferTable(Table):
    """Products as an agent sees them: what may be ordered, at the agent's own price."""

    sku = NumberColumn(width=16, phone="line")
    name = NameColumn(zh="name_zh")
    category = Column(accessor="category", order_by="category__name", phone="hide")
    unit = Column(phone="hide", width=8)
    pack_size = QuantityColumn(phone="line")
    tax_rate = PercentColumn(verbose_name=_("Tax"), phone="hide")
    price = MoneyColumn(verbose_name=_("Your price"))

    class Meta(Table.Meta):
        model = Product
        fields = ("sku", "name", "category", "unit", "pack_size", "tax_rate", "price")
        order_by = "sku"


class PriceListTable(Table):
    """Price lists."""

    name = NameColumn(link=True, linkify=("orders:price_list", {"pk": A("pk")}))
    grade = Column(width=16)
    valid_from = DateColumn()
    valid_until = DateColumn()
    includes_tax = Column(verbose_name=_("Prices"), width=16, phone="hide")
    priced = QuantityColumn(verbose_name=_("Products"))
    state = Column(empty_values=(), orderable=False, verbose_name=_("State"), width=12)

    class Meta(Table.Meta):
        model = PriceList
        fields = ("name", "grade", "valid_from", "valid_until", "includes_tax", "priced", "state")
        order_by = "-valid_from"

    def render_grade(self, record: PriceList) -> str:
        return grade_in_words(record.grade)

    def value_grade(self, record: PriceList) -> str:
        return grade_in_words(record.grade)

    def render_valid_until(self, record: PriceList) -> str:
        return f"{record.valid_until:%Y-%m-%d}"

    def render_includes_tax(self, value: bool) -> str:
        return tax_in_words(value)

    def value_includes_tax(self, value: bool) -> str:
        return tax_in_words(value)

    def render_state(self, record: PriceList) -> SafeString:
        return badge_html(validity(record, timezone.localdate()))

    def value_state(self, record: PriceList) -> str:
        return str(validity(record, timezone.localdate()).text)


class PriceTable(Table):
    """The prices of one list."""

    sku = NumberColumn(
        accessor="product__sku", linkify=("orders:product", {"sku": A("product__sku")}), width=16, phone="line"
    )
    name = NameColumn(accessor="product__name", zh="product__name_zh")
    category = Column(accessor="product__category", order_by="product__category__name", phone="hide")
    unit = Column(accessor="product__unit", orderable=False, width=8, phone="hide")
    amount = MoneyColumn()
    is_active = ActiveColumn(accessor="product__is_active")

    class Meta(Table.Meta):
        model = Price
        fields = ("sku", "name", "category", "unit", "amount", "is_active")
        order_by = "sku"


class CategoryTable(Table):
    """Lines of products."""

    name = NameColumn(zh="name_zh", link=True, linkify=("orders:category_change", {"pk": A("pk")}))
    products = tables.Column(verbose_name=_("Products"), accessor="product_count", attrs={"td": {"class": "so-num"}})

    class Meta(Table.Meta):
        fields = ("name", "products")
        order_by = "name"


def grade_in_words(grade: str) -> str:
    """Return whom a list is for."""
    return str(_("Grade %(grade)s") % {"grade": grade} if grade else _("Every customer"))


def tax_in_words(includes_tax: bool) -> str:
    """Return what the prices of a list mean."""
    return str(_("with tax") if includes_tax else _("without tax"))
