"""Issued statistics over the API, to read."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from salesops.api.fields import Amount, Named, Person
from salesops.api.schema import page_of_rows
from salesops.api.views import Api, ListApi, described
from salesops.users.models import Team

from ..models import IssuedStatistic, Span
from .views import IssuedList, IssuedRecord


class TeamOut(serializers.Serializer[Any]):
    """A team, by name."""

    name = serializers.CharField()
    name_zh = serializers.CharField()


class IssuedStatisticRow(serializers.Serializer[Any]):
    """A statistic as issued. It is of a region with all below it, of a team, or without either of the company."""

    number = serializers.CharField()
    span = serializers.ChoiceField(choices=Span.choices)
    period = serializers.CharField(source="period_words", help_text="2026-03, 2026-Q1 or 2026")
    first_day = serializers.DateField(source="starts_on")
    last_day = serializers.DateField(source="period.last_day")
    region = Named(allow_null=True)
    team = serializers.SerializerMethodField()
    issued_at = serializers.DateTimeField(help_text="what was posted before is in it")
    issued_by = Person(allow_null=True, help_text="null: on schedule")
    digest = serializers.CharField(help_text="SHA-256 of all that it says")

    @extend_schema_field(TeamOut(allow_null=True))
    def get_team(self, statistic: IssuedStatistic) -> Any:
        """Names, if it is of a team."""
        team: Team | None = statistic.team
        return TeamOut(team).data if team else None


class IssuedFigure(serializers.Serializer[Any]):
    """A figure with two decimals, that of the period before, and that of a year before."""

    now = Amount()
    before = Amount()
    last_year = Amount()


class IssuedLine(serializers.Serializer[Any]):
    """A row of a sheet, called as it was when it was issued."""

    code = serializers.CharField(help_text="none: nobody, such as no representative")
    name = serializers.CharField()
    name_zh = serializers.CharField()
    figures = serializers.DictField(child=IssuedFigure(), help_text="by measure")


class IssuedSheet(serializers.Serializer[Any]):
    """A part of a statistic."""

    key = serializers.CharField()
    by = serializers.CharField(help_text="what its rows are")
    measures = serializers.ListField(child=serializers.CharField())
    rows = IssuedLine(many=True)
    total = serializers.DictField(child=IssuedFigure(), help_text="by measure")


class RestatedFigure(serializers.Serializer[Any]):
    """A figure that documents say otherwise today, and those that came since and changed it."""

    sheet = serializers.CharField()
    code = serializers.CharField(help_text="of the row; empty for the total")
    measure = serializers.CharField()
    issued = Amount()
    today = Amount()
    documents = serializers.ListField(child=serializers.CharField(), help_text="numbers")


class IssuedStatisticOut(IssuedStatisticRow):
    """A statistic with its figures as issued, and those that are others today."""

    holds = serializers.BooleanField(help_text="whether the digest is that of what it says")
    sheets = serializers.SerializerMethodField()
    restated = RestatedFigure(many=True)

    @extend_schema_field(IssuedSheet(many=True))
    def get_sheets(self, statistic: IssuedStatistic) -> Any:
        """As they are kept, with the names of what stands in each place; plain, since there may be many rows."""
        return [
            {
                **{name: sheet[name] for name in ("key", "by", "measures")},
                "rows": [
                    {
                        **{name: row[name] for name in ("code", "name", "name_zh")},
                        "figures": _named(sheet["measures"], row["figures"]),
                    }
                    for row in sheet["rows"]
                ],
                "total": _named(sheet["measures"], sheet["total"]),
            }
            for sheet in statistic.sheets
        ]


def _named(measures: list[str], figures: list[list[str]]) -> dict[str, dict[str, str]]:
    names = ("now", "before", "last_year")
    return {measure: dict(zip(names, own, strict=True)) for measure, own in zip(measures, figures, strict=True)}


class IssuedStatistics(ListApi):
    """Those of places that the person may see."""

    pages = {"GET": IssuedList}
    order = ("-starts_on", "-pk")
    row = IssuedStatisticRow

    @described("List issued statistics", "The latest period first.", answer=page_of_rows(IssuedStatisticRow))
    def get(self, request: Request) -> Response:
        """A page of them."""
        return self.list()


class OneIssuedStatistic(Api):
    """One of them."""

    pages = {"GET": IssuedRecord}

    @described(
        "Read an issued statistic",
        "Its figures as issued, and in `restated` those that documents say otherwise today.",
        answer=IssuedStatisticOut,
    )
    def get(self, request: Request, number: str) -> Response:
        """Its figures."""
        record, compared = self.page.record, self.page.restated
        record.holds = compared.is_unchanged
        record.restated = [
            {
                "sheet": sheet.key,
                "code": row.code,
                "measure": cell.measure.key,
                "issued": cell.issued.now if cell.issued else "0.00",
                "today": cell.today,
                "documents": [one.document for one in cell.because],
            }
            for sheet in compared.sheets
            for row, cell in sheet.restated
        ]
        return self.answer(IssuedStatisticOut, record)


urlpatterns = [
    path("issued-statistics/", IssuedStatistics.as_view(), name="issued_statistics"),
    path("issued-statistics/<str:number>/", OneIssuedStatistic.as_view(), name="issued_statistic"),
]
