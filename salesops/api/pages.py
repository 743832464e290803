"""Pages: one's own API tokens, and the documentation of the API."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from salesops.users.signin.events import where_of
from salesops.web.forms import Form
from salesops.web.pages import Action, ActionPage, Empty, FormPage, ListPage
from salesops.web.tables import Column, DateColumn, Table

from .models import Token
from .services import create_token, revoke_token


class TokenTable(Table):
    """One's own tokens."""

    name = Column(phone="lead", width=30)
    prefix = Column()
    created_at = DateColumn(time=True)
    last_used_at = DateColumn(time=True, default=gettext_lazy("never"))
    revoke = Column(accessor="pk", verbose_name="", orderable=False, exclude_from_export=True)

    class Meta(Table.Meta):
        model = Token
        fields = ("name", "prefix", "created_at", "last_used_at", "revoke")
        order_by = "-created_at"

    def render_revoke(self, record: Token) -> SafeString | str:
        """A button that ends the token."""
        page = getattr(self, "page_object", None)
        if page is None:
            return ""
        return format_html(
            '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
            '<button class="btn so-sm so-btn-quiet" aria-label="{}">{}</button></form>',
            reverse("api:token_revocation", args=[record.prefix]),
            get_token(page.request),
            _("Revoke %(name)s") % {"name": record.name},
            _("Revoke"),
        )


class TokenList(ListPage):
    """One's own tokens that open something."""

    title = gettext_lazy("API tokens")
    table = TokenTable
    intro = gettext_lazy(
        "A token lets a program act as you, with your rights. Whoever has it needs no password: one for each program."
    )
    empty = Empty(
        gettext_lazy("No tokens yet"),
        gettext_lazy("Make one for each program that works for you."),
        icon="key",
    )

    def rows(self) -> QuerySet[Token]:
        return Token.objects.live().filter(user=self.request.user)

    def actions(self) -> Sequence[Action]:
        return [
            Action(_("How programs use it"), reverse("api:docs"), "file"),
            Action(_("New token"), reverse("api:token_new"), "plus", primary=True),
        ]


class TokenForm(Form):
    """What the token is for."""

    name = forms.CharField(
        label=gettext_lazy("What it is for"),
        max_length=60,
        help_text=gettext_lazy("For example: warehouse scanner, monthly figures"),
    )


class NewToken(FormPage):
    """Makes a token, and shows its secret this once."""

    title = gettext_lazy("New API token")
    form_class = TokenForm
    submit_label = gettext_lazy("Make the token")
    intro = gettext_lazy("It ends when you revoke it, when your password changes, and with your access.")

    def get_cancel_url(self) -> str:
        return reverse("api:tokens")

    def perform(self, form: Any) -> HttpResponseBase:
        user: Any = self.request.user
        made = create_token(by=user, name=form.cleaned_data["name"], where=where_of(self.request))
        response = self.render("api/token_made.html", **self.context(form=form, made=made))
        response["Cache-Control"] = "private, no-store"
        return response


class RevokeToken(ActionPage):
    """A token ends now."""

    def perform(self) -> str:
        user: Any = self.request.user
        token = Token.objects.live().filter(user=user, prefix=self.kwargs["prefix"]).first()
        if token is None:
            raise Http404
        revoke_token(token.pk, by=user, where=where_of(self.request))
        return _("%(name)s opens nothing any more.") % {"name": token.name}

    def get_success_url(self) -> str:
        return reverse("api:tokens")


@method_decorator(csrf_exempt, name="dispatch")
class Documentation(View):
    """The schema as a page to read and to try, for everybody; it says nothing of the company.

    It only answers; whatever form is sent to it is not read.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        return render(request, "api/docs.html")
