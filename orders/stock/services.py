"""Every change of stock by supply: goods come, are counted, are announced; what lies there changes by movements only.

Locks are taken in one order: waiting deliveries, then expected goods, then stock. Whatever becomes free goes to
back-orders in the same transaction, oldest first.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.deliveries.models import SHIPPABLE, Delivery, State
from orders.deliveries.reservation import fill_back_orders, lock_back_orders
from salesops.kernel.errors import RuleBroken, require
from salesops.kernel.periods import require_meant
from salesops.users.models import User
from salesops.web.history import recorded

from .models import ExpectedGoods, Movement, Stock, StockMovement, Warehouse


@transaction.atomic
@recorded
def receive_goods(
    *,
    by: User,
    warehouse_id: int,
    product_id: int,
    quantity: int,
    batch: str = "",
    document: str = "",
    on: date | None = None,
    note: str = "",
) -> StockMovement:
    """Goods came in: stock rises by `quantity` pieces, and what waits for them is reserved at once.

    `document` is the supplier's or the factory's own number. RuleBroken for a quantity that is not positive, a day to
    come, a warehouse that is closed.
    """
    _require_open(warehouse_id)
    _require_past(on)
    require(quantity > 0, _("Receive at least one piece."), rule="quantity", field="quantity")
    lock_back_orders(warehouse_id, product_id)
    return _take_in(
        _locked_stock(warehouse_id, product_id), quantity, by=by, batch=batch, document=document, on=on, note=note
    )


@transaction.atomic
@recorded
def count_stock(
    *, by: User, warehouse_id: int, product_id: int, counted: int, on: date | None = None, note: str = ""
) -> StockMovement | None:
    """Somebody counted: stock becomes what was counted, the difference is a movement; None where there was none.

    RuleBroken where fewer were counted than are reserved for approved deliveries: those are changed first.
    """
    _require_past(on)
    require(counted >= 0, _("A count is zero or more."), rule="quantity", field="counted")
    lock_back_orders(warehouse_id, product_id)
    stock = _locked_stock(warehouse_id, product_id)
    _require_not_below_reserved(stock, counted)
    difference = counted - stock.on_hand
    if not difference:
        return None
    movement = _move(stock, Movement.COUNT, difference, by=by, on=on, note=note)
    if difference > 0:
        fill_back_orders(warehouse_id, product_id)
    return movement


@recorded
def expect_goods(
    *, by: User, warehouse_id: int, product_id: int, quantity: int, expected_on: date, note: str = ""
) -> ExpectedGoods:
    """Goods will come: back-orders of the product say when. RuleBroken for a day that is over."""
    _require_open(warehouse_id)
    require(quantity > 0, _("Expect at least one piece."), rule="quantity", field="quantity")
    _require_to_come(expected_on)
    return ExpectedGoods.objects.create(
        warehouse_id=warehouse_id,
        product_id=product_id,
        quantity=quantity,
        expected_on=expected_on,
        note=note,
        recorded_by=by,
    )


@transaction.atomic
@recorded
def change_expected(expected_id: int, *, by: User, quantity: int, expected_on: date, note: str = "") -> ExpectedGoods:
    """Goods will come later, earlier, or in another number. RuleBroken once they have come."""
    expected = _locked_expected(expected_id)
    require(quantity > 0, _("Expect at least one piece."), rule="quantity", field="quantity")
    if expected_on != expected.expected_on:
        _require_to_come(expected_on)
    expected.quantity, expected.expected_on, expected.note = quantity, expected_on, note
    expected.recorded_by = by
    expected.save(update_fields=["quantity", "expected_on", "note", "recorded_by"])
    return expected


@transaction.atomic
@recorded
def call_off_expected(expected_id: int, *, by: User) -> str:
    """Goods will not come after all: they are no longer expected. RuleBroken once they have come.

    Returns the product's words for a message.
    """
    expected = _locked_expected(expected_id)
    name = str(expected.product)
    expected.delete()
    return name


@transaction.atomic
@recorded
def receive_expected(
    expected_id: int,
    *,
    by: User,
    quantity: int | None = None,
    batch: str = "",
    document: str = "",
    on: date | None = None,
    note: str = "",
) -> StockMovement:
    """Expected goods came: all of them, or `quantity`; the rest stays expected for the same day.

    More may come than was expected. RuleBroken where they came already.
    """
    asked = ExpectedGoods.objects.only("warehouse_id", "product_id").get(pk=expected_id)
    _require_past(on)
    require(quantity is None or quantity > 0, _("Receive at least one piece."), rule="quantity", field="quantity")
    lock_back_orders(asked.warehouse_id, asked.product_id)
    expected = _locked_expected(expected_id)
    came = expected.quantity if quantity is None else quantity
    _settle_expected(expected, came)
    stock = _locked_stock(expected.warehouse_id, expected.product_id)
    return _take_in(stock, came, by=by, batch=batch, document=document, on=on, note=note or expected.note)


@recorded
def open_warehouse(*, by: User, code: str, name: str, name_zh: str = "") -> Warehouse:
    """A new place that goods leave from; its code is free, else RuleBroken."""
    _require_free_code(code)
    return Warehouse.objects.create(code=code, name=name, name_zh=name_zh)


@transaction.atomic
@recorded
def change_warehouse(
    warehouse_id: int, *, by: User, code: str, name: str, name_zh: str = "", is_active: bool = True
) -> Warehouse:
    """Rename a warehouse, close it or open it again. RuleBroken on closing while goods lie there or are to come."""
    warehouse = Warehouse.objects.select_for_update().get(pk=warehouse_id)
    if code != warehouse.code:
        _require_free_code(code)
    if warehouse.is_active and not is_active:
        _require_empty(warehouse)
    warehouse.code, warehouse.name, warehouse.name_zh, warehouse.is_active = code, name, name_zh, is_active
    warehouse.save(update_fields=["code", "name", "name_zh", "is_active"])
    return warehouse


def _take_in(
    stock: Stock, quantity: int, *, by: User, batch: str, document: str, on: date | None, note: str
) -> StockMovement:
    movement = _move(stock, Movement.RECEIPT, quantity, by=by, on=on, note=note, batch=batch, document=document)
    fill_back_orders(stock.warehouse_id, stock.product_id)
    return movement


def _move(
    stock: Stock,
    kind: Movement,
    quantity: int,
    *,
    by: User,
    on: date | None,
    note: str,
    batch: str = "",
    document: str = "",
) -> StockMovement:
    """Change what lies there, with the row that says so."""
    stock.on_hand += quantity
    stock.save(update_fields=["on_hand"])
    return StockMovement.objects.create(
        warehouse_id=stock.warehouse_id,
        product_id=stock.product_id,
        kind=kind,
        quantity=quantity,
        batch=batch,
        document=document,
        note=note,
        moved_on=on or timezone.localdate(),
        recorded_by=by,
    )


def _settle_expected(expected: ExpectedGoods, came: int) -> None:
    """Mark the row as come, with what came; a row of its own keeps the rest."""
    rest = expected.quantity - came
    if rest > 0:
        ExpectedGoods.objects.create(
            warehouse_id=expected.warehouse_id,
            product_id=expected.product_id,
            quantity=rest,
            expected_on=expected.expected_on,
            note=expected.note,
            recorded_by_id=expected.recorded_by_id,
        )
    expected.quantity = came
    expected.received_at = timezone.now()
    expected.save(update_fields=["quantity", "received_at"])


def _locked_stock(warehouse_id: int, product_id: int) -> Stock:
    return Stock.objects.locked(warehouse_id, [product_id])[product_id]


def _locked_expected(expected_id: int) -> ExpectedGoods:
    expected = ExpectedGoods.objects.select_for_update().get(pk=expected_id)
    require(
        expected.received_at is None,
        _("These goods have come already, on %(day)s.") % {"day": _day(expected)},
        rule="received",
    )
    return expected


def _day(expected: ExpectedGoods) -> str:
    return f"{timezone.localtime(expected.received_at):%Y-%m-%d}" if expected.received_at else ""


def _require_not_below_reserved(stock: Stock, counted: int) -> None:
    if counted < stock.reserved:
        raise RuleBroken(
            _(
                "%(reserved)s pieces of %(sku)s are reserved for approved deliveries, so the books cannot"
                " say %(counted)s. Cancel or reopen deliveries first, then enter the count."
            )
            % {"reserved": stock.reserved, "sku": stock.product.sku, "counted": counted},
            rule="reserved",
            field="counted",
            on_hand=stock.on_hand,
            reserved=stock.reserved,
            counted=counted,
        )


def _require_open(warehouse_id: int) -> None:
    warehouse = Warehouse.objects.get(pk=warehouse_id)
    require(
        warehouse.is_active,
        _("The warehouse %(name)s is closed.") % {"name": warehouse},
        rule="warehouse",
        field="warehouse",
    )


def _require_free_code(code: str) -> None:
    require(
        not Warehouse.objects.filter(code__iexact=code).exists(),
        _("There is a warehouse with the code %(code)s already.") % {"code": code},
        rule="code",
        field="code",
    )


def _require_empty(warehouse: Warehouse) -> None:
    """Nothing may lie in a warehouse that closes, and nothing may be on its way there or wait to leave."""
    has_stock = Stock.objects.filter(warehouse=warehouse, on_hand__gt=0).exists()
    has_expected = ExpectedGoods.objects.filter(warehouse=warehouse, received_at=None).exists()
    to_leave = Delivery.objects.filter(warehouse=warehouse, state__in={State.SUBMITTED, *SHIPPABLE}).first()
    require(
        to_leave is None,
        _("%(number)s is still to leave %(name)s.") % {"number": to_leave, "name": warehouse},
        rule="empty",
        field="is_active",
    )
    require(not has_stock, _("Goods still lie in %(name)s.") % {"name": warehouse}, rule="empty", field="is_active")
    require(
        not has_expected,
        _("Goods are still expected in %(name)s.") % {"name": warehouse},
        rule="empty",
        field="is_active",
    )


def _require_past(on: date | None) -> None:
    require_meant(on, field="on")
    require(on is None or on <= timezone.localdate(), _("The day has not come yet."), rule="date", field="on")


def _require_to_come(day: date) -> None:
    require_meant(day, field="expected_on")
    require(day >= timezone.localdate(), _("The day is over."), rule="date", field="expected_on")
