"""Parts of the shell: search, bell, panels of records, cards of the home page, the language switch."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.views.decorators.http import require_POST

from . import registry
from .back import back_url
from .page import Page
from .recordpage import record_pages

SHORTEST = 2
A_YEAR = 365 * 24 * 3600


class Find(Page):
    """Finds a customer, a document, a product: below the search box as you type, or as a page of its own."""

    template_name = "web/find.html"
    in_dropdown = 5
    on_page = 20

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show what was found, by kind."""
        text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
        part = bool(getattr(request, "htmx", False))
        groups = self.find(text, self.in_dropdown if part else self.on_page)
        template = "web/find_part.html" if part else self.template_name
        return self.render(template, **self.context(text=text, groups=groups, too_short=len(text) < SHORTEST))

    def find(self, text: str, limit: int) -> list[tuple[registry.SearchProvider, list[registry.Hit]]]:
        """Return what each provider finds, without those that find nothing."""
        if len(text) < SHORTEST:
            return []
        groups = []
        for provider in registry.search.allowed(self.request.user):
            hits = list(provider.find(self.request.user, text, limit))
            if hits:
                groups.append((provider, hits))
        return groups

    def heading(self) -> Any:
        return translation.gettext("Find")


class BellPart(Page):
    """The latest notices, below the bell."""

    template_name = "web/bell_part.html"

    def context(self, **more: Any) -> dict[str, Any]:
        recent = registry.bell.recent(self.request.user, 8) if registry.bell.recent else []
        return super().context(notices=recent, **more)


class PanelPart(Page):
    """One panel of a record's page, for those who may see record and panel."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the panel."""
        panel = registry.panels.get(f"{kwargs['record']}/{kwargs['key']}")
        page_class = record_pages.get(kwargs["record"])
        if panel is None or page_class is None:
            raise Http404
        page = page_class()
        page.setup(request, **{page_class.lookup: kwargs["lookup"]})
        if not page.allowed() or not registry.may(request.user, panel.permission):
            raise PermissionDenied
        record = page.record
        context = panel.context(request, record)
        return self.render("web/panel.html", panel=panel, record=record, panel_context=context)


class CardPart(Page):
    """One card of the home page."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the card."""
        card = registry.home_cards.get(kwargs["key"])
        if card is None:
            raise Http404
        if not registry.may(request.user, card.permission):
            raise PermissionDenied
        if card.show is not None and not card.show(request.user):
            raise Http404
        return self.render("web/card.html", card=card, card_context=card.context(request.user))


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language: kept with the person, and in a cookie for the sign-in page."""
    wanted = request.POST.get("language", "")
    response = HttpResponseRedirect(back_url(request))
    if wanted not in dict(settings.LANGUAGES):
        return response
    user: Any = request.user
    if user.is_authenticated:
        user.language = wanted
        user.save(update_fields=["language"])
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, wanted, max_age=A_YEAR, samesite="Lax", httponly=True, secure=secure
    )
    return response
