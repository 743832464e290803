"""What stock adds to the shell: menu entries, and panels on the page of a product."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from salesops.web import registry

from . import panels
from .models import ExpectedGoods
from .queries import SEES_STOCK, late_goods


def late_for(user: Any) -> int | QuerySet[ExpectedGoods]:
    """Goods that are late wait for supply."""
    return late_goods() if user.has_perm("orders.manage_stock") else 0


registry.menu.add(
    registry.MenuEntry("stock", gettext_lazy("Stock"), "orders:stock", "box", "goods", permission=SEES_STOCK, order=62)
)
registry.menu.add(
    registry.MenuEntry(
        "expected",
        gettext_lazy("Expected goods"),
        "orders:expected",
        "clock",
        "goods",
        permission=SEES_STOCK,
        order=63,
        count=late_for,
    )
)
registry.menu.add(
    registry.MenuEntry(
        "warehouses",
        gettext_lazy("Warehouses"),
        "orders:warehouses",
        "building",
        "goods",
        permission=SEES_STOCK,
        order=64,
    )
)
registry.panels.add(
    registry.Panel(
        "product",
        "stock",
        gettext_lazy("Stock"),
        20,
        "orders/stock/product_stock.html",
        panels.stock_of_product,
        permission=SEES_STOCK,
        eager=True,
    )
)
registry.panels.add(
    registry.Panel(
        "product",
        "expected",
        gettext_lazy("Expected goods"),
        30,
        "orders/stock/product_expected.html",
        panels.expected_of_product,
        permission=SEES_STOCK,
    )
)
registry.panels.add(
    registry.Panel(
        "product",
        "movements",
        gettext_lazy("Stock movements"),
        40,
        "orders/stock/product_movements.html",
        panels.movements_of_product,
        permission=SEES_STOCK,
    )
)
