"""The lines of all shipments of a statistic's period, as the fast writer takes them: read in order, memory flat."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _

from orders.catalogue.models import Category
from orders.shipments.models import ShipmentLine
from salesops.users.models import Region, User, in_reader_language
from salesops.web.excel import Column, Sheet

CHUNK = 5_000


def details_sheet(
    lines: "QuerySet[ShipmentLine]",
    facts: Sequence[tuple[Any, Any]],
    over: Callable[[Iterable[Any], int], Iterable[Any]],
) -> Sheet:
    """Return the sheet of the lines, the oldest first; `over(rows, count)` wraps the rows, for progress."""
    count = lines.order_by().count()
    columns = [
        Column(_("Shipment"), width=18),
        Column(_("Shipped on"), "date", 12),
        Column(_("Delivery"), width=18),
        Column(_("Code"), width=14),
        Column(_("Customer"), width=32),
        Column(_("Region"), width=18),
        Column(_("Representative"), width=20),
        Column(_("SKU"), width=16),
        Column(_("Product"), width=32),
        Column(_("Category"), width=20),
        Column(_("Batch"), width=14),
        Column(_("Pieces"), "int", 11, total=True),
        Column(_("Amount"), "money", 17),
    ]
    return Sheet(_("Lines"), columns, over(_cells(lines), count), facts, count)


def _cells(lines: "QuerySet[ShipmentLine]") -> Iterator[tuple[Any, ...]]:
    regions, people, categories = (
        {pk: in_reader_language(name, name_zh) for pk, name, name_zh in rows}
        for rows in (
            Region.objects.order_by().values_list("pk", "name", "name_zh"),
            User.objects.order_by().values_list("pk", "full_name", "full_name_zh"),
            Category.objects.order_by().values_list("pk", "name", "name_zh"),
        )
    )
    found = lines.order_by("shipment__shipped_on", "shipment_id", "pk").values_list(
        *("shipment__number", "shipment__shipped_on", "shipment__delivery__number", "shipment__customer__code"),
        _name("shipment__customer__name"),
        *("shipment__delivery__region_id", "shipment__delivery__representative_id", "line__product__sku"),
        _name("line__product__name"),
        *("line__product__category_id", "batch", "quantity", "amount"),
    )
    for row in found.iterator(chunk_size=CHUNK):
        region, person, category = regions[row[5]], people.get(row[6], ""), categories.get(row[9], "")
        yield (*row[:5], region, person, *row[7:9], category, *row[10:])


def _name(path: str) -> Any:
    """The name that a reader of the active language expects, as the database finds it."""
    name_zh = NullIf(F(f"{path}_zh"), Value(""))
    return Coalesce(name_zh, F(path)) if in_reader_language("en", "zh") == "zh" else F(path)
