"""Reading a table out of a workbook or a text file, row by row, whatever wrote it."""

import csv
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from salesops.kernel.errors import RuleBroken, require

from . import limits
from .archives import damaged
from .cells import Trouble, is_empty, text_of
from .sniffing import encoding_of, what_is
from .workbooks import look_into

DELIMITERS = ",;\t|"
Cells = dict[str, Any]
Lines = Generator[tuple[int, Sequence[Any]], None, None]


@dataclass(frozen=True)
class HowToRead:
    """What a mapping says of a file beyond its name; empty means: find out."""

    sheet: str = ""
    header_row: int = 0
    encoding: str = ""
    delimiter: str = ""


@dataclass
class TableRead:
    """An open table: the names of its columns, and its rows as (number in the file, cells by column)."""

    columns: list[str]
    rows: Iterator[tuple[int, Cells]]


@contextmanager
def open_table(path: Path, how: HowToRead = HowToRead()) -> Iterator[TableRead]:
    """Open the table of a file; RuleBroken, in words, where it cannot be read.

    Rows without any value are left out. A cell that holds a formula without a value, or an Excel error, is a `Trouble`.
    """
    kind = what_is(path)
    require(kind != "zip", _("%(file)s is an archive: unpack it first.") % {"file": path.name}, rule="file")
    lines = _workbook_lines(path, how) if kind == "xlsx" else _text_lines(path, how)
    try:
        columns, rows = _with_header(path, lines, how.header_row)
        yield TableRead(columns, rows)
    finally:
        lines.close()


def _with_header(path: Path, lines: Lines, header_row: int) -> tuple[list[str], Iterator[tuple[int, Cells]]]:
    """Take the first line that is not empty (or the one that the mapping names) as the names of the columns."""
    for number, cells in lines:
        if number < header_row or (not header_row and all(is_empty(cell) for cell in cells)):
            continue
        columns = _columns(path, cells)
        if columns:
            return columns, _rows(columns, lines)
        break
    raise RuleBroken(_("%(file)s has no line with the names of its columns.") % {"file": path.name}, rule="file")


def _columns(path: Path, cells: Sequence[Any]) -> list[str]:
    names = [text_of(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    require(
        len(names) <= limits.MOST_COLUMNS,
        _("%(file)s has more than %(most)s columns.") % {"file": path.name, "most": limits.MOST_COLUMNS},
        rule="file",
    )
    twice = sorted({name for name in names if name and names.count(name) > 1})
    require(
        not twice,
        _("%(file)s has two columns named %(name)s. Give each its own name.")
        % {"file": path.name, "name": ", ".join(twice)},
        rule="file",
    )
    return names


def _rows(columns: list[str], lines: Lines) -> Iterator[tuple[int, Cells]]:
    width = len(columns)
    for number, cells in lines:
        if all(is_empty(cell) for cell in cells):
            continue
        row = dict(zip(columns, cells, strict=False))
        row.pop("", None)
        if any(not is_empty(cell) for cell in cells[width:]):
            row[columns[-1]] = Trouble(_("the line has more cells than there are columns"))
        yield number, row


def _workbook_lines(path: Path, how: HowToRead) -> Lines:
    look = look_into(path, how.sheet)
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            sheet = book.get_sheet_by_name(look.name)
            left_out = sheet.start[1] if sheet.start else 0
            yield from _lines_of_sheet(sheet.iter_rows(), left_out, look.troubles)
    except (CalamineError, OSError, ValueError) as error:
        raise damaged(path) from error


def _lines_of_sheet(rows: Any, left_out: int, troubles: dict[tuple[int, int], str]) -> Lines:
    """Number the rows from 1, and mark the cells that hold nothing readable; empty columns on the left are left out."""
    troubled = {row for row, _column in troubles}
    for number, cells in enumerate(rows, start=1):
        if number in troubled:
            cells = [
                Trouble.of_cell(troubles[number, at]) if (number, at) in troubles else cell
                for at, cell in enumerate(cells, start=left_out + 1)
            ]
        yield number, cells


def _text_lines(path: Path, how: HowToRead) -> Lines:
    encoding = how.encoding or encoding_of(path)
    csv.field_size_limit(limits.MOST_SIGNS)
    try:
        with path.open(encoding=encoding, newline="") as file:
            delimiter = how.delimiter or _delimiter(file.readline())
            file.seek(0)
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            number = 1
            for cells in reader:
                yield number, cells
                number = reader.line_num + 1
    except UnicodeError as error:
        words = _("%(file)s cannot be read as %(encoding)s.") % {"file": path.name, "encoding": encoding}
        raise RuleBroken(words, rule="file") from error
    except LookupError as error:
        words = _("There is no encoding named %(encoding)s.") % {"encoding": encoding}
        raise RuleBroken(words, rule="mapping") from error
    except (csv.Error, TypeError) as error:
        words = _("%(file)s: line %(line)s is no line of a table; perhaps a quotation mark is missing.")
        raise RuleBroken(words % {"file": path.name, "line": number}, rule="file") from error


def _delimiter(line: str) -> str:
    """The sign that parts the names of the columns: the most frequent one outside quotation marks."""
    outside = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=outside.count)
