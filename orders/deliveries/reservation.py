"""Promising stock: approval reserves what is there, the rest is a back-order that goods received later fill."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Model, QuerySet
from psycopg import sql

from orders.stock.models import Stock

from .models import SHIPPABLE, Delivery, DeliveryLine


def reserve(warehouse_id: int, lines: Iterable[DeliveryLine], *, and_save: Sequence[str] = ()) -> None:
    """Reserve for approved lines what is free in the warehouse; call it with the deliveries locked.

    Stock rows are locked in the order of their products. What is not there stays a back-order of the line.
    `and_save` names columns of the lines that the caller changed: they are written with what is reserved, once.
    """
    lines = list(lines)
    wanting = [line for line in lines if line.back_order > 0]
    stock = Stock.objects.locked(warehouse_id, [line.product_id for line in wanting])
    for line in wanting:
        row = stock[line.product_id]
        taken = min(line.back_order, row.free)
        row.reserved += taken
        line.reserved_quantity += taken
    write_pieces(Stock, stock.values(), ["reserved"])
    write_pieces(DeliveryLine, lines if and_save else wanting, ["reserved_quantity", *and_save])


def write_pieces(model: type[Model], rows: Iterable[Any], columns: Sequence[str]) -> None:
    """Write whole numbers of rows that are locked, in one statement: built in a tenth of bulk_update's time."""
    rows = sorted(rows, key=lambda row: row.pk)
    if not rows:
        return
    given = sql.SQL(", ").join([sql.SQL("%s::bigint[]")] * (len(columns) + 1))
    statement = sql.SQL("UPDATE {table} t SET {sets} FROM unnest({given}) v(id, {names}) WHERE v.id = t.id").format(
        table=sql.Identifier(model._meta.db_table),
        sets=sql.SQL(", ").join(sql.SQL("{0} = v.{0}").format(sql.Identifier(name)) for name in columns),
        names=sql.SQL(", ").join(map(sql.Identifier, columns)),
        given=given,
    )
    values = [[row.pk for row in rows], *([getattr(row, name) for row in rows] for name in columns)]
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection), values)


def release(warehouse_id: int, lines: Iterable[DeliveryLine]) -> None:
    """Give back what lines reserved beyond their open pieces; after the commit it is offered to other back-orders.

    Call it with the lines' delivery locked and after the lines were cancelled or taken back. The offer is a
    transaction of its own, as it locks other deliveries.
    """
    giving = [line for line in lines if line.back_order < 0]
    stock = Stock.objects.locked(warehouse_id, [line.product_id for line in giving])
    for line in giving:
        stock[line.product_id].reserved += line.back_order
        line.reserved_quantity += line.back_order
    Stock.objects.bulk_update(stock.values(), ["reserved"])
    DeliveryLine.objects.bulk_update(giving, ["reserved_quantity"])
    for product_id in stock:
        transaction.on_commit(partial(offer, warehouse_id, product_id), robust=True)


@transaction.atomic
def offer(warehouse_id: int, product_id: int) -> int:
    """Let back-orders of a product have what is free in the warehouse; returns the pieces reserved."""
    lock_back_orders(warehouse_id, product_id)
    return fill_back_orders(warehouse_id, product_id)


def lock_back_orders(warehouse_id: int, product_id: int) -> None:
    """Lock the deliveries that wait for a product, in the order of their ids; before the stock is locked."""
    ids = _back_orders(warehouse_id, product_id).order_by().values("delivery_id")
    list(Delivery.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").values_list("pk"))


def fill_back_orders(warehouse_id: int, product_id: int) -> int:
    """Reserve free stock of a product for back-orders, the earliest approved first; returns the pieces reserved.

    Call it after lock_back_orders, in the same transaction. A delivery approved in between waits for the next time.
    """
    row = Stock.objects.locked(warehouse_id, [product_id])[product_id]
    filled: list[DeliveryLine] = []
    pieces = 0
    for line in _back_orders(warehouse_id, product_id).select_for_update(of=("self",), skip_locked=True):
        taken = min(line.back_order, row.free)
        if taken <= 0:
            break
        row.reserved += taken
        line.reserved_quantity += taken
        pieces += taken
        filled.append(line)
    row.save(update_fields=["reserved"])
    DeliveryLine.objects.bulk_update(filled, ["reserved_quantity"])
    return pieces


def _back_orders(warehouse_id: int, product_id: int) -> QuerySet[DeliveryLine]:
    return DeliveryLine.objects.filter(
        delivery__warehouse=warehouse_id,
        delivery__state__in=SHIPPABLE,
        product=product_id,
        approved_quantity__gt=F("shipped_quantity") + F("cancelled_quantity") + F("reserved_quantity"),
    ).order_by("delivery__approved_at", "delivery_id", "position")
