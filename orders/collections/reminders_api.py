"""Reminders over the API: what is due, what a letter would say, sending, and what was sent."""

from typing import Any

from django.http.response import HttpResponseBase
from django.urls import path, reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from customers.files.api import customers_called
from orders.reconciliation.statement_api import FileApi, file_of
from salesops.api.fields import Amount, Input, Named, Person
from salesops.api.schema import page_of_rows
from salesops.api.views import Api, ListApi, described
from salesops.jobs.api import JobOut

from .letters import MOST_DUE, due_letters
from .models import Reminder
from .reminding import start_reminders
from .views import NewReminders, PreviewReminder, ReminderLetter, ReminderList, ReminderRecord

MOST_CUSTOMERS = 5_000


# ---- what is answered ----
class LetterRow(serializers.Serializer[Any]):
    """A letter that was sent."""

    number = serializers.CharField()
    customer = Named()
    made_on = serializers.DateField()
    level = serializers.IntegerField(help_text="the highest of its items")
    title = serializers.CharField()
    title_zh = serializers.CharField()
    amount = Amount(help_text="all that it reminds of")
    statement = serializers.CharField(source="statement.number", help_text="that went with it")
    sent_to = serializers.CharField(help_text="an address of mail; empty: it was printed")
    sending = serializers.SerializerMethodField(help_text="how its mail went; null: it was printed")
    puts_on_hold = serializers.SerializerMethodField(help_text="whether it put the account on hold")
    made_by = Person()
    made_at = serializers.DateTimeField()

    def get_sending(self, letter: Reminder) -> str | None:
        """The state of the mail."""
        return letter.mail.state if letter.mail else None

    def get_puts_on_hold(self, letter: Reminder) -> bool:
        """Whether the hold began with it."""
        return letter.hold_at is not None


class LetterItemOut(serializers.Serializer[Any]):
    """A line of a letter."""

    item = serializers.IntegerField(source="item_id", help_text="the id of /open-items/")
    document = serializers.CharField()
    due_on = serializers.DateField()
    days = serializers.IntegerField(help_text="late")
    level = serializers.IntegerField()
    disputed = Amount(help_text="left out of the letter")
    amount = Amount(help_text="reminded of")


class LetterOut(LetterRow):
    """A letter with what it says."""

    text = serializers.CharField()
    text_zh = serializers.CharField()
    items = serializers.SerializerMethodField()

    @extend_schema_field(LetterItemOut(many=True))
    def get_items(self, letter: Reminder) -> Any:
        """Its lines, the oldest first."""
        return LetterItemOut(letter.lines.all(), many=True).data


class DueLetterOut(serializers.Serializer[Any]):
    """A letter that is due today."""

    customer = Named()
    level = serializers.IntegerField(source="level.number")
    title = serializers.CharField(source="level.title")
    title_zh = serializers.CharField(source="level.title_zh")
    amount = Amount(source="proposal.amount")
    disputed = Amount(source="proposal.disputed", help_text="left out of it")
    days = serializers.IntegerField(source="proposal.days", help_text="late, of its oldest item")
    items = serializers.IntegerField(source="proposal.count", help_text="how many stand on it")
    sent_to = serializers.CharField(help_text="an address of mail; empty: it is to print")


class DueLettersOut(serializers.Serializer[Any]):
    """All that are due, the highest level and the largest amount first."""

    results = DueLetterOut(many=True)


class PreviewOut(serializers.Serializer[Any]):
    """A letter as it would leave today; nothing is kept."""

    customer = Named(source="letter.customer")
    is_due = serializers.BooleanField(help_text="false: none would leave today, though something is overdue")
    level = serializers.IntegerField(source="letter.level")
    title = serializers.CharField(source="letter.title")
    title_zh = serializers.CharField(source="letter.title_zh")
    text = serializers.CharField(source="letter.text")
    text_zh = serializers.CharField(source="letter.text_zh")
    amount = Amount(source="letter.amount")
    sent_to = serializers.CharField(source="letter.sent_to", help_text="empty: it is to print")
    items = LetterItemOut(source="lines", many=True)


# ---- what is sent ----
class LettersInput(Input):
    """Whom to remind."""

    customers = serializers.ListField(
        child=serializers.CharField(max_length=20),
        required=False,
        max_length=MOST_CUSTOMERS,
        help_text="codes; without it, everybody to whom a letter is due, as `/reminders/due/` lists them",
    )


class Reminders(ListApi):
    """Letters that were sent, and sending those that are due."""

    pages = {"GET": ReminderList, "POST": NewReminders}
    answers = ReminderList
    order = ("-pk",)
    row = LetterRow

    @described("List reminders", "Letters as they were sent, the latest first.", answer=page_of_rows(LetterRow))
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.list()

    @described(
        "Send reminders",
        "A job sends the letters that are due, each with its statement: a customer gets one a day at most. Who is named"
        " and has none due gets none. Read the job at `/jobs/{id}/`; `/reminders/due/` shows the letters before.",
        request=LettersInput,
        answer=JobOut,
        status=201,
    )
    def post(self, request: Request) -> Response:
        """Begin it."""
        codes = self.given(LettersInput).get("customers")
        ids = self._due() if codes is None else customers_called(codes, self.person)
        job = start_reminders(by=self.person, customer_ids=ids)
        return self.answer(JobOut, job, status=201, location=reverse("v1:job", args=[job.pk]))

    def _due(self) -> list[int]:
        return [letter.customer.pk for letter in due_letters(self.person, timezone.localdate())]


class DueReminders(Api):
    """Letters that are due."""

    pages = {"GET": NewReminders}

    @described(
        "List reminders that are due",
        "Before they leave: to everybody in scope of whom an item reaches a further level today,"
        f" at most {MOST_DUE}; the next ones are due once these have left.",
        answer=DueLettersOut,
    )
    def get(self, request: Request) -> Response:
        """The first of them."""
        return self.answer(DueLettersOut, {"results": self.page.due})


class OneReminder(Api):
    """One letter."""

    pages = {"GET": ReminderRecord}

    @described("Read a reminder", "With its items, each at its level.", answer=LetterOut)
    def get(self, request: Request, number: str) -> Response:
        """As it was sent."""
        return self.answer(LetterOut, self.page.record)


class ReminderPdf(FileApi):
    """A letter on paper."""

    pages = {"GET": ReminderLetter}

    @file_of("Fetch a reminder as PDF", "application/pdf")
    def get(self, request: Request, number: str) -> HttpResponseBase:
        """Send it."""
        return self.send(number=number)


class CustomerReminder(Api):
    """The letter of today to one customer."""

    pages = {"GET": PreviewReminder}

    @described(
        "Look at a reminder before it leaves",
        "What a letter of today would say; 404 where nothing is overdue, or all of it is disputed.",
        answer=PreviewOut,
    )
    def get(self, request: Request, code: str) -> Response:
        """Nothing is kept."""
        return self.answer(PreviewOut, self.page.preview)


urlpatterns = [
    path("reminders/", Reminders.as_view(), name="reminders"),
    path("reminders/due/", DueReminders.as_view(), name="reminders_due"),
    path("reminders/<str:number>/", OneReminder.as_view(), name="reminder"),
    path("reminders/<str:number>/letter/", ReminderPdf.as_view(), name="reminder_letter"),
    path("customers/<str:code>/reminder/", CustomerReminder.as_view(), name="customer_reminder"),
]
