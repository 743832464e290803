"""Reads of what left, and of what is to leave."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Least, NullIf, TruncMonth

from orders.deliveries.models import Delivery, DeliveryLine
from orders.receivables.search import keys_of, with_number
from orders.stock.models import Stock
from orders.stock.queries import Availability, stock_of, with_stock
from salesops.kernel.money import ZERO, Money
from salesops.kernel.periods import Period
from salesops.users.models import User

from .models import Shipment


@dataclass(frozen=True)
class MonthAmount:
    """What was shipped in a month, tax included."""

    month: date
    amount: Money


def shipped_by_month(customer_id: int, today: date, months: int = 12) -> list[MonthAmount]:
    """Return what a customer was shipped in each of the last calendar months, this one included, oldest first."""
    period = Period.last_months(months, today)
    amounts = dict(
        Shipment.objects.filter(customer=customer_id, **period.lookup("shipped_on"))
        .order_by()
        .annotate(month=TruncMonth("shipped_on"))
        .values_list("month")
        .annotate(total=Sum("amount"))
    )
    return [MonthAmount(month.start, amounts.get(month.start, ZERO)) for month in period.months()]


def shipments_for(user: User) -> QuerySet[Shipment]:
    """Return the shipments that a person may see, with what a list and a record show joined."""
    return Shipment.objects.visible_to(user).select_related("customer", "delivery", "warehouse")


def of_delivery_or_waybill(text: str) -> Q:
    """The condition that a shipment is of a delivery found by its number, or that its waybill begins with a text."""
    found = with_number(Delivery.objects.order_by(), text)
    return Q(tracking__istartswith=text) | Q(delivery__in=keys_of(found))


# ---- what is to be shipped ----
def to_ship_for(user: User) -> QuerySet[Delivery]:
    """Return the deliveries with goods still to leave: `open_pieces`, `ready_pieces` and `ready` in percent of pieces.

    Ready is what is reserved for the delivery or free in its warehouse. Two lines of one product may count the same
    free piece; the form of the shipment tells them apart.
    """
    free = Stock.objects.filter(warehouse=OuterRef("delivery__warehouse"), product=OuterRef("product"))
    open_pieces = F("approved_quantity") - F("cancelled_quantity") - F("shipped_quantity")
    lines = (
        DeliveryLine.objects.filter(delivery=OuterRef("pk"))
        .order_by()
        .annotate(
            still=open_pieces,
            free=Coalesce(Subquery(free.values(left=F("on_hand") - F("reserved"))[:1]), Value(0)),
        )
        .annotate(covered=Least(F("still"), F("reserved_quantity") + F("free")))
        .values("delivery")
    )
    return (
        Delivery.objects.visible_to(user)
        .to_ship()
        .for_list()
        .select_related("customer__account")
        .annotate(
            open_pieces=Coalesce(Subquery(lines.annotate(total=Sum("still")).values("total")), Value(0)),
            ready_pieces=Coalesce(Subquery(lines.annotate(total=Sum("covered")).values("total")), Value(0)),
            to_ship=F("approved_amount") - F("cancelled_amount") - F("shipped_amount"),
        )
        .annotate(ready=F("ready_pieces") * Value(Decimal(100)) / NullIf(F("open_pieces"), Value(0)))
    )


@dataclass(frozen=True)
class OpenLine:
    """A line with pieces still to leave: how many of them lie ready, and when more comes."""

    line: DeliveryLine
    ready: int
    stock: Availability

    @property
    def short(self) -> int:
        """Pieces that are not there yet."""
        return self.line.open_quantity - self.ready


def open_lines_of(delivery: Delivery) -> list[OpenLine]:
    """Return the lines of a delivery that have something to ship; free stock goes to the earlier line first."""
    rows = with_stock(delivery.lines.select_related("product"))
    lines = [(line, stock_of(line)) for line in rows if line.open_quantity]
    free = {line.product_id: max(stock.free, 0) for line, stock in lines}
    found = []
    for line, stock in lines:
        taken = min(line.back_order, free[line.product_id])
        free[line.product_id] -= taken
        found.append(OpenLine(line, line.reserved_quantity + taken, stock))
    return found


def usual_carriers(most: int = 8) -> list[str]:
    """Return the carriers of the latest shipments, the most used first."""
    latest = Shipment.objects.exclude(carrier="").order_by("-pk").values_list("carrier", flat=True)[:200]
    return [name for name, _times in Counter(latest).most_common(most)]
