"""Pages of rows by keyset: a page begins after the last row of the one before, so that every page is equally fast.

DRF's CursorPagination counts rows of the same day by an offset; with thousands of deliveries on one day that is slow.
Here the order ends with a unique column and PostgreSQL compares whole rows, which an index over these columns answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core import signing
from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

SALT = "salesops.api.cursor"
DEFAULT_SIZE = 50
MOST = 200
NAMES = frozenset({"cursor", "page_size"})
"""What the address of a list says of its pages."""


@dataclass(frozen=True)
class RowPage:
    """The rows of a page, and the cursor of the next one ("" at the end)."""

    rows: list[Any]
    next_cursor: str


class _Row(Func):
    """Several values as one row value."""

    template = "(%(expressions)s)"


def page_of(
    rows: QuerySet[Any], order: Sequence[str], *, name: str = "", cursor: str = "", size: int = DEFAULT_SIZE
) -> RowPage:
    """Return a page of rows in an order of columns that all rise or all fall and end with a unique one, none empty.

    A column may be one that the list adds to its rows. One query. Raises ValidationError for a cursor that the list of
    this name did not give out.
    """
    falls = {name.startswith("-") for name in order}
    assert len(falls) == 1, "a row value is compared in one direction"
    names = [name.removeprefix("-") for name in order]
    rows = rows.order_by(*order)
    if cursor:
        rows = rows.filter(_beyond(rows, names, _values_in(cursor, [name, *order], rows, names), falls.pop()))
    found = list(rows[: size + 1])
    has_more = len(found) > size
    found = found[:size]
    return RowPage(found, _cursor_of(found[-1], [name, *order], names) if has_more else "")


def _beyond(rows: QuerySet[Any], names: Sequence[str], values: Sequence[Any], falls: bool) -> Func:
    mark = [Value(value, output_field=_field(rows, name)) for name, value in zip(names, values, strict=True)]
    here = _Row(*[F(name) for name in names], output_field=BooleanField())
    there = _Row(*mark, output_field=BooleanField())
    joiner = " < " if falls else " > "
    return Func(here, there, template="%(expressions)s", arg_joiner=joiner, output_field=BooleanField())


def _field(rows: QuerySet[Any], name: str) -> Any:
    """A column of the table, or what the list adds to its rows."""
    added = rows.query.annotations.get(name)
    if added is not None:
        return added.output_field
    return rows.model._meta.pk if name == "pk" else rows.model._meta.get_field(name)


def _cursor_of(row: Any, made_for: list[str], names: Sequence[str]) -> str:
    values = [_written(getattr(row, name)) for name in names]
    return signing.dumps([made_for, values], salt=SALT)


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value if isinstance(value, int) else str(value)


def _values_in(cursor: str, made_for: list[str], rows: QuerySet[Any], names: Sequence[str]) -> list[Any]:
    try:
        given_for, values = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError):
        given_for, values = None, []
    if given_for != made_for:
        raise ValidationError({"cursor": [_("This is no cursor of this list.")]})
    return [_field(rows, name).to_python(value) for name, value in zip(names, values, strict=True)]


def size_in(request: HttpRequest) -> int:
    """Return how many rows a page has: what is asked for, 1 to 200. Raises ValidationError for anything else."""
    given = request.GET.get("page_size", "")
    if not given:
        return DEFAULT_SIZE
    size = int(given) if given.isascii() and given.isdecimal() and len(given) < 6 else 0
    if not 1 <= size <= MOST:
        raise ValidationError({"page_size": [_("From 1 to %(most)d.") % {"most": MOST}]})
    return size
