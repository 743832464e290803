"""The columns of ageing, and of the items behind one of its figures."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_tables2.utils import A

from salesops.web.figures import money_html
from salesops.web.tables import (
    DENSE,
    FULL,
    Column,
    DateColumn,
    MoneyColumn,
    NameColumn,
    NumberColumn,
    QuantityColumn,
    Table,
)

from .models import OpenItem


class CellColumn(MoneyColumn):
    """An amount that leads to the items that it is made of; nothing stays empty."""

    def __init__(self, *args: Any, age: str = "", **kwargs: Any) -> None:
        super().__init__(*args, total=True, **kwargs)
        self.age = age

    def render(self, value: Any, record: Any, table: Any) -> SafeString:  # type: ignore[override]
        return link_to(table.items_url(record, self.age), value) if value else SafeString("")


def link_to(url: str, amount: Any) -> SafeString:
    """An amount that leads somewhere."""
    return format_html('<a class="so-quiet" href="{}">{}</a>', url, money_html(amount))


class AgeingTable(Table):
    """Who owes what, and since when; what the columns of age are, the page says."""

    code = Column(attrs={"td": {"class": "so-id"}}, width=12, verbose_name=_("Code"), default="")
    name = NameColumn(zh="name_zh", verbose_name=_("Name"), link=True, linkify=lambda record: record.url)
    credits = CellColumn(age="credits", accessor="less_credits", verbose_name=_("Unallocated credits"), phone="line")
    outstanding = CellColumn(verbose_name=_("Outstanding"))

    items_url: Callable[[Any, str], str]
    """Where the items of a row and a column stand; of all rows where the row is None."""

    class Meta(Table.Meta):
        attrs = FULL
        template_name = "orders/receivables/ageing_table.html"
        sequence = ("code", "name", "...", "credits", "outstanding")
        order_by = "name"

    def add_totals(self) -> None:
        """The sums come with the report."""

    def total_cells(self) -> list[tuple[str, Any]]:
        """The cells of the total line, each with its items."""
        cells = super().total_cells()
        columns = [column for column in self.columns.iterall() if column.visible]
        return [
            (css, link_to(self.items_url(None, column.column.age), self.totals[column.name]))
            if self.totals.get(column.name)
            else (css, content)
            for column, (css, content) in zip(columns, cells, strict=True)
        ]


def age_columns(labels: Sequence[Any]) -> list[tuple[str, CellColumn]]:
    """The columns of age, the youngest first."""
    return [
        (f"age_{at}", CellColumn(age=str(at), accessor=f"debits__{at}", verbose_name=label, phone="line"))
        for at, label in enumerate(labels)
    ]


def document_url(record: OpenItem, table: Any) -> str | None:
    """Where the document of an item stands, if it has a page."""
    return str(table.urls.get(record.entry_id) or "") or None


class ItemTable(Table):
    """Open items as they were on a day."""

    document = NumberColumn(
        accessor="entry__document",
        verbose_name=_("Document"),
        linkify=lambda record, table: table.urls.get(record.entry_id),
    )
    customer = NameColumn(
        accessor="customer__name",
        zh="customer__name_zh",
        verbose_name=_("Customer"),
        linkify=("orders:account", {"code": A("customer__code")}),
    )
    what = Column(accessor="entry__source", verbose_name=_("What"), phone="line")
    posted_on = DateColumn()
    due_on = DateColumn()
    late = QuantityColumn(verbose_name=_("Days late"), phone="line", default="")
    amount = MoneyColumn(phone="line")
    open_then = MoneyColumn(total=True, tone="auto", verbose_name=_("Open then"))

    urls: dict[int, str]
    """Where documents stand, by entry."""

    class Meta(Table.Meta):
        attrs = DENSE
        model = OpenItem
        fields = ("document", "customer", "what", "posted_on", "due_on", "late", "amount", "open_then")
        sequence = fields
        order_by = "due_on"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.urls = {}
