"""What stock, movements and expected goods can be narrowed by."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters.widgets import RangeWidget

from orders.catalogue.models import Category
from salesops.web.filters import FilterSet
from salesops.web.forms import Chips

from .models import ExpectedGoods, Movement, Stock, StockMovement, Warehouse
from .queries import late_goods


class OfWarehouseFilters(FilterSet):
    """By warehouse and category of product."""

    warehouse = django_filters.ModelChoiceFilter(queryset=Warehouse.objects.all(), label=_("Warehouse"))
    category = django_filters.ModelChoiceFilter(
        field_name="product__category", queryset=Category.objects.all(), label=_("Category")
    )

    class Meta:
        fields: list[str] = []


class StockFilters(OfWarehouseFilters):
    """By what there is, too."""

    state = django_filters.ChoiceFilter(
        choices=[("free", _("Something free")), ("none", _("Nothing free")), ("short", _("Back-ordered"))],
        method="keep_state",
        label=_("Stock"),
        empty_label=_("All"),
        widget=Chips,
    )

    class Meta:
        model = Stock
        fields: list[str] = []

    def keep_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep the rows with free pieces, without, or with back-orders."""
        if value == "short":
            return rows.filter(back_ordered__gt=0)
        return rows.filter(free_pieces__gt=0) if value == "free" else rows.filter(free_pieces__lte=0)


class MovementFilters(OfWarehouseFilters):
    """By kind and day."""

    kind = django_filters.ChoiceFilter(choices=Movement.choices, label=_("Kind"), empty_label=_("any"))
    moved_on = django_filters.DateFromToRangeFilter(label=_("Date"), widget=RangeWidget(attrs={"type": "date"}))
    batch = django_filters.CharFilter(lookup_expr="icontains", label=_("Batch"))

    class Meta:
        model = StockMovement
        fields: list[str] = []


class ExpectedFilters(OfWarehouseFilters):
    """By whether they have come; what has come is left out unless it is asked for."""

    state = django_filters.ChoiceFilter(
        choices=[("late", _("Late")), ("received", _("Received")), ("all", _("All"))],
        method="keep_state",
        label=_("State"),
        empty_label=_("To come"),
        widget=Chips,
    )
    expected_on = django_filters.DateFromToRangeFilter(
        label=_("Expected on"), widget=RangeWidget(attrs={"type": "date"})
    )

    class Meta:
        model = ExpectedGoods
        fields: list[str] = []

    @property
    def qs(self) -> QuerySet[ExpectedGoods]:
        """Only what is still to come, unless the address says otherwise."""
        rows: QuerySet[ExpectedGoods] = super().qs
        return rows if self.form.is_bound and self.form.cleaned_data.get("state") else rows.filter(received_at=None)

    def keep_state(self, rows: QuerySet[ExpectedGoods], name: str, value: str) -> QuerySet[ExpectedGoods]:
        """Keep the late ones, those that came, or all."""
        if value == "late":
            return rows.filter(pk__in=late_goods())
        return rows.exclude(received_at=None) if value == "received" else rows
