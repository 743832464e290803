"""Both sides of an agent's ledger over the API: entries and lines, what was carried over, parts, matches."""

from typing import Any

import django_filters
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import path, reverse
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from orders.receivables.models import ReceivableEntry
from orders.reconciliation.models import DifferenceReason
from salesops.api.fields import Amount, Input, NoInput, Person
from salesops.api.schema import page_of_rows
from salesops.api.views import Api, ListApi, described
from salesops.web.filters import FilterSet

from .api import LedgerOut, answered
from .match_views import NewMatch, NewParts, RunMatching, UndoMatch, UndoParts
from .models import LedgerLine, LedgerSplit, LedgerState, MatchOurs, MatchTheirs, Way
from .queries import carried_on, carried_over, entries_of, matches_of, with_clearings
from .services import MOST_SIDES, match_by_hand, start_matching, undo_match
from .splitting import MOST_PARTS, split_line, undo_split
from .views import LedgerPage, OfLedger


# ---- what is answered ----
class EntryRow(serializers.Serializer[Any]):
    """An entry of ours within the days."""

    id = serializers.IntegerField()
    document = serializers.CharField()
    text = serializers.CharField()
    posted_on = serializers.DateField()
    amount = Amount(help_text="what it adds to what the agent owes")
    match = serializers.IntegerField(source="match_id", allow_null=True)


class PartRow(serializers.Serializer[Any]):
    """A line of theirs, or a part of one."""

    id = serializers.IntegerField()
    row = serializers.IntegerField()
    part = serializers.IntegerField()
    day = serializers.DateField()
    reference = serializers.CharField()
    text = serializers.CharField()
    amount = Amount(help_text="as our ledger sees it: above 0 raises what the agent owes")
    split = serializers.IntegerField(source="split_id", allow_null=True, help_text="the split that it is a part of")


class LineRow(PartRow):
    """A line of theirs with its match."""

    match = serializers.IntegerField(source="match_id", allow_null=True)


class MatchRow(serializers.Serializer[Any]):
    """Entries of ours and lines of theirs that are the same."""

    id = serializers.IntegerField()
    way = serializers.ChoiceField(choices=Way.choices)
    days = serializers.IntegerField(help_text="how far apart they lie at most")
    amount = Amount(help_text="the sum of our side")
    difference = Amount(help_text="theirs less ours")
    reason = serializers.CharField()
    made_by = Person(allow_null=True, help_text="null: by rule")
    made_at = serializers.DateTimeField()
    ours = serializers.SerializerMethodField()
    theirs = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_ours(self, match: Any) -> list[int]:
        """The keys of our entries."""
        return [side.entry_id for side in match.ours.all()]

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_theirs(self, match: Any) -> list[int]:
        """The keys of their lines."""
        return [side.line_id for side in match.theirs.all()]


class SplitRow(serializers.Serializer[Any]):
    """A line of theirs in parts."""

    id = serializers.IntegerField()
    line = serializers.IntegerField(source="line_id")
    made_by = Person()
    made_at = serializers.DateTimeField()
    parts = serializers.SerializerMethodField()

    @extend_schema_field(PartRow(many=True))
    def get_parts(self, split: LedgerSplit) -> Any:
        """In order."""
        return PartRow(split.parts.order_by("part"), many=True).data


class SideRow(serializers.Serializer[Any]):
    """An entry of ours or a line of theirs."""

    side = serializers.ChoiceField(choices=["ours", "theirs"])
    id = serializers.IntegerField(source="pk")
    document = serializers.CharField()
    day = serializers.DateField()
    amount = Amount(help_text="as our ledger sees it: above 0 raises what the agent owes")


class ClearingOut(serializers.Serializer[Any]):
    """The match of a later ledger, and what it is matched with there."""

    ledger = serializers.IntegerField(source="match.upload_id")
    first_day = serializers.DateField(source="match.upload.first_day")
    last_day = serializers.DateField(source="match.upload.last_day")
    match = serializers.IntegerField(source="match.pk")
    matched_with = SideRow(many=True, source="others")


class CarriedRow(serializers.Serializer[Any]):
    """What a ledger left in transit or to another period."""

    what = SideRow(source="side")
    reason = serializers.ChoiceField(choices=DifferenceReason.choices, source="difference.reason", allow_blank=True)
    reconciliation = serializers.CharField(source="difference.reconciliation.number")
    position = serializers.IntegerField(source="difference.position", help_text="of the difference that says so")
    cleared = ClearingOut(source="clearing", allow_null=True, help_text="null while nothing clears it")


class CarriedOut(serializers.Serializer[Any]):
    """What the ledger before left to this one, and what this one left to those after it."""

    brought_forward = CarriedRow(many=True)
    carried_forward = CarriedRow(many=True)


# ---- what is sent ----
class PartsInput(Input):
    """The parts of a line."""

    amounts = serializers.ListField(
        child=Amount(), min_length=2, max_length=MOST_PARTS, help_text="they add up to the line, to the cent"
    )


class MatchInput(Input):
    """What is the same, by keys of both sides."""

    ours = serializers.ListField(child=serializers.IntegerField(min_value=1), default=list, max_length=MOST_SIDES)
    theirs = serializers.ListField(child=serializers.IntegerField(min_value=1), default=list, max_length=MOST_SIDES)
    reason = serializers.CharField(max_length=300, default="", allow_blank=True, help_text="where they are apart")


# ---- both sides ----
class MatchedFilter(FilterSet):
    """Lines that stand in a match, or that stand in none."""

    matched = django_filters.ChoiceFilter(
        choices=[("yes", gettext_lazy("Matched")), ("no", gettext_lazy("Not matched"))],
        method="keep_matched",
        label=gettext_lazy("Matched"),
    )

    def keep_matched(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep one kind."""
        return rows.filter(match_id__isnull=value == "no")


class EntriesOfLedger(OfLedger):
    """Our entries of the days of a ledger, each with its match."""

    filters = MatchedFilter

    def rows(self) -> QuerySet[ReceivableEntry]:
        """The rows."""
        made = MatchOurs.objects.filter(entry=OuterRef("pk"), stands=True, match__upload=self.upload)
        return entries_of(self.upload).annotate(match_id=Subquery(made.values("match")[:1]))


class LinesOfLedger(OfLedger):
    """The lines of a ledger, each with its match."""

    filters = MatchedFilter

    def rows(self) -> QuerySet[LedgerLine]:
        """The rows."""
        made = MatchTheirs.objects.filter(line=OuterRef("pk"), stands=True, match__upload=self.upload)
        return self.upload.lines.standing().annotate(match_id=Subquery(made.values("match")[:1]))


class OfOneLedger(ListApi):
    """What lists of one ledger share: they have no search, which their pages share with both sides."""

    def rows(self) -> QuerySet[Any]:
        return self.filtered(self.page.rows(), self.page.filters)


class Entries(OfOneLedger):
    """Our side."""

    pages = {"GET": EntriesOfLedger}
    order = ("posted_on", "pk")
    row = EntryRow

    @described("List our entries of a ledger's days", "By day.", answer=page_of_rows(EntryRow))
    def get(self, request: Request, pk: int) -> Response:
        """A page of them."""
        return self.list()


class Lines(OfOneLedger):
    """Their side."""

    pages = {"GET": LinesOfLedger}
    order = ("day", "pk")
    row = LineRow

    @described("List the lines of an agent's ledger", "By day.", answer=page_of_rows(LineRow))
    def get(self, request: Request, pk: int) -> Response:
        """A page of them."""
        return self.list()


# ---- in parts ----
class Parts(Api):
    """The parts of a line."""

    pages = {"POST": NewParts}
    answers = LedgerPage

    @described(
        "Split a line of theirs",
        "Into parts that add up to it; each is matched and stated for itself. The line counts no more while they do.",
        request=PartsInput,
        answer=SplitRow,
        status=201,
    )
    def post(self, request: Request, pk: int, line: int) -> Response:
        """Split it."""
        split = split_line(self.page.line.pk, by=self.person, amounts=self.given(PartsInput)["amounts"])
        location = reverse("v1:their_ledger_lines", args=[pk])
        return self.answer(SplitRow, split, status=201, location=location)


class SplitUndoing(Api):
    """A line that is put together again."""

    pages = {"POST": UndoParts}
    answers = LedgerPage

    @described(
        "Put a line together again",
        "While none of its parts is matched or stated as a difference.",
        request=NoInput,
        answer=LedgerOut,
    )
    def post(self, request: Request, pk: int, split: int) -> Response:
        """Undo it."""
        self.given(NoInput)
        undo_split(self.page.split.pk, by=self.person)
        return answered(self, pk)


# ---- carried over ----
class Carrying(Api):
    """What is carried from one ledger to the next."""

    pages = {"GET": LedgerPage}

    @described(
        "Read what was carried over",
        "Entries and lines in transit or of another period, each with the match of a later ledger that clears it."
        " Nothing of a ledger that is not read or was replaced.",
        answer=CarriedOut,
    )
    def get(self, request: Request, pk: int) -> Response:
        """Both ways."""
        upload = self.page.record
        ways = {"brought_forward": carried_over, "carried_forward": carried_on}
        is_read = upload.state == LedgerState.READ
        found = {name: with_clearings(way(upload)) if is_read else [] for name, way in ways.items()}
        return self.answer(CarriedOut, found)


# ---- matches ----
class MatchesOfLedger(OfLedger):
    """The standing matches of a ledger."""

    filters = None

    def rows(self) -> QuerySet[Any]:
        """The rows."""
        return matches_of(self.upload)


class Matches(OfOneLedger):
    """What is the same."""

    pages = {"GET": MatchesOfLedger, "POST": NewMatch}
    answers = LedgerPage
    order = ("pk",)
    row = MatchRow

    @described("List the matches of a ledger", "Those that stand.", answer=page_of_rows(MatchRow))
    def get(self, request: Request, pk: int) -> Response:
        """A page of them."""
        return self.list()

    @described(
        "Match by hand",
        "Both sides add up to the same; up to 1.00 apart with a reason.",
        request=MatchInput,
        answer=MatchRow,
        status=201,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Match them."""
        match = match_by_hand(self.page.upload.pk, by=self.person, **self.given(MatchInput))
        location = reverse("v1:their_ledger_matches", args=[pk])
        return self.answer(MatchRow, match, status=201, location=location)


class MatchUndoing(Api):
    """A match that was none."""

    pages = {"POST": UndoMatch}
    answers = LedgerPage

    @described("Undo a match", "Its lines are free again, and stay for a person.", request=NoInput, answer=LedgerOut)
    def post(self, request: Request, pk: int, match: int) -> Response:
        """Undo it."""
        self.given(NoInput)
        undo_match(self.page.match.pk, by=self.person)
        return answered(self, pk)


class MatchingRun(Api):
    """Matching by rule."""

    pages = {"POST": RunMatching}
    answers = LedgerPage

    @described(
        "Match by rule again",
        "What is left, but what a person took apart. A long ledger is matched in the background.",
        request=NoInput,
        answer=LedgerOut,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Run the rules."""
        self.given(NoInput)
        start_matching(self.page.upload.pk, by=self.person)
        return answered(self, pk)


ONE = "their-ledgers/<int:pk>/"

urlpatterns = [
    path(f"{ONE}entries/", Entries.as_view(), name="their_ledger_entries"),
    path(f"{ONE}lines/", Lines.as_view(), name="their_ledger_lines"),
    path(f"{ONE}lines/<int:line>/parts/", Parts.as_view(), name="line_parts"),
    path(f"{ONE}splits/<int:split>/undoing/", SplitUndoing.as_view(), name="split_undoing"),
    path(f"{ONE}carried/", Carrying.as_view(), name="their_ledger_carried"),
    path(f"{ONE}matches/", Matches.as_view(), name="their_ledger_matches"),
    path(f"{ONE}matches/<int:match>/undoing/", MatchUndoing.as_view(), name="match_undoing"),
    path(f"{ONE}matching/", MatchingRun.as_view(), name="matching_run"),
]
