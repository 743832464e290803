"""The documents behind a figure of deliveries: lines of shipments under the very conditions of the figure."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tables2.utils import A

from orders.shipments.models import ShipmentLine
from salesops.web.figures import quantity_text
from salesops.web.page import Crumb
from salesops.web.pages import Empty
from salesops.web.tables import (
    DENSE,
    DateColumn,
    MoneyColumn,
    NameColumn,
    NumberColumn,
    QuantityColumn,
    ShortNameColumn,
    Table,
)

from .filters import KeptFilters
from .lines import lines_behind
from .links import statistic_url
from .questions import spell_period
from .views import VIEW, AskedPage


class PiecesColumn(QuantityColumn):
    """Pieces with their sum below."""

    total = True


class LineTable(Table):
    """Lines of shipments."""

    number = NumberColumn(
        accessor="shipment__number",
        verbose_name=gettext_lazy("Number"),
        linkify=("orders:shipment", {"number": A("shipment__number")}),
        phone="line",
        width=18,
    )
    shipped_on = DateColumn(accessor="shipment__shipped_on", verbose_name=gettext_lazy("Shipped"))
    customer = NameColumn(
        accessor="shipment__customer__name",
        zh="shipment__customer__name_zh",
        verbose_name=gettext_lazy("Customer"),
    )
    representative = ShortNameColumn(
        accessor="shipment__delivery__representative__full_name",
        zh="shipment__delivery__representative__full_name_zh",
        verbose_name=gettext_lazy("Representative"),
        phone="hide",
    )
    product = NameColumn(
        accessor="line__product__name",
        zh="line__product__name_zh",
        verbose_name=gettext_lazy("Product"),
        phone="line",
    )
    quantity = PiecesColumn(verbose_name=gettext_lazy("Pieces"), phone="line")
    amount = MoneyColumn(total=True)

    class Meta(Table.Meta):
        attrs = DENSE
        model = ShipmentLine
        fields = ("number", "shipped_on", "customer", "representative", "product", "quantity", "amount")
        sequence = fields
        order_by = "-shipped_on"

    def total_cells(self) -> list[tuple[str, Any]]:
        """Pieces are no money."""
        cells = super().total_cells()
        names = [column.name for column in self.columns.iterall() if column.visible]
        return [
            (css, quantity_text(self.totals["quantity"]) if name == "quantity" else content)
            for name, (css, content) in zip(names, cells, strict=True)
        ]


class DocumentsPage(AskedPage):
    """The lines that a figure is made of; their total is the figure."""

    title = gettext_lazy("Shipped lines")
    permission_required = VIEW
    template_name = "reports/statistics/documents.html"
    table = LineTable
    filters = KeptFilters
    search_fields = (
        "shipment__number",
        "shipment__customer__name",
        "shipment__customer__name_zh",
        "line__product__sku",
        "line__product__name",
    )
    search_label = gettext_lazy("Number, customer or product")
    empty = Empty(
        gettext_lazy("Nothing left in this period"), gettext_lazy("Shipments appear here on their day."), icon="truck"
    )

    def allowed(self) -> bool:
        return super().allowed() and bool(self.request.user.has_perm("orders.view_shipment"))

    @cached_property
    def filtered(self) -> QuerySet[ShipmentLine]:
        """The lines that the period, what is kept and the search leave."""
        rows = lines_behind(self.question, self.user).select_related(
            "shipment__customer", "shipment__delivery__representative", "line__product"
        )
        return self.search(rows, self.text) if self.text else rows

    @property
    def intro(self) -> str:
        """The days."""
        return self.span_in_words

    def crumbs(self) -> Sequence[Crumb]:
        spelled = spell_period(self.question.period)
        return [
            (_("Statistics"), reverse("reports:statistics")),
            (spelled, statistic_url(self.question.as_query())),
            (self.title, None),
        ]

    def _prepare(self) -> Any:
        table = super()._prepare()
        if self.paginator.count:
            table.add_totals()
        return table
