"""Who changed what, from which value to which, and when: the history of any record, read from pghistory's event tables.

    history_of(customer, customer.account, Parts(Contact, customer=customer), limit=50)

A feature shows it as a panel with the template web/history.html:

    registry.panels.add(registry.Panel("product", "history", _("History"), 900, "web/history.html",
                                       lambda request, product: history_panel(product, Parts(Price, product=product))))
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import wraps
from itertools import groupby
from typing import Any, ParamSpec, TypeVar

import pghistory
from django.contrib.auth import get_user_model
from django.db.models import FileField, ForeignKey, Model, OuterRef, Subquery
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from .figures import day_text, moment_text, money_text, quantity_text

ADDED, CHANGED, REMOVED = "added", "changed", "removed"
VERBS = {"insert": ADDED, "update": CHANGED, "delete": REMOVED}
NEVER_SHOWN = frozenset({"id", "version", "created_at", "source_key"})
"""Columns that say nothing to a person. A model adds its own in `hidden_in_history`."""

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Change:
    """One change. `what` names the part, empty for the record itself; `field` is empty where something came or went."""

    at: datetime
    by: str
    what: str
    verb: str
    field: str = ""
    old: str = ""
    new: str = ""


class Parts:
    """All rows of a tracked model that belong to a record, also those removed: Parts(Contact, customer=customer)."""

    def __init__(self, model: type[Model], **lookup: Any) -> None:
        self.model = model
        self.lookup = lookup


class Links:
    """The rows of a many-to-many relation: Links(UserRole, "group", _("role"), user=user).

    `label` says what a linked row is to the record, `words` what it is called. With `owner`, the history of many
    records at once, each change names the record too.
    """

    def __init__(
        self,
        model: type[Model],
        other: str,
        label: Any,
        words: Callable[[Any], Any] = str,
        *,
        owner: str = "",
        owner_words: Callable[[Any], Any] = str,
        **lookup: Any,
    ) -> None:
        self.model = model
        self.other = other
        self.label = label
        self.words = words
        self.owner = owner
        self.owner_words = owner_words
        self.lookup = lookup


Source = Model | Parts | Links


def recorded(service: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Let the history say that a service's `by` did what it does, also outside a request."""

    @wraps(service)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        by: Any = kwargs.get("by")
        if by is None:
            return service(*args, **kwargs)
        with pghistory.context(user=by.pk):
            return service(*args, **kwargs)

    return run


def history_of(*sources: Source, limit: int = 50) -> list[Change]:
    """Return the latest `limit` changes, newest first. The first source is the record, the others belong to it.

    Asks two queries for each source and one for each kind of row that a foreign key leads to, however long it is.
    """
    read = [_Reading(source, limit, is_record=at == 0) for at, source in enumerate(sources)]
    names = _Names(read)
    changes = [change for reading in read for change in reading.changes(names)]
    changes.sort(key=lambda change: change.at, reverse=True)
    return changes[:limit]


def history_panel(*sources: Source, limit: int = 50) -> dict[str, Any]:
    """Return the context of web/history.html: changes by moment and person."""
    changes = history_of(*sources, limit=limit)
    moments = [(at, by, list(group)) for (at, by), group in groupby(changes, key=lambda one: (one.at, one.by))]
    return {"moments": moments, "is_cut": len(changes) == limit}


class _Reading:
    """The events of one source, and for each the one before it."""

    def __init__(self, source: Source, limit: int, *, is_record: bool) -> None:
        self.source = source
        self.is_record = is_record
        self.is_part = not isinstance(source, Model)
        self.tracked: type[Model] = source.model if isinstance(source, Parts | Links) else type(source)
        self.model: Any = self.tracked.pgh_event_model  # type: ignore[attr-defined]
        lookup = source.lookup if isinstance(source, Parts | Links) else {"pgh_obj": source.pk}
        rows = self.model.objects.filter(**lookup).select_related("pgh_context").order_by("-pgh_id")
        if not isinstance(source, Links):
            earlier = self.model.objects.filter(pgh_obj=OuterRef("pgh_obj"), pgh_id__lt=OuterRef("pgh_id"))
            rows = rows.annotate(before_id=Subquery(earlier.order_by("-pgh_id").values("pgh_id")[:1]))
        self.events: list[Any] = list(rows[:limit])
        self.before: dict[int, Any] = {} if isinstance(source, Links) else self._read_before()

    def _read_before(self) -> dict[int, Any]:
        known = {event.pgh_id: event for event in self.events}
        missing = {event.before_id for event in self.events} - set(known) - {None}
        return known | {event.pgh_id: event for event in self.model.objects.filter(pk__in=missing)}

    # ---- what the names are needed of ----
    @property
    def foreign_keys(self) -> list[Any]:
        """The columns that lead to other rows."""
        own = [field for field in self.model._meta.concrete_fields if isinstance(field, ForeignKey)]
        return [field for field in own if not field.name.startswith("pgh_")]

    def referred(self) -> Iterable[tuple[type[Model], Any]]:
        """The rows that the events refer to: model and key."""
        for event in [*self.events, *self.before.values()]:
            for field in self.foreign_keys:
                yield field.related_model, getattr(event, field.attname)
            if event.pgh_context_id:
                yield get_user_model(), _actor_id(event)

    # ---- in words ----
    def changes(self, names: "_Names") -> Iterable[Change]:
        """The events in words."""
        for event in self.events:
            if isinstance(self.source, Links):
                yield self._link(event, self.source, names)
            else:
                yield from self._changes_of(event, names)

    def _link(self, event: Any, source: Links, names: "_Names") -> Change:
        other = self._linked(event, source.other, names)
        gone = _("removed since")
        what = f"{source.label} {source.words(other) if other is not None else gone}"
        if source.owner:
            what = f"{what} · {source.owner_words(self._linked(event, source.owner, names))}"
        return Change(event.pgh_created_at, names.actor(event), what, VERBS.get(event.pgh_label, CHANGED))

    def _linked(self, event: Any, name: str, names: "_Names") -> Any:
        field = self.model._meta.get_field(name)
        return names.row(field.related_model, getattr(event, field.attname))

    def _changes_of(self, event: Any, names: "_Names") -> Iterable[Change]:
        at, by, what = event.pgh_created_at, names.actor(event), self._what(event, names)
        verb = VERBS.get(event.pgh_label, CHANGED)
        before = self.before.get(event.before_id)
        if verb == ADDED and not self.is_part and not self.is_record:
            return  # made together with the record, as an account is with its customer
        if verb != CHANGED or before is None:
            yield Change(at, by, what, verb)
            return
        for field in self._fields():
            old, new = getattr(before, field.attname), getattr(event, field.attname)
            if old != new:
                words = (_in_words(field, value, names) for value in (old, new))
                yield Change(at, by, what, CHANGED, capfirst(str(field.verbose_name)), *words)

    def _fields(self) -> list[Any]:
        hidden = NEVER_SHOWN | frozenset(getattr(self.tracked, "hidden_in_history", ()))
        fields = [self.tracked._meta.get_field(name) for name in _own_columns(self.model)]
        return [f for f in fields if f.name not in hidden and not isinstance(f, FileField)]

    def _what(self, event: Any, names: "_Names") -> str:
        """What a part is called: its kind, its own name as it was then; "" for the record and what is one with it."""
        if not self.is_part:
            return ""
        row = self.tracked()
        for name in _own_columns(self.model):
            field: Any = self.tracked._meta.get_field(name)
            if isinstance(field, ForeignKey):
                target = names.row(field.related_model, getattr(event, field.attname))
                if target is not None:
                    setattr(row, field.name, target)
                    continue
            setattr(row, field.attname, getattr(event, field.attname))
        return f"{self.tracked._meta.verbose_name} {row}"


class _Names:
    """Every row that the events refer to, read once for each model."""

    def __init__(self, readings: Sequence[_Reading]) -> None:
        wanted: dict[type[Model], set[Any]] = defaultdict(set)
        for reading in readings:
            for model, key in reading.referred():
                if key is not None:
                    wanted[model].add(key)
        self._rows = {model: model._default_manager.in_bulk(keys) for model, keys in wanted.items()}

    def row(self, model: type[Model], key: Any) -> Any:
        """The row of that key, None where there is none any more."""
        return self._rows.get(model, {}).get(key)

    def actor(self, event: Any) -> str:
        """Who did it."""
        person = self.row(get_user_model(), _actor_id(event))
        return str(person) if person is not None else _("The system")


def _actor_id(event: Any) -> Any:
    return event.pgh_context.metadata.get("user") if event.pgh_context_id and event.pgh_context else None


def _own_columns(event_model: Any) -> list[str]:
    """The columns of an event that are the record's own."""
    return [f.name for f in event_model._meta.concrete_fields if not f.name.startswith("pgh_")]


def _in_words(field: Any, value: Any, names: _Names) -> str:
    """A column's value as a person would write it; "" for nothing."""
    if value is None or value == "":
        return ""
    if isinstance(field, ForeignKey):
        row = names.row(field.related_model, value)
        return str(row) if row is not None else f"#{value}"
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return money_text(value) if field.decimal_places == 2 else quantity_text(value)
    if isinstance(value, datetime):
        return moment_text(value)
    return day_text(value) if isinstance(value, date) else str(value)
