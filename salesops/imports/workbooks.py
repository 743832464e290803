"""A look into a workbook before it is read: how large its sheets are, and which cells hold what cannot be read."""

import re
from array import array
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
PLACE = re.compile(rb"\br\s*=\s*[\"']\s*([A-Za-z]*)(\d+)")
"""Where a cell or a row says that it stands; looked for anywhere, so that no way of writing a tag hides it."""
OWN_PLACE = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d{1,8})[\"']")
BEGINNING = re.compile(rb"<(?:\w+:)?(c|row)(?=[\s/>])")
SHARED_TEXT = re.compile(rb"<(?:\w+:)?si[\s/>]")
USES_TEXT = re.compile(rb"\bt\s*=\s*[\"']s[\"'][^<]*<(?:\w+:)?v>\s*(\d+)")
IS_TEXT = re.compile(rb"\bt\s*=\s*[\"']s[\"']")
COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
ERROR = re.compile(rb"\bt=[\"']e[\"']")
HAS_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)</")
MOST_WORKBOOK_XML = 4 * 1024 * 1024
MOST_TROUBLES = 10_000
LONGEST_CELL = 4 * limits.MEGABYTE
OVERLAP = 64 * 1024
SHARED = "xl/sharedstrings.xml"

FORMULA = "formula"
"""A cell with a formula whose value was never stored."""


@dataclass
class SheetLook:
    """What was seen of a sheet: its last row and column, cells written, and those without a value by (row, column).

    `text` is how much of the shared texts its cells take, each as often as it is used: the reader copies them.
    """

    name: str
    last_row: int = 0
    last_column: int = 0
    rows: int = 0
    column: int = 0
    written: int = 0
    text: int = 0
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
    lengths = _shared_lengths(path, members)
    for piece in _whole_cells(inflate(path, sheets[name])):
        _note_size(path, look, piece)
        _note_text(path, look, piece, lengths)
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
        targets[tag.get(b"Id", b"")] = target.lstrip("/") if target.startswith(("/", "xl/")) else f"xl/{target}"
    found: dict[str, ZipInfo] = {}
    for tag in _tags(path, members.get("xl/workbook.xml")):
        relation = next((value for key, value in tag.items() if key.endswith(b":id")), b"")
        part = members.get(targets.get(relation, ""))
        if part is not None and b"name" in tag:
            name = unescape(tag[b"name"].decode("utf-8", "replace"))
            if name in found:
                raise damaged(path)
            found[name] = part
    return found


def _tags(path: Path, member: ZipInfo | None) -> Iterator[dict[bytes, bytes]]:
    if member is None or member.file_size > MOST_WORKBOOK_XML:
        raise damaged(path)
    for match in TAG.finditer(COMMENT.sub(b"", b"".join(inflate(path, member)))):
        yield dict(ATTRIBUTE.findall(match[2]))


def _whole_cells(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Join pieces so that no cell is cut in two: what follows the start of the last one waits for the next piece."""
    rest = b""
    for piece in pieces:
        text = rest + piece
        cut = max(text.rfind(b"<c "), text.rfind(b":c "), text.rfind(b"<row "), text.rfind(b":row "))
        cut = text.rfind(b"<", 0, cut + 1) if cut > 0 else 0
        if cut <= 0 and len(text) > LONGEST_CELL:
            yield text
            rest = text[-OVERLAP:]  # seen twice, so that nothing hides where the pieces meet
            continue
        yield text[:cut]
        rest = text[cut:]
    yield rest


def _note_size(path: Path, look: SheetLook, piece: bytes) -> None:
    places = PLACE.findall(piece)
    for letters, digits in places:
        look.last_row = max(look.last_row, int(digits[:9]))
        if letters:
            look.last_column = max(look.last_column, column_number(letters[:4].upper()))
    beginnings = BEGINNING.findall(piece)
    look.written += beginnings.count(b"c")
    look.rows += beginnings.count(b"row")
    look.last_row = max(look.last_row, look.rows)
    if len(places) < len(beginnings):
        _note_width(look, beginnings)
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


def _note_width(look: SheetLook, beginnings: list[bytes]) -> None:
    """Count the cells of each row where they do not say themselves in which column they stand."""
    for beginning in beginnings:
        look.column = look.column + 1 if beginning == b"c" else 0
        look.last_column = max(look.last_column, look.column)


def _shared_lengths(path: Path, members: dict[str, ZipInfo]) -> "array[int]":
    """How long each of the shared texts is, with its tags, in their order."""
    lengths = array("I")
    member = next((member for name, member in members.items() if name.lower() == SHARED), None)
    if member is None:
        return lengths
    rest, started = 0, False
    tail = b""
    for piece in inflate(path, member):
        text = tail + piece
        keep = text.rfind(b"<")
        text, tail = (text[:keep], text[keep:]) if keep > 0 and len(text) - keep < OVERLAP else (text, b"")
        last = 0
        for match in SHARED_TEXT.finditer(text):
            if started:
                lengths.append(rest + match.start() - last)
            started, rest, last = True, 0, match.start()
        rest += len(text) - last
    if started:
        lengths.append(rest + len(tail))
    return lengths


def _note_text(path: Path, look: SheetLook, piece: bytes, lengths: "array[int]") -> None:
    """Add up the shared texts that the cells use, and refuse more than can be held."""
    if not lengths:
        return
    known, used = len(lengths), USES_TEXT.findall(piece)
    look.text += sum(lengths[at] for at in map(int, used) if at < known)
    if (hidden := len(IS_TEXT.findall(piece)) - len(used)) > 0:
        look.text += hidden * max(lengths)
    require(
        look.text <= limits.MOST_TEXT,
        _("%(file)s unpacks to far more than a real table would. It is not read.") % {"file": path.name},
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
