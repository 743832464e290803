"""Past shipments, and the movements of stock that they and incoming goods make."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from orders.deliveries.models import SHIPPABLE, State
from orders.deliveries.reservation import reserve
from orders.models import DeliveryLine, Product, Shipment, ShipmentLine, Stock, StockMovement, Warehouse
from orders.stock.models import Movement
from salesops.demo.clock import acting
from salesops.demo.plan import part_amounts
from salesops.demo.tables.places import CARRIERS
from salesops.demo.tables.products import SHORT
from salesops.kernel.money import ZERO

from .copying import Numbers, copy_in
from .past import Past, batch, local

BUFFER = 150
"""Pieces of each product that lie in a warehouse beyond what is bought in a quarter."""


def write_shipments(past: Past) -> None:
    """Write what left before the moment, in the order in which it left."""
    leaving = sorted(
        (moment, at, number)
        for at, one in enumerate(past.planned)
        if one.fate == State.SHIPPED
        for number, (moment, _pieces) in enumerate(one.parts)
        if moment < past.until
    )
    numbers = Numbers("SH", (local(moment).year for moment, _at, _number in leaving))
    past.shipments = [
        _shipment(past, moment, at, number, numbers.take(local(moment).year)) for moment, at, number in leaving
    ]
    copy_in(Shipment, [shipment for shipment, _parts in past.shipments])
    copy_in(ShipmentLine, [part for _shipment, parts in past.shipments for part in parts])


def write_stock(past: Past) -> None:
    """Write what lay there, what came each quarter, what left; and what is left now."""
    left = [_movement_of(shipment, part) for shipment, parts in past.shipments for part in parts]
    sent = Counter[tuple[int, int, str]]()
    for movement in left:
        sent[movement.warehouse_id, movement.product_id, batch(movement.moved_on)] -= movement.quantity
    came = [
        movement
        for code, warehouse in past.cast.warehouses.items()
        for sku, product in past.cast.products.items()
        for movement in _goods_in(past, warehouse, product, sent, SHORT.get((code, sku)))
    ]
    came.sort(key=lambda movement: movement.moved_on)
    copy_in(StockMovement, [*came, *left])
    on_hand = Counter[tuple[int, int]]()
    for movement in [*came, *left]:
        on_hand[movement.warehouse_id, movement.product_id] += movement.quantity
    Stock.objects.bulk_create(
        Stock(warehouse_id=warehouse_id, product_id=product_id, on_hand=pieces)
        for (warehouse_id, product_id), pieces in on_hand.items()
    )


def reserve_open(past: Past) -> None:
    """Reserve what lies there for what was approved and has not left, the earliest approved first."""
    for warehouse in past.cast.warehouses.values():
        lines = DeliveryLine.objects.filter(delivery__warehouse=warehouse, delivery__state__in=SHIPPABLE)
        with acting(past.cast.people["supply"], past.until):
            reserve(warehouse.pk, lines.order_by("delivery__approved_at", "delivery", "position"))


def _shipment(past: Past, moment: datetime, at: int, part: int, number: str) -> tuple[Shipment, list[ShipmentLine]]:
    delivery, one = past.deliveries[at], past.planned[at]
    amounts = part_amounts(one, part)
    shipment = Shipment(
        number=number,
        delivery=delivery,
        customer_id=delivery.customer_id,
        warehouse_id=delivery.warehouse_id,
        shipped_on=local(moment).date(),
        amount=sum(amounts, ZERO),
        carrier=past.rng.choice(CARRIERS),
        tracking=f"HY{past.rng.randint(10**9, 10**10 - 1)}",
        recorded_by=past.cast.people["supply" if at % 2 else "dong.mei"],
        recorded_at=moment,
    )
    lines = [
        ShipmentLine(shipment=shipment, line=line, quantity=pieces, batch=batch(shipment.shipped_on), amount=amount)
        for line, pieces, amount in zip(past.lines[at], one.parts[part][1], amounts, strict=True)
        if pieces
    ]
    return shipment, lines


def _movement_of(shipment: Shipment, part: ShipmentLine) -> StockMovement:
    return StockMovement(
        warehouse_id=shipment.warehouse_id,
        product_id=part.line.product_id,
        kind=Movement.SHIPMENT,
        quantity=-part.quantity,
        batch=part.batch,
        document=shipment.number,
        moved_on=shipment.shipped_on,
        recorded_by=shipment.recorded_by,
        recorded_at=shipment.recorded_at,
    )


def _goods_in(
    past: Past,
    warehouse: Warehouse,
    product: Product,
    sent: Counter[tuple[int, int, str]],
    short: tuple[int, int] | None,
) -> Iterator[StockMovement]:
    """What lay there on the first day, and each quarter what that quarter sends; of what runs short nothing beyond."""
    opening = short[0] if short else BUFFER + past.rng.randint(0, 12) * 10
    yield _movement(past, warehouse, product, Movement.OPENING, opening, past.plan.first_day)
    quarters = _quarters(past.plan.first_day, local(past.until).date())
    for day in quarters:
        pieces = sent[warehouse.pk, product.pk, batch(day)]
        if not short:
            pieces = -(-(pieces + (pieces if day == quarters[-1] else 0)) // 10) * 10
        if pieces:
            yield _movement(past, warehouse, product, Movement.RECEIPT, pieces, day)


def _movement(
    past: Past, warehouse: Warehouse, product: Product, kind: Movement, pieces: int, day: date
) -> StockMovement:
    return StockMovement(
        warehouse=warehouse,
        product=product,
        kind=kind,
        quantity=pieces,
        batch=batch(day) if kind == Movement.RECEIPT else "",
        moved_on=day,
        recorded_by=past.cast.people["supply"],
        recorded_at=datetime.combine(day, time(8), timezone.get_current_timezone()),
    )


def _quarters(first: date, last: date) -> list[date]:
    """The first days of the quarters; the first quarter begins with the first day."""
    starts = [date(year, month, 1) for year in range(first.year, last.year + 1) for month in (1, 4, 7, 10)]
    return [first, *(day for day in starts if first + timedelta(days=1) <= day <= last)]
