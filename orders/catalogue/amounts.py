"""What a line costs: net, tax and gross, rounded so that net and tax always make the gross."""

from decimal import Decimal
from typing import NamedTuple

from salesops.kernel.money import HUNDRED, Money, to_money


class LineAmounts(NamedTuple):
    """Amounts of one line in the company's currency; `gross` is `net` + `tax`, to the cent."""

    net: Money
    tax: Money
    gross: Money


def line_amounts(
    quantity: int, unit_price: Money, includes_tax: bool, discount_percent: Decimal | int, tax_rate: Decimal | int
) -> LineAmounts:
    """Return net, tax and gross of so many pieces at a price.

    `discount_percent` and `tax_rate` are in percent, 13 for 13 %. Where the price includes tax the gross is
    rounded first and the tax taken out of it; else the net is rounded first and the tax put on top.
    """
    discounted = quantity * unit_price * (HUNDRED - discount_percent) / HUNDRED
    if includes_tax:
        gross = to_money(discounted)
        tax = to_money(gross * tax_rate / (HUNDRED + tax_rate))
        return LineAmounts(gross - tax, tax, gross)
    net = to_money(discounted)
    tax = to_money(net * tax_rate / HUNDRED)
    return LineAmounts(net, tax, net + tax)
