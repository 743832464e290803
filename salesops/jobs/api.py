"""Background work over the API: what runs and what came of it, exports of lists, cancelling, results as files."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.http.response import HttpResponseBase
from django.urls import path, reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from salesops.api.fields import Input, NoInput, Person
from salesops.api.filters import checked
from salesops.api.schema import page_of_rows
from salesops.api.views import Api, ListApi, described
from salesops.web.exports import CONTENT_TYPE, describe, list_at
from salesops.web.pages import ListPage

from .exports import ask_for_export
from .models import Job, JobState
from .services import cancel_job, retry_job
from .views import CancelJob, JobList, JobRecord, JobResult, RetryJob, visible_job


class JobRow(serializers.Serializer[Any]):
    """A piece of background work."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=JobState.choices)
    owner = Person()
    queued_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class JobOut(JobRow):
    """A job, how far it is, and what came of it."""

    done = serializers.IntegerField(help_text="of the part that it is at")
    total = serializers.IntegerField(allow_null=True, help_text="null: not known")
    saying = serializers.CharField(help_text="what it does just now")
    error = serializers.CharField(help_text="why it failed; empty: it did not")
    summary = serializers.DictField(help_text="what came of it, by the words of its page: rows, errors …")
    result = serializers.SerializerMethodField(help_text="the name of its file; null: it has none (any more)")
    result_url = serializers.CharField(help_text="the page where what it made is looked at; empty: there is none")

    def get_result(self, job: Job) -> str | None:
        """The name under which its file is kept."""
        return job.result_name if job.result else None


class ExportInput(Input):
    """Which list, as its page in the browser shows it."""

    list = serializers.RegexField(r"^/[ -~]*$", max_length=200, help_text="the path of the list's page")
    query = serializers.CharField(
        max_length=2_000,
        default="",
        allow_blank=True,
        help_text="filters and `q` as those of the list over the API, and `sort` as in the page's address",
    )


EXAMPLE = OpenApiExample(
    "Shipped deliveries of a year",
    value={"list": "/deliveries/", "query": "state=shipped&ordered_after=2026-01-01"},
    request_only=True,
)


def query_meant(page: ListPage) -> str:
    """Return the query of a page for one that names things by their codes; ValidationError says what is wrong in it."""
    try:
        filterset = checked(page, page.filters, page.rows(), also={"sort"})
        orders = {column.name for column in page.sheet.columns if column.orderable}
        wrong = [name for name in page.sorted_by if name.removeprefix("-") not in orders]
        if wrong:
            raise ValidationError({"sort": [_("The list has no such order: %(name)s") % {"name": wrong[0]}]})
    except ValidationError as error:
        raise ValidationError({"query": error.detail}) from None
    chosen = filterset.form.cleaned_data if filterset else {}
    return page.query(**{name: thing.pk for name, thing in chosen.items() if isinstance(thing, Model)})


class Jobs(ListApi):
    """One's own work; everybody's for those who watch over it."""

    pages = {"GET": JobList, "POST": JobList}
    order = ("-queued_at", "-pk")
    row = JobRow

    @described("List background work", "The latest first.", answer=page_of_rows(JobRow))
    def get(self, request: Request) -> Response:
        """A page of it."""
        return self.list()

    @described(
        "Have a list written as an Excel file",
        "The rows, columns and order that the list's page shows this person. Read the job until it is done, then fetch"
        " its result.",
        request=ExportInput,
        answer=JobOut,
        status=201,
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Start it."""
        given = self.given(ExportInput)
        try:
            page = list_at(given["list"], given["query"], self.person)
        except LookupError:
            raise ValidationError({"list": [_("There is no list with an Excel file at this address.")]}) from None
        job = ask_for_export(replace(describe(page), query=query_meant(page)), by=self.person)
        return self.answer(JobOut, job, status=201, location=reverse("v1:job", args=[job.pk]))


class OneJob(Api):
    """One job."""

    pages = {"GET": JobRecord}

    @described("Read a job", answer=JobOut)
    def get(self, request: Request, pk: UUID) -> Response:
        """How far it is."""
        return self.answer(JobOut, self.page.record)


class Cancellation(Api):
    """Stops a job."""

    pages = {"POST": CancelJob}

    @described(
        "Cancel a job",
        "At once while it waits, as soon as it can when it runs. Nothing of it has an effect.",
        request=NoInput,
        answer=JobOut,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Stop it."""
        self.given(NoInput)
        return self.answer(JobOut, cancel_job(visible_job(self.page, pk).pk, by=self.person))


class Repetition(Api):
    """Does a failed job again."""

    pages = {"POST": RetryJob}

    @described("Try a failed job again", request=NoInput, answer=JobOut)
    def post(self, request: Request, pk: UUID) -> Response:
        """Queue it."""
        self.given(NoInput)
        return self.answer(JobOut, retry_job(visible_job(self.page, pk).pk, by=self.person))


class WhateverIsAccepted(DefaultContentNegotiation):
    """A program that asks for a workbook gets one, though errors are JSON."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        """Choose JSON, in which a refusal is written."""
        return renderers[0], renderers[0].media_type


class ResultFile(Api):
    """The file of a job."""

    content_negotiation_class = WhateverIsAccepted
    pages = {"GET": JobResult}

    @extend_schema(
        summary="Fetch the file of a job",
        description="For those who have the right to it now. Files are kept for a month.",
        responses={(200, CONTENT_TYPE): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        """Send it."""
        answer: HttpResponseBase = self.page.get(self.http, pk=pk)
        return answer


urlpatterns = [
    path("jobs/", Jobs.as_view(), name="jobs"),
    path("jobs/<uuid:pk>/", OneJob.as_view(), name="job"),
    path("jobs/<uuid:pk>/cancellation/", Cancellation.as_view(), name="job_cancellation"),
    path("jobs/<uuid:pk>/repetition/", Repetition.as_view(), name="job_repetition"),
    path("jobs/<uuid:pk>/result/", ResultFile.as_view(), name="job_result"),
]
