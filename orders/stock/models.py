"""What lies in the warehouses, what is promised of it, and what will come."""

from typing import Any

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from orders.catalogue.models import Product
from salesops.kernel.triggers import APPEND_ONLY
from salesops.users.models import User, in_reader_language


@pghistory.track()
class Warehouse(models.Model):
    """A place that goods leave from."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")
        permissions = [("manage_stock", _("Can receive, count and expect goods"))]

    def __str__(self) -> str:
        return in_reader_language(self.name, self.name_zh)


LOCK_ALL_OR_NONE = """
SELECT id, warehouse_id, product_id, on_hand, reserved FROM orders_stock
WHERE warehouse_id = %(warehouse)s AND product_id = ANY(%(products)s)
  AND (SELECT count(*) FROM orders_stock WHERE warehouse_id = %(warehouse)s AND product_id = ANY(%(products)s))
      = %(count)s
ORDER BY product_id FOR UPDATE
"""
"""Where one of the rows is missing none is locked: it is made first, so that locks are always taken in order."""


class StockQuerySet(models.QuerySet["Stock"]):
    """Words for stock."""

    def locked(self, warehouse_id: int, product_ids: Any) -> "dict[int, Stock]":
        """Return the stock of several products by product id, rows locked in the order of the products.

        A product that never lay in the warehouse gets its row first.
        """
        wanted = sorted(set(product_ids))
        given = {"warehouse": warehouse_id, "products": wanted, "count": len(wanted)}
        rows = list(self.raw(LOCK_ALL_OR_NONE, given))
        if len(rows) < len(wanted):  # rows are never deleted: what is there stays
            self.model.objects.bulk_create(
                [self.model(warehouse_id=warehouse_id, product_id=product_id) for product_id in wanted],
                ignore_conflicts=True,
            )
            rows = list(self.raw(LOCK_ALL_OR_NONE, given))
        return {stock.product_id: stock for stock in rows}


class Stock(models.Model):
    """Pieces of one product in one warehouse; never below zero, never more promised than there."""

    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="stock", verbose_name=_("warehouse"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="stock", verbose_name=_("product"))
    on_hand = models.IntegerField(_("on hand"), default=0)
    reserved = models.IntegerField(_("reserved"), default=0)

    objects = StockQuerySet.as_manager()

    class Meta:
        ordering = ["product", "warehouse"]
        verbose_name = _("stock")
        verbose_name_plural = _("stock")
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "product"], name="one_stock_a_warehouse_and_product"),
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="stock_is_never_below_zero"),
            models.CheckConstraint(
                condition=Q(reserved__gte=0, reserved__lte=F("on_hand")), name="no_more_is_reserved_than_there_is"
            ),
        ]
        indexes = [models.Index(fields=["product", "warehouse"])]

    def __str__(self) -> str:
        return f"{self.product} / {self.warehouse}"

    @property
    def free(self) -> int:
        """Pieces that nobody has been promised."""
        return self.on_hand - self.reserved


class Movement(models.TextChoices):
    """Why stock changed."""

    OPENING = "opening", _("Opening stock")
    RECEIPT = "receipt", _("Goods received")
    SHIPMENT = "shipment", _("Shipment")
    COUNT = "count", _("Stock count")


class StockMovement(models.Model):
    """One change of stock on hand; never changed or deleted."""

    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="movements", verbose_name=_("warehouse"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="movements", verbose_name=_("product"))
    kind = models.CharField(_("kind"), max_length=20, choices=Movement)
    quantity = models.IntegerField(_("quantity"))
    batch = models.CharField(_("batch"), max_length=60, blank=True)
    document = models.CharField(_("document"), max_length=40, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    moved_on = models.DateField(_("date"))
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-moved_on", "-pk"]
        verbose_name = _("stock movement")
        constraints = [models.CheckConstraint(condition=~Q(quantity=0), name="a_movement_moves_something")]
        indexes = [models.Index(fields=["product", "-moved_on"]), models.Index(fields=["document"])]
        triggers: list[pgtrigger.Trigger] = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.product} {self.quantity:+d}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ExpectedGoods(models.Model):
    """Goods that production or a purchase will bring; a back-order says when."""

    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="expected", verbose_name=_("warehouse"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="expected", verbose_name=_("product"))
    quantity = models.PositiveIntegerField(_("quantity"))
    expected_on = models.DateField(_("expected on"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["expected_on", "pk"]
        verbose_name = _("expected goods")
        verbose_name_plural = _("expected goods")
        constraints = [models.CheckConstraint(condition=Q(quantity__gt=0), name="something_is_expected")]
        indexes = [models.Index(fields=["product", "expected_on"], condition=Q(received_at=None), name="goods_to_come")]

    def __str__(self) -> str:
        return f"{self.product} {self.quantity}"
