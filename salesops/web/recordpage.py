"""A record: number, state, key figures and the next action on top; below, panels that any feature may add."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from . import registry
from .page import Action, Crumb, Page

record_pages: dict[str, type["RecordPage"]] = {}
"""The page of each kind of record, by `record_key`: panels find the record through it, with its scope."""


@dataclass(frozen=True)
class Figure:
    """A key figure: label, value (money, number or text; `money=True` writes an amount), a note, its rows' address."""

    label: Any
    value: Any
    sub: Any = ""
    url: str = ""
    money: bool = False
    tone: str = ""


@dataclass(frozen=True)
class PanelSlot:
    """A panel on one record's page: come with the page, or to be fetched."""

    panel: registry.Panel
    url: str
    record: Any
    context: dict[str, Any] | None = None


class RecordPage(Page):
    """`rows()` says which records the person may see; any other is 404."""

    template_name = "web/record.html"
    lookup = "number"
    record_key = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        key = cls.__dict__.get("record_key")
        if key:
            record_pages[key] = cls

    # ---- what a record page declares ----
    def rows(self) -> QuerySet[Any]:
        """The records in the person's scope."""
        raise NotImplementedError

    def headline(self, record: Any) -> dict[str, Any]:
        """What stands on top: kind, number, title, title_zh, badge (Badge or None), meta (list of words)."""
        return {"title": str(record)}

    def figures(self, record: Any) -> Sequence[Figure]:
        """Key figures below the head, at most five."""
        return []

    def actions(self, record: Any) -> Sequence[Action]:
        """Buttons; the primary one is the next thing to do."""
        return []

    # ---- the record ----
    @cached_property
    def record(self) -> Any:
        """The record that the address names, if the person may see it; Http404 if not."""
        try:
            found = self.rows().filter(**{self.lookup: self.kwargs[self.lookup]}).first()
        except (ValueError, ValidationError):
            found = None
        if found is None:
            raise Http404(_("This is not there, or not in your scope."))
        return found

    @cached_property
    def top(self) -> dict[str, Any]:
        """The headline, asked for once."""
        return self.headline(self.record)

    def heading(self) -> Any:
        return self.top.get("number") or self.top.get("title")

    def crumbs(self) -> Sequence[Crumb]:
        entry = self.menu_entry
        above: list[Crumb] = [(entry.label, entry.url)] if entry else []
        return [*above, (self.heading(), None)]

    def panels(self) -> list[PanelSlot]:
        """The panels of the page, in order."""
        slots: list[PanelSlot] = []
        for panel in registry.panels.of(self.record_key, self.request.user):
            if panel.show is not None and not panel.show(self.request, self.record):
                continue
            context = panel.context(self.request, self.record) if panel.eager else None
            slots.append(PanelSlot(panel, self.panel_url(panel), self.record, context))
        return slots

    def panel_url(self, panel: registry.Panel) -> str:
        """Where a panel is fetched from."""
        return reverse("web:panel", args=[panel.record, panel.key, self.kwargs[self.lookup]])

    def context(self, **more: Any) -> dict[str, Any]:
        slots = self.panels()
        return super().context(
            **{
                "record": self.record,
                "head": self.top,
                "figures": self.figures(self.record),
                "actions": self.actions_allowed(self.actions(self.record)),
                "main_panels": [slot for slot in slots if not slot.panel.side],
                "side_panels": [slot for slot in slots if slot.panel.side],
                **more,
            }
        )
