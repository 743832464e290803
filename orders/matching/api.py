"""Agents' ledgers over the API: sent line by line or as a file, both sides with their matches, matched and undone."""

import base64
import binascii
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import path, reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from customers.files.api import customer_called
from orders.reconciliation.record_api import DIFFERENCE, OneReconciliation, ReconciliationOut
from salesops.api.fields import Amount, Input, Named, NoInput, Person
from salesops.api.schema import page_of_rows
from salesops.api.views import Api, ListApi, described
from salesops.kernel.errors import require

from .adjusting import post_difference
from .difference_views import PostDifference
from .intake import keep_ledger, keep_lines, read_ledger
from .models import LedgerFormat, LedgerState, LedgerUpload
from .queries import formula_of
from .reading import LedgerMapping, LineRead
from .views import LedgerList, LedgerPage, NewLedger

MOST_SENT = 5_000
LARGEST_FILE = 3_500_000
SHOWN_PROBLEMS = 20


# ---- what is answered ----
class LedgerRow(serializers.Serializer[Any]):
    """An agent's ledger of a span of days."""

    id = serializers.IntegerField()
    customer = Named()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    opening = Amount(allow_null=True, help_text="what the agent says it owed before the first day")
    closing = Amount(allow_null=True)
    state = serializers.ChoiceField(choices=LedgerState.choices)
    lines_read = serializers.IntegerField()
    not_matched = serializers.IntegerField(source="left_count", help_text="lines of theirs that stand in no match")
    left_out = serializers.IntegerField(help_text="rows without an amount")
    bad = serializers.IntegerField(help_text="rows that could not be read")
    uploaded_by = Person()
    uploaded_at = serializers.DateTimeField()


class LeftOut(serializers.Serializer[Any]):
    """What is left of a side."""

    amount = Amount()
    count = serializers.IntegerField()


class FormulaOut(serializers.Serializer[Any]):
    """The way from our closing balance to theirs.

    our_closing - opening_apart - carried_ours + carried_theirs - ours + theirs + matched_apart + unexplained =
    their_closing. What was carried over counts here while nothing clears it.
    """

    our_closing = Amount()
    opening_apart = Amount()
    carried_ours = LeftOut()
    carried_theirs = LeftOut()
    ours = LeftOut()
    theirs = LeftOut()
    matched = serializers.IntegerField()
    matched_apart = Amount()
    unexplained = Amount()
    their_closing = Amount()


class ProblemOut(serializers.Serializer[Any]):
    """A row that could not be read."""

    row = serializers.IntegerField()
    column = serializers.CharField()
    value = serializers.CharField()
    reason = serializers.CharField()


class ReadFileOut(serializers.Serializer[Any]):
    """What of a file could not be read."""

    problems = serializers.SerializerMethodField()

    @extend_schema_field(ProblemOut(many=True))
    def get_problems(self, read: Any) -> Any:
        """The first rows that could not be read."""
        names = ("row", "column", "value", "reason")
        return [dict(zip(names, one, strict=True)) for one in read.problems[:SHOWN_PROBLEMS]]


class LedgerOut(ReadFileOut, LedgerRow):
    """A ledger with the way from our closing balance to theirs, and the work that reads or matches it."""

    formula = serializers.SerializerMethodField()
    job = serializers.UUIDField(source="job_id", allow_null=True, help_text="while it is read in the background")

    @extend_schema_field(FormulaOut(allow_null=True))
    def get_formula(self, upload: LedgerUpload) -> Any:
        """None before it is read, and once it is replaced."""
        return FormulaOut(formula_of(upload)).data if upload.state == LedgerState.READ else None


# ---- what is sent ----
class LineInput(Input):
    """A line of theirs."""

    day = serializers.DateField()
    reference = serializers.CharField(max_length=120, default="", allow_blank=True)
    text = serializers.CharField(max_length=300, default="", allow_blank=True)
    amount = Amount(help_text="as our ledger sees it: above 0 raises what the agent owes; not 0")

    def validate_amount(self, amount: Decimal) -> Decimal:
        """A line moves something."""
        if not amount:
            raise serializers.ValidationError(_("The amount is not 0."))
        return amount


class SpanInput(Input):
    """Whose ledger it is, and of which days."""

    customer = serializers.CharField(max_length=20, help_text="the customer's code")
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    opening = Amount(required=False, allow_null=True)
    closing = Amount(required=False, allow_null=True)
    replaces = serializers.BooleanField(default=False, help_text="whether it replaces ledgers that share a day")


class LedgerInput(SpanInput):
    """A ledger line by line."""

    lines = LineInput(many=True, min_length=1, max_length=MOST_SENT)  # type: ignore[call-arg]


class ColumnsInput(Input):
    """Which column holds what; either debit and credit, or one signed amount."""

    day = serializers.CharField(max_length=200)
    reference = serializers.CharField(max_length=200, default="", allow_blank=True)
    text = serializers.CharField(max_length=200, default="", allow_blank=True)
    debit = serializers.CharField(max_length=200, default="", allow_blank=True)
    credit = serializers.CharField(max_length=200, default="", allow_blank=True)
    amount = serializers.CharField(max_length=200, default="", allow_blank=True)
    debit_raises = serializers.BooleanField(default=False, help_text="false in the agent's own books")
    sheet = serializers.CharField(max_length=100, default="", allow_blank=True)
    header_row = serializers.IntegerField(min_value=0, max_value=1_000, default=0)
    date_format = serializers.CharField(max_length=20, default="", allow_blank=True)
    decimal_sign = serializers.ChoiceField(choices=[".", ","], default=".")


class LedgerFileInput(SpanInput):
    """A ledger as a file."""

    file_name = serializers.CharField(max_length=120)
    content = serializers.CharField(max_length=LARGEST_FILE * 4 // 3 + 4, help_text="the file in Base64")
    columns = ColumnsInput(required=False, help_text="empty: as the agent's last one was read")
    only_good = serializers.BooleanField(default=False, help_text="whether rows that cannot be read are left out")


EXAMPLE = OpenApiExample(
    "October of an agent",
    value={
        "customer": "A-1042",
        "first_day": "2026-10-01",
        "last_day": "2026-10-31",
        "lines": [{"day": "2026-10-05", "reference": "RK-1005", "amount": "58400.00"}],
    },
    request_only=True,
)


# ---- the ledgers ----
class Ledgers(ListApi):
    """Agents' ledgers."""

    pages = {"GET": LedgerList, "POST": NewLedger}
    answers = LedgerPage
    order = ("-uploaded_at", "-pk")
    row = LedgerRow

    @described("List agents' ledgers", "The latest first.", answer=page_of_rows(LedgerRow))
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.list()

    @described(
        "Send an agent's ledger",
        f"Line by line, {MOST_SENT:,} at most; it is matched against ours at once. A longer one is sent as a file.",
        request=LedgerInput,
        answer=LedgerOut,
        status=201,
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Take it in."""
        given = self.given(LedgerInput)
        customer = customer_called(given.pop("customer"), self.person)
        lines = [LineRead(row=row, **line) for row, line in enumerate(given.pop("lines"), start=1)]
        upload = keep_lines(customer.pk, lines, by=self.person, **given)
        return answered(self, upload.pk, status=201)


def answered(view: Api, pk: int, *, status: int = 200) -> Response:
    """Return the ledger as it stands now."""
    record = view.open(LedgerPage, pk=pk).record
    location = reverse("v1:their_ledger", args=[pk]) if status == 201 else ""
    return view.answer(LedgerOut, record, status=status, location=location)


class LedgerFiles(Api):
    """A ledger as a file."""

    pages = {"POST": NewLedger}
    answers = LedgerPage

    @described(
        "Send an agent's ledger as a file",
        "An .xlsx or .csv in Base64. A long one is read in the background: ask for the ledger until `state` is read."
        " Where a row cannot be read nothing is taken in, unless `only_good`.",
        request=LedgerFileInput,
        answer=LedgerOut,
        status=201,
    )
    @transaction.atomic
    def post(self, request: Request) -> Response:
        """Keep it and read it."""
        given = self.given(LedgerFileInput)
        customer = customer_called(given["customer"], self.person)
        columns = given.get("columns") or _remembered(customer.pk)
        span = {name: given.get(name) for name in ("opening", "closing")}
        upload = keep_ledger(
            customer.pk,
            by=self.person,
            file=SimpleUploadedFile(given["file_name"], decoded(given["content"])),
            first_day=given["first_day"],
            last_day=given["last_day"],
            **span,
        )
        try:
            upload = read_ledger(
                upload.pk,
                LedgerMapping.of(columns),
                by=self.person,
                only_good=given["only_good"],
                replaces=given["replaces"],
            )
            require_readable(upload, upload.state == LedgerState.READ or upload.job_id)
        except BaseException:
            upload.file.delete(save=False)
            raise
        return answered(self, upload.pk, status=201)


def _remembered(customer_id: int) -> Any:
    kept = LedgerFormat.objects.filter(pk=customer_id).values_list("mapping", flat=True).first()
    require(kept, _("Say what stands where: no ledger of this agent was read yet."), rule="mapping", field="columns")
    return kept


def decoded(content: str) -> bytes:
    """Return the bytes of a file that was sent in Base64; ValidationError where it is none."""
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise serializers.ValidationError({"content": [_("This is no Base64.")]}) from None


def require_readable(read: Any, is_read: Any) -> None:
    """Raise RuleBroken with the first row that could not be read, unless a file is read, or is being read."""
    row, column, value, reason = read.problems[0] if read.problems else (0, "", "", "")
    require(
        is_read,
        _("%(n)s rows cannot be read; the first is row %(row)s, %(column)s “%(value)s”: %(reason)s.")
        % {"n": read.bad, "row": row, "column": column, "value": value, "reason": reason},
        rule="rows",
        field="content",
        bad=read.bad,
        row=row,
        column=column,
    )


class OneLedger(Api):
    """One ledger."""

    pages = {"GET": LedgerPage}

    @described("Read an agent's ledger", answer=LedgerOut)
    def get(self, request: Request, pk: int) -> Response:
        """How it stands."""
        return self.answer(LedgerOut, self.page.record)


class DifferenceAdjustment(OneReconciliation):
    """The adjustment that a difference needs."""

    pages = {"POST": PostDifference}

    @described(
        "Ask for the adjustment of a difference",
        "Of its amount, where it is open or ours to post; approval decides. Where it is refused, the difference is open"
        " again.",
        request=NoInput,
        answer=ReconciliationOut,
        status=201,
    )
    def post(self, request: Request, number: str, position: int) -> Response:
        """Ask for it."""
        self.given(NoInput)
        post_difference(self.page.reconciliation.pk, self.page.difference.position, by=self.person)
        return self.tell(number, status=201)


urlpatterns = [
    path(f"{DIFFERENCE}adjustment/", DifferenceAdjustment.as_view(), name="difference_adjustment"),
    path("their-ledgers/", Ledgers.as_view(), name="their_ledgers"),
    path("their-ledgers/files/", LedgerFiles.as_view(), name="their_ledger_files"),
    path("their-ledgers/<int:pk>/", OneLedger.as_view(), name="their_ledger"),
]
