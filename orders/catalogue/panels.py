"""What stands on the page of a product and of a price list."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.stock.models import ExpectedGoods
from orders.stock.queries import SEES_STOCK
from salesops.web.history import Parts, history_panel

from .models import Price, PriceList, Product
from .queries import prices_for, prices_in_lists
from .tables import validity

SHOWN = 50


def prices_of_product(request: HttpRequest, product: Product) -> dict[str, Any]:
    """Every list that names the product, and which of them count today."""
    today = timezone.localdate()
    now = {grade: prices_for(grade, today, [product.pk]).get(product.pk) for grade in ("", "A", "B", "C")}
    counting = {found.price_list.pk for found in now.values() if found}
    prices = [
        (price, validity(price.price_list, today), price.price_list_id in counting)
        for price in prices_in_lists(product)
    ]
    return {"prices": prices}


def history_of_product(request: HttpRequest, product: Product) -> dict[str, Any]:
    """What was changed of the product, of its prices and, for those who see stock, of what is expected of it."""
    parts = [Parts(Price, product=product)]
    if request.user.has_perm(SEES_STOCK):
        parts.append(Parts(ExpectedGoods, product=product))
    return history_panel(product, *parts)


def prices_of_list(request: HttpRequest, price_list: PriceList) -> dict[str, Any]:
    """The first prices of a list, by category; all of them are a list of their own."""
    prices = price_list.prices.select_related("product__category").order_by("product__category__name", "product__sku")
    url = reverse("orders:prices", args=[price_list.pk])
    shown = list(prices[: SHOWN + 1])
    return {
        "prices": shown[:SHOWN],
        "is_cut": len(shown) > SHOWN,
        "head_url": url,
        "head_link": _("Search and export"),
    }


def history_of_list(request: HttpRequest, price_list: PriceList) -> dict[str, Any]:
    """What was changed of the list and of its prices."""
    return history_panel(price_list, Parts(Price, price_list=price_list))
