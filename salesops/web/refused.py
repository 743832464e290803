"""The response that a refusal becomes: a page with rule, figures and a way back, or a dialog over the open page."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django_htmx.http import reswap, retarget

from salesops.kernel.errors import RuleBroken

from .back import back_url
from .refusals import facts_in_words


def refused_response(request: HttpRequest, refusal: RuleBroken, status: int = 409) -> HttpResponse:
    """Return a 409 that says no in the words of the rule."""
    back = back_url(request) if request.method != "GET" else "/"
    context = {"refusal": refusal, "facts": facts_in_words(refusal), "back": back}
    if getattr(request, "htmx", False):
        text = render_to_string("web/refusal.html", context, request=request)
        response = HttpResponse(text, status=status)
        return reswap(retarget(response, "#over"), "innerHTML")
    return HttpResponse(render_to_string("web/refused.html", context, request=request), status=status)
