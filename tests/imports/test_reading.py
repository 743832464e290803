"""Reading books: whatever wrote the file, the same cells; whatever is wrong with it, clear words and no traceback."""

import contextlib
import io
import random
import struct
import zipfile
import zlib
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from salesops.imports import limits
from salesops.imports.cells import Trouble, day_of, text_of
from salesops.imports.reading import HowToRead, open_table
from salesops.kernel.errors import RuleBroken

TEXT = 'code,name,note\nC-1,锦和贸易,"two\nlines, one cell"\n\nC-2,"Müller ""Süd""",\n'
ROWS = [("C-1", "锦和贸易", "two\nlines, one cell"), ("C-2", 'Müller "Süd"', "")]


def read(path: Path, how: HowToRead | None = None) -> list[tuple[int, dict[str, Any]]]:
    with open_table(path, how or HowToRead()) as table:
        return list(table.rows)


def texts(path: Path, how: HowToRead | None = None) -> list[tuple[str, ...]]:
    return [tuple(text_of(cell) for cell in row.values()) for _number, row in read(path, how)]


def workbook(path: Path, *rows: tuple[Any, ...], title: str = "Sheet") -> Path:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def refusal(path: Path, how: HowToRead | None = None) -> str:
    with pytest.raises(RuleBroken) as refused:
        read(path, how)
    return str(refused.value)


# ---- text ----
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_file_is_read_in_its_own_encoding(tmp_path, encoding):
    path = tmp_path / "customers.csv"
    path.write_bytes(TEXT.encode(encoding))

    assert texts(path) == ROWS
    assert [number for number, _row in read(path)] == [2, 5]


def test_an_encoding_that_nobody_can_guess_is_named_by_the_mapping(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("name\nM\xfcller\n".encode("latin-1"))

    assert "encoding" in refusal(path)
    assert texts(path, HowToRead(encoding="latin-1")) == [("Müller",)]
    assert "no encoding named" in refusal(path, HowToRead(encoding="klingon"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path, delimiter):
    path = tmp_path / "a.csv"
    path.write_text(f'code{delimiter}"name, of it"\n1{delimiter}"x, y; z"\n')

    with open_table(path) as table:
        assert table.columns == ["code", "name, of it"]
        assert [tuple(row.values()) for _number, row in table.rows] == [("1", "x, y; z")]


def test_a_quotation_mark_that_is_never_closed_is_told_with_its_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('code,name\n1,one\n2,"two\n3,three\n')

    assert "line 3 is no line of a table" in refusal(path)


def test_a_line_with_too_many_cells_is_marked(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("code,name\n1,one,more\n2,two,,\n")

    (_n, first), (_m, second) = read(path)
    assert isinstance(first["name"], Trouble)
    assert second["name"] == "two"


def test_the_header_may_stand_lower(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Customers of 2025,\n\ncode,name\n1,one\n")

    assert texts(path, HowToRead(header_row=3)) == [("1", "one")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n\n", "no line with the names"),
        (b"code,code\n1,2\n", "two columns named code"),
        (b"MZ\x90\x00" + b"\x00" * 100, "is a program, not a table"),
        (b"%PDF-1.7\n", "is a PDF, not a table"),
        (b"\x89PNG\r\n", "is a picture"),
        (b"abc\x00\x01\x02", "a file of another program"),
        (b"PK\x03\x04 nonsense", "is damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old Excel file"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
        (b"a,b\n" + b"x" * 30_000 + b",1\n", "is no line of a table"),
    ],
)
@pytest.mark.parametrize("name", ["books.csv", "books.xlsx"])
def test_what_is_no_table_is_told_whatever_its_name(tmp_path, content, words, name):
    path = tmp_path / name
    path.write_bytes(content)

    assert words in refusal(path)


def test_a_file_that_is_not_there_is_told(tmp_path):
    assert "There is no file a.csv" in refusal(tmp_path / "a.csv")


def test_a_huge_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(200 * limits.MEGABYTE)

    assert refusal(path) == "a.csv has 200 MB; at most 100 are read. Split it, for example by year."


# ---- workbooks ----
def test_a_workbook_is_read_with_its_numbers_and_days(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx",
        ("code", "amount", "day", None),
        (103, 956.24, date(2026, 1, 2), None),
        (),
        ("x", 0.5, None),
    )

    (_n, first), (number, second) = read(path)
    assert text_of(first["code"]) == "103"
    assert text_of(first["amount"]) == "956.24"
    assert day_of(first["day"]) == date(2026, 1, 2)
    assert number == 4
    assert text_of(second["day"]) == ""


def test_a_table_may_stand_anywhere_on_its_sheet(tmp_path):
    book = openpyxl.Workbook()
    book.create_sheet("Orders")
    book["Orders"]["C5"], book["Orders"]["D5"] = "code", "name"
    book["Orders"]["C6"], book["Orders"]["D6"] = 1, "one"
    book.save(tmp_path / "a.xlsx")

    assert read(tmp_path / "a.xlsx", HowToRead(sheet="Orders")) == [(6, {"code": 1.0, "name": "one"})]
    assert "has no sheet “Order”; it has: Sheet, Orders" in refusal(tmp_path / "a.xlsx", HowToRead(sheet="Order"))


def test_formulas_without_a_value_and_errors_of_excel_are_marked(tmp_path):
    path = workbook(tmp_path / "a.xlsx", ("code", "amount"), (1, "=1+2"), (2, "#N/A"), (3, 4))

    found = [row["amount"] for _number, row in read(path)]

    assert "formula" in found[0].reason
    assert (found[1].reason, found[1].shown) == ("is an error of Excel", "#N/A")
    assert found[2] == 4


def test_a_workbook_renamed_to_csv_is_still_a_workbook(tmp_path):
    workbook(tmp_path / "a.xlsx", ("code",), (1,)).rename(tmp_path / "a.csv")

    assert texts(tmp_path / "a.csv") == [("1",)]


def test_a_cell_far_away_does_not_fill_memory(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = "code"
    book.active["XFD1048576"] = 1
    book.save(tmp_path / "a.xlsx")

    assert "row 1048576, column 16384" in refusal(tmp_path / "a.xlsx")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (60 * limits.MEGABYTE))

    assert "far more than a real table" in refusal(path)


def test_a_bomb_that_lies_of_its_size_is_stopped(tmp_path):
    path = workbook(tmp_path / "honest.xlsx", ("code",), (1,))
    bomb = tmp_path / "a.xlsx"
    bomb.write_bytes(lying(path.read_bytes(), "xl/worksheets/sheet1.xml", b" " * (5 * limits.MEGABYTE), says=1000))

    assert "far more than a real table" in refusal(bomb)


def lying(content: bytes, name: str, inside: bytes, says: int) -> bytes:
    """The archive with one member replaced, whose stated size is smaller than what it holds."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(member.filename, inside if member.filename == name else old.read(member))
    raw = bytearray(made.getvalue())
    sizes = struct.pack("<I", len(inside))
    crc = struct.pack("<I", zlib.crc32(inside))
    for at in [i for i in range(len(raw)) if raw[i : i + 4] == crc]:
        assert raw[at + 8 : at + 12] == sizes
        raw[at + 8 : at + 12] = struct.pack("<I", says)
        raw[at : at + 4] = struct.pack("<I", zlib.crc32(inside[:says]))
    return bytes(raw)


def test_a_large_workbook_is_told_to_become_csv(tmp_path):
    path = tmp_path / "a.xlsx"
    noise = random.Random(1).randbytes(7 * limits.MEGABYTE).hex().encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        for number in range(30):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", noise)

    words = "at most 400 are read" if path.stat().st_size <= limits.MOST_BYTES else "at most 100 are read"
    assert words in refusal(path)


def test_an_archive_with_a_password_is_told(tmp_path):
    content = bytearray(workbook(tmp_path / "a.xlsx", ("code",), (1,)).read_bytes())
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for at in [i for i in range(len(content)) if content[i : i + 4] == sign]:
            content[at + place] |= 1
    (tmp_path / "a.xlsx").write_bytes(bytes(content))

    assert "protected by a password" in refusal(tmp_path / "a.xlsx")


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9])
def test_a_workbook_that_was_cut_off_is_told(tmp_path, cut):
    path = workbook(tmp_path / "a.xlsx", ("code",), *[(number,) for number in range(500)])
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * cut)])

    assert "is damaged" in refusal(path)


@pytest.mark.parametrize("seed", range(40))
def test_no_damage_ends_in_a_traceback(tmp_path, seed):
    chance = random.Random(seed)
    content = bytearray(workbook(tmp_path / "a.xlsx", ("code",), *[(n, "x") for n in range(50)]).read_bytes())
    for _ in range(chance.randint(1, 30)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    (tmp_path / "a.xlsx").write_bytes(bytes(content))

    with contextlib.suppress(RuleBroken):
        read(tmp_path / "a.xlsx")


def test_a_word_document_is_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "x")

    assert "a text document" in refusal(tmp_path / "a.xlsx")


def test_a_line_of_names_that_is_empty_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("title\n,,\n1,2,3\n")
    with pytest.raises(RuleBroken, match="names of its columns"), open_table(path, HowToRead(header_row=2)):
        pass
