"""What stock adds to the page of a product."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from orders.catalogue.models import Product

from .models import ExpectedGoods, StockMovement
from .queries import stock_with_outlook
from .tables import expected_state

LATEST = 12


def stock_of_product(request: HttpRequest, product: Product) -> dict[str, Any]:
    """What lies in each warehouse."""
    rows = stock_with_outlook().filter(product=product).order_by("warehouse__code")
    return {"rows": list(rows), "may_manage": may_manage(request)}


def expected_of_product(request: HttpRequest, product: Product) -> dict[str, Any]:
    """What will come."""
    rows = ExpectedGoods.objects.filter(product=product, received_at=None).select_related("warehouse")
    return {"rows": [(row, expected_state(row)) for row in rows], "may_manage": may_manage(request)}


def movements_of_product(request: HttpRequest, product: Product) -> dict[str, Any]:
    """The latest changes; all of them are a list of their own."""
    rows = StockMovement.objects.filter(product=product).select_related("warehouse", "recorded_by")
    return {"rows": list(rows[:LATEST]), "head_url": f"{reverse('orders:movements')}?q={product.sku}"}


def may_manage(request: HttpRequest) -> bool:
    """Whether the person may receive, count and expect goods."""
    return request.user.has_perm("orders.manage_stock")
