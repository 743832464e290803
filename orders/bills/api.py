"""Bills over the API: registered, passed on, settled, dishonoured, given back."""

from typing import Any

from django.urls import path, reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from customers.files.api import customer_called
from orders.deliveries.queries import SEES_FACTS
from salesops.api.fields import Amount, Input, Named, NoInput, Person, ReasonInput
from salesops.api.schema import page_of_rows
from salesops.api.views import Api, ListApi, described
from salesops.kernel.money import CENT

from .models import Bill, BillKind, BillState, Endorsed
from .services import dishonour_bill, endorse_bill, register_bill, return_bill, settle_bill
from .views import BillList, BillRecord, DishonourBill, EndorseBill, NewBill, ReturnBill, SettleBill


class BillRow(serializers.Serializer[Any]):
    """A post-dated cheque or an acceptance bill."""

    number = serializers.CharField()
    customer = Named()
    kind = serializers.ChoiceField(choices=BillKind.choices)
    instrument = serializers.CharField(help_text="the number printed on it")
    drawer = serializers.CharField()
    bank = serializers.CharField()
    amount = Amount()
    received_on = serializers.DateField()
    matures_on = serializers.DateField()
    settles = serializers.CharField(help_text="what it names; settled first")
    state = serializers.ChoiceField(choices=BillState.choices)


class EndorsementOut(serializers.Serializer[Any]):
    """To whom it was passed on."""

    endorsed_as = serializers.CharField()
    endorsed_to = serializers.CharField()
    endorsed_on = serializers.DateField()


class BillOut(BillRow):
    """A bill and what became of it."""

    payment = serializers.CharField(source="payment.number", allow_null=True, default=None)
    ended_on = serializers.DateField(allow_null=True)
    reason = serializers.CharField()
    registered_by = Person()
    registered_at = serializers.DateTimeField()
    endorsement = serializers.SerializerMethodField(help_text="null: with us, or not for the reader")

    @extend_schema_field(EndorsementOut(allow_null=True))
    def get_endorsement(self, bill: Bill) -> Any:
        """For people of the company."""
        shown = bill.endorsed_to and self.context["person"].has_perm(SEES_FACTS)
        return EndorsementOut(bill).data if shown else None


class BillInput(Input):
    """A paper that was received."""

    customer = serializers.CharField(max_length=20, help_text="the customer's code")
    kind = serializers.ChoiceField(choices=BillKind.choices)
    instrument = serializers.CharField(max_length=60)
    bank = serializers.CharField(max_length=120)
    drawer = serializers.CharField(max_length=120, default="", allow_blank=True, help_text="empty: the customer")
    amount = Amount(min_value=CENT)
    received_on = serializers.DateField(required=False, help_text="today where nothing is said")
    matures_on = serializers.DateField()
    settles = serializers.CharField(max_length=80, default="", allow_blank=True)
    note = serializers.CharField(max_length=300, default="", allow_blank=True)


class EndorsementInput(Input):
    """To whom, how, and when."""

    endorsed_as = serializers.ChoiceField(choices=Endorsed.choices)
    endorsed_to = serializers.CharField(max_length=120)
    endorsed_on = serializers.DateField(required=False, help_text="today where nothing is said")


class DishonourInput(ReasonInput):
    """Why, since when, and in which state the program saw it."""

    on = serializers.DateField(required=False, help_text="today where nothing is said")
    seen = serializers.ChoiceField(
        choices=BillState.choices, required=False, help_text="refused where it is another one meanwhile"
    )


EXAMPLE = OpenApiExample(
    "A bank acceptance bill",
    value={
        "customer": "A-1042",
        "kind": "bank",
        "instrument": "1310 5840 0026",
        "bank": "ICBC Suzhou",
        "amount": "50000.00",
        "received_on": "2026-11-24",
        "matures_on": "2027-02-24",
    },
    request_only=True,
)


class Bills(ListApi):
    """The register."""

    pages = {"GET": BillList, "POST": NewBill}
    answers = BillRecord
    order = ("-matures_on", "-pk")
    row = BillRow

    @described("List bills", "The last to mature first.", answer=page_of_rows(BillRow))
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.list()

    @described(
        "Register a bill",
        "Nothing is posted before it matures; then it becomes a payment by itself.",
        request=BillInput,
        answer=BillOut,
        status=201,
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Register it."""
        given = self.given(BillInput)
        customer = customer_called(given.pop("customer"), self.person)
        received_on = given.pop("received_on", None) or timezone.localdate()
        bill = register_bill(by=self.person, customer_id=customer.pk, received_on=received_on, **given)
        record = self.open(BillRecord, number=bill.number).record
        return self.answer(BillOut, record, status=201, location=reverse("v1:bill", args=[bill.number]))


class OneBill(Api):
    """One bill."""

    pages = {"GET": BillRecord}

    @described("Read a bill", answer=BillOut)
    def get(self, request: Request, number: str) -> Response:
        """What it is."""
        return self.answer(BillOut, self.page.record)


class OfBill(Api):
    """What is done with one bill."""

    answers = BillRecord

    def tell(self, number: str) -> Response:
        """The bill as it is now."""
        return self.answer(BillOut, self.open(BillRecord, number=number).record)


class Endorsement(OfBill):
    """A bill that is passed on."""

    pages = {"POST": EndorseBill}

    @described("Pass a bill on", "It settles on its day all the same.", request=EndorsementInput, answer=BillOut)
    def post(self, request: Request, number: str) -> Response:
        """Say to whom."""
        endorse_bill(self.page.bill.pk, by=self.person, **self.given(EndorsementInput))
        return self.tell(number)


class Settlement(OfBill):
    """A bill that has matured."""

    pages = {"POST": SettleBill}

    @described("Settle a bill that has matured", "As the night's run does.", request=NoInput, answer=BillOut)
    def post(self, request: Request, number: str) -> Response:
        """Settle it."""
        self.given(NoInput)
        settle_bill(self.page.bill.pk, by=self.person)
        return self.tell(number)


class Dishonour(OfBill):
    """A bill that was not paid."""

    pages = {"POST": DishonourBill}

    @described(
        "Say that a bill was dishonoured",
        "Where it was settled, its payment is reversed and the debts are open again on their own due days.",
        request=DishonourInput,
        answer=BillOut,
    )
    def post(self, request: Request, number: str) -> Response:
        """Say it."""
        dishonour_bill(self.page.bill.pk, by=self.person, **self.given(DishonourInput))
        return self.tell(number)


class GivenBack(OfBill):
    """A bill that is not expected any more."""

    pages = {"POST": ReturnBill}

    @described("Give a bill back", "As long as it is not settled.", request=ReasonInput, answer=BillOut)
    def post(self, request: Request, number: str) -> Response:
        """Give it back."""
        return_bill(self.page.bill.pk, by=self.person, reason=self.given(ReasonInput)["reason"])
        return self.tell(number)


ONE = "bills/<str:number>/"

urlpatterns = [
    path("bills/", Bills.as_view(), name="bills"),
    path(ONE, OneBill.as_view(), name="bill"),
    path(f"{ONE}endorsement/", Endorsement.as_view(), name="bill_endorsement"),
    path(f"{ONE}settlement/", Settlement.as_view(), name="bill_settlement"),
    path(f"{ONE}dishonour/", Dishonour.as_view(), name="bill_dishonour"),
    path(f"{ONE}return/", GivenBack.as_view(), name="bill_return"),
]
