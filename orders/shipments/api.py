"""Shipments over the API: what left, and goods that leave."""

from typing import Any

from django.urls import path, reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from orders.deliveries.api import lines_by_position
from orders.deliveries.models import Delivery
from orders.deliveries.services import MOST_LINES, MOST_PIECES
from orders.receivables.models import Source
from orders.receivables.queries import day_posted
from salesops.api.fields import Amount, Input, Named, Person
from salesops.api.schema import page_of_rows
from salesops.api.views import Api, ListApi, described
from salesops.kernel.errors import RuleBroken

from .models import Shipment
from .services import ship_delivery
from .views import NewShipment, ShipmentList, ShipmentRecord


class ShipmentRow(serializers.Serializer[Any]):
    """What left at once."""

    number = serializers.CharField()
    delivery = serializers.CharField(source="delivery.number")
    customer = Named()
    warehouse = serializers.CharField(source="warehouse.code")
    shipped_on = serializers.DateField()
    amount = Amount()
    carrier = serializers.CharField()
    tracking = serializers.CharField()


class ShippedLineOut(serializers.Serializer[Any]):
    """Pieces of one line of the delivery."""

    position = serializers.IntegerField(source="line.position")
    sku = serializers.CharField(source="line.product.sku")
    quantity = serializers.IntegerField()
    batch = serializers.CharField()
    amount = Amount()


class ShipmentOut(ShipmentRow):
    """A shipment with its lines."""

    note = serializers.CharField()
    recorded_by = Person(allow_null=True)
    recorded_at = serializers.DateTimeField()
    posted_on = serializers.SerializerMethodField(
        help_text="the day in the ledger: the first open one where the month of shipped_on was closed; null: for free"
    )
    lines = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_posted_on(self, shipment: Shipment) -> Any:
        """Where the account has it."""
        return day_posted(Source.SHIPMENT, shipment.pk)

    @extend_schema_field(ShippedLineOut(many=True))
    def get_lines(self, shipment: Shipment) -> Any:
        """What of each line left."""
        return ShippedLineOut(shipment.lines.select_related("line__product"), many=True).data


class ShippedLineInput(Input):
    """Pieces that leave, of one line of the delivery."""

    position = serializers.IntegerField(min_value=1, max_value=30_000)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_PIECES)
    batch = serializers.CharField(max_length=60, default="", allow_blank=True)


class ShipmentInput(Input):
    """What leaves, when, by whom."""

    shipped_on = serializers.DateField(required=False, help_text="today where nothing is said")
    carrier = serializers.CharField(max_length=120, default="", allow_blank=True)
    tracking = serializers.CharField(max_length=120, default="", allow_blank=True)
    note = serializers.CharField(max_length=300, default="", allow_blank=True)
    lines = ShippedLineInput(many=True, min_length=1, max_length=MOST_LINES)  # type: ignore[call-arg]


EXAMPLE = OpenApiExample(
    "All of a line", value={"carrier": "SF Express", "lines": [{"position": 1, "quantity": 12}]}, request_only=True
)


class Shipments(ListApi):
    """What left, in scope."""

    pages = {"GET": ShipmentList}
    order = ("-shipped_on", "-pk")
    row = ShipmentRow

    @described("List shipments", "The latest first.", answer=page_of_rows(ShipmentRow))
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.list()


class OneShipment(Api):
    """One shipment."""

    pages = {"GET": ShipmentRecord}

    @described("Read a shipment", answer=ShipmentOut)
    def get(self, request: Request, number: str) -> Response:
        """With its lines."""
        return self.answer(ShipmentOut, self.page.record)


class DeliveryShipments(Api):
    """Goods of one delivery leave."""

    pages = {"POST": NewShipment}
    answers = ShipmentRecord

    @described(
        "Ship goods of a delivery",
        "Stock falls, the receivable rises, what was committed falls by the same amount: all of it or nothing.",
        request=ShipmentInput,
        answer=ShipmentOut,
        status=201,
        examples=[EXAMPLE],
    )
    def post(self, request: Request, number: str) -> Response:
        """Let them leave."""
        delivery: Delivery = self.page.delivery
        given = self.given(ShipmentInput)
        lines = lines_by_position(delivery.pk, given["lines"])
        try:
            shipment = ship_delivery(
                delivery.pk,
                by=self.person,
                shipped_on=given.get("shipped_on") or timezone.localdate(),
                quantities={pk: line["quantity"] for pk, line in lines.items()},
                batches={pk: line["batch"] for pk, line in lines.items()},
                carrier=given["carrier"],
                tracking=given["tracking"],
                note=given["note"],
            )
        except RuleBroken as refusal:
            refusal.field = field_of(refusal.field, lines)
            raise
        return self.answer(ShipmentOut, shipment, status=201, location=reverse("v1:shipment", args=[shipment.number]))


def field_of(named: str, lines: dict[int, dict[str, Any]]) -> str:
    """Return the field of what was sent for the field of the page's form: quantity_<line id> is lines.<n>.quantity."""
    for index, pk in enumerate(lines):
        if named == f"quantity_{pk}":
            return f"lines.{index}.quantity"
    return named


urlpatterns = [
    path("shipments/", Shipments.as_view(), name="shipments"),
    path("shipments/<str:number>/", OneShipment.as_view(), name="shipment"),
    path("deliveries/<str:number>/shipments/", DeliveryShipments.as_view(), name="delivery_shipments"),
]
