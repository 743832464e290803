"""Decisions on deliveries over the API: as on any request, called by the delivery's number, and trimmed by position."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request as Sent
from rest_framework.response import Response

from salesops.api.fields import Input
from salesops.api.views import described
from salesops.approvals.api import DecisionOut
from salesops.approvals.inbox_api import Approve, OnRequest, Reject, SendBack, StageApprovalInput
from salesops.approvals.models import Request

from .api import lines_by_position
from .approval import TRIM
from .models import Delivery
from .services import MOST_LINES, MOST_PIECES


class TrimmedLineInput(Input):
    """What is left of a line."""

    position = serializers.IntegerField(min_value=1, max_value=30_000)
    quantity = serializers.IntegerField(min_value=0, max_value=MOST_PIECES)


class ApprovalInput(StageApprovalInput):
    """A note, the stage that was seen, and lines of which less is approved than was asked for."""

    lines = TrimmedLineInput(many=True, required=False, max_length=MOST_LINES)  # type: ignore[call-arg]


class OnDelivery(OnRequest):
    """A decision on the request that a delivery waits with."""

    def named(self) -> QuerySet[Request]:
        """All requests of the delivery."""
        delivery = Delivery.objects.filter(number=self.kwargs["number"]).values("pk")
        return Request.objects.filter(document_type="delivery", object_id__in=delivery)


class Approval(OnDelivery, Approve):
    """Yes, to all of it or to less."""

    @described(
        "Approve a delivery",
        "At the stage where it stands; the facts are worked out again, and where they ask for a further stage it goes"
        " on to it.",
        request=ApprovalInput,
        answer=DecisionOut,
    )
    def post(self, request: Sent, **named: Any) -> Response:
        """Decide."""
        given, found = self.given(ApprovalInput), self.readable
        return self.decide(found, given, changes=trimmed(found, given.get("lines", [])))


def trimmed(waiting: Request, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the changes as the engine takes them; ValidationError where the delivery has no such line."""
    meant = lines_by_position(waiting.object_id, lines)
    return waiting.document.changes_from({f"{TRIM}{pk}": str(line["quantity"]) for pk, line in meant.items()})


class Rejection(OnDelivery, Reject):
    """No, for good."""


class Return(OnDelivery, SendBack):
    """Not like this."""


urlpatterns = [
    path("deliveries/<str:number>/approval/", Approval.as_view(), name="delivery_approval"),
    path("deliveries/<str:number>/rejection/", Rejection.as_view(), name="delivery_rejection"),
    path("deliveries/<str:number>/return/", Return.as_view(), name="delivery_return"),
]
