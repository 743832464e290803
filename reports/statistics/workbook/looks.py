"""How cells look, and a writer that puts them: text stays text, and only what is asked for is a formula."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from salesops.web import excel

FORMATS = {
    "text": "General",
    "money": excel.FORMATS["money"],
    "int": excel.FORMATS["int"],
    "share": "0.0%",
    "growth": "[Color10]+0.0%;[Red]-0.0%;0.0%",
    "growth_bad": "[Red]+0.0%;[Color10]-0.0%;0.0%",
}
"""`growth_bad` is of what is good news when it falls."""
PLAIN, BOLD, TOTAL = "plain", "bold", "total"
LEFT, RIGHT, TITLE, FACT, GROUP, HEAD = "left", "right", "title", "fact", "group", "head"
DEEPEST = 7
"""So many levels Excel folds."""
LINE = Side(style="thin", color="9AA7BD")
A4 = 9


class Looks:
    """The looks of a workbook's cells, made once: a cell that takes one costs nothing more."""

    def __init__(self, book: Workbook) -> None:
        self.sheet = book.worksheets[0]
        self.made: dict[tuple[str, str], Any] = {}
        for kind, code in FORMATS.items():
            self._make((kind, PLAIN), code)
            self._make((kind, BOLD), code, font=_font(bold=True))
            self._make((kind, TOTAL), code, font=_font(bold=True), border=Border(top=LINE))
        for depth in range(1, DEEPEST + 1):
            self._make((f"text{depth}", PLAIN), alignment=Alignment(indent=depth))
            self._make((f"text{depth}", BOLD), alignment=Alignment(indent=depth), font=_font(bold=True))
        fill = PatternFill("solid", fgColor="EEF1F6")
        self._make((TITLE, ""), font=_font(bold=True, size=14))
        self._make((FACT, ""), font=_font(color="5F6878"))
        self._make((GROUP, ""), font=_font(bold=True), fill=fill, alignment=Alignment(horizontal="left"))
        for side in (LEFT, RIGHT):
            align = Alignment(horizontal=side, vertical="center", wrap_text=True)
            self._make((HEAD, side), font=_font(bold=True), fill=fill, border=Border(bottom=LINE), alignment=align)

    def _make(self, name: tuple[str, str], code: str = "General", **looks: Any) -> None:
        cell = Cell(self.sheet)
        cell.number_format = code
        for part, value in looks.items():
            setattr(cell, part, value)
        self.made[name] = cell._style


def _font(**more: Any) -> Font:
    return Font(**{"name": "Calibri", "size": 11, "family": 2, "scheme": "minor", **more})


class SheetWriter:
    """Puts cells into a sheet. Rows and columns are counted from 1."""

    def __init__(self, sheet: Worksheet, looks: Looks) -> None:
        self.sheet, self.looks = sheet, looks

    def text(self, row: int, column: int, value: Any, kind: str = "text", weight: str = PLAIN) -> None:
        """Put a text, whatever it begins with; of none only the look, so that what stands before may reach over it."""
        cell = self.sheet.cell(row, column)
        if words := excel.cell(str(value), "text"):
            cell.value = words
            cell.data_type = "s"
        cell._style = self.looks.made[kind, weight]

    def number(self, row: int, column: int, value: Decimal | int, kind: str, weight: str = PLAIN) -> None:
        """Put a figure."""
        cell = self.sheet.cell(row, column)
        cell.value = value
        cell._style = self.looks.made[kind, weight]

    def formula(self, row: int, column: int, text: str, kind: str, weight: str = PLAIN) -> None:
        """Put a formula of ours, without its sign of equality; nothing that somebody typed belongs into it."""
        cell = self.sheet.cell(row, column)
        cell.value = f"={text}"
        cell._style = self.looks.made[kind, weight]

    def growth(self, row: int, column: int, now: int, then: int, kind: str, weight: str = PLAIN) -> None:
        """Put the growth from one column of the row to another; empty where there was nothing."""
        one, other = at(row, now), at(row, then)
        self.formula(row, column, f'IF({other}=0,"",({one}-{other})/ABS({other}))', kind, weight)

    def top(self, title: str, facts: Sequence[tuple[Any, Any]]) -> int:
        """Put the title and what stands below it; returns the row where the table begins."""
        self.text(1, 1, title, TITLE, "")
        self.sheet.row_dimensions[1].height = 24
        for row, (label, value) in enumerate(facts, start=2):
            self.text(row, 1, f"{label}: {value}", FACT, "")
        return len(facts) + 3

    def heads(self, row: int, labels: Sequence[Any], texts: int = 1) -> None:
        """Put the heads of columns; the first so many are over text."""
        for column, label in enumerate(labels, start=1):
            self.text(row, column, label, HEAD, LEFT if column <= texts else RIGHT)

    def widths(self, widths: Sequence[float]) -> None:
        """Set the widths of the columns."""
        for column, width in enumerate(widths, start=1):
            self.sheet.column_dimensions[get_column_letter(column)].width = width

    def paper(self, heads: tuple[int, int] | None = None, fixed: int = 1) -> None:
        """Print on A4 as wide as the paper, the heads on every page; they and the first columns do not scroll."""
        sheet = self.sheet
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.oddFooter.left.text, sheet.oddFooter.right.text = "&A", "&P / &N"
        self.print_until(sheet.max_row, sheet.max_column)
        if heads:
            sheet.print_title_rows = f"{heads[0]}:{heads[1]}"
            sheet.freeze_panes = at(heads[1] + 1, fixed + 1)

    def print_until(self, row: int, column: int) -> None:
        """Print from the first cell to this one: a chart that stands beyond the table is to be on the paper too."""
        self.sheet.print_area = f"A1:{at(row, column)}"


def at(row: int, column: int, *, fixed: bool = False) -> str:
    """The name of a cell; with `fixed` its row stays when the formula is copied."""
    return f"{get_column_letter(column)}{'$' if fixed else ''}{row}"
