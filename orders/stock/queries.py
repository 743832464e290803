"""What lies where, what is free of it, and when more comes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from .models import ExpectedGoods, Stock


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
