"""One workbook by two writers: the fast one writes long sheets, openpyxl all others with formulas and charts.

openpyxl opens the fast writer's file with its long sheets emptied, so that it knows their styles by the same numbers,
adds its own sheets and saves; then the long ones take their places again, as they lie in the file: packed, unread.
"""

import re
from copy import copy
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook, load_workbook

SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
EMPTY = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
)
FILTER = re.compile(r'name="_xlnm\._FilterDatabase" localSheetId="(\d+)"[^>]*>[^<]*!([^<]+)<')
LOCAL_HEADER = 30
"""Bytes before the name in the header of a file in an archive."""


def open_emptied(file: Path) -> Workbook:
    """Return the fast writer's workbook with its styles and names, and without a cell."""
    emptied = BytesIO()
    with ZipFile(file) as source, ZipFile(emptied, "w") as target:
        for name in source.namelist():
            target.writestr(name, EMPTY if SHEET.fullmatch(name) else source.read(name))
        names = source.read("xl/workbook.xml").decode()
    book = load_workbook(emptied)
    for number, where in FILTER.findall(names):
        book.worksheets[int(number)].auto_filter.ref = where.replace("$", "")
    return book


def join(book: Workbook, own: Path, long: Path, taken: dict[str, int], target: Path) -> None:
    """Write a workbook whose sheets `taken`, by title, are those of so many's place in the fast writer's file.

    `own` is where the book is saved in between.
    """
    book.save(own)
    places = {f"xl/worksheets/sheet{at}.xml": taken.get(sheet.title) for at, sheet in enumerate(book.worksheets, 1)}
    with ZipFile(own) as made, ZipFile(long) as fast, ZipFile(target, "w", ZIP_DEFLATED) as joined:
        for info in made.infolist():
            number = places.get(info.filename)
            if number is None:
                joined.writestr(info.filename, made.read(info))
            else:
                copy_packed(fast, fast.getinfo(f"xl/worksheets/sheet{number}.xml"), joined, info.filename)


def copy_packed(source: ZipFile, info: ZipInfo, target: ZipFile, name: str) -> None:
    """Copy a file from one archive into another as it is packed: unpacking and packing a long sheet costs a second."""
    assert source.fp is not None and target.fp is not None
    source.fp.seek(info.header_offset)
    header = source.fp.read(LOCAL_HEADER)
    source.fp.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    packed = copy(info)
    packed.filename = packed.orig_filename = name
    packed.extra = b""
    packed.flag_bits &= ~0x08  # its sizes stand in the header, not behind the data
    target.fp.seek(target.start_dir)
    packed.header_offset = target.fp.tell()
    target.fp.write(packed.FileHeader(zip64=False))
    _copy_bytes(source, target, info.compress_size)
    target.filelist.append(packed)
    target.NameToInfo[name] = packed
    target.start_dir = target.fp.tell()
    target._didModify = True  # type: ignore[attr-defined]


def _copy_bytes(source: ZipFile, target: ZipFile, count: int) -> None:
    assert source.fp is not None and target.fp is not None
    while count:
        piece = source.fp.read(min(count, 1 << 20))
        assert piece, "the file ends before its sheet does"
        target.fp.write(piece)
        count -= len(piece)
