"""Deliveries over the API: written, changed, submitted, decided, withdrawn, taken back."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from customers.files.api import customer_called
from customers.files.models import Customer
from orders.catalogue.models import Product
from orders.stock.models import Warehouse
from orders.stock.queries import SEES_STOCK
from salesops.api.fields import Amount, Input, Named, NoteInput, Percent, Person, ReasonInput
from salesops.api.schema import page_of_rows
from salesops.api.views import Api, ListApi, described
from salesops.approvals.api import TimelineStepOut
from salesops.approvals.timeline import timeline_of
from salesops.users.models import User

from .discounts import Kept, kept_discounts, kept_in_order
from .formviews import ChangeDelivery, NewDelivery
from .models import Delivery, DeliveryLine, State
from .queries import SEES_FACTS, LineRow, line_rows, usual_address, usual_warehouse
from .services import (
    MOST_LINES,
    MOST_PIECES,
    LineInput,
    cancel_rest,
    change_delivery,
    reopen_delivery,
    submit_delivery,
    withdraw_delivery,
    write_delivery,
)
from .views import (
    CancelRest,
    DeliveryList,
    DeliveryRecord,
    ReopenDelivery,
    SubmitDelivery,
    WithdrawDelivery,
)


# ---- what is answered ----
class DeliveryRow(serializers.Serializer[Any]):
    """A delivery in the list."""

    number = serializers.CharField()
    state = serializers.ChoiceField(choices=State.choices)
    customer = Named()
    warehouse = serializers.CharField(source="warehouse.code")
    representative = Person(allow_null=True)
    region = Named()
    ordered_on = serializers.DateField()
    wanted_on = serializers.DateField(allow_null=True)
    net = Amount()
    tax = Amount()
    amount = Amount()
    approved_amount = Amount()
    cancelled_amount = Amount()
    shipped_amount = Amount()
    version = serializers.IntegerField(help_text="send it along when you change the delivery")


class LineStockOut(serializers.Serializer[Any]):
    """What the delivery's warehouse has of the product, in pieces."""

    on_hand = serializers.IntegerField()
    reserved = serializers.IntegerField()
    free = serializers.IntegerField()
    expected_on = serializers.DateField(allow_null=True)
    expected_quantity = serializers.IntegerField()


class LineOut(serializers.Serializer[Any]):
    """A line: what was asked, and what became of it. `stock` is null for those who may not see it."""

    position = serializers.IntegerField(source="line.position", help_text="names the line within its delivery")
    sku = serializers.CharField(source="line.product.sku")
    name = serializers.CharField(source="line.product.name")
    quantity = serializers.IntegerField(source="line.quantity")
    unit_price = Amount(source="line.unit_price")
    price_includes_tax = serializers.BooleanField(source="line.price_includes_tax")
    discount_percent = Percent(source="line.discount_percent")
    tax_rate = Percent(source="line.tax_rate")
    net = Amount(source="line.net")
    tax = Amount(source="line.tax")
    amount = Amount(source="line.amount")
    approved_quantity = serializers.IntegerField(source="line.approved_quantity")
    cancelled_quantity = serializers.IntegerField(source="line.cancelled_quantity")
    shipped_quantity = serializers.IntegerField(source="line.shipped_quantity")
    open_quantity = serializers.IntegerField(source="line.open_quantity", help_text="approved and still to ship")
    stock = serializers.SerializerMethodField()

    @extend_schema_field(LineStockOut(allow_null=True))
    def get_stock(self, row: LineRow) -> Any:
        """What is there, for those who see stock."""
        return LineStockOut(row.stock).data if row.stock else None


class DeliveryOut(DeliveryRow):
    """A delivery with its lines and its way through approval."""

    address = serializers.CharField()
    note = serializers.CharField()
    created_by = Person(allow_null=True)
    created_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    lines = serializers.SerializerMethodField()
    approval = serializers.SerializerMethodField()

    @extend_schema_field(LineOut(many=True))
    def get_lines(self, delivery: Delivery) -> Any:
        """In order."""
        sees_stock = self.context["person"].has_perm(SEES_STOCK)
        return LineOut(line_rows(delivery, stock=sees_stock), many=True).data

    @extend_schema_field(TimelineStepOut(many=True))
    def get_approval(self, delivery: Delivery) -> Any:
        """The steps, oldest first; agents do not see what deciders see."""
        inside = self.context["person"].has_perm(SEES_FACTS)
        return TimelineStepOut(timeline_of("delivery", delivery.pk, inside=inside), many=True).data


# ---- what is sent ----
class DeliveryLineInput(Input):
    """How many pieces of what."""

    sku = serializers.CharField(max_length=40)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_PIECES)
    discount_percent = Percent(
        required=False, min_value=Decimal(0), max_value=Decimal(100), help_text="only for roles that give discounts"
    )


class HeadInput(Input):
    """What a delivery says beside its customer."""

    warehouse = serializers.CharField(
        max_length=20, required=False, help_text="its code; where nothing is said the customer's usual one"
    )
    wanted_on = serializers.DateField(required=False, allow_null=True, default=None)
    address = serializers.CharField(
        max_length=300, required=False, allow_blank=True, help_text="where nothing is said the customer's default one"
    )
    note = serializers.CharField(max_length=2_000, default="", allow_blank=True)
    lines = DeliveryLineInput(many=True, min_length=1, max_length=MOST_LINES)  # type: ignore[call-arg]


class DeliveryInput(HeadInput):
    """A new application."""

    customer = serializers.CharField(
        max_length=20, required=False, help_text="the customer's code; an agent orders for its own account"
    )


class DeliveryChangeInput(HeadInput):
    """All that the delivery says from now on: what is left out is as in a new one."""

    version = serializers.IntegerField(min_value=0, max_value=2_000_000_000, help_text="the one that you read")


EXAMPLE = OpenApiExample(
    "An application",
    value={
        "customer": "A-1042",
        "warehouse": "SZ",
        "wanted_on": "2026-12-01",
        "lines": [{"sku": "P-00017", "quantity": 12}],
    },
    request_only=True,
)


def customer_meant(code: str | None, person: User) -> Customer:
    """Return the customer of a new delivery: an agent's own, else the one named, in the person's scope."""
    if code is None and person.customer is not None:
        code = person.customer.code
    if code is None:
        raise ValidationError({"customer": [_("Choose the customer first.")]})
    return customer_called(code, person)


def warehouse_meant(given: Mapping[str, Any], customer: Customer) -> Warehouse:
    """Return the warehouse that is named, else the customer's usual one."""
    code = given.get("warehouse")
    rows = Warehouse.objects.filter(is_active=True)
    warehouse = rows.filter(code=code).first() if code is not None else usual_warehouse(customer)
    if warehouse is None:
        raise ValidationError({"warehouse": [_("Choose a warehouse that is in use.")]})
    return warehouse


def lines_meant(lines: list[dict[str, Any]], *, kept: Kept = ()) -> list[LineInput]:
    """Return the lines for the service, their products read in one query.

    `kept` are discounts that stay with lines that name none themselves.
    """
    products = dict(Product.objects.filter(sku__in={line["sku"] for line in lines}).values_list("sku", "pk"))
    wrong = {
        f"lines.{at}.sku": [_("There is no such product.")]
        for at, line in enumerate(lines)
        if line["sku"] not in products
    }
    if wrong:
        raise ValidationError(wrong)
    stays = kept_in_order(kept, [products[line["sku"]] for line in lines])
    return [
        LineInput(products[line["sku"]], line["quantity"], line.get("discount_percent", had))
        for line, had in zip(lines, stays, strict=True)
    ]


def lines_by_position(delivery_id: int, lines: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Return lines sent by their `position`, in their order, by the keys of the delivery's lines.

    ValidationError names those that the delivery has not, and those that are named twice.
    """
    keys = dict(DeliveryLine.objects.filter(delivery=delivery_id).values_list("position", "pk"))
    meant: dict[int, dict[str, Any]] = {}
    wrong: dict[str, list[str]] = {}
    for at, line in enumerate(lines):
        key = keys.get(line["position"])
        if key is None:
            wrong[f"lines.{at}.position"] = [_("The delivery has no such line.")]
        elif key in meant:
            wrong[f"lines.{at}.position"] = [_("This line is named twice.")]
        else:
            meant[key] = line
    if wrong:
        raise ValidationError(wrong)
    return meant


# ---- resources ----
class OfDelivery(Api):
    """What answers with one delivery."""

    answers = DeliveryRecord

    def as_it_is(self, number: str, *, status: int = 200, location: str = "") -> Response:
        """Return the delivery as it is now."""
        record = self.open(DeliveryRecord, number=number).record
        return self.answer(DeliveryOut, record, status=status, location=location)


class Deliveries(OfDelivery, ListApi):
    """The deliveries in scope."""

    pages = {"GET": DeliveryList, "POST": NewDelivery}
    order = ("-ordered_on", "-pk")
    row = DeliveryRow

    @described("List deliveries", "The latest first.", answer=page_of_rows(DeliveryRow))
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.list()

    @described(
        "Write a delivery",
        "As a draft, priced from the lists that hold today for the customer. Submit it afterwards.",
        request=DeliveryInput,
        answer=DeliveryOut,
        status=201,
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Write it down."""
        given = self.given(DeliveryInput)
        customer = customer_meant(given.get("customer"), self.person)
        delivery = write_delivery(
            by=self.person,
            customer_id=customer.pk,
            warehouse_id=warehouse_meant(given, customer).pk,
            lines=lines_meant(given["lines"]),
            wanted_on=given["wanted_on"],
            address=given.get("address", usual_address(customer)),
            note=given["note"],
        )
        number = delivery.number
        return self.as_it_is(number, status=201, location=reverse("v1:delivery", args=[number]))


class OneDelivery(OfDelivery):
    """One delivery."""

    pages = {"GET": DeliveryRecord, "PUT": ChangeDelivery}

    @described("Read a delivery", answer=DeliveryOut)
    def get(self, request: Request, number: str) -> Response:
        """With its lines."""
        return self.answer(DeliveryOut, self.page.record)

    @described(
        "Change a delivery",
        "While nobody has decided on it. Lines and head are replaced and priced anew; `version` is what you read",
        request=DeliveryChangeInput,
        answer=DeliveryOut,
    )
    def put(self, request: Request, number: str) -> Response:
        """Write it anew."""
        delivery: Delivery = self.page.delivery
        given = self.given(DeliveryChangeInput)
        change_delivery(
            delivery.pk,
            by=self.person,
            version=given["version"],
            warehouse_id=warehouse_meant(given, delivery.customer).pk,
            lines=lines_meant(given["lines"], kept=kept_discounts(self.person, delivery)),
            wanted_on=given["wanted_on"],
            address=given.get("address", usual_address(delivery.customer)),
            note=given["note"],
        )
        return self.as_it_is(number)


class Submission(OfDelivery):
    """To those who decide."""

    pages = {"POST": SubmitDelivery}

    @described("Submit a delivery", "To those who decide by the policy.", request=NoteInput, answer=DeliveryOut)
    def post(self, request: Request, number: str) -> Response:
        """Open its request."""
        submit_delivery(self.page.delivery.pk, by=self.person, note=self.given(NoteInput)["note"])
        return self.as_it_is(number)


class Withdrawal(OfDelivery):
    """Back from those who decide."""

    pages = {"POST": WithdrawDelivery}

    @described("Withdraw a delivery", "Before it is decided, by who wrote it.", request=NoteInput, answer=DeliveryOut)
    def post(self, request: Request, number: str) -> Response:
        """Take it back."""
        withdraw_delivery(self.page.delivery.pk, by=self.person, note=self.given(NoteInput)["note"])
        return self.as_it_is(number)


class Reopening(OfDelivery):
    """The approval is taken back."""

    pages = {"POST": ReopenDelivery}

    @described(
        "Reopen an approved delivery",
        "While nothing has left: credit and stock are free again, and it is decided anew.",
        request=ReasonInput,
        answer=DeliveryOut,
    )
    def post(self, request: Request, number: str) -> Response:
        """Open it for change."""
        reopen_delivery(self.page.delivery.pk, by=self.person, reason=self.given(ReasonInput)["reason"])
        return self.as_it_is(number)


class Cancellation(OfDelivery):
    """What has not left will not."""

    pages = {"POST": CancelRest}

    @described("Cancel what is not shipped", request=ReasonInput, answer=DeliveryOut)
    def post(self, request: Request, number: str) -> Response:
        """Cancel the rest."""
        cancel_rest(self.page.delivery.pk, by=self.person, reason=self.given(ReasonInput)["reason"])
        return self.as_it_is(number)


urlpatterns = [
    path("deliveries/", Deliveries.as_view(), name="deliveries"),
    path("deliveries/<str:number>/", OneDelivery.as_view(), name="delivery"),
    path("deliveries/<str:number>/submission/", Submission.as_view(), name="delivery_submission"),
    path("deliveries/<str:number>/withdrawal/", Withdrawal.as_view(), name="delivery_withdrawal"),
    path("deliveries/<str:number>/reopening/", Reopening.as_view(), name="delivery_reopening"),
    path("deliveries/<str:number>/cancellation/", Cancellation.as_view(), name="delivery_cancellation"),
]
