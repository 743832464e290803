"""What products and prices add to the shell: menu, search, panels."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.web import registry

from . import panels
from .queries import find_products, products_visible_to


def hits(user: Any, text: str, limit: int) -> list[registry.Hit]:
    """Return what the search shows of the products that a person may see."""
    return [
        registry.Hit(
            product.name,
            product.sku if product.is_active else f"{product.sku} · {_('Inactive')}",
            reverse("orders:product", args=[product.sku]),
            product.name_zh,
        )
        for product in find_products(products_visible_to(user), text)[:limit]
    ]


registry.menu.add(
    registry.MenuEntry(
        "products",
        gettext_lazy("Products"),
        "orders:products",
        "tag",
        "goods",
        permission="orders.view_product",
        order=60,
    )
)
registry.menu.add(
    registry.MenuEntry(
        "price_lists",
        gettext_lazy("Price lists"),
        "orders:price_lists",
        "list",
        "goods",
        permission="orders.view_pricelist",
        order=61,
    )
)
registry.menu.add(
    registry.MenuEntry(
        "discount_rights",
        gettext_lazy("Discount rights"),
        "orders:discount_rights",
        "key",
        "settings",
        permission="orders.change_discountright",
        order=85,
    )
)
registry.search.add(
    registry.SearchProvider(
        "products", gettext_lazy("Products"), "tag", hits, permission="orders.view_product", order=40
    )
)
registry.panels.add(
    registry.Panel(
        "product",
        "prices",
        gettext_lazy("Prices"),
        10,
        "orders/catalogue/product_prices.html",
        panels.prices_of_product,
        permission="orders.view_pricelist",
        eager=True,
    )
)
registry.panels.add(
    registry.Panel(
        "product",
        "history",
        gettext_lazy("History"),
        900,
        "web/history.html",
        panels.history_of_product,
        permission="orders.view_pricelist",
    )
)
registry.panels.add(
    registry.Panel(
        "price_list",
        "prices",
        gettext_lazy("Prices"),
        10,
        "orders/catalogue/list_prices.html",
        panels.prices_of_list,
        permission="orders.view_pricelist",
        eager=True,
    )
)
registry.panels.add(
    registry.Panel(
        "price_list",
        "history",
        gettext_lazy("History"),
        900,
        "web/history.html",
        panels.history_of_list,
        permission="orders.view_pricelist",
    )
)
