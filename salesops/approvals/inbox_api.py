"""The approval inbox over the API: what waits, the case with its facts and the person's right, and the decisions."""

from collections.abc import Callable
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request as Sent
from rest_framework.response import Response

from salesops.api.fields import Amount, Figure, Input, NoteInput, Person, ReasonInput
from salesops.api.schema import page_of_rows
from salesops.api.views import Api, ListApi, described

from .api import DecisionOut, TimelineStepOut
from .conditions import in_words
from .documents import document_types
from .inbox import OF_A_CASE, readable_by, rows_of
from .models import Request, RequestState
from .queries import Right, right_of
from .services import approve, put_aside, reject, send_back, withdraw
from .timeline import MOST_NAMES, people_to_come, requests_of, steps_of
from .views import WHOSE, ApprovalPage, InboxPage, ParkingPage, RejectionPage, ReturnPage, WithdrawalPage

QUEUE = OpenApiParameter(
    "queue",
    {"type": "string", "enum": list(WHOSE), "default": WHOSE[0]},
    OpenApiParameter.QUERY,
    description="mine: on the person's desk; team: waiting anywhere in scope; aside: put aside until there is room;"
    " decided: what the person decided.",
)


class RequestRow(serializers.Serializer[Any]):
    """A document on its way through approval."""

    id = serializers.IntegerField()
    document_type = serializers.CharField()
    number = serializers.CharField(help_text="the document's number")
    title = serializers.CharField(help_text="whom it is about")
    title_zh = serializers.CharField()
    amount = Amount(allow_null=True)
    state = serializers.ChoiceField(choices=RequestState.choices)
    stage = serializers.IntegerField(source="stage_id", allow_null=True, help_text="sent back with a decision")
    waits_for = serializers.CharField(source="role", help_text="the role that decides next; empty: nobody")
    due_at = serializers.DateTimeField(allow_null=True)
    is_put_aside = serializers.SerializerMethodField()
    submitted_by = Person()
    submitted_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)

    def get_is_put_aside(self, request: Request) -> bool:
        """Whether it waits until there is room."""
        return request.parked_at is not None


class RightOut(serializers.Serializer[Right]):
    """What the person may do with it, by the facts as they are now."""

    may_approve = serializers.BooleanField(source="may")
    may_refuse = serializers.BooleanField(help_text="reject it, or return it for change")
    may_put_aside = serializers.BooleanField(help_text="until there is room")
    may_withdraw = serializers.BooleanField()
    is_final = serializers.BooleanField(source="final", help_text="whether an approval would be the last one")
    in_place_of = serializers.SerializerMethodField()
    because = serializers.ListField(child=serializers.CharField(), help_text="why a further stage is asked")
    stopped = serializers.CharField(help_text="what stops it whoever decides; empty: nothing")

    @extend_schema_field(Person(allow_null=True))
    def get_in_place_of(self, right: Right) -> Any:
        """The colleague in whose place the person would decide; null for in their own right."""
        stands_in = right.as_person and right.as_person != self.context["person"]
        return Person(right.as_person).data if stands_in else None


class RequestOut(RequestRow):
    """A request with the facts as they are now, the person's right, and its way so far."""

    facts = serializers.DictField(child=Figure())
    conditions = serializers.ListField(child=serializers.CharField(), help_text="what this stage is asked for")
    deciders = Person(many=True, help_text="who may decide now in their own right; the first few")
    right = RightOut()
    timeline = TimelineStepOut(many=True)


class SeenStage(Input):
    """The stage that was seen: where the request has moved on meanwhile, nothing is decided."""

    stage = serializers.IntegerField(required=False, allow_null=True, min_value=1)


class StageApprovalInput(SeenStage, NoteInput):
    """A note, and the stage that was seen."""


class RefusalInput(SeenStage, ReasonInput):
    """Why, and the stage that was seen."""


class RequestFilters(django_filters.FilterSet):
    """What narrows a queue down, as the chips of its page do."""

    document_type = django_filters.ChoiceFilter(
        label=gettext_lazy("Document"), choices=lambda: [(known.key, known.label) for known in document_types()]
    )


class Approvals(ListApi):
    """The queues."""

    pages = {"GET": InboxPage}
    filters = RequestFilters
    order = ("-pk",)
    row = RequestRow
    names = frozenset({"queue"})

    @property
    def queue(self) -> str:
        """The queue that is asked for; ValidationError for one that is not known."""
        queue = self.http.GET.get("queue", WHOSE[0])
        if queue not in WHOSE:
            raise ValidationError({"queue": [_("There is no such queue.")]})
        return queue

    @property
    def name(self) -> str:
        """A cursor is good for its queue."""
        return f"{super().name}?queue={self.queue}"

    def rows(self) -> QuerySet[Request]:
        """The rows of the queue, as the page has them."""
        return self.filtered(rows_of(self.queue, self.person).select_related("submitted_by"), RequestFilters)

    @described(
        "List what waits for a decision",
        "One queue of the inbox, what was submitted last first.",
        answer=page_of_rows(RequestRow),
        parameters=[QUEUE],
    )
    def get(self, request: Sent) -> Response:
        """A page of them."""
        return self.list()


class OnRequest(Api):
    """One request that the person may read: in scope, on the desk, decided or submitted by them."""

    def named(self) -> QuerySet[Request]:
        """The request that the address names, whoever asks."""
        return Request.objects.filter(pk=self.kwargs["pk"])

    @property
    def readable(self) -> Request:
        """The request, the last one where several are named; 404 where the person may not read it."""
        rows = readable_by(self.person).select_related(*OF_A_CASE).filter(pk__in=self.named().order_by().values("pk"))
        found: Request | None = rows.order_by("-pk").first()
        if found is None:
            raise Http404(_("This is not there, or not in your scope."))
        return found

    def refuse(self, service: Callable[..., Request]) -> Response:
        """Say no by a service that wants a reason, and answer where the document stands."""
        given = self.given(RefusalInput)
        decided = service(self.readable.pk, by=self.person, note=given["reason"], seen_stage=given.get("stage"))
        return self.answer(DecisionOut, decided)

    def set_down(self, service: Callable[..., Request]) -> Response:
        """Take it off the desk by a service that may have a note, and answer where the document stands."""
        note = self.given(NoteInput)["note"]
        return self.answer(DecisionOut, service(self.readable.pk, by=self.person, note=note))


class OneApproval(OnRequest):
    """The case."""

    pages = {"GET": InboxPage}

    @described("Read a request for approval", answer=RequestOut)
    def get(self, request: Sent, pk: int) -> Response:
        """The document's facts now, the person's right, what others decided."""
        found = self.readable
        requests = requests_of(found.document_type, found.object_id, known=found)
        case = found.document.case(found, self.person, {})
        conditions = found.stage.conditions if found.stage else []
        people = people_to_come(requests[-1]) if requests[-1].is_waiting else {}
        found.facts = case.facts
        for name, value in {
            "right": right_of(found, self.person, case.facts, case.document),
            "deciders": people.get(found.stage_id or 0, [])[:MOST_NAMES] if found.is_waiting else [],
            "timeline": steps_of(requests, people=people),
            "conditions": [in_words(condition, found.document.facts) for condition in conditions],
        }.items():
            setattr(found, name, value)
        return self.answer(RequestOut, found)


class Approve(OnRequest):
    """Yes."""

    pages = {"POST": ApprovalPage}

    @described(
        "Approve",
        "At the stage where it stands; the facts are worked out again, and where they ask for a further stage it goes"
        " on to it. A delivery is trimmed at its own address.",
        request=StageApprovalInput,
        answer=DecisionOut,
    )
    def post(self, request: Sent, **named: Any) -> Response:
        """Decide."""
        return self.decide(self.readable, self.given(StageApprovalInput), changes={})

    def decide(self, found: Request, given: dict[str, Any], *, changes: dict[str, Any]) -> Response:
        """Approve it, with what the decider changes of the document."""
        note, stage = given["note"], given.get("stage")
        decided = approve(found.pk, by=self.person, note=note, changes=changes or None, seen_stage=stage)
        return self.answer(DecisionOut, decided)


class Reject(OnRequest):
    """No, for good."""

    pages = {"POST": RejectionPage}

    @described("Reject", request=RefusalInput, answer=DecisionOut)
    def post(self, request: Sent, **named: Any) -> Response:
        """Decide."""
        return self.refuse(reject)


class SendBack(OnRequest):
    """Not like this."""

    pages = {"POST": ReturnPage}

    @described("Return for change", request=RefusalInput, answer=DecisionOut)
    def post(self, request: Sent, **named: Any) -> Response:
        """Decide."""
        return self.refuse(send_back)


class PutAside(OnRequest):
    """Not now."""

    pages = {"POST": ParkingPage}

    @described(
        "Put aside until there is room",
        "It leaves the desk and comes back by itself when a payment or a limit makes room.",
        request=NoteInput,
        answer=DecisionOut,
    )
    def post(self, request: Sent, **named: Any) -> Response:
        """Put it aside."""
        return self.set_down(put_aside)


class Withdraw(OnRequest):
    """Back from those who decide."""

    pages = {"POST": WithdrawalPage}

    @described("Withdraw", "Before it is decided, by whose it is.", request=NoteInput, answer=DecisionOut)
    def post(self, request: Sent, **named: Any) -> Response:
        """Take it back."""
        return self.set_down(withdraw)


urlpatterns = [
    path("approvals/", Approvals.as_view(), name="approvals"),
    path("approvals/<int:pk>/", OneApproval.as_view(), name="approval"),
    path("approvals/<int:pk>/approval/", Approve.as_view(), name="approval_approval"),
    path("approvals/<int:pk>/rejection/", Reject.as_view(), name="approval_rejection"),
    path("approvals/<int:pk>/return/", SendBack.as_view(), name="approval_return"),
    path("approvals/<int:pk>/putting-aside/", PutAside.as_view(), name="approval_putting_aside"),
    path("approvals/<int:pk>/withdrawal/", Withdraw.as_view(), name="approval_withdrawal"),
]
