"""At the door of every page: who has a second factor has used it, and who must have one sets it up first."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from salesops.web.back import page_around
from salesops.web.middleware import PROGRAMS

OPEN = frozenset(
    {
        "live",
        "web:language",
        "users:sign_in",
        "users:sign_in_code",
        "users:sign_out",
        "users:second_factor",
        "users:second_factor_new",
    }
)
"""Addresses that ask for no second factor: the way in and out, and setting one up."""


class SecondFactorMiddleware:
    """Lets nobody past who lacks the second factor that they have or must have: pages, parts, files, answers alike."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """Answer in the view's place where something is missing."""
        match = request.resolver_match
        if match is None or match.view_name in OPEN:
            return None
        user: Any = request.user
        if not user.is_authenticated:
            return None
        if user.has_second_factor and not user.is_verified():
            logout(request)
            words = _("Sign in again, with the code of your second factor.")
            return _lead(request, redirect_to_login(_goal(request)).url, words)
        if user.needs_second_factor and not user.has_second_factor:
            words = _("Your role requires a second factor. Set it up first; then everything opens.")
            return _lead(request, reverse("users:second_factor_new"), words)
        return None


def _lead(request: HttpRequest, url: str, words: str) -> HttpResponseBase:
    """Lead a page there, a part of a page as a whole; tell another program why not."""
    if request.path_info.startswith(PROGRAMS):
        # the shape of salesops.api.errors, which stands above this app and cannot be imported here
        said = {"code": "second_factor_required", "message": words, "rule": "", "facts": {}, "fields": {}}
        return JsonResponse(said, status=403)
    if not getattr(request, "htmx", False) and request.method == "GET":
        messages.info(request, words)
    return HttpResponseClientRedirect(url) if getattr(request, "htmx", False) else HttpResponseRedirect(url)


def _goal(request: HttpRequest) -> str:
    """Where the person was: the page, for a part of it."""
    if getattr(request, "htmx", False):
        return page_around(request)
    return request.get_full_path() if request.method == "GET" else "/"
