"""The OpenAPI schema: what the views say, and what holds for all of them alike."""

from typing import Any

import django_filters
from django_filters.filters import ChoiceFilter, DateFilter, DateFromToRangeFilter, ModelChoiceFilter, RangeFilter
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers

from .errors import ErrorShape, shape
from .filters import called_by
from .idempotency import HEADER, LONGEST
from .paging import DEFAULT_SIZE, MOST
from .views import ListApi

ERRORS = {
    400: "The request is malformed; `fields` names what is wrong.",
    401: "There is no token, or it opens nothing.",
    403: "The person's role does not include this.",
    404: "It is not there, or not in the person's scope.",
    405: "The address does not know this method.",
    406: "The client takes no JSON.",
    409: "A rule of the business says no: `rule` names it, `facts` are the figures behind it.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "The Idempotency-Key was used for another request.",
    429: "Too many requests; `Retry-After` says in how many seconds to come again.",
}
REFUSED = OpenApiExample(
    "A rule says no",
    value=shape(
        409,
        "P-00017: 4 pieces are approved and not shipped; 6 cannot leave.",
        rule="more than approved",
        facts={},
    ),
    response_only=True,
    status_codes=["409"],
)


class ApiSchema(AutoSchema):
    """Adds to each operation the errors, the headers, and of a list its filters."""

    def get_tags(self) -> list[str]:
        """Group by the first word of the address."""
        return [self.path.removeprefix("/api/v1/").split("/")[0]]

    def get_operation_id(self) -> str:
        """Name it by its address: deliveries_submission_post."""
        words = [part for part in self.path.removeprefix("/api/v1/").split("/") if part]
        if self._is_list() and self.method == "GET":
            words.append("list")
        return "_".join([word.strip("{}") for word in words] + [self.method.lower()])

    def _is_list(self) -> bool:
        return isinstance(self.view, ListApi)

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False  # our lists say themselves what a page of rows looks like

    def get_override_parameters(self) -> list[Any]:
        """The parameters that follow from what the view is."""
        found = []
        if self._keeps_answers():
            found.append(_key_parameter())
        if self.method == "GET" and isinstance(self.view, ListApi):
            found += _paging_parameters()
            page = self.view.pages["GET"]
            found += filter_parameters(getattr(self.view, "filters", None) or getattr(page, "filters", None))
            if getattr(page, "search_fields", ()):
                found.append(search_parameter())
        return found

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        """What the method says it answers, and the errors: here, since what `described` says takes precedence above."""
        bodies = super()._get_response_bodies(direction)
        for status in self._errors():
            examples = [REFUSED] if status == 409 else []
            error = OpenApiResponse(response=ErrorShape, description=ERRORS[status], examples=examples)
            if str(status) not in bodies:
                bodies[str(status)] = self._get_response_for_code(error, str(status), direction=direction)
        return bodies

    def _keeps_answers(self) -> bool:
        return self.method == "POST" and bool(getattr(self.view, "keeps_answers", False))

    def _errors(self) -> list[int]:
        statuses = [400, 405, 406, 429]
        statuses += [401, 403]
        if "{" in self.path:
            statuses.append(404)
        if self.method in ("POST", "PUT", "DELETE"):
            statuses.append(409)
        if self.method in ("POST", "PUT"):
            statuses += [413, 415]
        if self._keeps_answers():
            statuses.append(422)
        return sorted(statuses)


def page_of_rows(row: type[serializers.Serializer[Any]]) -> Any:
    """The answer of a list of such rows."""
    return inline_serializer(
        f"{row.__name__}Page",
        {
            "results": row(many=True),
            "next": serializers.URLField(allow_null=True, help_text="the address of the next page; null at the end"),
        },
    )


def _query(name: str, description: str, schema: dict[str, Any]) -> OpenApiParameter:
    return OpenApiParameter(name, schema, OpenApiParameter.QUERY, description=description)


def _key_parameter() -> OpenApiParameter:
    schema = {"type": "string", "maxLength": LONGEST, "pattern": "^[!-~]*$"}
    text = "Of your choice, new for each request: a repeat with the same key has no effect and gets the first answer."
    return OpenApiParameter(HEADER, schema, OpenApiParameter.HEADER, description=text)


def _paging_parameters() -> list[OpenApiParameter]:
    size = {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_SIZE}
    return [
        _query("page_size", "How many rows a page has.", size),
        _query("cursor", "Where the page begins: take it from `next`, never make one.", {"type": "string"}),
    ]


def search_parameter() -> OpenApiParameter:
    """The search of a list."""
    text = {"type": "string", "maxLength": 100}
    return _query("q", "Every word stands in one of the fields that the page searches.", text)


def filter_parameters(filters: Any) -> list[OpenApiParameter]:
    """The parameters of a list's filters."""
    if filters is None or isinstance(filters, property):
        return []
    found: list[OpenApiParameter] = []
    for name, one in filters.base_filters.items():
        label = str(one.label or name)
        if isinstance(one, DateFromToRangeFilter):
            day = {"type": "string", "format": "date"}
            found += [_query(f"{name}_{end}", f"{label}: {end} or on this day.", day) for end in ("after", "before")]
        elif isinstance(one, RangeFilter):
            number = {"type": "string", "pattern": r"^-?\d{1,12}(\.\d{1,2})?$"}
            found += [_query(f"{name}_{end}", f"{label}: {end}.", number) for end in ("min", "max")]
        elif isinstance(one, DateFilter):
            found.append(_query(name, f"{label}.", {"type": "string", "format": "date"}))
        elif isinstance(one, ModelChoiceFilter):
            found.append(_query(name, f"{label}, by {called_by(one.extra['queryset'].model)}.", {"type": "string"}))
        elif isinstance(one, ChoiceFilter):
            choices = one.extra["choices"]
            choices = choices.choices if hasattr(choices, "choices") else choices() if callable(choices) else choices
            found.append(
                _query(name, f"{label}.", {"type": "string", "enum": [str(value) for value, _label in choices]})
            )
        elif isinstance(one, django_filters.NumberFilter):
            found.append(_query(name, f"{label}.", {"type": "integer", "minimum": 0, "maximum": 32_767}))
        elif isinstance(one, django_filters.CharFilter):
            found.append(_query(name, f"{label}.", {"type": "string"}))
    return found


def close_inputs(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Say that what is sent has no other names than those of the schema: they are refused."""
    for name, component in result.get("components", {}).get("schemas", {}).items():
        if name.endswith("Input"):
            component["additionalProperties"] = False
    return result
