"""Every change of a delivery: written, changed, submitted, withdrawn, reopened, cancelled."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.accounts.models import CreditAccount
from customers.files.models import Customer
from orders.catalogue.amounts import line_amounts
from orders.catalogue.models import Product
from orders.catalogue.queries import found_price, prices_for
from orders.stock.models import Warehouse
from salesops.approvals.models import Request, Verdict
from salesops.approvals.services import bring_back, open_request, record_after, withdraw
from salesops.kernel.errors import found, require
from salesops.kernel.money import ZERO
from salesops.kernel.numbering import next_number
from salesops.kernel.periods import require_meant
from salesops.users.models import User
from salesops.web.history import recorded

from .discounts import kept_discounts
from .models import EDITABLE, SHIPPABLE, Delivery, DeliveryLine, State
from .queries import GIVES_DISCOUNT
from .reservation import release

MOST_LINES = 500
MOST_PIECES = 1_000_000_000
"""Of a line."""
MOST_AMOUNT = Decimal(1_000_000_000)
"""A line of so much is a typing error."""


@dataclass(frozen=True)
class LineInput:
    """What somebody asks for on one line: how many pieces of a product, at what discount in percent."""

    product_id: int
    quantity: int
    discount_percent: Decimal = Decimal(0)


@transaction.atomic
@recorded
def write_delivery(
    *,
    by: User,
    customer_id: int,
    warehouse_id: int,
    lines: Sequence[LineInput],
    wanted_on: date | None = None,
    address: str = "",
    note: str = "",
) -> Delivery:
    """Write an application as a draft, priced from the lists that hold today for the customer's grade.

    Raises RuleBroken where the customer is out of scope or inactive, a product is inactive or has no price, a
    quantity, discount or wanted day is not possible, or somebody names a discount who gives none.
    """
    customer = _customer_for(by, customer_id)
    CreditAccount.objects.locked(customer.pk)  # before the number's counter, which others wait for
    delivery = Delivery(
        customer=customer,
        warehouse=_warehouse(warehouse_id),
        ordered_on=timezone.localdate(),
        representative=customer.representative,
        region=customer.region,
        created_by=by,
    )
    _set_header(delivery, wanted_on=wanted_on, address=address, note=note)
    _require_discount_right(by, lines)
    priced = _priced(customer, lines, delivery.ordered_on)
    _set_totals(delivery, priced)
    delivery.number = next_number(Delivery.series, delivery.ordered_on.year)
    delivery.save()
    _save_lines(delivery, priced)
    return delivery


@transaction.atomic
@recorded
def change_delivery(
    delivery_id: int,
    *,
    by: User,
    version: int,
    warehouse_id: int,
    lines: Sequence[LineInput],
    wanted_on: date | None = None,
    address: str = "",
    note: str = "",
) -> Delivery:
    """Replace the lines and the head of a delivery that nobody has decided on, priced anew from today's lists.

    `version` is the one that the person saw. Raises RuleBroken where somebody changed it since, where its state
    does not allow it, or as write_delivery does; who gives no discounts may leave those that are there.
    """
    delivery = _visible(delivery_id, by)
    delivery = Delivery.objects.locked(delivery.pk)
    _require_editable(delivery, _("changed"))
    require(
        delivery.version == version,
        _("Somebody changed %(number)s while you were writing. Open it again to see the change.")
        % {"number": delivery.number},
        rule="version",
        version=delivery.version,
        sent=version,
    )
    customer = _customer_for(by, delivery.customer_id)
    _require_discount_right(by, lines, changes=delivery)
    priced = _priced(customer, lines, timezone.localdate())
    delivery.warehouse = _warehouse(warehouse_id)
    _set_header(delivery, wanted_on=wanted_on, address=address, note=note)
    _set_totals(delivery, priced)
    delivery.version += 1
    delivery.written_by = by
    delivery.save(
        update_fields=["warehouse", "wanted_on", "address", "note", "net", "tax", "amount", "version", "written_by"]
    )
    delivery.lines.all().delete()
    _save_lines(delivery, priced)
    return delivery


@transaction.atomic
@recorded
def submit_delivery(delivery_id: int, *, by: User, note: str = "") -> Delivery:
    """Send a draft to those who decide; the credit check is shown to them, it loses nothing here.

    Raises RuleBroken where it has no lines, where prices changed since it was written, or nobody may decide.
    """
    unlocked = _visible(delivery_id, by)
    CreditAccount.objects.locked(unlocked.customer_id)
    delivery = Delivery.objects.locked(unlocked.pk)
    _require_editable(delivery, _("submitted"))
    customer = _customer_for(by, delivery.customer_id)
    lines = list(delivery.lines.select_related("product"))
    require(lines, _("Add at least one line before you submit."), rule="lines", least=1)
    _require_same_prices(delivery, customer, lines)
    delivery.move_to(State.SUBMITTED)
    delivery.submitted_by = by
    delivery.submitted_at = timezone.now()
    delivery.ordered_on = timezone.localdate()
    delivery.representative = customer.representative
    delivery.region = customer.region
    delivery.save(update_fields=["state", "submitted_by", "submitted_at", "ordered_on", "representative", "region"])
    delivery.lines.exclude(granted_quantity=None).update(granted_quantity=None)
    open_request("delivery", delivery, by=by, note=note or delivery.note)
    return Delivery.objects.get(pk=delivery.pk)


@transaction.atomic
@recorded
def withdraw_delivery(delivery_id: int, *, by: User, note: str = "") -> Delivery:
    """Take a delivery back before it is decided; it stays editable and can be submitted again."""
    unlocked = _visible(delivery_id, by)
    CreditAccount.objects.locked(unlocked.customer_id)
    delivery = Delivery.objects.locked(unlocked.pk)
    if delivery.state == State.SUBMITTED:
        request = Request.objects.waiting().filter(document_type="delivery", object_id=delivery.pk).first()
        request = found(request, _("It was decided a moment ago. Open it again."), rule="decided")
        withdraw(request.pk, by=by, note=note)
        return Delivery.objects.get(pk=delivery.pk)
    require(
        by.pk in {delivery.created_by_id, delivery.submitted_by_id},
        _("Only who wrote it may withdraw it."),
        rule="withdraw",
    )
    delivery.move_to(State.WITHDRAWN)
    delivery.save(update_fields=["state"])
    return delivery


@transaction.atomic
@recorded
def reopen_delivery(delivery_id: int, *, by: User, reason: str) -> Delivery:
    """Take back an approval while nothing has left: credit and stock are free again, and it is decided anew.

    Raises RuleBroken without a reason or where something was shipped or cancelled already.
    """
    require(reason.strip(), _("Say why it is reopened."), rule="reason", field="reason")
    account, delivery, lines = _locked_with_lines(delivery_id, by)
    require(
        delivery.state == State.APPROVED and not delivery.cancelled_amount,
        _state_says_no(delivery, _("reopened")),
        rule="state",
        state=delivery.state,
        allowed={State.APPROVED},
    )
    account.committed -= delivery.committed_amount
    account.save(update_fields=["committed"])
    for line in lines:
        line.approved_quantity = 0
    release(delivery.warehouse_id, lines)
    DeliveryLine.objects.bulk_update(lines, ["approved_quantity", "reserved_quantity"])
    delivery.move_to(State.RETURNED)
    delivery.approved_amount = ZERO
    delivery.approved_at = None
    delivery.save(update_fields=["state", "approved_amount", "approved_at"])
    record_after("delivery", delivery.pk, Verdict.REOPENED, by=by, note=reason.strip())
    bring_back(account.pk)
    return delivery


@transaction.atomic
@recorded
def cancel_rest(delivery_id: int, *, by: User, reason: str) -> Delivery:
    """Cancel what has not been shipped: the account's committed figure falls, reserved stock is free again.

    An approved delivery of which nothing left becomes cancelled; a partly shipped one is complete with what left.
    """
    require(reason.strip(), _("Say why it is cancelled."), rule="reason", field="reason")
    account, delivery, lines = _locked_with_lines(delivery_id, by)
    require(
        delivery.state in SHIPPABLE,
        _state_says_no(delivery, _("cancelled")),
        rule="state",
        state=delivery.state,
        allowed=SHIPPABLE,
    )
    open_lines = [line for line in lines if line.open_quantity]
    for line in open_lines:
        line.cancelled_quantity += line.open_quantity
    release(delivery.warehouse_id, open_lines)
    DeliveryLine.objects.bulk_update(open_lines, ["cancelled_quantity", "reserved_quantity"])
    before = delivery.committed_amount
    delivery.cancelled_amount = sum((line.cancelled_amount for line in lines), ZERO)
    account.committed -= before - delivery.committed_amount
    account.save(update_fields=["committed"])
    delivery.move_to(State.SHIPPED if any(line.shipped_quantity for line in lines) else State.CANCELLED)
    delivery.save(update_fields=["state", "cancelled_amount"])
    record_after("delivery", delivery.pk, Verdict.CANCELLED, by=by, note=reason.strip())
    bring_back(account.pk)
    return delivery


@transaction.atomic
@recorded
def copy_delivery(delivery_id: int, *, by: User) -> Delivery:
    """Write a new draft with the same lines at today's prices: a reorder passes the same checks as any other.

    Its discounts stay behind where the person gives none.
    """
    source = _visible(delivery_id, by)
    gives_discount = by.has_perm(GIVES_DISCOUNT)
    return write_delivery(
        by=by,
        customer_id=source.customer_id,
        warehouse_id=source.warehouse_id,
        lines=[
            LineInput(line.product_id, line.quantity, line.discount_percent if gives_discount else Decimal(0))
            for line in source.lines.filter(product__is_active=True)
        ],
        address=source.address,
    )


def _locked_with_lines(delivery_id: int, by: User) -> tuple[CreditAccount, Delivery, list[DeliveryLine]]:
    unlocked = _visible(delivery_id, by)
    account = CreditAccount.objects.locked(unlocked.customer_id)
    delivery = Delivery.objects.locked(unlocked.pk)
    return account, delivery, list(delivery.lines.select_for_update().order_by("pk"))


def _visible(delivery_id: int, by: User) -> Delivery:
    delivery = Delivery.objects.visible_to(by).filter(pk=delivery_id).first()
    return found(delivery, _("This delivery is not in your scope."))


def _customer_for(by: User, customer_id: int) -> Customer:
    rows = Customer.objects.visible_to(by).select_related("representative", "region")
    customer = found(rows.filter(pk=customer_id).first(), _("This customer is not in your scope."), field="customer")
    require(
        customer.is_active,
        _("%(customer)s is not active any more and orders nothing.") % {"customer": customer},
        rule="inactive customer",
        field="customer",
    )
    return customer


def _warehouse(warehouse_id: int) -> Warehouse:
    warehouse = Warehouse.objects.filter(pk=warehouse_id, is_active=True).first()
    return found(warehouse, _("Choose a warehouse that is in use."), rule="warehouse", field="warehouse")


def _set_header(delivery: Delivery, *, wanted_on: date | None, address: str, note: str) -> None:
    require_meant(wanted_on, field="wanted_on")
    delivery.wanted_on = wanted_on
    delivery.address = address.strip()
    delivery.note = note.strip()


def _require_discount_right(by: User, lines: Sequence[LineInput], *, changes: Delivery | None = None) -> None:
    if by.has_perm(GIVES_DISCOUNT):
        return
    kept = Counter(kept_discounts(by, changes))
    for at, line in enumerate(lines):
        had = line.product_id, line.discount_percent
        kept[had] -= 1
        require(
            line.discount_percent == 0 or kept[had] >= 0,
            _("Your role gives no discounts."),
            rule="discount right",
            asked=line.discount_percent,
            field=f"lines.{at}.discount_percent",
        )


def _priced(customer: Customer, lines: Sequence[LineInput], on: date) -> list[DeliveryLine]:
    """The lines with prices, discounts and tax: net, tax and amount rounded once, a line at a time."""
    require(lines, _("Add at least one line."), rule="lines")
    require(
        len(lines) <= MOST_LINES,
        _("A delivery has at most %(most)d lines.") % {"most": MOST_LINES},
        rule="lines",
        most=MOST_LINES,
    )
    products = Product.objects.active().in_bulk({line.product_id for line in lines})
    prices = prices_for(customer.grade, on, products)
    priced = []
    for position, line in enumerate(lines, start=1):
        product = found(
            products.get(line.product_id),
            _("Line %(line)d: choose a product that is in the catalogue.") % {"line": position},
            rule="product",
            line=position,
        )
        require(
            0 < line.quantity <= MOST_PIECES,
            _("Line %(line)d: the quantity is from 1 to %(most)s.") % {"line": position, "most": f"{MOST_PIECES:,}"},
            rule="quantity",
            line=position,
            most=MOST_PIECES,
        )
        require(
            0 <= line.discount_percent <= 100,
            _("Line %(line)d: the discount is between 0 and 100.") % {"line": position},
            rule="discount",
            line=position,
            asked=line.discount_percent,
            most=100,
        )
        price = found_price(prices, product, on)
        net, tax, gross = line_amounts(
            line.quantity, price.amount, price.includes_tax, line.discount_percent, product.tax_rate
        )
        require(
            gross < MOST_AMOUNT,
            _("Line %(line)d: the amount is too large.") % {"line": position},
            rule="amount",
            line=position,
            most=MOST_AMOUNT,
        )
        priced.append(
            DeliveryLine(
                position=position,
                product=product,
                quantity=line.quantity,
                unit_price=price.amount,
                price_includes_tax=price.includes_tax,
                discount_percent=line.discount_percent,
                tax_rate=product.tax_rate,
                net=net,
                tax=tax,
                amount=gross,
            )
        )
    return priced


def _set_totals(delivery: Delivery, lines: Sequence[DeliveryLine]) -> None:
    delivery.net = sum((line.net for line in lines), ZERO)
    delivery.tax = sum((line.tax for line in lines), ZERO)
    delivery.amount = delivery.net + delivery.tax


def _save_lines(delivery: Delivery, lines: Sequence[DeliveryLine]) -> None:
    for line in lines:
        line.delivery = delivery
    DeliveryLine.objects.bulk_create(lines)


def _require_same_prices(delivery: Delivery, customer: Customer, lines: Sequence[DeliveryLine]) -> None:
    inputs = [LineInput(line.product_id, line.quantity, line.discount_percent) for line in lines]
    today = _priced(customer, inputs, timezone.localdate())
    now = sum((line.amount for line in today), ZERO)
    require(
        all(_costs(was) == _costs(new) for was, new in zip(lines, today, strict=True)),
        _("Prices changed since %(number)s was written: it was %(was)s and is %(now)s today. Save it again first.")
        % {"number": delivery.number, "was": delivery.amount, "now": now},
        rule="prices changed",
        was=delivery.amount,
        now=now,
    )


def _costs(line: DeliveryLine) -> tuple[Any, ...]:
    """What a line costs, in all that makes it up."""
    return line.unit_price, line.price_includes_tax, line.tax_rate, line.amount


def _require_editable(delivery: Delivery, done: str) -> None:
    require(delivery.is_editable, _state_says_no(delivery, done), rule="state", state=delivery.state, allowed=EDITABLE)


def _state_says_no(delivery: Delivery, done: str) -> str:
    return _("%(number)s is “%(state)s” and is not %(done)s any more.") % {
        "number": delivery.number,
        "state": delivery.get_state_display(),
        "done": done,
    }
