"""The filters of the lists, with codes and names where pages send keys of the database."""

from collections.abc import Collection
from typing import Any

import django_filters
from django.db.models import Model
from django.http import QueryDict
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


def checked(filterset: Any) -> Any:
    """Return the filters; raises ValidationError, by the names in the address, where one makes no sense."""
    call_by_name(filterset)
    if not filterset.form.is_valid():
        raise ValidationError(dict(filterset.form.errors))
    return filterset


def names_in(filterset: Any) -> set[str]:
    """Return the names that the filters have in an address: ranges have one for each end."""
    found: set[str] = set()
    for name, field in call_by_name(filterset).form.fields.items():
        ends = getattr(field.widget, "suffixes", None)
        found |= {f"{name}_{end}" for end in ends} if ends else {name}
    return found


def refuse_unknown(given: QueryDict, known: Collection[str]) -> None:
    """Raise ValidationError that names what nothing listens to in an address: misspelt, a filter keeps all rows."""
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ValidationError({name: [_("There is no such filter for you here.")] for name in unknown})


def search_in(page: Any) -> str:
    """Return what is searched for; ValidationError where it is longer than any name."""
    text = page.request.GET.get("q", "")
    if len(text) > 100:
        raise ValidationError({"q": [_("At most %(n)d signs.") % {"n": 100}]})
    return str(page.text)
