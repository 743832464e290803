"""The Excel writer: types, formats, sums, names that Excel takes."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl

from salesops.web.excel import Column, Sheet, write_workbook

COLUMNS = [
    Column("Number", width=14),
    Column("Day", "date", 12),
    Column("Sent", "datetime", 17),
    Column("Amount", "money", 16),
    Column("Over", "percent"),
    Column("Pieces", "int", total=True),
]


def test_cells_keep_their_type_also_after_empty_ones(tmp_path: Path) -> None:
    moment = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    rows = [
        ("DL-1", None, None, None, None, None),
        ("DL-2", date(2026, 11, 23), moment, Decimal("-12.50"), Decimal("2.2"), 3),
    ]
    write_workbook(tmp_path / "a.xlsx", [Sheet("All", COLUMNS, rows, [("Period", "2026-11")])])
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    row = sheet[6]
    assert [str(cell.value) for cell in row] == [
        "DL-2",
        "2026-11-23 00:00:00",
        "2026-11-24 00:30:00",
        "-12.5",
        "2.2",
        "3.0",
    ]
    assert row[1].number_format == "yyyy-mm-dd"
    assert row[3].number_format.startswith("#,##0.00")
    assert row[4].number_format == '0.0"%"'


def test_the_head_stays_in_view_and_can_be_filtered(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", [Sheet("All", COLUMNS, [("a", None, None, Decimal(1), None, 2)])])
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet.freeze_panes == "B4"
    assert sheet.auto_filter.ref == "A3:F4"
    assert sheet["D5"].value == "=SUM(D4:D4)"
    assert sheet["F5"].value == "=SUM(F4:F4)"
    assert sheet.column_dimensions["A"].width > 14


def test_sheets_of_one_name_and_columns_of_one_name_are_told_apart(tmp_path: Path) -> None:
    columns = [Column("Amount", "money"), Column("Amount", "money")]
    sheets = [Sheet("2026: all/every", columns, [(Decimal(1), Decimal(2))]) for _ in range(3)]
    write_workbook(tmp_path / "a.xlsx", sheets)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert len(set(book.sheetnames)) == 3
    assert [cell.value for cell in book.worksheets[2][4]] == [1, 2]


def test_signs_that_excel_cannot_hold_are_left_out(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", [Sheet("All", [Column("Text"), Column("More")], [("a\x01b\x0b", "@SUM(A1)")])])
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert [cell.value for cell in sheet[4]] == ["ab", "@SUM(A1)"]
    assert sheet["B4"].data_type == "s"


def test_rows_are_read_one_by_one_and_once(tmp_path: Path) -> None:
    rows = ((f"DL-{number}", Decimal(number)) for number in range(20_000))
    write_workbook(tmp_path / "a.xlsx", [Sheet("All", [Column("Number"), Column("Amount", "money")], rows)])
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx", read_only=True).active
    assert sum(1 for _ in sheet.iter_rows()) == 20_000 + 4
