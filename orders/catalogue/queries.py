"""What products cost, and for whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from salesops.kernel.errors import RuleBroken
from salesops.kernel.money import Money

from .models import Price, PriceList, Product


@dataclass(frozen=True)
class PriceFound:
    """What one piece costs, by which list; `includes_tax` says what the amount means."""

    amount: Money
    includes_tax: bool
    price_list: PriceList


def lists_holding(grade: str, on: date) -> Q:
    """Return the condition on price lists: active, holding on that day, for the grade or for everybody."""
    return (
        Q(is_active=True, valid_from__lte=on)
        & (Q(valid_until=None) | Q(valid_until__gte=on))
        & Q(grade__in={"", grade})
    )


def best_prices(grade: str, on: date) -> QuerySet[Price]:
    """Return the prices that hold for a grade on a day, the one that counts first for each product.

    A list of the grade wins over the general one, then the list that started later, then the one made later.
    """
    lists = PriceList.objects.filter(lists_holding(grade, on))
    return Price.objects.filter(price_list__in=lists).order_by(
        "product_id", "-price_list__grade", "-price_list__valid_from", "-price_list_id"
    )


def prices_for(grade: str, on: date, product_ids: Iterable[int]) -> dict[int, PriceFound]:
    """Return what products cost a customer of that grade on a day, by product id, in one query.

    A product that no list names is not in the answer.
    """
    prices = best_prices(grade, on).filter(product_id__in=set(product_ids)).select_related("price_list")
    return {
        price.product_id: PriceFound(price.amount, price.price_list.includes_tax, price.price_list)
        for price in prices.distinct("product_id")
    }


def price_of(product: Product, grade: str, on: date) -> PriceFound:
    """Return what a product costs a customer of that grade on a day; RuleBroken where no list says."""
    return found_price(prices_for(grade, on, [product.pk]), product, on)


def found_price(prices: dict[int, PriceFound], product: Product, on: date) -> PriceFound:
    """Return a product's price out of those found for a day; RuleBroken where there is none."""
    found = prices.get(product.pk)
    if found is None:
        raise RuleBroken(
            _("There is no price for %(sku)s %(name)s on %(day)s.")
            % {"sku": product.sku, "name": product, "day": on.isoformat()},
            rule="price",
            sku=product.sku,
            day=on,
        )
    return found
