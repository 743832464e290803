"""Shipments: goods leaving a warehouse. Each posts one entry to the customer's account."""

import pgtrigger
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Reverse, Upper
from django.utils.translation import gettext_lazy as _

from customers.files.models import Customer
from orders.deliveries.models import Delivery, DeliveryLine
from orders.facts.triggers import marks_facts
from orders.receivables.models import OfCustomerQuerySet
from orders.stock.models import Warehouse
from salesops.kernel.money import MoneyField
from salesops.kernel.triggers import APPEND_ONLY
from salesops.users.models import User


class Shipment(models.Model):
    """What left the warehouse at once for one delivery; never changed."""

    series = "SH"
    """What the numbers begin with."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="shipments", verbose_name=_("delivery"))
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="shipments", verbose_name=_("customer"))
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="shipments", verbose_name=_("warehouse"), db_index=False
    )
    shipped_on = models.DateField(_("shipped on"))
    amount = MoneyField(_("amount"))
    carrier = models.CharField(_("carrier"), max_length=120, blank=True)
    tracking = models.CharField(_("tracking number"), max_length=120, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    source_key = models.CharField(max_length=120, null=True, unique=True, editable=False)

    objects = OfCustomerQuerySet.as_manager()

    class Meta:
        ordering = ["-shipped_on", "-pk"]
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        permissions = [("ship_delivery", _("Can ship approved deliveries"))]
        constraints = [models.CheckConstraint(condition=Q(amount__gte=0), name="a_shipment_is_not_negative")]
        indexes = [
            models.Index(fields=["-shipped_on", "-id"]),
            models.Index(fields=["customer", "-shipped_on"]),
            models.Index(fields=["warehouse", "-shipped_on", "-id"]),
            models.Index(fields=["amount", "id"]),
            models.Index(OpClass(Reverse("number"), name="text_pattern_ops"), name="shipments_by_number_end"),
            models.Index(OpClass(Upper("tracking"), name="text_pattern_ops"), name="shipments_by_tracking"),
        ]
        triggers: list[pgtrigger.Trigger] = APPEND_ONLY

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("orders:shipment", args=[self.number])


class ShipmentLine(models.Model):
    """Pieces of one delivery line that left; the batch traces them later."""

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="lines")
    line = models.ForeignKey(DeliveryLine, models.PROTECT, related_name="shipped_in")
    quantity = models.PositiveIntegerField(_("quantity"))
    batch = models.CharField(_("batch"), max_length=60, blank=True)
    amount = MoneyField(_("amount"))

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=Q(quantity__gt=0), name="a_shipment_line_ships_something")]
        indexes = [models.Index(Upper("batch"), condition=~Q(batch=""), name="batches_shipped_by_name")]
        triggers: list[pgtrigger.Trigger] = [
            *APPEND_ONLY,
            marks_facts(
                "SELECT customer_id, shipped_on AS day FROM posted"
                " JOIN orders_shipment ON orders_shipment.id = shipment_id"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line.product} × {self.quantity}"
