"""What products and prices can be narrowed by."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.files.models import Grade
from salesops.web.filters import FilterSet
from salesops.web.forms import Chips

from .models import Category, PriceList, Product
from .queries import holding_on

ACTIVE = [("yes", _("Active")), ("no", _("Inactive"))]


class OfferFilters(FilterSet):
    """An agent narrows by category."""

    category = django_filters.ModelChoiceFilter(queryset=Category.objects.all(), label=_("Category"))

    class Meta:
        model = Product
        fields: list[str] = []


class ProductFilters(OfferFilters):
    """The company narrows by state and price too."""

    active = django_filters.ChoiceFilter(
        choices=ACTIVE, method="keep_active", label=_("State"), empty_label=_("All"), widget=Chips
    )
    priced = django_filters.ChoiceFilter(
        choices=[("yes", _("With a price")), ("no", _("Without a price"))],
        method="keep_priced",
        label=_("Price"),
        empty_label=_("Any"),
    )

    def keep_active(self, rows: QuerySet[Product], name: str, value: str) -> QuerySet[Product]:
        """Keep the products that may, or may not, be ordered."""
        return rows.filter(is_active=value == "yes")

    def keep_priced(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep the products that have, or lack, a general price today."""
        return rows.filter(price__isnull=value == "no")


class StockedProductFilters(ProductFilters):
    """With the right to see stock, by stock as well."""

    stock = django_filters.ChoiceFilter(
        choices=[("yes", _("In stock")), ("no", _("Out of stock"))],
        method="keep_stocked",
        label=_("Stock"),
        empty_label=_("Any"),
    )

    def keep_stocked(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep the products of which something, or nothing, is free."""
        return rows.filter(free_stock__gt=0) if value == "yes" else rows.filter(free_stock__lte=0)


class PriceListFilters(FilterSet):
    """Lists by whom they are for and whether they hold."""

    grade = django_filters.ChoiceFilter(
        choices=[("every", _("Every customer")), *Grade.choices],
        method="keep_grade",
        label=_("For"),
        empty_label=_("Any"),
    )
    state = django_filters.ChoiceFilter(
        choices=[("now", _("In force")), ("later", _("To come")), ("over", _("Over or inactive"))],
        method="keep_state",
        label=_("State"),
        empty_label=_("All"),
        widget=Chips,
    )

    class Meta:
        model = PriceList
        fields: list[str] = []

    def keep_grade(self, rows: QuerySet[PriceList], name: str, value: str) -> QuerySet[PriceList]:
        """Keep the lists of one grade, or those for every customer."""
        return rows.filter(grade="" if value == "every" else value)

    def keep_state(self, rows: QuerySet[PriceList], name: str, value: str) -> QuerySet[PriceList]:
        """Keep the lists that hold today, will hold, or do not any more."""
        today = timezone.localdate()
        to_come = {"is_active": True, "valid_from__gt": today}
        if value == "later":
            return rows.filter(**to_come)
        holds = holding_on(today)
        return rows.filter(holds) if value == "now" else rows.exclude(holds).exclude(**to_come)


class PriceFilters(FilterSet):
    """Prices of a list by category."""

    category = django_filters.ModelChoiceFilter(
        field_name="product__category", queryset=Category.objects.all(), label=_("Category")
    )

    class Meta:
        fields: list[str] = []
