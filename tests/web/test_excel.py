"""The Excel writer: types, formats, sums, names that Excel takes."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from salesops.web import excel
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


@pytest.mark.parametrize("kind", ["date", "datetime"])
def test_what_was_before_the_days_of_excel_is_text(tmp_path: Path, kind: str) -> None:
    early = [date.min, date(202, 6, 1), date(1899, 12, 31), datetime(1850, 6, 1, 12, tzinfo=UTC)]
    known = [date(1900, 1, 1), date(9999, 12, 31), datetime.max.replace(tzinfo=UTC)]
    column = [Column("Day", kind)]
    write_workbook(tmp_path / "a.xlsx", [Sheet("All", column, [(value,) for value in early + known])])
    written = [row[0].value for row in openpyxl.load_workbook(tmp_path / "a.xlsx").active.iter_rows(min_row=4)]
    assert written[:3] == ["0001-01-01", "0202-06-01", "1899-12-31"]
    assert written[3].startswith("1850-06-01")
    assert [value.year for value in written[4:]] == [1900, 9999, 9999]


def test_a_table_that_is_longer_than_a_sheet_goes_on_in_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel, "MOST_ROWS", 3)
    columns = [Column("Number"), Column("Amount", "money")]
    rows = ((f"DL-{number}", Decimal(number)) for number in range(8))
    long = Sheet("Lines of all deliveries of ever", columns, rows, [("Filters", "none")], count=7)  # one came meanwhile
    write_workbook(tmp_path / "a.xlsx", [long, Sheet("Lines of all deliveries of ever", columns, [("X", 1)], count=1)])
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    *parts, other = book.worksheets
    assert [sheet.title for sheet in parts] == [f"Lines of all deliveries o {at}" for at in (1, 2, 3)]
    assert [sheet["A1"].value for sheet in parts] == [f"{long.title}, sheet {at} of 3" for at in (1, 2, 3)]
    assert {sheet["A2"].value for sheet in book} == {"Filters: none", None}
    assert [[cell.value for cell in sheet[4]] for sheet in parts] == [["Number", "Amount"]] * 3
    listed = [[row[0].value for row in sheet.iter_rows(min_row=5)] for sheet in parts]
    total = "Total of this sheet"
    assert listed == [
        ["DL-0", "DL-1", "DL-2", total],
        ["DL-3", "DL-4", "DL-5", total],
        ["DL-6", "DL-7", total],
    ]
    assert [sheet.cell(sheet.max_row, 2).value for sheet in parts] == ["=SUM(B5:B7)", "=SUM(B5:B7)", "=SUM(B5:B6)"]
    assert [sheet.auto_filter.ref for sheet in parts] == ["A4:B7", "A4:B7", "A4:B6"]
    assert (other["A1"].value, other["A4"].value, other["A5"].value) == (long.title, "X", "Total")


def test_a_sheet_whose_rows_went_meanwhile_keeps_its_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "MOST_ROWS", 2)
    sheet = Sheet("All", [Column("Number"), Column("Amount", "money")], [("A", 1), ("B", 2)], count=3)
    write_workbook(tmp_path / "a.xlsx", [sheet])
    second = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[1]
    assert [cell.value for cell in second[3]] == ["Number", "Amount"]
    assert [cell.value for cell in second[4]] == [None, None]
