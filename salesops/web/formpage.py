"""A page with one form: keeps what was typed, says errors at the field, and has one effect however often it is sent."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseLocation, trigger_client_event

from salesops.kernel.errors import RuleBroken

from . import once
from .back import page_around
from .page import Page
from .refusals import as_refusal


class FormPage(Page):
    """A form and what it does: `perform(form)` returns the address to go to (or a whole response).

    RuleBroken raised in `perform` becomes an error at the field it names, else on top; everything typed is kept.
    A hidden key makes a second send harmless: it goes to the result of the first.

    A link with `hx-get` and `hx-target="#over"` opens it in a dialog over the page instead; once it is carried out,
    `draws_anew` (a selector) is what is drawn anew of the page below.
    """

    template_name = "web/form.html"
    over_template = "web/form_over.html"
    draws_anew = "main"
    form_class: type[forms.BaseForm]
    submit_label: Any = _("Save")
    cancel_url = ""
    message: Any = ""
    """Said once after success; may be empty."""
    intro: Any = ""
    refusal: RuleBroken | None = None

    def get_initial(self) -> dict[str, Any]:
        """What the form starts with."""
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        """What the form class is called with."""
        kwargs: dict[str, Any] = {"initial": self.get_initial()}
        if self.request.method == "POST":
            kwargs |= {"data": self.request.POST, "files": self.request.FILES}
        return kwargs

    def get_form(self) -> Any:
        """Make the form."""
        return self.form_class(**self.get_form_kwargs())

    def perform(self, form: Any) -> str | HttpResponseBase:
        """Do what the form asks for, by calling one service; return the address of the result."""
        raise NotImplementedError

    def get_cancel_url(self) -> str:
        """Where Cancel leads: the step above, unless `cancel_url` is set."""
        if self.cancel_url:
            return str(self.cancel_url)
        above = [url for _label, url in self.crumbs() if url]
        return above[-1] if above else "/"

    @property
    def is_over(self) -> bool:
        """Whether it stands in a dialog over another page."""
        return bool(getattr(self.request, "htmx", False)) and self.request.htmx.target == "over"  # type: ignore[attr-defined]

    def go(self, url: str) -> HttpResponse:
        """Go on to an address; from a dialog, close it and draw the page below anew."""
        if not self.is_over:
            return super().go(url)
        page = page_around(self.request)
        drawn = HttpResponseLocation(page, target=self.draws_anew, select=self.draws_anew, swap="outerHTML")
        return trigger_client_event(drawn, "so:done")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the empty form."""
        return self.show(self.get_form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Carry the form out, or show it again with what is wrong."""
        form = self.get_form()
        if not self.form_is_valid(form):
            return self.show(form, status=422)
        response: HttpResponseBase | None = None

        def work() -> str:
            nonlocal response
            outcome = self.perform(form)
            if isinstance(outcome, HttpResponseBase):
                response = outcome
                return str(getattr(outcome, "url", ""))
            return outcome

        try:
            key = request.POST.get(once.FIELD, "")
            url, done_now = once.carry_out_once(key, by=request.user, url=request.path, work=work)
        except (RuleBroken, DatabaseError) as error:
            refusal = as_refusal(error)
            if refusal is None:
                raise
            self.refuse(form, refusal)
            return self.show(form, status=422)
        if done_now and self.message:
            messages.success(request, self.message)
        if response is not None:
            return response
        return self.go(url or request.get_full_path())

    def form_is_valid(self, form: Any) -> bool:
        """Whether the form may be carried out; pages with more than one form extend this."""
        return bool(form.is_valid())

    def refuse(self, form: Any, refusal: RuleBroken) -> None:
        """Put a refusal at its field, or on top of the form with the figures behind it."""
        self.refusal = refusal
        field = refusal.field if refusal.field in form.fields else None
        form.add_error(field, str(refusal.message))

    def show(self, form: Any, status: int = 200) -> HttpResponse:
        """Show the form."""
        sent = self.request.POST.get(once.FIELD, "")
        key = sent if once.is_key(sent) else once.new_key()
        template = self.over_template if self.is_over else self.template_name
        return self.render(template, status=status, **self.context(form=form, once_key=key, refusal=self.refusal))

    def sections(self, form: Any) -> Sequence[tuple[Any, Sequence[Any]]]:
        """The parts of the form: title and rows, a row being a field's name or several side by side."""
        return getattr(form, "sections", None) or [("", list(form.fields))]
