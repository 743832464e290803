"""Every error of the API in one shape, and which exception becomes which."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import is_valid_path
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework import exceptions, serializers, status
from rest_framework.response import Response

from salesops.kernel.errors import RuleBroken
from salesops.web.middleware import PROGRAMS
from salesops.web.refusals import as_refusal

BODY = "body"
"""The name of the field where the whole body is meant."""


class ErrorShape(serializers.Serializer[Any]):
    """What every error looks like. `rule`, `facts` and `fields` are empty where they say nothing."""

    code = serializers.CharField(help_text="one word for programs: `malformed`, `rule`, `not_found` …")
    message = serializers.CharField(help_text="a sentence for people, in the language of the request")
    rule = serializers.CharField(allow_blank=True, help_text="which rule of the business said no (409)")
    facts = serializers.DictField(help_text="the figures behind the no (409)")
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), help_text="what is wrong, by the name of the field"
    )


class SecondFactorMissing(exceptions.PermissionDenied):
    """The person's role requires a second factor, and none is set up."""

    default_code = "second_factor_required"


class KeyReused(exceptions.APIException):
    """The Idempotency-Key stands for another request."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY


class TooLarge(exceptions.APIException):
    """The body is larger than anything that is meant."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE


CODES = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "rule",
    413: "too_large",
    415: "unsupported_media_type",
    422: "key_reused",
    429: "too_many_requests",
    500: "fault",
}


def shape(status_code: int, message: Any, *, rule: str = "", facts: Any = None, fields: Any = None) -> dict[str, Any]:
    """Return the body of an error."""
    return {
        "code": CODES[status_code],
        "message": str(message),
        "rule": rule,
        "facts": {name: plain(value) for name, value in (facts or {}).items()},
        "fields": fields or {},
    }


def plain(value: Any) -> Any:
    """Return a fact as JSON holds it: amounts as text, days as ISO text, things by their names, sets in order."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, set | frozenset | tuple | list):
        return sorted(plain(one) for one in value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def answer_error(exception: Exception, context: dict[str, Any]) -> Response | None:
    """Return the answer that an exception becomes; None where it is a mistake of ours."""
    refusal = as_refusal(exception)
    if refusal is not None:
        return Response(shape_of_refusal(refusal), status=status.HTTP_409_CONFLICT)
    error = _known(exception)
    if error is None:
        return None
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(max(int(wait), 1))
    return Response(_shape_of(error), status=error.status_code, headers=headers)


def shape_of_refusal(refusal: RuleBroken) -> dict[str, Any]:
    """Return the body of a 409: the words of the rule, its name, the figures, and the field where it names one."""
    fields = {refusal.field: [str(refusal.message)]} if refusal.field else {}
    return shape(409, refusal.message, rule=refusal.rule, facts=refusal.facts, fields=fields)


def _known(exception: Exception) -> exceptions.APIException | None:
    if isinstance(exception, exceptions.APIException):
        return exception
    if isinstance(exception, Http404):
        return exceptions.NotFound(_("This is not there, or not in your scope."))
    if isinstance(exception, PermissionDenied):
        return exceptions.PermissionDenied(str(exception) or None)
    if isinstance(exception, RequestDataTooBig):
        return TooLarge(_("The request is too large."))
    if isinstance(exception, BadRequest | SuspiciousOperation):
        return exceptions.ParseError()
    return None


def _shape_of(error: exceptions.APIException) -> dict[str, Any]:
    if not isinstance(error, exceptions.ValidationError):
        fields_named = {BODY: [str(error.detail)]} if isinstance(error, exceptions.ParseError) else {}
        body = shape(error.status_code, error.detail, fields=fields_named)
        return {**body, "code": error.default_code} if isinstance(error, SecondFactorMissing) else body
    fields: dict[str, list[str]] = {}
    for name, text in _flat(error.detail):
        fields.setdefault(name or BODY, []).append(text)
    return shape(400, _("The request is not right: see its fields."), fields=fields)


def _flat(detail: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The messages with the dotted names of their fields: lines.0.quantity."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            at = name if key in ("non_field_errors", "__all__") else f"{name}.{key}" if name else str(key)
            yield from _flat(inner, at)
    elif isinstance(detail, list) and any(isinstance(inner, dict | list) for inner in detail):
        for index, inner in enumerate(detail):
            yield from _flat(inner, f"{name}.{index}" if name else str(index))
    elif isinstance(detail, list):
        yield from ((name, str(text)) for text in detail)
    else:
        yield name, str(detail)


# ---- what happens before or outside of our views ----
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django itself refuses."""
    if not request.path_info.startswith(PROGRAMS):
        return defaults.bad_request(request, exception)
    message = _("The request is not right.")
    return JsonResponse(shape(400, message, fields={BODY: [message]}), status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what is nobody's business."""
    if not request.path_info.startswith(PROGRAMS):
        return defaults.permission_denied(request, exception)
    return JsonResponse(shape(403, _("Your role does not include this.")), status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere."""
    if not request.path_info.startswith(PROGRAMS):
        return defaults.page_not_found(request, exception)
    message = _("There is no such address.")
    if not request.path_info.endswith("/") and is_valid_path(f"{request.path_info}/"):
        message = _("There is no such address; there is %(address)s.") % {"address": f"{request.path_info}/"}
    return JsonResponse(shape(404, message), status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a mistake of ours, which is in the log."""
    if not request.path_info.startswith(PROGRAMS):
        return defaults.server_error(request)
    return JsonResponse(shape(500, _("This is our mistake; it has been noted.")), status=500)
