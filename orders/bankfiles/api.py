"""Bank files over the API: sent, their lines with what they were matched to, and recorded."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import path, reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from orders.matching.api import LARGEST_FILE, ColumnsInput, ReadFileOut, decoded, require_readable
from salesops.api.fields import Amount, Input, Named, Person
from salesops.api.schema import page_of_rows
from salesops.api.views import Api, ListApi, described
from salesops.kernel.errors import require

from .models import BankFileState, BankLine, CompanyAccount, Doubt, LineState, Way
from .queries import payment_of
from .reading import BankMapping
from .services import keep_bank_file, read_bank_file, start_recording
from .views import BankFileList, BankFilePage, NewBankFile, RecordBankFile


class BankFileRow(serializers.Serializer[Any]):
    """A bank's statement of an account of the company."""

    id = serializers.IntegerField()
    account = serializers.CharField(source="account.name")
    file_name = serializers.CharField()
    state = serializers.ChoiceField(choices=BankFileState.choices)
    lines = serializers.IntegerField(source="line_count")
    total = Amount(help_text="what all lines add up to")
    recorded = serializers.IntegerField(source="recorded_count")
    left = serializers.IntegerField(source="open_count", help_text="lines that are proposed or to decide")
    left_out = serializers.IntegerField(help_text="rows without an amount")
    bad = serializers.IntegerField(help_text="rows that could not be read")
    uploaded_by = Person()
    uploaded_at = serializers.DateTimeField()
    job = serializers.UUIDField(source="job_id", allow_null=True, help_text="the work that records it, if it was long")


class BankFileOut(ReadFileOut, BankFileRow):
    """A bank file with the first rows that could not be read."""


class BankLineRow(serializers.Serializer[Any]):
    """A line of a bank file."""

    id = serializers.IntegerField()
    row = serializers.IntegerField()
    day = serializers.DateField()
    amount = Amount(help_text="above 0 came in, below 0 went out")
    payer_account = serializers.CharField()
    payer_name = serializers.CharField()
    reference = serializers.CharField()
    transaction = serializers.CharField(help_text="the bank's number")
    state = serializers.ChoiceField(choices=LineState.choices)
    customer = Named(allow_null=True)
    way = serializers.ChoiceField(choices=Way.choices, allow_blank=True, help_text="what the customer was found by")
    doubt = serializers.ChoiceField(choices=Doubt.choices, allow_blank=True)
    reason = serializers.CharField(help_text="why it was set aside")
    payment = serializers.SerializerMethodField(help_text="of this line, or of the one that came before")

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_payment(self, line: BankLine) -> str | None:
        """Its number."""
        payment = payment_of(line)
        return payment.number if payment else None


class BankColumnsInput(ColumnsInput):
    """Which column holds what; either came in (credit) and went out (debit), or one signed amount."""

    payer_account = serializers.CharField(max_length=200, default="", allow_blank=True)
    payer_name = serializers.CharField(max_length=200, default="", allow_blank=True)
    transaction = serializers.CharField(max_length=200, default="", allow_blank=True)


class BankFileInput(Input):
    """A bank's file."""

    account = serializers.CharField(max_length=80, help_text="the company's account, by the name it goes by here")
    file_name = serializers.CharField(max_length=120)
    content = serializers.CharField(max_length=LARGEST_FILE * 4 // 3 + 4, help_text="the file in Base64")
    columns = BankColumnsInput(required=False, help_text="empty: as the account's last file was read")
    only_good = serializers.BooleanField(default=False, help_text="whether rows that cannot be read are left out")


class RecordingInput(Input):
    """Which lines are recorded."""

    lines = serializers.ListField(
        child=serializers.IntegerField(min_value=1),
        required=False,
        max_length=5_000,
        help_text="the ids of proposed lines; left out: all that are proposed",
    )


class ApiBankFiles(ListApi):
    """Bank files."""

    pages = {"GET": BankFileList, "POST": NewBankFile}
    answers = BankFilePage
    order = ("-uploaded_at", "-pk")
    row = BankFileRow

    @described("List bank files", "The latest first.", answer=page_of_rows(BankFileRow))
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.list()

    @described(
        "Send a bank file",
        "An .xlsx or .csv in Base64, read and matched at once; recording is asked for apart. Lines that came before,"
        " in whichever file of the account, are told and never recorded again.",
        request=BankFileInput,
        answer=BankFileOut,
        status=201,
    )
    @transaction.atomic
    def post(self, request: Request) -> Response:
        """Keep it and read it."""
        given = self.given(BankFileInput)
        columns = given.get("columns") or _remembered(given["account"])
        file = SimpleUploadedFile(given["file_name"], decoded(given["content"]))
        one = keep_bank_file(by=self.person, file=file, account=given["account"])
        try:
            one = read_bank_file(one.pk, BankMapping.of(columns), by=self.person, only_good=given["only_good"])
            require_readable(one, one.state == BankFileState.READ)
        except BaseException:
            one.file.delete(save=False)
            raise
        return _answered(self, one.pk, status=201)


def _remembered(account: str) -> Any:
    kept = CompanyAccount.objects.filter(name=account).values_list("mapping", flat=True).first()
    require(kept, _("Say what stands where: no file of this account was read yet."), rule="mapping", field="columns")
    return kept


def _answered(view: Api, pk: int, *, status: int = 200) -> Response:
    """The file as it stands now."""
    location = reverse("v1:bank_file", args=[pk]) if status == 201 else ""
    return view.answer(BankFileOut, view.open(BankFilePage, pk=pk).one, status=status, location=location)


class OneBankFile(Api):
    """One bank file."""

    pages = {"GET": BankFilePage}

    @described("Read a bank file", answer=BankFileOut)
    def get(self, request: Request, pk: int) -> Response:
        """How it stands."""
        return self.answer(BankFileOut, self.page.one)


class BankLines(ListApi):
    """The lines of a bank file."""

    pages = {"GET": BankFilePage}
    order = ("row", "pk")
    row = BankLineRow

    @described("List the lines of a bank file", "As they stand in the file.", answer=page_of_rows(BankLineRow))
    def get(self, request: Request, pk: int) -> Response:
        """A page of them."""
        return self.list()


class BankRecording(Api):
    """Proposed lines become payments."""

    pages = {"POST": RecordBankFile}
    answers = BankFilePage

    @described(
        "Record the proposed lines of a bank file",
        "Each becomes one payment, once. Many of them are recorded in the background: `job` is that work.",
        request=RecordingInput,
        answer=BankFileOut,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Record them."""
        start_recording(self.page.one.pk, by=self.person, line_ids=self.given(RecordingInput).get("lines"))
        return _answered(self, pk)


urlpatterns = [
    path("bank-files/", ApiBankFiles.as_view(), name="bank_files"),
    path("bank-files/<int:pk>/", OneBankFile.as_view(), name="bank_file"),
    path("bank-files/<int:pk>/lines/", BankLines.as_view(), name="bank_file_lines"),
    path("bank-files/<int:pk>/recording/", BankRecording.as_view(), name="bank_file_recording"),
]
