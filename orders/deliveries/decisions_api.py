"""Decisions on deliveries over the API: approved, as they are or trimmed, rejected, returned for change."""

from typing import Any

from django.http import Http404
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request as Sent
from rest_framework.response import Response

from salesops.api.fields import Input, NoteInput, ReasonInput
from salesops.api.views import Api, described
from salesops.approvals.api import DecisionOut
from salesops.approvals.inbox import readable_by
from salesops.approvals.models import Request
from salesops.approvals.services import approve, reject, send_back
from salesops.approvals.views import ApprovalPage, RejectionPage, ReturnPage

from .approval import TRIM
from .forms import MOST_PIECES
from .models import Delivery, DeliveryLine
from .services import MOST_LINES


class TrimmedLineInput(Input):
    """What is left of a line."""

    position = serializers.IntegerField(min_value=1, max_value=30_000)
    quantity = serializers.IntegerField(min_value=0, max_value=MOST_PIECES)


class ApprovalInput(NoteInput):
    """A note, and lines of which less is approved than was asked for."""

    lines = TrimmedLineInput(many=True, required=False, max_length=MOST_LINES)  # type: ignore[call-arg]


class OnDelivery(Api):
    """A decision: of whoever may read the request that the delivery waits with, in scope or in somebody's place."""

    @property
    def waiting(self) -> Request:
        """The last request of the delivery; 404 where the person may not read it."""
        delivery = Delivery.objects.filter(number=self.kwargs["number"]).values("pk")
        found = readable_by(self.person).filter(document_type="delivery", object_id__in=delivery)
        request: Request | None = found.order_by("-pk").first()
        if request is None:
            raise Http404(_("This is not there, or not in your scope."))
        return request


class Approval(OnDelivery):
    """Yes."""

    pages = {"POST": ApprovalPage}

    @described(
        "Approve a delivery",
        "At the stage where it stands; the facts are worked out again, and where they ask for a further stage it goes"
        " on to it.",
        request=ApprovalInput,
        answer=DecisionOut,
    )
    def post(self, request: Sent, number: str) -> Response:
        """Decide."""
        given, waiting = self.given(ApprovalInput), self.waiting
        changes = trimmed(waiting, given.get("lines", []))
        decided = approve(waiting.pk, by=self.person, note=given["note"], changes=changes or None)
        return self.answer(DecisionOut, decided)


def trimmed(waiting: Request, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the changes as the engine takes them; ValidationError where the delivery has no such line."""
    at = dict(DeliveryLine.objects.filter(delivery=waiting.object_id).values_list("position", "pk"))
    wrong = {
        f"lines.{index}.position": [_("The delivery has no such line.")]
        for index, line in enumerate(lines)
        if line["position"] not in at
    }
    if wrong:
        raise ValidationError(wrong)
    return waiting.document.changes_from({f"{TRIM}{at[line['position']]}": str(line["quantity"]) for line in lines})


class Rejection(OnDelivery):
    """No, for good."""

    pages = {"POST": RejectionPage}

    @described("Reject a delivery", request=ReasonInput, answer=DecisionOut)
    def post(self, request: Sent, number: str) -> Response:
        """Decide."""
        reason = self.given(ReasonInput)["reason"]
        return self.answer(DecisionOut, reject(self.waiting.pk, by=self.person, note=reason))


class Return(OnDelivery):
    """Not like this."""

    pages = {"POST": ReturnPage}

    @described("Return a delivery for change", request=ReasonInput, answer=DecisionOut)
    def post(self, request: Sent, number: str) -> Response:
        """Decide."""
        reason = self.given(ReasonInput)["reason"]
        return self.answer(DecisionOut, send_back(self.waiting.pk, by=self.person, note=reason))


urlpatterns = [
    path("deliveries/<str:number>/approval/", Approval.as_view(), name="delivery_approval"),
    path("deliveries/<str:number>/rejection/", Rejection.as_view(), name="delivery_rejection"),
    path("deliveries/<str:number>/return/", Return.as_view(), name="delivery_return"),
]
