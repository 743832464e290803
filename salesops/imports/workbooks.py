"""A look into a workbook before it is read: how large its sheets are, and which cells hold what cannot be read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from zipfile import ZipInfo

from django.utils.translation import gettext as _

from salesops.kernel.errors import require

from . import limits
from .archives import damaged, inflate, members_of

TAG = re.compile(rb"<(?:\w+:)?(sheet|Relationship)\b([^>]*)>")
ATTRIBUTE = re.compile(rb"([\w:]+)\s*=\s*[\"']([^\"']*)[\"']")
PLACE = re.compile(rb"<(?:\w+:)?(?:c|row)\b[^>]*?\br=[\"']([A-Z]{0,3})(\d{1,8})[\"']")
OWN_PLACE = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d{1,8})[\"']")
ERROR = re.compile(rb"\bt=[\"']e[\"']")
HAS_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)</")
MOST_WORKBOOK_XML = 4 * 1024 * 1024
MOST_TROUBLES = 10_000
LONGEST_CELL = 4 * limits.MEGABYTE

FORMULA = "formula"
"""A cell with a formula whose value was never stored."""


@dataclass
class SheetLook:
    """What was seen of a sheet: its last row and column, cells written, and those without a value by (row, column)."""

    name: str
    last_row: int = 0
    last_column: int = 0
    written: int = 0
    troubles: dict[tuple[int, int], str] = field(default_factory=dict)


def look_into(path: Path, sheet: str = "") -> SheetLook:
    """Look at one sheet, the first unless it is named; RuleBroken where it is not there or is too large to be read."""
    members = {member.filename: member for member in members_of(path)}
    sheets = _sheets(path, members)
    require(sheets, _("%(file)s has no sheet with a table.") % {"file": path.name}, rule="file")
    name = sheet or next(iter(sheets))
    require(
        name in sheets,
        _("%(file)s has no sheet “%(sheet)s”; it has: %(sheets)s.")
        % {"file": path.name, "sheet": name, "sheets": ", ".join(sheets)},
        rule="file",
    )
    look = SheetLook(name)
    for piece in _whole_cells(inflate(path, sheets[name])):
        _note_size(path, look, piece)
        if HAS_FORMULA.search(piece) or ERROR.search(piece):
            _note_troubles(look, piece)
    return look


def sheet_names(path: Path) -> list[str]:
    """Return the names of the sheets of a workbook, in order."""
    return list(_sheets(path, {member.filename: member for member in members_of(path)}))


def _sheets(path: Path, members: dict[str, ZipInfo]) -> dict[str, ZipInfo]:
    """The sheets by name, in the workbook's order."""
    targets: dict[bytes, str] = {}
    for tag in _tags(path, members.get("xl/_rels/workbook.xml.rels")):
        target = unescape(tag.get(b"Target", b"").decode("utf-8", "replace"))
        targets[tag.get(b"Id", b"")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    found: dict[str, ZipInfo] = {}
    for tag in _tags(path, members.get("xl/workbook.xml")):
        relation = next((value for key, value in tag.items() if key.endswith(b":id")), b"")
        part = members.get(targets.get(relation, ""))
        if part is not None and b"name" in tag:
            found[unescape(tag[b"name"].decode("utf-8", "replace"))] = part
    return found


def _tags(path: Path, member: ZipInfo | None) -> Iterator[dict[bytes, bytes]]:
    if member is None or member.file_size > MOST_WORKBOOK_XML:
        raise damaged(path)
    for match in TAG.finditer(b"".join(inflate(path, member))):
        yield dict(ATTRIBUTE.findall(match[2]))


def _whole_cells(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Join pieces so that no cell is cut in two: what follows the start of the last one waits for the next piece."""
    rest = b""
    for piece in pieces:
        text = rest + piece
        cut = max(text.rfind(b"<c "), text.rfind(b":c "), text.rfind(b"<row "), text.rfind(b":row "))
        cut = text.rfind(b"<", 0, cut + 1) if cut > 0 else 0
        if cut <= 0 and len(text) > LONGEST_CELL:
            cut = len(text)
        yield text[:cut]
        rest = text[cut:]
    yield rest


def _note_size(path: Path, look: SheetLook, piece: bytes) -> None:
    for letters, digits in PLACE.findall(piece):
        look.last_row = max(look.last_row, int(digits))
        if letters:
            look.last_column = max(look.last_column, column_number(letters))
    look.written += piece.count(b"<c ") + piece.count(b":c ")
    cells = max(look.last_row * max(look.last_column, 1), look.written)
    require(
        look.last_column <= limits.MOST_COLUMNS and cells <= limits.MOST_CELLS,
        _(
            "%(file)s, sheet “%(sheet)s”: the last cell lies in row %(row)s, column %(column)s. That is more than"
            " can be read. Delete what stands far away from the table, or save it as .csv."
        )
        % {"file": path.name, "sheet": look.name, "row": look.last_row, "column": look.last_column},
        rule="file",
    )


def _note_troubles(look: SheetLook, piece: bytes) -> None:
    """Note formulas without a stored value, and Excel's own errors such as #N/A."""
    for attributes, inside in CELL.findall(piece):
        if len(look.troubles) >= MOST_TROUBLES:
            return
        is_error = ERROR.search(attributes) is not None
        value = VALUE.search(inside)
        is_formula = HAS_FORMULA.search(inside) is not None and not (value and value[1].strip())
        place = OWN_PLACE.search(attributes)
        if place and (is_error or is_formula):
            words = value[1].decode("ascii", "replace") if is_error and value else FORMULA
            look.troubles[int(place[2]), column_number(place[1])] = words


def column_number(letters: bytes) -> int:
    """Return 1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
