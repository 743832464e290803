"""Around every request, outermost: its id, its line in the log, its part in the figures."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from salesops.web.request_ids import HEADER, belonging_to, id_for

from .figures import count_request

logger = logging.getLogger("salesops.access")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_VIEW = "none"
"""The view of what no view answered: files of the pages, addresses that do not exist, refusals before a view."""


class WatchedRequests:
    """Gives each request an id, says it back, counts and logs the answer; never a query, in which people search."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with belonging_to(id_for(request.headers.get(HEADER))) as request_id:
            request.request_id = request_id  # type: ignore[attr-defined]  # for lines written after this
            started = time.perf_counter()
            response = self.get_response(request)
            seconds = time.perf_counter() - started
            response.headers[HEADER] = request_id
            method = request.method if request.method in METHODS else "other"
            count_request(view_of(request), str(method), response.status_code, seconds)
            log_answer(request, response, seconds)
            return response


def view_of(request: HttpRequest) -> str:
    """Return the name of the view; there are as many as there are lines in the urls."""
    match = request.resolver_match
    return (match.view_name or NO_VIEW) if match else NO_VIEW


def log_answer(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    """One line: who asked for what, from where, and what came of it in how many milliseconds."""
    milliseconds = round(seconds * 1000, 1)
    fields = {
        "method": request.method,
        "path": request.path,
        "view": view_of(request),
        "status": response.status_code,
        "milliseconds": milliseconds,
        "address": request.META.get("REMOTE_ADDR", ""),
        "person": person_of(request),
    }
    logger.info(
        "%s %s %s in %s ms", request.method, request.path, response.status_code, milliseconds, extra={"fields": fields}
    )


def person_of(request: HttpRequest) -> int | None:
    """Return the key of who asked, if that is known by now; nobody is looked up for the sake of a line."""
    user: Any = request.__dict__.get("user")
    if type(user) is SimpleLazyObject:
        user = request.__dict__.get("_cached_user")
    return getattr(user, "pk", None)
