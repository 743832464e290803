"""The way back to where a person came from."""

from typing import Any

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def back_url(request: HttpRequest, otherwise: str = "/") -> str:
    """Return the address of our own that the request came from: field `next`, else Referer, else another."""
    for url in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if url and url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
            return url
    return otherwise


def page_around(request: Any) -> str:
    """Return the page, with its query, of which htmx asks for a part; / where it names none of ours."""
    try:
        return request.htmx.current_url_abs_path or "/"
    except ValueError:  # an address that none could be
        return "/"
