"""A page that only does something: a button posts to it."""

from typing import Any

from django.contrib import messages
from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from salesops.kernel.errors import RuleBroken

from . import once
from .back import back_url
from .page import Page
from .refusals import as_refusal
from .refused import refused_response


class ActionPage(Page):
    """POST only. `perform()` calls one service and returns the words for the toast (or a whole response).

    RuleBroken is shown as a refusal with its rule and figures: a page, or for htmx a 409 that opens the dialog.
    `success_url` is where it leads; without one it goes back to where the button was (field `next`, else Referer).
    A button's hidden key makes a second click harmless: it goes to the result of the first.
    """

    http_method_names = ["post", "options"]
    success_url = ""

    def perform(self) -> str | HttpResponseBase:
        """Do it; say it in a sentence."""
        raise NotImplementedError

    def get_success_url(self) -> str:
        """Where to go afterwards."""
        return str(self.success_url) or back_url(self.request)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Do it once, or say why not."""
        response: HttpResponseBase | None = None
        said = ""

        def work() -> str:
            nonlocal response, said
            outcome = self.perform()
            if isinstance(outcome, HttpResponseBase):
                response = outcome
                return str(getattr(outcome, "url", ""))
            said = outcome
            return self.get_success_url()

        try:
            key = request.POST.get(once.FIELD, "")
            url, _done_now = once.carry_out_once(key, by=request.user, url=request.path, work=work)
        except (RuleBroken, DatabaseError) as error:
            refusal = as_refusal(error)
            if refusal is None:
                raise
            return refused_response(request, refusal)
        if response is not None:
            return response
        if said:
            messages.success(request, said)
        return self.go(url or back_url(request))
