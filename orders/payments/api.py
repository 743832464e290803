"""Payments over the API: money received, and mistakes taken back."""

from typing import Any

from django.urls import path, reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from customers.files.api import customer_called
from orders.receivables.models import Source
from orders.receivables.queries import day_posted, posting_of
from salesops.api.fields import Amount, Input, Named, Person, ReasonInput
from salesops.api.schema import page_of_rows
from salesops.api.views import Api, ListApi, described
from salesops.kernel.money import CENT

from .models import Method, Payment
from .queries import reversal_of
from .services import record_payment, reverse_payment
from .views import NewPayment, PaymentList, PaymentRecord, ReversePayment


class PaymentRow(serializers.Serializer[Any]):
    """Money received."""

    number = serializers.CharField()
    customer = Named()
    received_on = serializers.DateField()
    amount = Amount()
    method = serializers.ChoiceField(choices=Method.choices)
    reference = serializers.CharField()
    note = serializers.CharField()
    is_reversed = serializers.BooleanField()


class ReversalOut(serializers.Serializer[Any]):
    """The entry that takes a payment back."""

    number = serializers.CharField()
    reversed_on = serializers.DateField()
    reason = serializers.CharField()
    reversed_by = Person()


class SettledOut(serializers.Serializer[Any]):
    """How much of a document the payment settled; the id takes it back."""

    id = serializers.IntegerField(source="allocation.pk")
    document = serializers.CharField(source="entry.document")
    amount = Amount()


class PaymentOut(PaymentRow):
    """A payment, by whom it was recorded, what it settled, and its reversal if it was a mistake."""

    recorded_by = Person(allow_null=True)
    recorded_at = serializers.DateTimeField()
    posted_on = serializers.SerializerMethodField(
        help_text="the day in the ledger: the first open one where the month of received_on was closed"
    )
    settled = serializers.SerializerMethodField()
    reversal = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_posted_on(self, payment: Payment) -> Any:
        """Where the account has it."""
        return day_posted(Source.PAYMENT, payment.pk)

    @extend_schema_field(SettledOut(many=True))
    def get_settled(self, payment: Payment) -> Any:
        """What it settled, without what was taken back."""
        posting = posting_of(Source.PAYMENT, payment.pk)
        return SettledOut(posting.settled_by if posting else [], many=True).data

    @extend_schema_field(ReversalOut(allow_null=True))
    def get_reversal(self, payment: Payment) -> Any:
        """What took it back."""
        reversal = reversal_of(payment)
        return ReversalOut(reversal).data if reversal else None


class PaymentInput(Input):
    """What came in, from whom, how."""

    customer = serializers.CharField(max_length=20, help_text="the customer's code")
    amount = Amount(min_value=CENT)
    received_on = serializers.DateField(required=False, help_text="today where nothing is said")
    method = serializers.ChoiceField(choices=Method.choices, default=Method.TRANSFER)
    reference = serializers.CharField(max_length=120, default="", allow_blank=True)
    note = serializers.CharField(max_length=300, default="", allow_blank=True)


EXAMPLE = OpenApiExample(
    "A transfer",
    value={"customer": "A-1042", "amount": "1200.00", "received_on": "2026-11-24", "reference": "ICBC 88123"},
    request_only=True,
)


class Payments(ListApi):
    """Money received."""

    pages = {"GET": PaymentList, "POST": NewPayment}
    answers = PaymentRecord
    order = ("-received_on", "-pk")
    row = PaymentRow

    @described("List payments", "The latest first.", answer=page_of_rows(PaymentRow))
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.list()

    @described(
        "Record a payment",
        "It settles the oldest due items first; deliveries that waited for room come back to their approvers.",
        request=PaymentInput,
        answer=PaymentOut,
        status=201,
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Post it to the account."""
        given = self.given(PaymentInput)
        customer = customer_called(given.pop("customer"), self.person)
        received_on = given.pop("received_on", None) or timezone.localdate()
        payment = record_payment(by=self.person, customer_id=customer.pk, received_on=received_on, **given)
        record = self.open(PaymentRecord, number=payment.number).record
        return self.answer(PaymentOut, record, status=201, location=reverse("v1:payment", args=[payment.number]))


class OnePayment(Api):
    """One payment."""

    pages = {"GET": PaymentRecord}

    @described("Read a payment", answer=PaymentOut)
    def get(self, request: Request, number: str) -> Response:
        """What it was."""
        return self.answer(PaymentOut, self.page.record)


class Reversal(Api):
    """A payment that was a mistake."""

    answers = PaymentRecord
    pages = {"POST": ReversePayment}

    @described(
        "Reverse a payment",
        "The payment stays in the books; a second entry of the same amount takes it back, today.",
        request=ReasonInput,
        answer=PaymentOut,
    )
    def post(self, request: Request, number: str) -> Response:
        """Take it back."""
        payment = self.page.payment
        reverse_payment(payment.pk, by=self.person, reason=self.given(ReasonInput)["reason"])
        return self.answer(PaymentOut, self.open(PaymentRecord, number=number).record)


urlpatterns = [
    path("payments/", Payments.as_view(), name="payments"),
    path("payments/<str:number>/", OnePayment.as_view(), name="payment"),
    path("payments/<str:number>/reversal/", Reversal.as_view(), name="payment_reversal"),
]
