"""Collections over the API: the worklist, promises to pay, disputes; letters are in reminders_api.py."""

from typing import Any

from django.http import Http404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from customers.files.api import customer_called
from salesops.api.fields import Amount, Input, Named, NoInput, Person
from salesops.api.schema import page_of_rows
from salesops.api.views import Api, ListApi, described
from salesops.kernel.money import CENT
from salesops.users.models import User
from salesops.users.people.queries import employees, people_visible_to

from .models import DisputeKind, DisputeState, Outcome
from .queries import items_to_dispute
from .services import close_dispute, open_dispute, record_promise, withdraw_promise
from .views import (
    CloseDispute,
    DisputeList,
    NewDispute,
    NewPromise,
    PromiseList,
    WithdrawPromise,
    Worklist,
)


# ---- what is answered ----
class WorklistRow(serializers.Serializer[Any]):
    """An account with something overdue."""

    customer = Named()
    overdue = Amount()
    overdue_days = serializers.IntegerField(help_text="of the oldest item")
    disputed = Amount(help_text="by open disputes")
    broken = serializers.IntegerField(help_text="promises broken within a year")
    promised = Amount(allow_null=True, help_text="by the open promise; null: there is none")
    promised_for = serializers.DateField(allow_null=True)
    last_level = serializers.IntegerField(allow_null=True, help_text="of the last letter; null: never reminded")
    reminded_on = serializers.DateField(allow_null=True)
    is_on_hold = serializers.BooleanField()
    urgency = serializers.DecimalField(
        max_digits=24, decimal_places=2, help_text="overdue × days late × (1 + promises broken)"
    )


class PromiseRow(serializers.Serializer[Any]):
    """What a customer said it would pay, and what became of it."""

    id = serializers.IntegerField()
    customer = Named()
    amount = Amount()
    given_on = serializers.DateField()
    promised_for = serializers.DateField()
    given_by = serializers.CharField(help_text="who promised")
    note = serializers.CharField()
    state = serializers.ChoiceField(choices=Outcome.choices, source="outcome")
    paid = Amount(help_text="what was received since, up to its day")
    made_by = Person()
    made_at = serializers.DateTimeField()


class DisputeRow(serializers.Serializer[Any]):
    """What a customer does not accept of an open item."""

    id = serializers.IntegerField()
    item = serializers.IntegerField(source="item_id", help_text="the id of /open-items/")
    document = serializers.CharField(source="item.entry.document")
    customer = Named(source="item.customer")
    kind = serializers.ChoiceField(choices=DisputeKind.choices)
    state = serializers.ChoiceField(
        choices=DisputeState.choices, help_text="settled: nobody closed it, and nothing of the item is open any more"
    )
    amount = Amount(help_text="as it was opened")
    left = Amount(help_text="what is disputed now: no more than is open of the item; 0.00 once settled or closed")
    text = serializers.CharField(help_text="what the customer says")
    owner = Person()
    opened_by = Person()
    opened_at = serializers.DateTimeField()
    outcome = serializers.CharField()
    closed_by = Person(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


# ---- what is sent ----
class PromiseInput(Input):
    """What a customer promised."""

    customer = serializers.CharField(max_length=20, help_text="the customer's code")
    amount = Amount(min_value=CENT)
    promised_for = serializers.DateField(help_text="this day included")
    given_by = serializers.CharField(max_length=120, default="", allow_blank=True, help_text="who promised")
    note = serializers.CharField(max_length=300, default="", allow_blank=True)


class DisputeInput(Input):
    """What a customer does not accept."""

    item = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="the id of a debit at /open-items/")
    amount = Amount(
        min_value=CENT, required=False, help_text="all that is open and not disputed yet, where nothing is said"
    )
    kind = serializers.ChoiceField(choices=DisputeKind.choices)
    text = serializers.CharField(max_length=500, help_text="what the customer says")
    owner = serializers.CharField(
        max_length=150, default="", allow_blank=True, help_text="a user name; you where nothing is said"
    )


class OutcomeInput(Input):
    """How a dispute ended."""

    outcome = serializers.CharField(max_length=500, help_text="what came of it")


PROMISED = OpenApiExample(
    "A promise",
    value={"customer": "A-1042", "amount": "12000.00", "promised_for": "2026-12-15", "given_by": "Ms Wang"},
    request_only=True,
)
DISPUTED = OpenApiExample(
    "A part of an item",
    value={"item": 4711, "amount": "360.00", "kind": "quality", "text": "Two cartons came in dented"},
    request_only=True,
)


# ---- the worklist ----
class ApiWorklist(ListApi):
    """Whom to call first."""

    pages = {"GET": Worklist}
    order = ("-urgency", "-pk")
    row = WorklistRow

    @described(
        "List who is late",
        "Every account in scope with something overdue, the most urgent first.",
        answer=page_of_rows(WorklistRow),
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.list()


# ---- promises ----
class OfList(Api):
    """What is answered with a row of the list `answers`, by its key."""

    def one(self, pk: int) -> Any:
        """The row as this person sees it; Http404 where there is none."""
        assert self.answers is not None
        row = self.open(self.answers).rows().filter(pk=pk).first()
        if row is None:
            raise Http404
        return row


class Promises(OfList, ListApi):
    """Promises to pay."""

    pages = {"GET": PromiseList, "POST": NewPromise}
    answers = PromiseList
    order = ("-promised_for", "-pk")
    row = PromiseRow

    @described("List promises to pay", "The last day first.", answer=page_of_rows(PromiseRow))
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.list()

    @described(
        "Record a promise to pay",
        "A customer has one open promise at a time; whether it is kept follows from its payments.",
        request=PromiseInput,
        answer=PromiseRow,
        status=201,
        examples=[PROMISED],
    )
    def post(self, request: Request) -> Response:
        """Record it."""
        given = self.given(PromiseInput)
        customer = customer_called(given.pop("customer"), self.person)
        made = record_promise(by=self.person, customer_id=customer.pk, **given)
        return self.answer(PromiseRow, self.one(made.pk), status=201, location=reverse("v1:promise", args=[made.pk]))


class OnePromise(OfList):
    """One promise."""

    pages = {"GET": PromiseList}
    answers = PromiseList

    @described("Read a promise to pay", answer=PromiseRow)
    def get(self, request: Request, pk: int) -> Response:
        """What became of it."""
        return self.answer(PromiseRow, self.one(pk))


class PromiseWithdrawal(OfList):
    """A promise that was a mistake."""

    pages = {"POST": WithdrawPromise}
    answers = PromiseList

    @described(
        "Withdraw a promise", "An open one; what became of the others stays.", request=NoInput, answer=PromiseRow
    )
    def post(self, request: Request, pk: int) -> Response:
        """Take it back."""
        promise = self.one(pk)
        self.given(NoInput)
        withdraw_promise(promise.pk, by=self.person)
        return self.answer(PromiseRow, self.one(pk))


# ---- disputes ----
class Disputes(OfList, ListApi):
    """What customers do not accept."""

    pages = {"GET": DisputeList, "POST": NewDispute}
    answers = DisputeList
    order = ("-pk",)
    row = DisputeRow

    @described("List disputes", "The latest first.", answer=page_of_rows(DisputeRow))
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.list()

    @described(
        "Open a dispute",
        "Of an open debit or a part of it: it is not reminded of until the dispute is closed, and a hold that a letter"
        " set is lifted where nothing else keeps it.",
        request=DisputeInput,
        answer=DisputeRow,
        status=201,
        examples=[DISPUTED],
    )
    def post(self, request: Request) -> Response:
        """Open it."""
        given = self.given(DisputeInput)
        item = items_to_dispute(self.person).filter(pk=given["item"]).first()
        if item is None:
            raise ValidationError({"item": [_("There is no such open debit in your scope.")]})
        made = open_dispute(
            by=self.person,
            item_id=item.pk,
            kind=given["kind"],
            amount=given.get("amount", item.undisputed),
            text=given["text"],
            owner_id=self._owner(given["owner"]).pk,
        )
        return self.answer(DisputeRow, self.one(made.pk), status=201, location=reverse("v1:dispute", args=[made.pk]))

    def _owner(self, username: str) -> User:
        """Who owns it: the person, or whom the form of the page could name."""
        if not username:
            return self.person
        owner: User | None = employees(people_visible_to(self.person)).filter(username=username).first()
        if owner is None:
            raise ValidationError({"owner": [_("There is no such one in your scope.")]})
        return owner


class OneDispute(OfList):
    """One dispute."""

    pages = {"GET": DisputeList}
    answers = DisputeList

    @described("Read a dispute", answer=DisputeRow)
    def get(self, request: Request, pk: int) -> Response:
        """How it stands."""
        return self.answer(DisputeRow, self.one(pk))


class DisputeClosing(OfList):
    """A dispute ends."""

    pages = {"POST": CloseDispute}
    answers = DisputeList

    @described(
        "Close a dispute",
        "The item is reminded of again where it had stopped. A hold that the dispute had lifted is back, unless a"
        " person let the account go.",
        request=OutcomeInput,
        answer=DisputeRow,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Close it."""
        dispute = self.page.dispute
        close_dispute(dispute.pk, by=self.person, outcome=self.given(OutcomeInput)["outcome"])
        return self.answer(DisputeRow, self.one(pk))


urlpatterns = [
    path("collections/", ApiWorklist.as_view(), name="collections"),
    path("promises/", Promises.as_view(), name="promises"),
    path("promises/<int:pk>/", OnePromise.as_view(), name="promise"),
    path("promises/<int:pk>/withdrawal/", PromiseWithdrawal.as_view(), name="promise_withdrawal"),
    path("disputes/", Disputes.as_view(), name="disputes"),
    path("disputes/<int:pk>/", OneDispute.as_view(), name="dispute"),
    path("disputes/<int:pk>/closing/", DisputeClosing.as_view(), name="dispute_closing"),
]
