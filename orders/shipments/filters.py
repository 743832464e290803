"""What shipments, and deliveries to ship, can be narrowed by."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.deliveries.models import Delivery
from orders.deliveries.queries import late_to_ship
from orders.receivables.filters import OfCustomerFilters
from orders.stock.models import Warehouse
from salesops.web.filters import FilterSet
from salesops.web.forms import Chips

from .models import Shipment, ShipmentLine


class ShipmentFilters(OfCustomerFilters):
    """By day, warehouse, place."""

    shipped = django_filters.DateFromToRangeFilter(field_name="shipped_on", label=_("Shipped"))
    warehouse = django_filters.ModelChoiceFilter(
        queryset=Warehouse.objects.all(), label=_("Warehouse"), empty_label=_("All")
    )
    batch = django_filters.CharFilter(method="keep_batch", label=_("Batch"))

    class Meta:
        model = Shipment
        fields: list[str] = []

    def keep_batch(self, rows: QuerySet[Shipment], name: str, value: str) -> QuerySet[Shipment]:
        """Keep the shipments in which goods of a batch left."""
        lines = ShipmentLine.objects.exclude(batch="").filter(batch__iexact=value)
        return rows.filter(pk__in=lines.order_by().values("shipment"))


class ToShipFilters(FilterSet):
    """By readiness and warehouse."""

    only = django_filters.ChoiceFilter(
        choices=[
            ("ready", _("Ready in full")),
            ("part", _("Ready in part")),
            ("wait", _("Waits for stock")),
            ("late", _("Late")),
        ],
        method="keep_only",
        label=_("Only"),
        empty_label=_("All"),
        widget=Chips,
    )
    warehouse = django_filters.ModelChoiceFilter(
        queryset=Warehouse.objects.all(), label=_("Warehouse"), empty_label=_("All")
    )

    class Meta:
        model = Delivery
        fields: list[str] = []

    def keep_only(self, rows: Any, name: str, value: str) -> Any:
        """Keep what can leave now, what can in part, what waits, or what is late."""
        if value == "ready":
            return rows.filter(ready__gte=100)
        if value == "part":
            return rows.filter(ready__gt=0, ready__lt=100)
        return late_to_ship(rows, timezone.localdate()) if value == "late" else rows.filter(ready_pieces=0)
