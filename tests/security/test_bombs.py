"""Files that are made to fill memory: each is read in a process with little of it, and is refused in words."""

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings

from salesops.imports import limits

pytestmark = pytest.mark.slow

MEMORY = 700
"""Megabytes of address space, of which the product and its libraries take a third before anything is read."""

SECONDS = 60
PLAIN_PRODUCT = {
    "PYTHONPATH": str(settings.BASE_DIR),
    "DJANGO_SETTINGS_MODULE": "salesops.settings",
    "SECRET_KEY": "x" * 60,
}
SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = "</sheetData></worksheet>"


def workbook(**parts: str | bytes) -> dict[str, str | bytes]:
    """The parts of a small workbook, some of them replaced."""
    made = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["code", "name"])
    book.active.append(["A", "B"])
    book.save(made)
    with zipfile.ZipFile(made) as archive:
        own: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    return own | parts


def sheet(rows: str) -> dict[str, str | bytes]:
    """A workbook whose sheet holds these rows."""
    return workbook(**{SHEET: HEAD + rows + TAIL})


def texts(*strings: str) -> str:
    """The part with the texts that cells share."""
    inside = "".join(f"<si><t>{string}</t></si>" for string in strings)
    return f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{inside}</sst>'


def sharing(cell: str, times: int, text: str) -> dict[str, str | bytes]:
    """A workbook in which many cells use one long text."""
    return workbook(
        **{SHEET: f"{HEAD}<row>{cell}</row>{f'<row>{cell}</row>' * times}{TAIL}", "xl/sharedStrings.xml": texts(text)}
    )


FAR = '<row r="1"><c r="A1" t="str"><v>code</v></c></row>'
LONG = "x" * 300_000

BOMBS: dict[str, Callable[[], dict[str, str | bytes]]] = {
    "a cell far away": lambda: sheet(f'{FAR}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    "a cell far away in small letters": lambda: sheet(f'{FAR}<row r="1048576"><c r="xfd1048576"><v>1</v></c></row>'),
    "a cell far away with blanks": lambda: sheet(f'{FAR}<row><c r = "XFD1048576"><v>1</v></c></row>'),
    "a cell far away behind a sign": lambda: sheet(f'{FAR}<row><c s=">" r="XFD1048576"><v>1</v></c></row>'),
    "a cell far away on its own line": lambda: sheet(f'{FAR}<row><c\n\tr="XFD1048576"\n><v>1</v></c></row>'),
    "a row far away": lambda: sheet(f'{FAR}<row r="1048576">{"<c><v>1</v></c>" * 400}</row>'),
    "rows without a number": lambda: sheet(f"{'<row/>' * 1_000_000}<row>{'<c><v>1</v></c>' * 450}</row>"),
    "a million cells in one row": lambda: sheet(f"<row>{'<c/>' * 1_000_000}</row>"),
    "one text used by each cell": lambda: sharing('<c t="s"><v>0</v></c>', 20_000, LONG),
    "one text used behind another part": lambda: sharing('<c t="s"><f/><v>0</v></c>', 20_000, LONG),
    "a sheet of blanks": lambda: sheet(" " * (60 * limits.MEGABYTE)),
    "texts of blanks": lambda: workbook(**{"xl/sharedStrings.xml": texts(" " * (60 * limits.MEGABYTE))}),
    "entities that grow": lambda: sheet(
        '<!DOCTYPE a [<!ENTITY a "xxxxxxxxxx">'
        + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
        + "]><row><c t='str'><v>&i;</v></c></row>"
    ),
}


def pack(path: Path, parts: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def read_within(path: Path, megabytes: int = MEMORY) -> str:
    """What a process with so much memory says of a file; it must end by itself, and well."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("read_within.py")), str(path), str(megabytes)],
        env={**os.environ, **PLAIN_PRODUCT},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("what", BOMBS)
def test_a_bomb_is_refused_in_words_before_it_fills_memory(what: str, tmp_path: Path) -> None:
    said = read_within(pack(tmp_path / "books.xlsx", BOMBS[what]()))

    assert said.startswith("refused books.xlsx"), said


def test_an_honest_workbook_is_read_in_that_memory(tmp_path: Path) -> None:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>{n % 2}</v></c><c r="B{n}"><v>{n}</v></c></row>' for n in range(1, 50_001)
    )
    parts = workbook(**{SHEET: HEAD + rows + TAIL, "xl/sharedStrings.xml": texts("code", "a longer text " * 20)})

    assert read_within(pack(tmp_path / "books.xlsx", parts)) == "rows 49999"


def test_a_workbook_with_two_parts_of_one_name_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "books.xlsx", workbook())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(SHEET.upper(), BOMBS["a cell far away"]()[SHEET])

    assert "is damaged" in read_within(path)


def test_a_text_without_an_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "books.csv"
    path.write_bytes(b"code,name\n" + b"x" * (90 * limits.MEGABYTE))

    assert read_within(path).startswith("refused books.csv")
