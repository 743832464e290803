"""Statistics over the API: the same question, figures and scope as on the page."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from customers.files.models import Grade
from salesops.api.filters import checked
from salesops.api.views import Api, described

from .answers import Answer, Cell, Head, Row
from .filters import KEPT
from .measures import DIMENSION_KEYS, MEASURE_KEYS, Measure
from .questions import Question, spell_period
from .views import StatisticsPage


class SumOrCount(serializers.DecimalField):
    """A sum of money or a count, as text with two decimals."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=24, decimal_places=2, **kwargs)


class StatisticFigureOut(serializers.Serializer[Any]):
    """A measure in the period, with what it is compared with."""

    measure = serializers.ChoiceField(choices=MEASURE_KEYS)
    now = SumOrCount()
    before = SumOrCount(help_text="in as many months before the period")
    last_year = SumOrCount(help_text="in the same months a year before")
    growth = SumOrCount(allow_null=True, help_text="on last year, in percent; null where there was nothing")
    growth_before = SumOrCount(
        allow_null=True, help_text="on the period before, in percent; null where there was nothing"
    )
    share = SumOrCount(allow_null=True, help_text="of the total, in percent; null where that is nothing")


class StatisticHeadOut(serializers.Serializer[Any]):
    """What a row or column is of."""

    code = serializers.CharField(help_text="as the address names it; of time its first month")
    name = serializers.CharField(source="label")


class StatisticColumnOut(StatisticHeadOut):
    """The figures of one column in a row."""

    figures = StatisticFigureOut(many=True)


class StatisticRowOut(StatisticHeadOut):
    """A row: its figures over all columns, and of each column in which it has any."""

    figures = StatisticFigureOut(many=True)
    across = StatisticColumnOut(many=True)


class StatisticTotalOut(serializers.Serializer[Any]):
    """Of all rows."""

    figures = StatisticFigureOut(many=True)


class StatisticSpanOut(serializers.Serializer[Any]):
    """Days, both included."""

    first_day = serializers.DateField(source="start")
    last_day = serializers.DateField()


class StatisticKeptOut(serializers.Serializer[Any]):
    """What was kept of a dimension."""

    dimension = serializers.ChoiceField(choices=list(KEPT))
    code = serializers.CharField()


class StatisticQuestionOut(serializers.Serializer[Any]):
    """What was asked: of a period that still runs the months that have begun are counted."""

    period = serializers.CharField()
    counted = StatisticSpanOut()
    before = StatisticSpanOut()
    last_year = StatisticSpanOut()
    by = serializers.ChoiceField(choices=DIMENSION_KEYS)
    across = serializers.ChoiceField(choices=DIMENSION_KEYS, allow_null=True)
    measures = serializers.ListField(child=serializers.ChoiceField(choices=MEASURE_KEYS))
    kept = StatisticKeptOut(many=True)
    structure = serializers.ChoiceField(choices=["then", "today"])


class StatisticOut(serializers.Serializer[Any]):
    """An answer."""

    question = StatisticQuestionOut()
    columns = StatisticHeadOut(many=True)
    rows = StatisticRowOut(many=True)
    total = StatisticTotalOut()


def _names(names: Sequence[str]) -> dict[str, Any]:
    return {"type": "string", "enum": list(names)}


def _parameter(name: str, description: str, schema: dict[str, Any], **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, schema, OpenApiParameter.QUERY, description=description, **more)


TEXT = {"type": "string", "maxLength": 160}
PARAMETERS = [
    _parameter("period", "2026-03, 2026-Q1, 2026-H1, 2026 or 2026-01..2026-08; this month without it.", TEXT),
    _parameter("by", "What the rows are of; regions without it.", _names(DIMENSION_KEYS)),
    _parameter("across", "What the columns are of.", _names(DIMENSION_KEYS)),
    _parameter("measures", "What is counted.", {"type": "array", "items": _names(MEASURE_KEYS)}),
    _parameter("structure", "Regions and people as they are today.", _names(["today"])),
    _parameter("region", "Its code: it and all below it; with = in front it alone.", TEXT),
    _parameter("team", "Its number, or none.", TEXT),
    _parameter("representative", "The user name, or none.", TEXT),
    _parameter("customer", "Its code.", TEXT),
    _parameter("grade", "Of customers.", _names(Grade.values)),
    _parameter("category", "Its number.", TEXT),
    _parameter("product", "Its SKU.", TEXT),
]


class Statistics(Api):
    """One statistic."""

    pages = {"GET": StatisticsPage}

    @described(
        "Read a statistic",
        "The figures of customers in scope, read from facts that follow the documents within seconds. Money includes"
        " tax. All rows are answered at once; what has no figures is left out.",
        answer=StatisticOut,
        parameters=PARAMETERS,
    )
    def get(self, request: Request) -> Response:
        """The answer."""
        page = self.page
        page.filterset = checked(page, page.filters, page.rows(), also=())
        question = page.question
        if page.filterset.form.errors:
            raise ValidationError(page.filterset.form.errors)
        return self.answer(StatisticOut, {"question": _asked(question), **_answered(page.answer)})


def _asked(question: Question) -> dict[str, Any]:
    return {
        "period": spell_period(question.period),
        "counted": question.counted,
        "before": question.before,
        "last_year": question.last_year,
        "by": question.by,
        "across": question.across or None,
        "measures": [one.key for one in question.asked],
        "kept": [{"dimension": name, "code": code} for name, code in question.kept.items()],
        "structure": "today" if question.today else "then",
    }


def _answered(found: Answer) -> dict[str, Any]:
    rows = [
        {
            **_head(row.head),
            "figures": _figures(found, row.cells),
            "across": [
                {**_head(column), "figures": _figures(found, row.across[column.key])}
                for column in found.columns
                if column.key in row.across
            ],
        }
        for row in found.rows
    ]
    return {"columns": found.columns, "rows": rows, "total": {"figures": _figures(found, found.total.cells)}}


def _head(head: Head) -> dict[str, Any]:
    return {"code": head.code, "label": head.label}


def _figures(found: Answer, cells: Any) -> list[dict[str, Any]]:
    return [_figure(one, cells[one.key], found.total) for one in found.measures]


def _figure(measure: Measure, cell: Cell, total: Row) -> dict[str, Any]:
    whole = total.cells[measure.key].now
    return {
        "measure": measure.key,
        "now": cell.now,
        "before": cell.before,
        "last_year": cell.last_year,
        "growth": _rounded(cell.growth),
        "growth_before": _rounded(cell.growth_before),
        "share": _rounded(cell.now * 100 / whole if whole else None),
    }


def _rounded(percent: Decimal | None) -> Decimal | None:
    return None if percent is None else round(percent, 2)


urlpatterns = [path("statistics/", Statistics.as_view(), name="statistics")]
