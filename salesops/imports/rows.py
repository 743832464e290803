"""Rows as the product needs them: a pydantic model for each kind, with reasons in words for what is wrong.

class PaymentRow(Row):
    customer: Annotated[Text(20), Ref("customers")]
    received_on: Day
    amount: Amount
    reference: Text(120) = ""
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo
from pydantic_core import PydanticCustomError

from salesops.kernel.periods import REMEMBERED_YEARS

from .cells import Trouble, Unclear, day_of, flag_of, is_empty, number_of, text_of

LONGEST_KEY = 60
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MOST_MONEY = Decimal("999999999999.99")
MOST_PIECES = 1_000_000_000


@dataclass(frozen=True)
class Ref:
    """Marks a field that names a row of another kind, by that row's key or by what it goes by."""

    kind: str


@dataclass(frozen=True)
class Words:
    """Marks a field that takes certain words only: what may stand in a cell, in small letters, and our value for it."""

    known: dict[str, str]


@dataclass(frozen=True)
class CellStyle:
    """How the cells of a file are written."""

    decimal_sign: str = "."
    day_formats: tuple[str, ...] = ()


PLAIN = CellStyle()


def refuse_cell(reason: Any) -> PydanticCustomError:
    return PydanticCustomError("reason", "{reason}", {"reason": str(reason)})


def _require_readable(cell: Any) -> None:
    if isinstance(cell, Trouble):
        raise refuse_cell(cell.reason)
    if isinstance(cell, str) and cell.lstrip().startswith("="):
        raise refuse_cell(_("is a formula, not a value"))


def _style(info: ValidationInfo) -> CellStyle:
    return info.context if isinstance(info.context, CellStyle) else PLAIN


def as_text(cell: Any) -> str:
    """Return the text of a cell; refuse a formula, an error of Excel, signs that cannot be seen."""
    _require_readable(cell)
    text = text_of(cell)
    if CONTROL.search(text):
        raise refuse_cell(_("holds signs that cannot be seen"))
    return text


def _as_number(cell: Any, info: ValidationInfo) -> Decimal:
    _require_readable(cell)
    try:
        return number_of(cell, _style(info).decimal_sign)
    except Unclear as unclear:
        raise refuse_cell(unclear) from unclear


def _as_amount(cell: Any, info: ValidationInfo) -> Decimal:
    number = _as_number(cell, info)
    if number != round(number, 2):
        raise refuse_cell(_("has more than two decimals"))
    if abs(number) > MOST_MONEY:
        raise refuse_cell(_("is too large"))
    return round(number, 2)


def _as_count(cell: Any, info: ValidationInfo) -> int:
    number = _as_number(cell, info)
    if number != int(number):
        raise refuse_cell(_("is not a whole number"))
    if abs(number) > MOST_PIECES:
        raise refuse_cell(_("is too large"))
    return int(number)


def _as_day(cell: Any, info: ValidationInfo) -> date:
    _require_readable(cell)
    try:
        day = day_of(cell, _style(info).day_formats)
    except Unclear as unclear:
        raise refuse_cell(unclear) from unclear
    if day.year not in REMEMBERED_YEARS:
        raise refuse_cell(_("lies too far from today"))
    return day


def _as_flag(cell: Any) -> bool:
    _require_readable(cell)
    try:
        return flag_of(cell)
    except Unclear as unclear:
        raise refuse_cell(unclear) from unclear


def Text(most: int) -> Any:  # noqa: N802  reads as a type
    """Text of at most so many signs."""
    return Annotated[str, BeforeValidator(as_text), Field(max_length=most)]


Amount = Annotated[Decimal, BeforeValidator(_as_amount)]
PositiveAmount = Annotated[Decimal, BeforeValidator(_as_amount), Field(gt=0)]
Price = Annotated[Decimal, BeforeValidator(_as_amount), Field(ge=0)]
Percent = Annotated[Decimal, BeforeValidator(_as_amount), Field(ge=0, le=100)]
Count = Annotated[int, BeforeValidator(_as_count), Field(ge=0)]
Quantity = Annotated[int, BeforeValidator(_as_count), Field(gt=0)]
Day = Annotated[date, BeforeValidator(_as_day)]
Flag = Annotated[bool, BeforeValidator(_as_flag)]


def Choice(choices: type[TextChoices], *, but: frozenset[str] = frozenset()) -> Any:  # noqa: N802  reads as a type
    """One of the values of a TextChoices, by its value or its label in any case."""
    known = {choice.value.lower(): choice.value for choice in choices if choice.value not in but}
    known |= {str(choice.label).lower(): choice.value for choice in choices if choice.value not in but}

    def choose(cell: Any) -> str:
        text = as_text(cell)
        if text.lower() not in known:
            allowed = ", ".join(sorted(set(known.values())))
            raise refuse_cell(_("is none of: %(allowed)s") % {"allowed": allowed})
        return str(known[text.lower()])

    return Annotated[str, BeforeValidator(choose), Words(known)]


class Row(BaseModel):
    """The base of every kind's row. `key` is what the row goes by in the old books, where that is no other field."""

    model_config = ConfigDict(extra="forbid")

    key: Text(LONGEST_KEY) = ""  # type: ignore[valid-type]


@dataclass(frozen=True)
class Wrong:
    """What is wrong with one field of a row."""

    field: str
    reason: str


def required_fields(row: type[Row]) -> list[str]:
    """Return the fields that every row must have."""
    return [name for name, field in row.model_fields.items() if field.is_required()]


def references(row: type[Row]) -> dict[str, str]:
    """Return the fields that name rows of other kinds, with the kind."""
    return {
        name: mark.kind for name, field in row.model_fields.items() for mark in field.metadata if isinstance(mark, Ref)
    }


def allowed_words(row: type[Row], name: str) -> dict[str, str]:
    """Return the words that a field takes and what they mean; empty where it takes anything."""
    marks = [mark for mark in row.model_fields[name].metadata if isinstance(mark, Words)]
    return marks[0].known if marks else {}


def make_row(row: type[Row], cells: dict[str, Any], style: CellStyle) -> Row | list[Wrong]:
    """Return the row that the cells make, or all that is wrong with them. Empty cells are left to the defaults."""
    given = {name: cell for name, cell in cells.items() if not is_empty(cell)}
    try:
        return row.model_validate(given, context=style)
    except ValidationError as error:
        return list(_reasons(error))


def _reasons(error: ValidationError) -> Iterator[Wrong]:
    for one in error.errors(include_url=False, include_input=False):
        field = str(one["loc"][0]) if one["loc"] else ""
        context = one.get("ctx", {})
        words = {
            "missing": _("is missing"),
            "string_too_long": _("is longer than %(most)s signs") % {"most": context.get("max_length", "")},
            "greater_than": _("must be more than %(least)s") % {"least": context.get("gt", "")},
            "greater_than_equal": _("must not be less than %(least)s") % {"least": context.get("ge", "")},
            "less_than_equal": _("must not be more than %(most)s") % {"most": context.get("le", "")},
        }
        yield Wrong(field, words.get(one["type"]) or str(context.get("reason", one["msg"])))
