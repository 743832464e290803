"""Statements over the API: as issued, with their lines, and as files."""

from typing import Any

from django.http.response import HttpResponseBase
from django.urls import path, reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from orders.receivables.ageing import EDGES, spans_of
from salesops.api.fields import Amount, Input, Named, Person
from salesops.api.schema import page_of_rows
from salesops.api.views import Api, ListApi, described
from salesops.jobs.api import WhateverIsAccepted
from salesops.web.exports import CONTENT_TYPE

from .models import IssuedStatement
from .statement_views import IssueStatement, StatementFile, StatementList, StatementPaper, StatementRecord
from .statements import issue_statement, read_statement


class StatementRow(serializers.Serializer[Any]):
    """An account over some days as it was when the statement was issued."""

    number = serializers.CharField()
    customer = Named()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    opening = Amount()
    debits = Amount()
    credits = Amount()
    closing = Amount(help_text="opening + debits − credits; negative: paid ahead")
    issued_at = serializers.DateTimeField()


class StatementLineOut(serializers.Serializer[Any]):
    """One movement."""

    entry = serializers.IntegerField(source="pk", help_text="what a difference names")
    posted_on = serializers.DateField()
    document = serializers.CharField()
    text = serializers.CharField()
    debit = Amount()
    credit = Amount()
    balance = Amount(source="running", help_text="after it")


class AgeOut(serializers.Serializer[Any]):
    """What was open at the end of the last day, by days overdue."""

    first = serializers.IntegerField(allow_null=True, help_text="null: not due")
    last = serializers.IntegerField(allow_null=True, help_text="null: without end")
    amount = Amount()


class StatementOut(StatementRow):
    """A statement with its lines."""

    sha256 = serializers.CharField(help_text="of all it says")
    issued_by = Person(allow_null=True)
    is_unchanged = serializers.BooleanField(help_text="what stands here is what was issued")
    later_entries = serializers.IntegerField(help_text="entries of its days that were posted since")
    ageing = AgeOut(many=True)
    unallocated = Amount(help_text="credits that were open at the end of the last day")
    lines = StatementLineOut(many=True)

    def to_representation(self, issued: IssuedStatement) -> dict[str, Any]:
        """Read it again."""
        read = read_statement(issued)
        ages = zip(spans_of(EDGES), read.debits_by_age, strict=True)
        return {
            **StatementRow(issued, context=self.context).data,
            "sha256": issued.sha256,
            "issued_by": Person(issued.issued_by).data if issued.issued_by else None,
            "is_unchanged": read.is_unchanged,
            "later_entries": read.later,
            "ageing": AgeOut(
                [{"first": first, "last": last, "amount": amount} for (first, last), amount in ages], many=True
            ).data,
            "unallocated": f"{read.unallocated:.2f}",
            "lines": StatementLineOut(read.statement.entries, many=True).data,
        }


class DaysInput(Input):
    """From and to, both belong to it."""

    first_day = serializers.DateField()
    last_day = serializers.DateField()


class Statements(ListApi):
    """Statements as issued."""

    pages = {"GET": StatementList}
    order = ("-pk",)
    row = StatementRow

    @described("List statements", "The latest first.", answer=page_of_rows(StatementRow))
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.list()


class OneStatement(Api):
    """One statement."""

    pages = {"GET": StatementRecord}

    @described("Read a statement", "Its lines and its ageing as they were when it was issued.", answer=StatementOut)
    def get(self, request: Request, number: str) -> Response:
        """With its lines."""
        return self.answer(StatementOut, self.page.record)


class CustomerStatements(Api):
    """Statements of one customer."""

    pages = {"POST": IssueStatement}

    @described(
        "Issue a statement",
        "It gets a number and is kept as issued: what is posted later does not change it.",
        request=DaysInput,
        answer=StatementOut,
        status=201,
    )
    def post(self, request: Request, code: str) -> Response:
        """Issue it."""
        customer, given = self.page.customer, self.given(DaysInput)
        issued = issue_statement(by=self.person, customer_id=customer.pk, **given)
        record = self.open(StatementRecord, number=issued.number).record
        return self.answer(StatementOut, record, status=201, location=reverse("v1:statement", args=[issued.number]))


class FileApi(Api):
    """A file, as its page sends it."""

    content_negotiation_class = WhateverIsAccepted

    def send(self, **named: Any) -> HttpResponseBase:
        """Send it."""
        answer: HttpResponseBase = self.page.get(self.http, **named)
        return answer


def file_of(summary: str, content_type: str) -> Any:
    """Say in the schema that a method answers with a file."""
    return extend_schema(
        summary=summary,
        description=summary,
        responses={(200, content_type): OpenApiResponse(OpenApiTypes.BINARY)},
    )


class StatementPdf(FileApi):
    """A statement on paper."""

    pages = {"GET": StatementPaper}

    @file_of("Fetch a statement as PDF", "application/pdf")
    def get(self, request: Request, number: str) -> HttpResponseBase:
        """Send it."""
        return self.send(number=number)


class StatementSheet(FileApi):
    """A statement as a sheet."""

    pages = {"GET": StatementFile}

    @file_of("Fetch a statement as Excel file", CONTENT_TYPE)
    def get(self, request: Request, number: str) -> HttpResponseBase:
        """Send it."""
        return self.send(number=number)


urlpatterns = [
    path("statements/", Statements.as_view(), name="statements"),
    path("statements/<str:number>/", OneStatement.as_view(), name="statement"),
    path("statements/<str:number>/pdf/", StatementPdf.as_view(), name="statement_pdf"),
    path("statements/<str:number>/sheet/", StatementSheet.as_view(), name="statement_sheet"),
    path("customers/<str:code>/statements/", CustomerStatements.as_view(), name="customer_statements"),
]
