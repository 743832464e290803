"""Works out the formulas of a workbook, as Excel does when it opens it: those that our workbooks are made of."""

import re
from decimal import Decimal
from typing import Any

from openpyxl.utils import range_boundaries
from openpyxl.workbook import Workbook

Value = Decimal | str
CELL = r"\$?[A-Z]{1,3}\$?\d+"
REFERENCE = re.compile(rf"(?:'((?:[^']|'')+)'!)?({CELL})")
SUM = re.compile(rf"(SUM|SUBTOTAL\(9,)\(?({CELL}):({CELL})\)")
UNLESS_NOTHING = re.compile(rf'IF\(({CELL})=0,"",(.+)\)')
SIGNS = re.compile(r"[\d.()+\-*/A-Za-z ]*")


class Recomputed:
    """The values of a workbook's cells."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.known: dict[tuple[str, str], Value] = {}
        self.formulas = 0

    def value(self, sheet: str, cell: str) -> Value:
        """What a cell shows; 0 where it is empty."""
        place = (sheet, cell.replace("$", ""))
        if place not in self.known:
            found = self.book[sheet][place[1]]
            if found.data_type == "f":
                self.formulas += 1
                self.known[place] = self._work_out(sheet, str(found.value)[1:])
            else:
                self.known[place] = _plain(found.value)
        return self.known[place]

    def _work_out(self, sheet: str, formula: str) -> Value:
        if sum_of := SUM.fullmatch(formula):
            return self._sum(sheet, f"{sum_of[2]}:{sum_of[3]}", passes_over=sum_of[1] != "SUM")
        if unless := UNLESS_NOTHING.fullmatch(formula):
            return "" if self.value(sheet, unless[1]) == 0 else self._work_out(sheet, unless[2])
        names: dict[str, Any] = {"ABS": abs, "Decimal": Decimal}

        def put(found: re.Match[str]) -> str:
            name = f"cell{len(names)}"
            names[name] = self.value((found[1] or sheet).replace("''", "'"), found[2])
            return name

        expression = REFERENCE.sub(put, formula)
        assert SIGNS.fullmatch(expression), f"no formula of ours: {formula}"
        result: Decimal = eval(expression, {"__builtins__": {}}, names)  # noqa: S307  signs and cells only
        return result

    def _sum(self, sheet: str, cells: str, *, passes_over: bool) -> Decimal:
        """The sum of a range; SUBTOTAL passes over the subtotals in it."""
        left, top, right, bottom = range_boundaries(cells.replace("$", ""))
        total = Decimal(0)
        for row in self.book[sheet].iter_rows(top, bottom, left, right):
            for cell in row:
                if passes_over and str(cell.value).startswith("=SUBTOTAL("):
                    continue
                value = self.value(sheet, cell.coordinate)
                total += value if isinstance(value, Decimal) else 0
        return total


def _plain(value: Any) -> Value:
    if value is None:
        return Decimal(0)
    return Decimal(str(value)) if isinstance(value, int | float) else str(value)
