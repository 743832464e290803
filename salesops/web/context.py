"""What the shell around every page shows: menu with counts, quick menu, bell, the person."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from . import registry
from .counts import MOST, count_all, count_rows

TABS = 3
"""Entries of the phone's quick menu, beside Find and More."""


@dataclass(frozen=True)
class Line:
    """A menu entry as one person sees it now."""

    entry: registry.MenuEntry
    count: int

    @property
    def shown(self) -> str:
        """The count in words of the menu; empty when nothing waits."""
        if not self.count:
            return ""
        return f"{MOST}+" if self.count > MOST else str(self.count)


class Shell:
    """The shell for one request. Nothing is read before a template asks; counts are read once."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user: Any = request.user
        self.along: Mapping[str, QuerySet[Any]] = {}

    company = settings.COMPANY_NAME
    demo = settings.DEMO

    @cached_property
    def counts(self) -> dict[str, int]:
        """What waits, by menu key; the bell's under "bell", what floats under "floating:" and its key."""
        asked: dict[str, Any] = {
            entry.key: entry.count(self.user) for entry in registry.menu.allowed(self.user) if entry.count
        }
        if registry.bell.count:
            asked["bell"] = registry.bell.count(self.user)
        asked |= {f"floating:{one.key}": one.count(self.user) for one in registry.floating}
        return count_all(asked, exactly=self.along)

    def count_along(self, along: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
        """Return how many rows a page has behind each of its keys, counted in the same query as the menu's numbers."""
        if "counts" in self.__dict__:
            return count_rows(along)
        self.along = along
        return self.counts

    @cached_property
    def sections(self) -> list[tuple[registry.MenuSection, list[Line]]]:
        """The side bar: sections with their lines."""
        return [
            (section, [Line(entry, self.counts.get(entry.key, 0)) for entry in section.entries])
            for section in registry.sections_for(self.user)
        ]

    @property
    def tabs(self) -> list[Line]:
        """The phone's quick menu: home and what waits, then the daily work."""
        first = [line for section, lines in self.sections if not section.key for line in lines]
        others = [line for section, lines in self.sections if section.key not in {"", "more"} for line in lines]
        return (first[: TABS - 1] + others + first[TABS - 1 :])[:TABS]

    @property
    def unread(self) -> int:
        """Unread notices."""
        return self.counts.get("bell", 0)

    @property
    def bell_url(self) -> str:
        """The page of all notices."""
        return reverse(registry.bell.url_name) if registry.bell.url_name else ""

    @property
    def floating(self) -> list[registry.Floating]:
        """What floats over the page just now."""
        return [one for one in registry.floating if self.counts.get(f"floating:{one.key}")]

    @property
    def account_links(self) -> list[registry.AccountLink]:
        """The person's own menu."""
        return registry.account.allowed(self.user)


def shell_of(request: Any) -> Shell:
    """Return the shell of a request, the same for all who ask."""
    if not hasattr(request, "shell"):
        request.shell = Shell(request)
    found: Shell = request.shell
    return found


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell` for people who are signed in, and the name of the company."""
    signed_in = hasattr(request, "user") and request.user.is_authenticated
    return {
        "shell": SimpleLazyObject(lambda: shell_of(request)) if signed_in else None,
        "company": settings.COMPANY_NAME,
        "currency_sign": settings.CURRENCY_SIGN,
        "demo": settings.DEMO,
    }
