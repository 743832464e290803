"""Rounds of reconciliation over the API: opening one, its board, reminders."""

from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from customers.files.api import customers_called
from customers.files.models import Grade, Kind
from salesops.api.fields import Amount, Input, NoInput, Person
from salesops.api.schema import page_of_rows
from salesops.api.views import Api, ListApi, described
from salesops.users.models import Region
from salesops.users.people.queries import people_visible_to

from .queries import taking_part
from .rounds import open_round, remind, send_again
from .statement_api import DaysInput
from .views import Board, NewRound, RemindRound, RoundList, SendRound

MOST_CUSTOMERS = 5_000


class RoundRow(serializers.Serializer[Any]):
    """One reconciliation of many accounts over the same days; counts are of the accounts in the person's scope."""

    number = serializers.CharField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    answer_by = serializers.DateField()
    note = serializers.CharField()
    opened_by = Person()
    opened_at = serializers.DateTimeField()
    accounts = serializers.IntegerField()
    signed = serializers.IntegerField()
    differing = serializers.IntegerField()
    waiting = serializers.IntegerField(help_text="sent or seen, not answered")


class TallyOut(serializers.Serializer[Any]):
    """The board of a round in figures."""

    states = serializers.DictField(child=serializers.IntegerField(), help_text="how many stand in each state")
    overdue = serializers.IntegerField(source="late", help_text="not answered, and the day for answers is over")
    closing = Amount(help_text="all our closing balances that were sent")
    unexplained = Amount(help_text="what nothing explains and nobody accepted, added up without signs")
    net = Amount(help_text="the same, with signs")


class RoundOut(RoundRow):
    """A round with its figures, and the job that was begun for it, if one was."""

    tally = TallyOut()
    job = serializers.UUIDField(allow_null=True, help_text="what this request began; null: nothing")


class RoundInput(DaysInput):
    """The days, until when one answers, and who takes part: those that are named, or all that the choices leave."""

    answer_by = serializers.DateField()
    note = serializers.CharField(max_length=300, default="", allow_blank=True)
    customers = serializers.ListField(
        child=serializers.CharField(max_length=20),
        default=list,
        max_length=MOST_CUSTOMERS,
        help_text="codes; empty: all that the choices below leave",
    )
    kind = serializers.ChoiceField(choices=Kind.choices, default="", allow_blank=True)
    grade = serializers.ChoiceField(choices=Grade.choices, default="", allow_blank=True)
    region = serializers.CharField(max_length=20, default="", allow_blank=True, help_text="a code; with all below it")
    representative = serializers.CharField(max_length=150, default="", allow_blank=True, help_text="a user name")
    moved = serializers.BooleanField(default=False, help_text="leave out accounts without entries or balance")


class ReminderInput(Input):
    """Whom."""

    silent_days = serializers.IntegerField(
        min_value=0, max_value=365, default=0, help_text="only those who have been silent for so many days"
    )


EXAMPLE = OpenApiExample(
    "October, all agents",
    value={"first_day": "2026-10-01", "last_day": "2026-10-31", "answer_by": "2026-12-31", "kind": "agent"},
    request_only=True,
)


class OfOneRound(Api):
    """What resources of a round share."""

    def tell(self, number: str, *, job: Any = None, status: int = 200) -> Response:
        """Answer with the round as this person sees it."""
        board = self.open(Board, number=number)
        made = board.round
        made.tally, made.job = board.tally, job.pk if job else None
        location = reverse("v1:round", args=[number]) if status == 201 else ""
        return self.answer(RoundOut, made, status=status, location=location)


class Rounds(OfOneRound, ListApi):
    """Rounds in which the person sees an account."""

    pages = {"GET": RoundList, "POST": NewRound}
    order = ("-pk",)
    row = RoundRow

    @described("List rounds of reconciliation", "The latest first.", answer=page_of_rows(RoundRow))
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.list()

    @described(
        "Open a round",
        "A job makes and publishes the statements; read it at `/jobs/{id}/`. An account takes part once over the same"
        " days.",
        request=RoundInput,
        answer=RoundOut,
        status=201,
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Open it."""
        given = self.given(RoundInput)
        days = {name: given[name] for name in ("first_day", "last_day")}
        customers = taking_part(
            self.person,
            **days,
            customers=customers_called(given["customers"], self.person),
            kind=given["kind"],
            grade=given["grade"],
            region=self._one("region", Region.objects.filter(code=given["region"])) if given["region"] else None,
            representative=self._one(
                "representative", people_visible_to(self.person).filter(username=given["representative"])
            )
            if given["representative"]
            else None,
            moved=given["moved"],
        )
        made, job = open_round(
            by=self.person, customers=customers, answer_by=given["answer_by"], note=given["note"], **days
        )
        return self.tell(made.number, job=job, status=201)

    def _one(self, name: str, rows: Any) -> Any:
        found = rows.first()
        if found is None:
            raise ValidationError({name: [_("There is no such one in your scope.")]})
        return found


class OneRound(OfOneRound):
    """One round."""

    pages = {"GET": Board}

    @described(
        "Read a round",
        "The figures of its board, of the accounts in scope; its rows are at `/reconciliations/?round=`.",
        answer=RoundOut,
    )
    def get(self, request: Request, number: str) -> Response:
        """Its figures."""
        return self.tell(number)


class Reminder(OfOneRound):
    """Everybody who is silent is told again."""

    pages = {"POST": RemindRound}

    @described(
        "Remind",
        "A job tells those who have not answered again, each at most once a day.",
        request=ReminderInput,
        answer=RoundOut,
    )
    def post(self, request: Request, number: str) -> Response:
        """Begin it."""
        made, given = self.page.round, self.given(ReminderInput)
        return self.tell(number, job=remind(made.pk, by=self.person, silent_days=given["silent_days"]))


class Sending(OfOneRound):
    """Statements that a cancelled or failed job left unsent."""

    pages = {"POST": SendRound}

    @described("Send what is not sent", "A job makes and publishes them.", request=NoInput, answer=RoundOut)
    def post(self, request: Request, number: str) -> Response:
        """Begin it."""
        self.given(NoInput)
        return self.tell(number, job=send_again(self.page.round.pk, by=self.person))


urlpatterns = [
    path("rounds/", Rounds.as_view(), name="rounds"),
    path("rounds/<str:number>/", OneRound.as_view(), name="round"),
    path("rounds/<str:number>/reminder/", Reminder.as_view(), name="round_reminder"),
    path("rounds/<str:number>/sending/", Sending.as_view(), name="round_sending"),
]
