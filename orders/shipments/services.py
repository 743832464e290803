"""Goods leave: stock falls, the receivable rises, committed falls by the same amount, all or nothing."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.accounts.models import CreditAccount
from customers.accounts.terms import due_parts
from orders.deliveries.models import SHIPPABLE, Delivery, DeliveryLine, State
from orders.receivables.models import Source
from orders.receivables.services import post_entry
from orders.stock.models import Movement, Stock, StockMovement
from salesops.kernel.errors import found, require
from salesops.kernel.money import ZERO
from salesops.kernel.numbering import next_number
from salesops.kernel.periods import require_meant
from salesops.notify.services import notify
from salesops.users.models import User
from salesops.web.history import recorded

from .models import Shipment, ShipmentLine


@transaction.atomic
@recorded
def ship_delivery(
    delivery_id: int,
    *,
    by: User,
    shipped_on: date,
    quantities: Mapping[int, int],
    batches: Mapping[int, str] | None = None,
    carrier: str = "",
    tracking: str = "",
    note: str = "",
) -> Shipment:
    """Ship pieces of an approved delivery: `quantities` by line id, `batches` by line id where goods are traced.

    Afterwards stock on hand is lower by the pieces, one debit entry stands on the account (due by its terms), and the
    account's committed figure is lower by the same amount. Raises RuleBroken, with nothing written, where more is
    shipped than approved or reserved, where the day lies in the future or before the approval, and on a hold.
    """
    rows = Delivery.objects.visible_to(by)
    unlocked = found(rows.filter(pk=delivery_id).first(), _("This delivery is not in your scope."))
    account = CreditAccount.objects.locked(unlocked.customer_id)
    delivery = Delivery.objects.locked(unlocked.pk)
    _require_may_ship(account, delivery, shipped_on)
    locked = delivery.lines.select_for_update(of=("self",)).select_related("product").order_by("pk")
    lines = {line.pk: line for line in locked}
    asked = {line_id: pieces for line_id, pieces in quantities.items() if pieces}
    require(asked, _("Enter how many pieces leave."), rule="quantity")
    for line_id, pieces in asked.items():
        _require_pieces(found(lines.get(line_id), _("This line does not belong to the delivery.")), pieces)
    parts = _ship_lines(delivery, [(lines[line_id], pieces) for line_id, pieces in asked.items()], batches or {})
    amount = sum((part.amount for part in parts), ZERO)
    shipment = Shipment.objects.create(
        number=next_number(Shipment.series, shipped_on.year),
        delivery=delivery,
        customer_id=delivery.customer_id,
        warehouse_id=delivery.warehouse_id,
        shipped_on=shipped_on,
        amount=amount,
        carrier=carrier.strip(),
        tracking=tracking.strip(),
        note=note.strip(),
        recorded_by=by,
    )
    for part in parts:
        part.shipment = shipment
    ShipmentLine.objects.bulk_create(parts)
    _record_movements(shipment, parts, by)
    delivery.shipped_amount += amount
    state = State.PARTLY_SHIPPED if any(line.open_quantity for line in lines.values()) else State.SHIPPED
    if state != delivery.state:
        delivery.move_to(state)
    delivery.save(update_fields=["state", "shipped_amount"])
    account.committed -= amount
    account.save(update_fields=["committed"])
    if amount:
        post_entry(
            account,
            source=Source.SHIPMENT,
            source_id=shipment.pk,
            document=shipment.number,
            text=_("Shipment of %(number)s") % {"number": delivery.number},
            posted_on=shipped_on,
            due=due_parts(account, account.parts.all(), amount, shipped_on),
            debit=amount,
            by=by,
        )
    _tell(shipment, delivery, by)
    return shipment


def _require_may_ship(account: CreditAccount, delivery: Delivery, shipped_on: date) -> None:
    require(
        delivery.state in SHIPPABLE,
        _("%(number)s is “%(state)s”; only approved deliveries are shipped.")
        % {"number": delivery.number, "state": delivery.get_state_display()},
        rule="state",
        state=delivery.state,
        allowed=SHIPPABLE,
    )
    require(
        not account.is_on_hold,
        _("The account is on hold: %(reason)s. Nothing leaves until the hold is lifted.")
        % {"reason": account.hold_reason},
        rule="hold",
    )
    require_meant(shipped_on, field="shipped_on")
    first = timezone.localdate(delivery.approved_at) if delivery.approved_at else delivery.ordered_on
    require(
        first <= shipped_on <= timezone.localdate(),
        _("The day of shipment lies between the approval (%(first)s) and today.") % {"first": first},
        rule="date",
        field="shipped_on",
        first=first,
        last=timezone.localdate(),
    )


def _require_pieces(line: DeliveryLine, pieces: int) -> None:
    require(
        0 < pieces <= line.open_quantity,
        _("%(product)s: %(open)d pieces are approved and not shipped; %(asked)d cannot leave.")
        % {"product": line.product, "open": line.open_quantity, "asked": pieces},
        rule="more than approved",
        position=line.position,
        sku=line.product.sku,
        open=line.open_quantity,
        asked=pieces,
        field=f"quantity_{line.pk}",
    )


def _ship_lines(
    delivery: Delivery, leaving: list[tuple[DeliveryLine, int]], batches: Mapping[int, str]
) -> list[ShipmentLine]:
    """Take the pieces out of stock and out of what is reserved; returns the parts with their share of the amounts."""
    stock = Stock.objects.locked(delivery.warehouse_id, [line.product_id for line, _pieces in leaving])
    parts = []
    for line, pieces in leaving:
        row = stock[line.product_id]
        ready = line.reserved_quantity + row.free
        require(
            pieces <= ready,
            _("%(product)s: %(ready)d pieces are in stock for this delivery; %(asked)d cannot leave.")
            % {"product": line.product, "ready": ready, "asked": pieces},
            rule="stock",
            position=line.position,
            sku=line.product.sku,
            ready=ready,
            asked=pieces,
            field=f"quantity_{line.pk}",
        )
        from_reserved = min(pieces, line.reserved_quantity)
        row.on_hand -= pieces
        row.reserved -= from_reserved
        line.reserved_quantity -= from_reserved
        before = line.shipped_amount
        line.shipped_quantity += pieces
        batch = batches.get(line.pk, "").strip()
        parts.append(ShipmentLine(line=line, quantity=pieces, batch=batch, amount=line.shipped_amount - before))
    Stock.objects.bulk_update(stock.values(), ["on_hand", "reserved"])
    DeliveryLine.objects.bulk_update([line for line, _pieces in leaving], ["shipped_quantity", "reserved_quantity"])
    return parts


def _record_movements(shipment: Shipment, parts: list[ShipmentLine], by: User) -> None:
    StockMovement.objects.bulk_create(
        StockMovement(
            warehouse_id=shipment.warehouse_id,
            product_id=part.line.product_id,
            kind=Movement.SHIPMENT,
            quantity=-part.quantity,
            batch=part.batch,
            document=shipment.number,
            moved_on=shipment.shipped_on,
            recorded_by=by,
        )
        for part in parts
    )


def _tell(shipment: Shipment, delivery: Delivery, by: User) -> None:
    people = {delivery.representative, delivery.submitted_by} - {None, by}
    notify(
        "delivery.shipped",
        to=[person for person in people if person],
        title=lambda: _("%(number)s has left: %(shipment)s") % {"number": delivery.number, "shipment": shipment.number},
        text=lambda: (
            _("%(customer)s gets goods for %(amount)s.")
            % {"customer": delivery.customer, "amount": f"{shipment.amount:,.2f}"}
        ),
        url=shipment.get_absolute_url(),
    )
