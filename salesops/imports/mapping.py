"""A mapping says which file holds what: a TOML file with one [[table]] for each part of the books.

    name = "classicmodels"

    [[table]]
    kind = "payments"
    file = "payments.csv"
    [table.columns]
    customer = "customerNumber"
    reference = "checkNumber"
    received_on = "paymentDate"
    amount = "amount"

Our field stands left, their column right; "{firstName} {lastName}" joins columns. docs/imports.md explains all of it.
"""

import re
import tomllib
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from salesops.kernel.errors import RuleBroken, require

from .kinds import Kind, kinds
from .reading import HowToRead
from .rows import CellStyle, required_fields

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,29}$")
MOST_TOML = 1024 * 1024
TEMPLATE = re.compile(r"\{([^{}]+)\}")
ANY = "*"


class Part(BaseModel):
    """What all parts of a mapping have in common: a word that nobody knows is an error, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FileMap(Part):
    """Which file, and how it is written where that cannot be seen."""

    file: str = ""
    sheet: str = ""
    header_row: Annotated[int, Field(ge=0)] = 0
    encoding: str = ""
    delimiter: str = ""

    @property
    def how(self) -> HowToRead:
        """How the file is to be opened."""
        return HowToRead(self.sheet, self.header_row, self.encoding, self.delimiter)


class JoinMap(FileMap):
    """Another file whose columns stand beside the table's own, as name.column, where key equals the table's column."""

    file: str
    key: str
    equals: str


class TableMap(FileMap):
    """One part of the books."""

    kind: str
    columns: dict[str, str] = Field(default_factory=dict)
    constants: dict[str, Any] = Field(default_factory=dict)
    values: dict[str, dict[str, Any]] = Field(default_factory=dict)
    only: dict[str, list[str]] = Field(default_factory=dict)
    leave_out: dict[str, list[str]] = Field(default_factory=dict)
    join: dict[str, JoinMap] = Field(default_factory=dict)
    rows: list[dict[str, Any]] = Field(default_factory=list)
    distinct: bool = False
    date_format: str | list[str] = ""
    decimal: str = ""

    def columns_needed(self) -> dict[str, str]:
        """Return every column that the table's own file must have, with the field that asks for it."""
        needed: dict[str, str] = {}
        for field, spec in self.columns.items():
            needed |= {column: field for column in columns_in(spec) if not self.joined(column)}
        needed |= dict.fromkeys([*self.only, *self.leave_out], "")
        return needed | {join.equals: "" for join in self.join.values() if not self.joined(join.equals)}

    def joined(self, column: str) -> bool:
        """Whether a column comes from a joined file."""
        return column.split(".", 1)[0] in self.join and "." in column


class Mapping(Part):
    """All of it. `name` begins the key of every row, so that loading the same books again changes nothing."""

    name: str
    title: str = ""
    date_format: str | list[str] = ""
    decimal: str = "."
    encoding: str = ""
    table: Annotated[list[TableMap], Field(min_length=1)]

    def style_of(self, table: TableMap) -> CellStyle:
        """How the cells of a table are written."""
        formats = table.date_format or self.date_format
        return CellStyle(
            table.decimal or self.decimal, tuple([formats] if isinstance(formats, str) and formats else formats)
        )

    def how_of(self, part: FileMap) -> HowToRead:
        """How a file is opened: as its part says, else as the mapping does."""
        how = part.how
        return (
            how
            if how.encoding or not self.encoding
            else HowToRead(how.sheet, how.header_row, self.encoding, how.delimiter)
        )

    def files(self) -> list[str]:
        """Every file that is named."""
        return [
            file for table in self.table for file in (table.file, *(join.file for join in table.join.values())) if file
        ]


def columns_in(spec: str) -> list[str]:
    """Return the columns that a field is made of: one, or those in the braces of a template."""
    return TEMPLATE.findall(spec) if "{" in spec else [spec]


def read_mapping(text: str) -> Mapping:
    """Return the mapping that a TOML text holds; RuleBroken says where it is wrong and what was meant perhaps."""
    require(len(text) <= MOST_TOML, _("The mapping is too long."), rule="mapping")
    try:
        mapping = Mapping.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise _broken(_("The mapping is not valid TOML: %(error)s.") % {"error": error}) from error
    except ValidationError as error:
        raise _broken(_shape_in_words(error)) from error
    _require_sound(mapping)
    return mapping


def _broken(words: str) -> RuleBroken:
    return RuleBroken(words, rule="mapping", field="mapping")


def _shape_in_words(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = " → ".join(str(part + 1) if isinstance(part, int) else str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = sorted({*TableMap.model_fields, *Mapping.model_fields, *JoinMap.model_fields})
        return _("The mapping has a word that means nothing: %(place)s.%(hint)s") % {
            "place": place,
            "hint": _perhaps(str(first["loc"][-1]), known),
        }
    if first["type"] == "missing":
        return _("The mapping lacks: %(place)s.") % {"place": place}
    return _("The mapping is wrong at %(place)s: %(error)s.") % {"place": place, "error": first["msg"]}


def _perhaps(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, n=1)
    return " " + _("Did you mean “%(word)s”?") % {"word": close[0]} if close else ""


def _require_sound(mapping: Mapping) -> None:
    if not NAME.fullmatch(mapping.name):
        raise _broken(
            _(
                "The name of the mapping is part of keys: it has small letters, digits, dots and hyphens only,"
                " 30 signs at most."
            )
        )
    for at, table in enumerate(mapping.table, start=1):
        kind = kinds.get(table.kind)
        if kind is None:
            known = ", ".join(kind.key for kind in kinds)
            words = _("Table %(at)s: there is no kind “%(kind)s”. Kinds are: %(known)s.%(hint)s")
            hint = _perhaps(table.kind, [kind.key for kind in kinds])
            raise _broken(words % {"at": at, "kind": table.kind, "known": known, "hint": hint})
        _require_sound_table(at, table, kind)


def _require_sound_table(at: int, table: TableMap, kind: Kind) -> None:
    place = {"at": at, "kind": table.kind}
    if bool(table.file) == bool(table.rows):
        raise _broken(_("Table %(at)s (%(kind)s): name a file, or write rows.") % place)
    for file in table.file, *(join.file for join in table.join.values()):
        path = PurePosixPath(file)
        if path.is_absolute() or ".." in path.parts:
            raise _broken(_("Table %(at)s (%(kind)s): a file lies in the folder of the books.") % place)
    known = list(kind.row.model_fields)
    for field in {*table.columns, *table.constants, *table.values, *(name for row in table.rows for name in row)}:
        if field not in known:
            words = _("Table %(at)s (%(kind)s): there is no field “%(field)s”. Fields are: %(known)s.%(hint)s")
            raise _broken(words % {**place, "field": field, "known": ", ".join(known), "hint": _perhaps(field, known)})
    if table.file:
        given = {*table.columns, *table.constants}
        missing = [name for name in required_fields(kind.row) if name not in given]
        if missing:
            words = _("Table %(at)s (%(kind)s): say where to find %(fields)s.")
            raise _broken(words % {**place, "fields": ", ".join(missing)})
