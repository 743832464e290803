"""Adjustments over the API: asked for, changed as asked, withdrawn, taken back; approval decides on them."""

from typing import Any

from django.urls import path, reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from customers.files.api import customer_called
from orders.deliveries.queries import SEES_FACTS
from orders.payments.api import SettledOut
from orders.payments.models import Method
from orders.receivables.queries import day_posted, posting_of
from salesops.api.fields import Amount, Input, Named, NoInput, Person
from salesops.api.schema import page_of_rows
from salesops.api.views import Api, ListApi, described
from salesops.approvals.api import TimelineStepOut
from salesops.approvals.timeline import timeline_of
from salesops.kernel.money import CENT

from .forms import KINDS
from .models import POSTED, Adjustment, AdjustmentState, Kind, Reason
from .queries import lines_of, reversals_of
from .services import KEY, reverse_adjustment, submit_adjustment, submit_adjustment_again, withdraw_adjustment
from .views import MOST_ITEMS, AdjustmentList, AdjustmentRecord, NewAdjustment, ReverseAdjustment, WithdrawAdjustment
from .views import OneAdjustment as AdjustmentPage


# ---- what is answered ----
class AdjustmentRow(serializers.Serializer[Any]):
    """What an account was adjusted by, or is to be."""

    number = serializers.CharField()
    customer = Named()
    kind = serializers.ChoiceField(choices=Kind.choices)
    reason = serializers.ChoiceField(choices=Reason.choices)
    concerns = serializers.DateField(help_text="the day that it is about")
    state = serializers.ChoiceField(choices=AdjustmentState.choices, help_text="what is approved is posted")
    amount = Amount()
    effect = Amount(help_text="what it adds to the balance once it is posted")
    reverses = serializers.CharField(source="reverses.number", default=None, allow_null=True)


class AdjustedItemOut(serializers.Serializer[Any]):
    """An open item that it is raised against: how much was asked for, and what is open now."""

    id = serializers.IntegerField(source="row.item.pk")
    document = serializers.CharField(source="row.item.entry.document")
    due_on = serializers.DateField(source="row.item.due_on")
    amount = Amount()
    open = Amount(source="row.item.open_amount")


class AdjustmentOut(AdjustmentRow):
    """An adjustment with what it names, its way through approval and what it settled.

    The explanation and the way through approval are for those who see decisions: an agent gets neither.
    """

    method = serializers.CharField(help_text="how a refund is paid: a method of a payment; empty for other kinds")
    reference = serializers.CharField()
    asked_by = Person(source="created_by")
    asked_at = serializers.DateTimeField(source="created_at")
    text = serializers.SerializerMethodField()
    items = serializers.SerializerMethodField()
    posted_on = serializers.SerializerMethodField()
    settled = serializers.SerializerMethodField()
    reversals = serializers.SerializerMethodField(help_text="the numbers of those that take it back, or ask for it")
    approval = serializers.SerializerMethodField()

    def _sees_decisions(self) -> bool:
        return bool(self.context["person"].has_perm(SEES_FACTS))

    @extend_schema_field(serializers.CharField())
    def get_text(self, adjustment: Adjustment) -> str:
        """What whoever decides reads."""
        return adjustment.text if self._sees_decisions() else ""

    @extend_schema_field(AdjustedItemOut(many=True))
    def get_items(self, adjustment: Adjustment) -> Any:
        """What it is raised against."""
        return AdjustedItemOut(lines_of(adjustment), many=True).data

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_posted_on(self, adjustment: Adjustment) -> Any:
        """Where the account has it; null: nowhere."""
        return day_posted(adjustment.source, adjustment.pk)

    @extend_schema_field(SettledOut(many=True))
    def get_settled(self, adjustment: Adjustment) -> Any:
        """What it settled or was settled by, without what was taken back."""
        posting = posting_of(adjustment.source, adjustment.pk)
        return SettledOut(posting.settled_by if posting else [], many=True).data

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_reversals(self, adjustment: Adjustment) -> list[str]:
        """As its page names them."""
        sees_all = self._sees_decisions()
        return [one.number for one in reversals_of(adjustment) if sees_all or one.state in POSTED]

    @extend_schema_field(TimelineStepOut(many=True))
    def get_approval(self, adjustment: Adjustment) -> Any:
        """The steps, oldest first."""
        return TimelineStepOut(timeline_of(KEY, adjustment.pk), many=True).data if self._sees_decisions() else []


# ---- what is sent ----
class AdjustmentChangeInput(Input):
    """What is asked for, why, and what it is raised against."""

    amount = Amount(
        min_value=CENT,
        required=False,
        allow_null=True,
        help_text="of a write-off or a refund all that is open of what is named, where nothing is said",
    )
    reason = serializers.ChoiceField(choices=Reason.choices)
    text = serializers.CharField(max_length=300, help_text="whoever decides reads it; the customer does not")
    concerns = serializers.DateField(required=False, help_text="the day that it is about; today where nothing is said")
    items = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        default=list,
        max_length=MOST_ITEMS,
        help_text="ids out of /open-items/: debits of a write-off or a credit, the one credit of a refund",
    )
    method = serializers.ChoiceField(
        choices=Method.choices, default="", allow_blank=True, help_text="how a refund is paid"
    )
    reference = serializers.CharField(max_length=120, default="", allow_blank=True, help_text="of a refund")


class AdjustmentInput(AdjustmentChangeInput):
    """An adjustment of a customer's account."""

    customer = serializers.CharField(max_length=20, help_text="the customer's code")
    kind = serializers.ChoiceField(choices=KINDS)


class AdjustmentReversalInput(Input):
    """Why it is taken back."""

    reason = serializers.ChoiceField(choices=Reason.choices, default=Reason.MISTAKE)
    text = serializers.CharField(max_length=300, help_text="whoever decides reads it; the customer does not")


EXAMPLE = OpenApiExample(
    "A credit for damaged goods",
    value={
        "customer": "A-1042",
        "kind": "credit",
        "amount": "350.00",
        "reason": "goods",
        "text": "Two tables arrived scratched",
        "concerns": "2026-11-20",
    },
    request_only=True,
)


class AnsweringAdjustments(Api):
    """What is answered with an adjustment."""

    answers = AdjustmentRecord

    def tell(self, number: str, *, status: int = 200) -> Response:
        """Answer with it as this person sees it now."""
        record = self.open(AdjustmentRecord, number=number).record
        location = reverse("v1:adjustment", args=[number]) if status == 201 else ""
        return self.answer(AdjustmentOut, record, status=status, location=location)

    def said(self, serializer_class: type[Input]) -> dict[str, Any]:
        """What was sent, of today where no day is named."""
        given = self.given(serializer_class)
        return {**given, "concerns": given.get("concerns") or timezone.localdate()}


class Adjustments(AnsweringAdjustments, ListApi):
    """More or less to pay, write-offs, refunds, and what takes one of them back."""

    pages = {"GET": AdjustmentList, "POST": NewAdjustment}
    order = ("-pk",)
    row = AdjustmentRow

    @described(
        "List adjustments",
        "The latest first; an agent's own, once they are posted.",
        answer=page_of_rows(AdjustmentRow),
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.list()

    @described(
        "Ask for an adjustment",
        "A debit or a credit of an amount, a write-off of all that is open of the debits named, a refund of the credit"
        " named. It is posted once, with the decision that approves it at `/approvals/`.",
        request=AdjustmentInput,
        answer=AdjustmentOut,
        status=201,
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Submit it."""
        given = self.said(AdjustmentInput)
        customer = customer_called(given.pop("customer"), self.person)
        made = submit_adjustment(by=self.person, customer_id=customer.pk, **given)
        return self.tell(made.number, status=201)


class OneAdjustment(AnsweringAdjustments):
    """One adjustment."""

    pages = {"GET": AdjustmentRecord, "PUT": AdjustmentPage}

    @described("Read an adjustment", "With what it settled, and what approval said.", answer=AdjustmentOut)
    def get(self, request: Request, number: str) -> Response:
        """What it asks for."""
        return self.answer(AdjustmentOut, self.page.record)

    @described(
        "Submit an adjustment again",
        "One's own that was returned for change; customer and kind stay, of a reversal the amount too.",
        request=AdjustmentChangeInput,
        answer=AdjustmentOut,
    )
    def put(self, request: Request, number: str) -> Response:
        """Submit it as it is said now."""
        adjustment = self.page.adjustment
        submit_adjustment_again(adjustment.pk, by=self.person, **self.said(AdjustmentChangeInput))
        return self.tell(number)


class AdjustmentWithdrawal(AnsweringAdjustments):
    """Back from those who decide."""

    pages = {"POST": WithdrawAdjustment}

    @described(
        "Withdraw an adjustment",
        "While it waits for its decision, or after it was returned for change; by who asked for it.",
        request=NoInput,
        answer=AdjustmentOut,
    )
    def post(self, request: Request, number: str) -> Response:
        """Take it back."""
        adjustment = self.page.adjustment
        self.given(NoInput)
        withdraw_adjustment(adjustment.pk, by=self.person)
        return self.tell(number)


class AdjustmentReversal(AnsweringAdjustments):
    """A mistake is taken back by a document of its own."""

    pages = {"POST": ReverseAdjustment}

    @described(
        "Ask to reverse an adjustment",
        "The same people decide. Approved, an entry of the same amount takes it back, and what it had settled is open"
        " again, due on its own day. The answer is the reversal.",
        request=AdjustmentReversalInput,
        answer=AdjustmentOut,
        status=201,
    )
    def post(self, request: Request, number: str) -> Response:
        """Submit it."""
        adjustment = self.page.adjustment
        reversal = reverse_adjustment(adjustment.pk, by=self.person, **self.given(AdjustmentReversalInput))
        return self.tell(reversal.number, status=201)


urlpatterns = [
    path("adjustments/", Adjustments.as_view(), name="adjustments"),
    path("adjustments/<str:number>/", OneAdjustment.as_view(), name="adjustment"),
    path("adjustments/<str:number>/withdrawal/", AdjustmentWithdrawal.as_view(), name="adjustment_withdrawal"),
    path("adjustments/<str:number>/reversal/", AdjustmentReversal.as_view(), name="adjustment_reversal"),
]
