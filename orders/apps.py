from importlib import import_module

from django.apps import AppConfig

FEATURES = [
    "deliveries",
    "shipments",
    "catalogue",
    "stock",
    "receivables",
    "credit",
    "payments",
    "reconciliation",
    "matching",
    "books",
    "proof",
    "closing",
]


class OrdersConfig(AppConfig):
    """Goods and money: catalogue, stock, deliveries, credit, receivables."""

    name = "orders"

    def ready(self) -> None:
        for feature in FEATURES:
            import_module(f"orders.{feature}.registry")
