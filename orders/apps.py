from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate

FEATURES = [
    "deliveries",
    "shipments",
    "catalogue",
    "stock",
    "receivables",
    "facts",
    "credit",
    "payments",
    "bankfiles",
    "bills",
    "reconciliation",
    "matching",
    "collections",
    "books",
    "proof",
    "closing",
    "adjustments",
]


class OrdersConfig(AppConfig):
    """Goods and money: catalogue, stock, deliveries, credit, receivables."""

    name = "orders"

    def ready(self) -> None:
        for feature in FEATURES:
            import_module(f"orders.{feature}.registry")
        write_first_levels = import_module("orders.collections.services").write_first_levels
        post_migrate.connect(write_first_levels, sender=self, dispatch_uid="write first reminder levels")
