"""The plainest page: who may open it, where it stands, what it is called."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views import View
from django_htmx.http import HttpResponseClientRedirect

from . import registry
from .back import page_around

Crumb = tuple[Any, str | None]


@dataclass(frozen=True)
class Action:
    """A button of a page: a link, or with method "post" a request that changes something.

    `permission` hides it from those who may never; `refused` says why it is not possible just now: the button
    stands there, disabled, and explains. `confirm` is a question asked before a post that cannot be undone.
    `danger` makes it quiet and red.
    """

    label: Any
    url: str
    icon: str = ""
    primary: bool = False
    method: str = "get"
    permission: str | tuple[str, ...] = ""
    confirm: Any = ""
    refused: Any = ""
    danger: bool = False
    key: str = ""


@dataclass(frozen=True)
class BulkAction:
    """A button for the rows that are ticked: posts their keys as `selected` to the url."""

    label: Any
    url: str
    icon: str = ""
    primary: bool = False
    permission: str | tuple[str, ...] = ""
    confirm: Any = ""


@dataclass(frozen=True)
class Empty:
    """What an empty list says: what is true, what to do, one button."""

    title: Any
    text: Any = ""
    action: Action | None = None
    icon: str = "inbox"


class SignedInRequest(HttpRequest):
    """What a page's request is once `dispatch` has let it in: `user` is a User (named in an app above this one)."""

    user: Any


class Page(View):
    """A page for people who are signed in. The template gets `page` (this object) and what `context()` returns.

    `permission_required` names the permission, or several of which one is enough; None lets everybody in who is
    signed in. A visitor is sent to sign in, somebody without the permission gets the 403 page.
    """

    permission_required: str | tuple[str, ...] | None = None
    title: Any = ""
    menu_key = ""
    template_name = ""
    wide = False
    """Whether the main part fills the window instead of the usual column, as the inbox does."""
    back_label: Any = ""
    """Puts a button `data-back` into the top bar of a phone, hidden until the page's script shows it."""

    request: SignedInRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let in who may come in."""
        if not request.user.is_authenticated:
            return self.send_to_sign_in()
        if not self.allowed():
            raise PermissionDenied(_("Your role does not include this page."))
        response = super().dispatch(request, *args, **kwargs)
        if isinstance(response, HttpResponse):
            patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response

    def allowed(self) -> bool:
        """Whether the person may open the page at all; rows are a matter of scope."""
        return registry.may(self.request.user, self.permission_required)

    def send_to_sign_in(self) -> HttpResponse:
        """Answer a visitor; a part of a page may not be replaced by the sign-in form, so the whole page goes there."""
        if getattr(self.request, "htmx", False):
            return HttpResponseClientRedirect(redirect_to_login(page_around(self.request)).url)
        return redirect_to_login(self.request.get_full_path())

    # ---- what the shell asks ----
    @property
    def menu_entry(self) -> registry.MenuEntry | None:
        """The menu entry under which the page stands, in the words of the reader's menu."""
        return registry.entry_for(self.request.user, self.menu_key) if self.menu_key else None

    def heading(self) -> Any:
        """The title on the page and of the window."""
        return self.title

    def crumbs(self) -> Sequence[Crumb]:
        """The way here: label and address of each step; the last one is this page and has no address."""
        entry = self.menu_entry
        heading = self.heading()
        if entry is None or str(entry.label) == str(heading):
            return [(heading, None)]
        return [(entry.label, entry.url), (heading, None)]

    def actions_allowed(self, actions: Sequence[Action]) -> list[Action]:
        """Return the actions that the person has the permission for, the primary one last."""
        allowed = [action for action in actions if registry.may(self.request.user, action.permission)]
        return sorted(allowed, key=lambda action: action.primary)

    # ---- answering ----
    def context(self, **more: Any) -> dict[str, Any]:
        """What the template gets beside `page`. Extend it: {**super().context(**more), "lines": ...}."""
        return more

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the page."""
        return self.render(**self.context())

    def render(self, template: str = "", /, status: int = 200, **context: Any) -> HttpResponse:
        """Return a response made of a template (the page's own unless another is named)."""
        context.setdefault("page", self)
        text = render_to_string(template or self.template_name, context, request=self.request)
        return HttpResponse(text, status=status)

    def go(self, url: str) -> HttpResponse:
        """Go on to an address, from a whole page or from a part of it."""
        if getattr(self.request, "htmx", False):
            return HttpResponseClientRedirect(url)
        return HttpResponseRedirect(url)

    # ---- addresses ----
    def query(self, **changes: Any) -> str:
        """Return the current query with changes (None removes a key), without empty values and page number."""
        return clean_query(self.request.GET, **{"page": None, "export": None, **changes})


def clean_query(given: QueryDict, **changes: Any) -> str:
    """Return a query string without empty values, with changes made; None removes a key."""
    pairs = [(key, value) for key, values in given.lists() if key not in changes for value in values if value != ""]
    pairs += [(key, str(value)) for key, value in changes.items() if value is not None]
    return urlencode(pairs)
