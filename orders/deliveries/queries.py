"""What pages read of deliveries: rows in scope, lines with their stock, what to order again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, OuterRef, Prefetch, QuerySet, Subquery, prefetch_related_objects
from django.utils import timezone

from customers.files.models import Customer
from orders.catalogue.models import Product
from orders.catalogue.queries import PriceFound, find_products, prices_for
from orders.stock.models import Warehouse
from orders.stock.queries import Availability, availability, stock_of, with_stock
from salesops.approvals.models import Decision, Request, RequestState, Verdict
from salesops.users.models import User
from salesops.users.scope import scope_condition

from .models import SHIPPABLE, Delivery, DeliveryLine, DeliveryQuerySet, State

SEES_FACTS = "approvals.view_decision"
"""The permission to see what deciders see: figures of the policy, notes between deciders. Agents have it not."""

WITH_PRODUCTS = Prefetch("lines", DeliveryLine.objects.select_related("product"))
"""Reads the lines of deliveries together with their products, in one query."""
WITH_STOCK = Prefetch("lines", with_stock(DeliveryLine.objects.select_related("product")))
"""The same, and what the warehouse has of each."""

GIVES_DISCOUNT = "orders.give_discount"


def deliveries_for(user: User) -> DeliveryQuerySet:
    """Return the deliveries that a person may see, with what a list and a record show joined."""
    return Delivery.objects.visible_to(user).for_list()


def lines_for(user: User) -> QuerySet[DeliveryLine]:
    """Return the lines of the deliveries that a person may see, the latest delivery first."""
    scope = scope_condition(
        user,
        owner="delivery__customer__representative",
        region="delivery__customer__region",
        account="delivery__customer",
    )
    rows = DeliveryLine.objects.filter(scope).select_related("delivery__customer", "product")
    return rows.order_by("-delivery__ordered_on", "-delivery__pk", "position", "pk")


def late_to_ship(rows: DeliveryQuerySet, today: date) -> DeliveryQuerySet:
    """Keep those of which goods were wanted before today and have not all left."""
    return rows.filter(state__in=SHIPPABLE, wanted_on__lt=today)


def with_back_orders(rows: DeliveryQuerySet) -> DeliveryQuerySet:
    """Keep those of which a line waits for stock."""
    waiting = DeliveryLine.objects.filter(
        approved_quantity__gt=F("shipped_quantity") + F("cancelled_quantity") + F("reserved_quantity")
    )
    return rows.filter(state__in=SHIPPABLE, pk__in=waiting.values("delivery"))


@dataclass(frozen=True)
class LineRow:
    """A line as the record shows it. `stock` is that of its warehouse, None for those who may not see stock."""

    line: DeliveryLine
    stock: Availability | None = None

    @property
    def short(self) -> int:
        """Pieces that the warehouse has not: of an approved line its back-order, before that what is not free."""
        line = self.line
        if line.approved_quantity or line.delivery.state not in WAITING_STATES:
            return max(line.back_order, 0)
        return max(line.quantity - self.stock.free, 0) if self.stock else 0


WAITING_STATES = frozenset({State.DRAFT, State.SUBMITTED, State.RETURNED, State.WITHDRAWN})
"""States before a decision: what is short is counted against free stock."""


def lines_with_products(delivery: Delivery) -> list[DeliveryLine]:
    """Return the lines of a delivery in order, with their products; read once for each delivery object."""
    prefetch_related_objects([delivery], WITH_PRODUCTS)
    return list(delivery.lines.all())


def line_rows(delivery: Delivery, *, stock: bool) -> list[LineRow]:
    """Return the lines of a delivery in order; one query for each delivery object, with stock or without."""
    prefetch_related_objects([delivery], WITH_STOCK if stock else WITH_PRODUCTS)
    return [LineRow(line, stock_of(line) if stock else None) for line in delivery.lines.all()]


def open_request_of(delivery: Delivery) -> Request | None:
    """Return the request that waits for a decision on a delivery, if one does."""
    return next((request for request in delivery.approval_requests if request.is_waiting), None)


def said_no(delivery: Delivery) -> Decision | None:
    """Return the decision by which the last request was returned for change, with its reason; None if it was not."""
    last = next(reversed(delivery.approval_requests), None)
    if last is None or last.state != RequestState.RETURNED:
        return None
    return next((decision for decision in reversed(last.told or []) if decision.verdict == Verdict.RETURNED), None)


# ---- what the form offers ----
@dataclass(frozen=True)
class Offer:
    """A product for a line: its price for the customer (None: no list says), its stock (None: not shown)."""

    product: Product
    price: PriceFound | None
    stock: Availability | None


def offers(
    text: str, *, customer: Customer | None, warehouse: Warehouse | None, with_stock: bool, limit: int = 20
) -> list[Offer]:
    """Return products with every word in SKU or name; where nothing is typed, what the customer orders most."""
    rows = find_products(Product.objects.active(), text)
    if customer is not None and not text:
        ordered = DeliveryLine.objects.filter(delivery__customer=customer, product=OuterRef("pk")).order_by()
        times = Subquery(ordered.values("product").annotate(times=Count("pk")).values("times"))
        rows = rows.annotate(times=times).order_by(F("times").desc(nulls_last=True), "sku")
    products = list(rows[:limit])
    ids = [product.pk for product in products]
    prices = prices_for(customer.grade, timezone.localdate(), ids) if customer else {}
    stock = availability(warehouse.pk, ids) if warehouse and with_stock else {}
    return [Offer(product, prices.get(product.pk), stock.get(product.pk)) for product in products]


def usual_warehouse(customer: Customer | None) -> Warehouse | None:
    """Return the warehouse that the customer's last delivery left from, else the first in use."""
    warehouses = Warehouse.objects.filter(is_active=True)
    if customer is not None:
        last = Delivery.objects.filter(customer=customer, warehouse__is_active=True).order_by("-pk")
        found = warehouses.filter(pk__in=last.values("warehouse")[:1]).first()
        if found is not None:
            return found
    return warehouses.first()


def usual_address(customer: Customer | None) -> str:
    """Return where the customer's goods go as a rule, as it is written on paper; empty where no address says so."""
    return next((text for _label, text, goes_here in addresses_of(customer) if goes_here), "")


def addresses_of(customer: Customer | None) -> Sequence[tuple[str, str, bool]]:
    """Return the customer's addresses: label, text as it is written on paper, and whether goods go there as a rule."""
    if customer is None:
        return []
    return [
        (
            address.label,
            ", ".join(part for part in (address.text, address.recipient, address.phone) if part),
            address.is_default,
        )
        for address in customer.addresses.all()
    ]
