"""The filters of the lists, with codes and names where pages send keys of the database."""

from collections.abc import Collection
from typing import Any

import django_filters
from django import forms
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

CALLED_BY = ("code", "number", "sku", "username", "name")
"""What things are called by, the best first: the first of these columns that a table has, and that is unique."""


def called_by(model: type[Model]) -> str:
    """Return the column by which people and programs name a row of a table."""
    unique = {field.name for field in model._meta.get_fields() if getattr(field, "unique", False)}
    return next(name for name in CALLED_BY if name in unique)


def call_by_name(filterset: Any) -> Any:
    """Let the filters that choose a row take its code or name; returns the same filters."""
    for one in filterset.filters.values():
        if isinstance(one, django_filters.ModelChoiceFilter):
            queryset = one.extra.get("queryset")
            assert queryset is not None
            one.extra["to_field_name"] = called_by(queryset.model)
    return filterset


def checked(page: Any, filters: Any, rows: QuerySet[Any], *, also: Collection[str]) -> Any:
    """Return the filters of a list over its rows with what the page's address says; None where there are none.

    Raises ValidationError, by the names in the address, where one makes no sense, and for what nothing listens to:
    misspelt, a filter keeps all rows. `also` is what the address may say beside filters and search.
    """
    given = page.request.GET
    filterset = call_by_name(filters(data=given, queryset=rows, request=page.request)) if filters else None
    searched = {"q"} if getattr(page, "search_fields", ()) else set()
    unknown = sorted(set(given) - searched - set(also) - names_in(filterset))
    if unknown:
        raise ValidationError({name: [_("There is no such filter for you here.")] for name in unknown})
    if filterset is not None and not filterset.form.is_valid():
        raise ValidationError(_wrong_in(filterset.form))
    return filterset


def _wrong_in(form: Any) -> dict[str, Any]:
    """What is wrong, by the names in the address: of a range the end that cannot be read."""
    wrong: dict[str, Any] = {}
    for name, errors in form.errors.items():
        field = form.fields[name]
        ends = dict(zip((f"{name}_{end}" for end in _ends_of(field)), getattr(field, "fields", ()), strict=True))
        unreadable = {end: errors for end, one in ends.items() if not _can_read(one, form.data.get(end, ""))}
        wrong |= unreadable or {name: errors}
    return wrong


def _can_read(field: Any, text: str) -> bool:
    try:
        field.clean(text)
    except forms.ValidationError:
        return False
    return True


def _ends_of(field: Any) -> Collection[str]:
    return getattr(field.widget, "suffixes", ())


def names_in(filterset: Any) -> set[str]:
    """Return the names that filters have in an address: ranges have one for each end."""
    found: set[str] = set()
    for name, field in filterset.form.fields.items() if filterset else ():
        ends = _ends_of(field)
        found |= {f"{name}_{end}" for end in ends} if ends else {name}
    return found


def search_in(page: Any) -> str:
    """Return what is searched for; ValidationError where it is longer than any name."""
    text = page.request.GET.get("q", "")
    if len(text) > 100:
        raise ValidationError({"q": [_("At most %(n)d signs.") % {"n": 100}]})
    return str(page.text)
