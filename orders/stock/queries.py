"""What lies where, what is free of it, and when more comes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, IntegerField, Min, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from orders.deliveries.models import SHIPPABLE, DeliveryLine

from .models import ExpectedGoods, Stock

SEES_STOCK = "orders.view_stock"
"""The permission to see what lies where."""
BACK_ORDER = F("approved_quantity") - F("shipped_quantity") - F("cancelled_quantity") - F("reserved_quantity")
"""Pieces of a line that are approved, still to leave, and not reserved."""


@dataclass(frozen=True)
class Availability:
    """One product in one warehouse, in pieces. `expected_on` is the next day on which goods come, with how many."""

    on_hand: int = 0
    reserved: int = 0
    free: int = 0
    expected_on: date | None = None
    expected_quantity: int = 0


def availability(warehouse_id: int, product_ids: Iterable[int]) -> dict[int, Availability]:
    """Return what a warehouse has of each product, by product id, all of them present, in two queries.

    Goods expected on the same next day add up; later ones are not counted.
    """
    wanted = set(product_ids)
    stock = {
        product_id: (on_hand, reserved)
        for product_id, on_hand, reserved in Stock.objects.filter(
            warehouse_id=warehouse_id, product_id__in=wanted
        ).values_list("product_id", "on_hand", "reserved")
    }
    coming = _next_expected(warehouse_id, wanted)
    found = {}
    for product_id in wanted:
        on_hand, reserved = stock.get(product_id, (0, 0))
        expected_on, quantity = coming.get(product_id, (None, 0))
        found[product_id] = Availability(on_hand, reserved, on_hand - reserved, expected_on, quantity)
    return found


def _next_expected(warehouse_id: int, product_ids: set[int]) -> dict[int, tuple[date, int]]:
    """The next day on which each product comes, and how many pieces on that day."""
    rows = ExpectedGoods.objects.filter(
        warehouse_id=warehouse_id, product_id__in=product_ids, received_at=None
    ).order_by("expected_on")
    coming: dict[int, tuple[date, int]] = {}
    for product_id, day, quantity in rows.values_list("product_id", "expected_on", "quantity"):
        first, pieces = coming.get(product_id, (day, 0))
        if first == day:
            coming[product_id] = (day, pieces + quantity)
    return coming


def with_stock(lines: QuerySet[DeliveryLine]) -> QuerySet[DeliveryLine]:
    """Read with each line what its delivery's warehouse has of its product: see `stock_of`."""
    here = Stock.objects.filter(product=OuterRef("product"), warehouse=OuterRef("delivery__warehouse")).order_by()
    coming = (
        ExpectedGoods.objects.filter(
            product=OuterRef("product"), warehouse=OuterRef("delivery__warehouse"), received_at=None
        )
        .order_by("expected_on")
        .values("expected_on")
        .annotate(pieces=Sum("quantity"))
    )
    return lines.annotate(
        stock_on_hand=Coalesce(Subquery(here.values("on_hand")), 0),
        stock_reserved=Coalesce(Subquery(here.values("reserved")), 0),
        stock_expected_on=Subquery(coming.values("expected_on")[:1]),
        stock_expected_quantity=Coalesce(Subquery(coming.values("pieces")[:1]), 0),
    )


def stock_of(line: Any) -> Availability:
    """Return the stock of a line that was read `with_stock`, as `availability` says it."""
    return Availability(
        line.stock_on_hand,
        line.stock_reserved,
        line.stock_on_hand - line.stock_reserved,
        line.stock_expected_on,
        line.stock_expected_quantity,
    )


@dataclass(frozen=True)
class Outlook:
    """One product in all warehouses, in pieces."""

    on_hand: int = 0
    reserved: int = 0
    back_ordered: int = 0
    expected_quantity: int = 0
    expected_on: date | None = None

    @property
    def free(self) -> int:
        """Pieces that nobody has been promised."""
        return self.on_hand - self.reserved


def product_outlook(product_id: int) -> Outlook:
    """Return what there is of a product, what is owed of it and what will come, in all warehouses."""
    stock = Stock.objects.filter(product=product_id).aggregate(
        on_hand=Coalesce(Sum("on_hand"), 0), reserved=Coalesce(Sum("reserved"), 0)
    )
    coming = ExpectedGoods.objects.filter(product=product_id, received_at=None).aggregate(
        quantity=Coalesce(Sum("quantity"), 0), day=Min("expected_on")
    )
    owed = _back_orders().filter(product=product_id).aggregate(pieces=Coalesce(Sum(BACK_ORDER), 0))
    return Outlook(stock["on_hand"], stock["reserved"], owed["pieces"], coming["quantity"], coming["day"])


def free_stock(product_ids: Iterable[int]) -> dict[int, int]:
    """Return what is free of each product in all warehouses together; products that lie nowhere are absent."""
    rows = Stock.objects.filter(product_id__in=set(product_ids)).order_by().values("product_id")
    return dict(rows.annotate(pieces=Sum(F("on_hand") - F("reserved"))).values_list("product_id", "pieces"))


def stock_with_outlook() -> QuerySet[Stock]:
    """Return stock by warehouse and product with `free_pieces`, `back_ordered`, `expected_on`, `expected_quantity`.

    `expected_on` is the next day on which goods come, `expected_quantity` all that is announced.
    """
    owed = _back_orders().filter(product=OuterRef("product"), delivery__warehouse=OuterRef("warehouse"))
    pieces = owed.order_by().values("product").annotate(pieces=Sum(BACK_ORDER)).values("pieces")
    coming = ExpectedGoods.objects.filter(
        product=OuterRef("product"), warehouse=OuterRef("warehouse"), received_at=None
    ).order_by()
    return Stock.objects.select_related("product", "warehouse").annotate(
        free_pieces=F("on_hand") - F("reserved"),
        back_ordered=Coalesce(Subquery(pieces), Value(0), output_field=IntegerField()),
        expected_on=Subquery(coming.values("product").annotate(day=Min("expected_on")).values("day")),
        expected_quantity=Coalesce(
            Subquery(coming.values("product").annotate(total=Sum("quantity")).values("total")),
            Value(0),
            output_field=IntegerField(),
        ),
    )


def late_goods() -> QuerySet[ExpectedGoods]:
    """Return the goods that should have come by now and have not."""
    return ExpectedGoods.objects.filter(received_at=None, expected_on__lt=timezone.localdate())


def _back_orders() -> QuerySet[DeliveryLine]:
    """Lines with approved pieces that no stock is reserved for."""
    return DeliveryLine.objects.filter(
        delivery__state__in=SHIPPABLE,
        approved_quantity__gt=F("shipped_quantity") + F("cancelled_quantity") + F("reserved_quantity"),
    )
