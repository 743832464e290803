"""What an approver sees of a delivery: credit, overdue items, the last year, lines; and what trimming gives."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from orders.credit.queries import CreditPicture, credit_picture
from orders.receivables.models import OpenItem
from orders.shipments.queries import shipped_by_month
from orders.stock.queries import Availability, stock_of
from salesops.approvals.documents import Case
from salesops.approvals.models import Request
from salesops.kernel.errors import RuleBroken
from salesops.kernel.money import ZERO, Money
from salesops.users.models import User

from .facts import discount_right_of
from .models import Delivery, DeliveryLine
from .queries import WITH_STOCK

if TYPE_CHECKING:
    from .approval import DeliveryApproval

MOST_ITEMS = 5


@dataclass(frozen=True)
class CaseLine:
    """A line as the approver sees it, with what is free of its product in the warehouse."""

    line: DeliveryLine
    stock: Availability
    most: int

    @property
    def short(self) -> int:
        """Pieces that are asked for and not free."""
        return max(self.line.granted - self.stock.free, 0)


def delivery_case(known: "DeliveryApproval", request: Request, reader: User, asked: Mapping[str, str]) -> Case:
    """Return the case of a delivery in a constant number of queries.

    `asked` may hold `trim`: "fit" proposes what fits limit and stock, else the pieces by line are tried out.
    """
    delivery = (
        Delivery.objects.select_related(
            "customer", "customer__account", "customer__region", "warehouse", "submitted_by", "created_by"
        )
        .annotate(writer=Coalesce("submitted_by", "created_by"), writer_right=discount_right_of("writer"))
        .prefetch_related(WITH_STOCK)
        .get(pk=request.object_id)
    )
    lines = list(delivery.lines.all())
    most = {line.pk: line.granted for line in lines}
    stock = {line.product_id: stock_of(line) for line in lines}
    account = request.seen or credit_picture(delivery.customer_id)
    is_trimming = request.is_waiting and bool(asked.get("trim"))
    if is_trimming and asked["trim"] == "fit":
        fit(lines, stock, account)
    elif is_trimming:
        _try_out(lines, known, asked)
    granted = sum((line.granted_amount for line in lines), ZERO)
    facts = known.facts_with(delivery, replace(account, this=granted))
    picture = replace(account, this=granted if request.is_waiting else ZERO)
    today = timezone.localdate()
    months = shipped_by_month(delivery.customer_id, today)
    overdue = OpenItem.objects.filter(customer=delivery.customer_id).overdue_on(today).select_related("entry")
    return Case(
        template="orders/deliveries/case.html",
        document=delivery,
        facts=facts,
        amount=facts["amount"] if request.is_waiting else delivery.approved_amount or delivery.amount,
        changes={f"pieces_{line.pk}": line.granted for line in lines} if is_trimming else {},
        may_trim=True,
        is_trimmed=is_trimming,
        context={
            "delivery": delivery,
            "picture": picture,
            "now": timezone.now(),
            "lines": [CaseLine(line, stock[line.product_id], most[line.pk]) for line in lines],
            "pieces": sum(line.granted for line in lines),
            "overdue_items": [(item, (today - item.due_on).days) for item in overdue[:MOST_ITEMS]],
            "months": months,
            "month_amounts": [month.amount for month in months],
            "year_amount": sum((month.amount for month in months), ZERO),
            "balance_url": reverse("orders:account", args=[delivery.customer.code]),
            "committed_url": f"{reverse('orders:deliveries')}?customer={delivery.customer.code}&state=open",
        },
    )


def _try_out(lines: list[DeliveryLine], known: "DeliveryApproval", asked: Mapping[str, str]) -> None:
    """Show the figures with the quantities that are being typed; what is no quantity changes nothing."""
    for line in lines:
        try:
            pieces = known.changes_from({f"pieces_{line.pk}": asked.get(f"pieces_{line.pk}", "")})[str(line.pk)]
        except RuleBroken:
            continue
        line.granted_quantity = min(pieces, line.granted)


def fit(lines: list[DeliveryLine], stock: Mapping[int, Availability], picture: CreditPicture) -> None:
    """Trim the granted quantities so that they fit: first what stock does not cover, then the largest lines.

    Nothing is saved. Where the warehouse has nothing of all this, it stays a back-order and only the limit counts.
    """
    left = {product_id: there.free for product_id, there in stock.items()}
    if any(left.values()):
        for line in lines:
            line.granted_quantity = min(line.granted, max(left[line.product_id], 0))
            left[line.product_id] -= line.granted_quantity
    if picture.limit is None:
        return
    room = picture.limit - picture.balance - picture.committed
    for line in sorted(lines, key=lambda line: line.amount, reverse=True):
        over = sum((each.granted_amount for each in lines), ZERO) - room
        if over <= 0:
            return
        line.granted_quantity = _largest_that_fits(line, line.granted_amount - over)


def _largest_that_fits(line: DeliveryLine, amount: Money) -> int:
    """The most pieces of a line that cost no more than an amount."""
    if amount <= 0 or not line.amount:
        return 0
    pieces = min(int(amount * line.quantity / line.amount) + 1, line.granted)
    while pieces:
        line.granted_quantity = pieces
        if line.granted_amount <= amount:
            break
        pieces -= 1
    return pieces
