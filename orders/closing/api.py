"""Months over the API: which are closed, what stands in the way, closing, asking to reopen."""

from typing import Any

from django.urls import path, reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from salesops.api.fields import Input, Person, ReasonInput
from salesops.api.schema import page_of_rows
from salesops.api.views import Api, described

from .checks import Level
from .models import Reopening, ReopeningState, StepKind
from .services import ask_reopening, close_month
from .views import AskReopening, CloseMonth, PeriodRecord, Periods


class PeriodRow(serializers.Serializer[Any]):
    """A month of the books."""

    month = serializers.CharField(source="key", help_text="2026-10")
    first_day = serializers.DateField(source="period.start")
    last_day = serializers.DateField(source="period.last_day")
    is_closed = serializers.BooleanField()
    is_next = serializers.BooleanField(help_text="whether it is the one to close next")
    has_ended = serializers.BooleanField()


class PointOut(serializers.Serializer[Any]):
    """A line of the checklist."""

    key = serializers.CharField(source="check.key")
    says = serializers.CharField(source="check.label")
    level = serializers.ChoiceField(choices=Level.choices, source="check.level")
    left = serializers.IntegerField(source="left.count", help_text="0: it holds")
    words = serializers.CharField(source="left.words", allow_blank=True)


class PointKept(serializers.Serializer[Any]):
    """A line of the checklist as it was when the month was closed."""

    key = serializers.CharField()
    says = serializers.CharField(source="label")
    level = serializers.ChoiceField(choices=Level.choices)
    left = serializers.IntegerField()


class StepOut(serializers.Serializer[Any]):
    """A closing or a reopening, which stays on record."""

    kind = serializers.ChoiceField(choices=StepKind.choices)
    by = Person()
    at = serializers.DateTimeField()
    reason = serializers.CharField(allow_blank=True)
    reopening = serializers.CharField(source="reopening.number", default=None, allow_null=True)
    checklist = PointKept(many=True)


class PeriodOut(PeriodRow):
    """A month with what happened to it, and what stands in the way where it is open and has ended."""

    steps = serializers.SerializerMethodField()
    checklist = serializers.SerializerMethodField()

    @extend_schema_field(StepOut(many=True))
    def get_steps(self, month: Any) -> Any:
        """The latest last."""
        return StepOut(month.steps, many=True).data

    @extend_schema_field(PointOut(many=True, allow_null=True))
    def get_checklist(self, month: Any) -> Any:
        """As it stands now."""
        checklist = self.context["checklist"]
        return PointOut(checklist.points, many=True).data if checklist else None


class ReopeningOut(serializers.Serializer[Any]):
    """A request to reopen a month; it is decided at /approvals/."""

    number = serializers.CharField()
    month = serializers.CharField(source="period")
    reason = serializers.CharField()
    state = serializers.ChoiceField(choices=ReopeningState.choices)
    created_by = Person()
    created_at = serializers.DateTimeField()


class ClosingInput(Input):
    """What is said when a month is closed."""

    accepts_warnings = serializers.BooleanField(default=False, help_text="that what has to be accepted is")
    note = serializers.CharField(max_length=300, default="", allow_blank=True)


class PeriodList(Api):
    """The months."""

    pages = {"GET": Periods}

    @described(
        "List months",
        "From the first entry to the running month, the latest first; all on one page.",
        answer=page_of_rows(PeriodRow),
    )
    def get(self, request: Request) -> Response:
        """All of them."""
        return Response({"results": PeriodRow(self.page.months, many=True).data, "next": None})


class OfPeriod(Api):
    """What is answered with a month."""

    def answer_month(self) -> Response:
        """It as it stands now."""
        page = self.open(PeriodRecord)
        made = PeriodOut(page.month, context={"person": self.person, "checklist": page.checklist})
        return Response(made.data)


class OnePeriod(OfPeriod):
    """One month."""

    pages = {"GET": PeriodRecord}

    @described("Read a month", "With its checklist, and what happened to it.", answer=PeriodOut)
    def get(self, request: Request, month: str) -> Response:
        """It."""
        return self.answer_month()


class Closing(OfPeriod):
    """A month is closed."""

    pages = {"POST": CloseMonth}
    answers = PeriodRecord

    @described(
        "Close a month",
        "From then on nothing is posted into it; what comes late goes into the first open month.",
        request=ClosingInput,
        answer=PeriodOut,
    )
    def post(self, request: Request, month: str) -> Response:
        """Close it."""
        close_month(self.page.period, by=self.person, **self.given(ClosingInput))
        return self.answer_month()


class AskingToReopen(Api):
    """A closed month is asked to be opened again."""

    pages = {"POST": AskReopening}
    answers = PeriodRecord

    @described(
        "Ask to reopen a month",
        "Only the month that was closed last. It is open once the request is approved.",
        request=ReasonInput,
        answer=ReopeningOut,
        status=201,
    )
    def post(self, request: Request, month: str) -> Response:
        """Submit the request."""
        made: Reopening = ask_reopening(self.page.period, by=self.person, reason=self.given(ReasonInput)["reason"])
        return self.answer(ReopeningOut, made, status=201, location=reverse("v1:period", args=[made.period]))


urlpatterns = [
    path("periods/", PeriodList.as_view(), name="periods"),
    path("periods/<str:month>/", OnePeriod.as_view(), name="period"),
    path("periods/<str:month>/closing/", Closing.as_view(), name="period_closing"),
    path("periods/<str:month>/reopening/", AskingToReopen.as_view(), name="period_reopening"),
]
