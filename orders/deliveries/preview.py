"""What a delivery that is being written costs, and what it does to the account: reads only, writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils import timezone

from customers.files.models import Customer
from orders.catalogue.amounts import LineAmounts, line_amounts
from orders.catalogue.models import Product
from orders.catalogue.queries import PriceFound, found_price, prices_for
from orders.credit.queries import CreditPicture, credit_picture
from orders.stock.models import Warehouse
from orders.stock.queries import SEES_STOCK, Availability, availability
from salesops.kernel.errors import RuleBroken
from salesops.kernel.money import ZERO, Money
from salesops.users.models import User

from .facts import discount_right, facts_of_picture
from .outlook import Outlook, outlook
from .queries import SEES_FACTS


@dataclass(frozen=True)
class DraftLine:
    """A line as it is typed: `key` is its place in the form; what is not typed yet is None."""

    key: int
    product: Product | None
    quantity: int | None
    discount: Decimal = Decimal(0)


@dataclass(frozen=True)
class PricedLine:
    """A line with what is known of it so far; `wrong` says why it has no price."""

    draft: DraftLine
    price: PriceFound | None = None
    amounts: LineAmounts | None = None
    stock: Availability | None = None
    wrong: str = ""

    @property
    def key(self) -> int:
        """Its place in the form."""
        return self.draft.key

    @property
    def short(self) -> int:
        """Pieces that the warehouse has not free."""
        if self.stock is None or not self.draft.quantity:
            return 0
        return max(self.draft.quantity - max(self.stock.free, 0), 0)


@dataclass(frozen=True)
class Preview:
    """Totals in the company's currency, the account with this delivery on it, and who would decide."""

    lines: list[PricedLine] = field(default_factory=list)
    net: Money = ZERO
    tax: Money = ZERO
    picture: CreditPicture | None = None
    outlook: Outlook | None = None
    quantity: int = 0

    @property
    def amount(self) -> Money:
        """The total, tax included."""
        return self.net + self.tax

    @property
    def wrong(self) -> dict[int, str]:
        """Lines without a price: place in the form to the reason."""
        return {line.key: line.wrong for line in self.lines if line.wrong}


def preview(
    drafts: Sequence[DraftLine], *, customer: Customer | None, warehouse: Warehouse | None, writer: User
) -> Preview:
    """Price the lines by today's lists and put the total on the customer's account as it stands now.

    Stock and the outlook of the decision are left out for those who may not see them. The number of queries does not
    depend on the number of lines.
    """
    lines = _priced(drafts, customer, warehouse if writer.has_perm(SEES_STOCK) else None)
    if customer is None:
        return Preview(lines)
    amounts = [line.amounts for line in lines if line.amounts]
    net = sum((amount.net for amount in amounts), ZERO)
    tax = sum((amount.tax for amount in amounts), ZERO)
    picture = credit_picture(customer.pk, net + tax)
    return Preview(
        lines=lines,
        net=net,
        tax=tax,
        picture=picture,
        outlook=_outlook(lines, customer, picture, writer) if amounts else None,
        quantity=sum(line.draft.quantity or 0 for line in lines if line.amounts),
    )


def _priced(drafts: Sequence[DraftLine], customer: Customer | None, warehouse: Warehouse | None) -> list[PricedLine]:
    """Each line with its stock and, once the customer is known, its price; `wrong` where no list has one."""
    today = timezone.localdate()
    ids = [draft.product.pk for draft in drafts if draft.product]
    prices = prices_for(customer.grade, today, ids) if customer and ids else {}
    stock = availability(warehouse.pk, ids) if warehouse and ids else {}
    priced = []
    for draft in drafts:
        if draft.product is None:
            priced.append(PricedLine(draft))
            continue
        here = stock.get(draft.product.pk)
        if customer is None:
            priced.append(PricedLine(draft, stock=here))
            continue
        try:
            price = found_price(prices, draft.product, today)
        except RuleBroken as refusal:
            priced.append(PricedLine(draft, stock=here, wrong=str(refusal)))
            continue
        amounts = None
        if draft.quantity:
            rate = draft.product.tax_rate
            amounts = line_amounts(draft.quantity, price.amount, price.includes_tax, draft.discount, rate)
        priced.append(PricedLine(draft, price, amounts, here))
    return priced


def _outlook(lines: list[PricedLine], customer: Customer, picture: CreditPicture, writer: User) -> Outlook | None:
    if not writer.has_perm(SEES_FACTS):
        return None
    largest = max((line.draft.discount for line in lines if line.amounts), default=Decimal(0))
    right = discount_right(writer) if largest else ZERO
    return outlook(customer, picture.this, facts_of_picture(picture, largest, right), writer=writer)
