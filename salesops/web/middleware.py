"""Around every request: the person's language, refusals as pages, messages as toasts on parts of pages."""

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_cache_control

from .refusals import as_refusal
from .refused import refused_response

PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"
"""What a page may ask of the device: nothing."""
PROGRAMS = "/api/"
"""Where programs send JSON, no forms."""
LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)


class WebMiddleware:
    """Speaks the person's language, turns a rule that was broken into a clean page, hands messages to htmx."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\x00" in request.path_info:
            raise Http404  # no column of text can hold it, so nothing can be there
        language = self._language_of(request)
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language() or language
        request.GET = _without_nul(request.GET)  # type: ignore[assignment]
        if not request.path_info.startswith(PROGRAMS):  # theirs is read by the view, once it knows who sends it
            request.POST = _without_nul(_form_of(request))  # type: ignore[assignment]
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if _is_private(request):
            patch_cache_control(response, private=True)
        if getattr(request, "htmx", False) and isinstance(response, HttpResponse):
            self._add_toasts(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a rule that a view let through, or that the database itself enforced."""
        refusal = as_refusal(exception)
        return refused_response(request, refusal) if refusal else None

    def _language_of(self, request: HttpRequest) -> str:
        user: Any = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return ""
        language = getattr(user, "language", "")
        return language if language in LANGUAGES else ""

    def _add_toasts(self, request: HttpRequest, response: HttpResponse) -> None:
        """Put waiting messages into HX-Trigger, unless the whole page changes and shows them itself."""
        if "HX-Redirect" in response or "HX-Refresh" in response or not 200 <= response.status_code < 300:
            return
        said = [{"text": str(message), "tone": message.level_tag} for message in get_messages(request)]
        if not said:
            return
        triggers: dict[str, Any] = {}
        present = response.get("HX-Trigger", "")
        if present.startswith("{"):
            triggers = json.loads(present)
        elif present:
            triggers = {name.strip(): None for name in present.split(",")}
        triggers["so:toast"] = said
        response["HX-Trigger"] = json.dumps(triggers)


def _is_private(request: HttpRequest) -> bool:
    """Whether the answer is for one person: no proxy may keep it for another."""
    user: Any = getattr(request, "user", None)
    return user is not None and user.is_authenticated


def _form_of(request: HttpRequest) -> QueryDict:
    """The fields that were sent; MultiPartParserError, which is a 400, where the header of a part is unreadable."""
    try:
        return request.POST
    except TypeError as error:  # Python sorts the numbered pieces of a parameter with those that have no number
        raise MultiPartParserError(str(error)) from error


def _without_nul(sent: QueryDict) -> QueryDict:
    """The same fields without the sign that no column of text takes; what lies in files does not matter."""
    if not any("\x00" in text for _name, texts in sent.lists() for text in texts):
        return sent
    clean = sent.copy()
    for name, texts in sent.lists():
        clean.setlist(name, [text.replace("\x00", "") for text in texts])
    return clean
