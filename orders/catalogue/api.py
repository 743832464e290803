"""Products over the API, with what they cost and, for those who may see it, what lies where."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from customers.files.api import customer_called
from orders.stock.models import Stock
from orders.stock.queries import SEES_STOCK, free_stock
from salesops.api.fields import Amount, Percent
from salesops.api.schema import page_of_rows
from salesops.api.views import Api, ListApi, described
from salesops.users.models import User

from .filters import StockedProductFilters
from .models import Product
from .queries import grade_of
from .views import ProductRecord, Products


class PriceOut(serializers.Serializer[Any]):
    """What one piece costs."""

    amount = Amount()
    includes_tax = serializers.BooleanField()


class ProductRow(serializers.Serializer[Any]):
    """A product. `price` is null where no list says; `free_stock` is null for those who may not see stock."""

    sku = serializers.CharField()
    name = serializers.CharField()
    name_zh = serializers.CharField()
    category = serializers.CharField(source="category.name")
    unit = serializers.CharField()
    pack_size = serializers.IntegerField()
    tax_rate = Percent()
    is_active = serializers.BooleanField()
    price = serializers.SerializerMethodField()
    free_stock = serializers.SerializerMethodField()

    @extend_schema_field(PriceOut(allow_null=True))
    def get_price(self, product: Any) -> Any:
        """What it costs today: the person's own price, the general one, or that of the customer asked for."""
        if product.price is None:
            return None
        return {"amount": f"{product.price:.2f}", "includes_tax": product.price_includes_tax}

    @extend_schema_field({"type": ["integer", "null"]})
    def get_free_stock(self, product: Any) -> int | None:
        """Pieces that nobody has been promised, in all warehouses."""
        pieces: int | None = getattr(product, "free_stock", None)
        return pieces


class StockOut(serializers.Serializer[Any]):
    """What lies in one warehouse, in pieces."""

    warehouse = serializers.CharField(source="warehouse.code")
    on_hand = serializers.IntegerField()
    reserved = serializers.IntegerField()
    free = serializers.IntegerField()


class ProductOut(ProductRow):
    """A product with its stock by warehouse; `stock` is null for those who may not see it."""

    stock = serializers.SerializerMethodField()

    @extend_schema_field(StockOut(many=True, allow_null=True))
    def get_stock(self, product: Product) -> Any:
        """What lies where."""
        if not self.context["person"].has_perm(SEES_STOCK):
            return None
        rows = Stock.objects.filter(product=product).select_related("warehouse").order_by("warehouse__code")
        return StockOut(rows, many=True).data

    @extend_schema_field({"type": ["integer", "null"]})
    def get_free_stock(self, product: Any) -> int | None:
        """Pieces that nobody has been promised, in all warehouses."""
        if not self.context["person"].has_perm(SEES_STOCK):
            return None
        return free_stock([product.pk]).get(product.pk, 0)


def grade_asked_for(person: User, code: str | None) -> str:
    """Return by whose lists prices are found; ValidationError for a customer who is not in the person's scope."""
    if code is None:
        return grade_of(person)
    return customer_called(code, person).grade


PRICED_FOR = OpenApiParameter(
    "customer", {"type": "string"}, OpenApiParameter.QUERY, description="The code of the customer whose price is meant."
)


class ProductsApi(ListApi):
    """The catalogue."""

    pages = {"GET": Products}
    filters = StockedProductFilters
    order = ("sku",)
    row = ProductRow
    names = frozenset({"customer"})

    def rows(self) -> QuerySet[Any]:
        """At the price that was asked for."""
        self.page.grade = grade_asked_for(self.person, self.http.GET.get("customer"))
        return super().rows()

    @described(
        "List products",
        "By SKU, with today's price: the general one, an agent's own, or with `customer` that customer's.",
        answer=page_of_rows(ProductRow),
        parameters=[PRICED_FOR],
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.list()


class OneProduct(Api):
    """One product."""

    pages = {"GET": ProductRecord}

    @described(
        "Read a product", "With its price and its stock by warehouse.", answer=ProductOut, parameters=[PRICED_FOR]
    )
    def get(self, request: Request, sku: str) -> Response:
        """What it is, costs, and where it lies."""
        self.page.grade = grade_asked_for(self.person, self.http.GET.get("customer"))
        return self.answer(ProductOut, self.page.record)


urlpatterns = [
    path("products/", ProductsApi.as_view(), name="products"),
    path("products/<str:sku>/", OneProduct.as_view(), name="product"),
]
