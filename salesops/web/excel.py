"""Excel files made by a careful colleague: title, filters, who and when, frozen head, widths, formats, real sums.

Written row by row with flat memory, so that a hundred thousand rows cost a second; text never becomes a formula.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from os import PathLike
from typing import Any, BinaryIO

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from rustpy_xlsxwriter import Format, write_worksheets

FORMATS = {
    "text": "",
    "money": "#,##0.00;[Red]-#,##0.00",
    "int": "#,##0;[Red]-#,##0",
    "quantity": "#,##0.###",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
    "percent": '0.0"%"',
}
SUMMED = frozenset({"money"})
MOST_ROWS = 1_048_000
"""Excel holds 1,048,576 rows; a longer table goes on in a next sheet."""


@dataclass(frozen=True)
class Column:
    """One column: kind text, money, int, date, datetime or percent; `total` adds a sum (money has one anyway)."""

    label: Any
    kind: str = "text"
    width: int = 18
    total: bool | None = None

    @property
    def is_summed(self) -> bool:
        """Whether the totals row adds this column up."""
        return self.kind in SUMMED if self.total is None else self.total


@dataclass(frozen=True)
class Sheet:
    """One sheet: its title, the columns, the rows (read once, in order), and facts that stand above (label, value)."""

    title: Any
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    facts: Sequence[tuple[Any, Any]] = field(default_factory=list)


def write_workbook(target: str | PathLike[str] | BinaryIO, sheets: Sequence[Sheet]) -> None:
    """Write the sheets to a file. Sums are formulas that recompute; what starts with "=" stays text."""
    names = _sheet_names(sheets)
    plans = {name: _Plan(sheet) for name, sheet in zip(names, sheets, strict=True)}
    records: list[tuple[str, Any]] = [(name, plan.rows.read()) for name, plan in plans.items()]
    looks = {name: plan.look() for name, plan in plans.items()}
    options: dict[str, Any] = {}
    for name, look in looks.items():
        for option, value in look.items():
            options.setdefault(option, {})[name] = value
    write_worksheets(records, str(target) if isinstance(target, PathLike) else target, **options)


class _Plan:
    """How a sheet will look: what stands above the table, widths and formats of its columns, what is added up."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.labels = _labels(sheet.columns)
        self.rows = _Rows(sheet, self.labels)
        self.head = 1 + len(sheet.facts) + 1

    def look(self) -> dict[str, Any]:
        """The writer's options for this sheet."""
        columns = list(zip(self.labels, self.sheet.columns, strict=True))
        look: dict[str, Any] = {
            "header_row": self.head,
            "merge_ranges": _head_lines(self.sheet, max(len(self.labels), 2)),
            "row_heights": {0: 24.0, self.head: 20.0},
            "column_widths": {label: float(column.width) for label, column in columns},
            "column_formats": {label: _cell_format(column.kind) for label, column in columns},
            "header_format": _header_format(),
            "freeze_panes": {"row": self.head + 1, "col": 1},
            "autofilter": True,
            "page_setup": self._paper(),
        }
        summed = {label: "sum" for label, column in columns if column.is_summed}
        if summed and self.rows.has_any:
            look |= {"totals_row": summed, "totals_format": _totals_format()}
            if self.labels[0] not in summed:
                look["totals_label"] = _("Total")
        return look

    def _paper(self) -> dict[str, Any]:
        """A4, the head on every page, as wide as the paper."""
        return {
            "landscape": len(self.labels) > 6,
            "paper_size": 9,
            "fit_to_pages": (1, 0),
            "repeat_rows": (self.head, self.head),
            "footer": "&L&A&R&P / &N",
        }


class _Rows:
    """The rows of a sheet as the writer wants them; knows before writing whether there are any."""

    def __init__(self, sheet: Sheet, labels: list[str]) -> None:
        self.labels = labels
        self.writers = [writer_of(column.kind) for column in sheet.columns]
        self.source = iter(sheet.rows)
        self.first = next(self.source, None)
        self.has_any = self.first is not None

    def read(self) -> Iterator[dict[str, Any]] | list[dict[str, Any]]:
        """Yield each row as label to cell. A table without rows still gets its head."""
        if self.first is None:
            return [dict.fromkeys(self.labels, "")]
        return self._all(self.first)

    def _all(self, first: Sequence[Any]) -> Iterator[dict[str, Any]]:
        yield self._record(first)
        for row in self.source:
            yield self._record(row)

    def _record(self, row: Sequence[Any]) -> dict[str, Any]:
        cells = [write(value) for write, value in zip(self.writers, row, strict=True)]
        return dict(zip(self.labels, cells, strict=True))


def writer_of(kind: str) -> Callable[[Any], Any]:
    """Return what writes the cells of a column: what is common in one is decided at once, the rest by `cell`."""

    def write(value: Any) -> Any:
        if type(value) is str:
            if not value:
                return None
            return value if len(value) < 1_000 and value.isprintable() else cell(value, kind)
        if type(value) is Decimal:
            return float(value)
        return value if type(value) is int else cell(value, kind)

    return write


def cell(value: Any, kind: str) -> Any:
    """Return a value as Excel keeps it: times on the company's clock, lazy words spoken, control signs left out."""
    if value is None:
        return None
    if isinstance(value, datetime):
        local = timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
        return local.date() if kind == "date" else local
    if isinstance(value, date | bool | int | float):
        return value
    if isinstance(value, Decimal):
        return float(value)
    return CONTROL_SIGNS.sub("", str(value))[:32_000]


CONTROL_SIGNS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def _sheet_names(sheets: Sequence[Sheet]) -> list[str]:
    """Names that Excel takes: at most 31 signs, none of []:*?/\\, none twice."""
    names: list[str] = []
    for sheet in sheets:
        name = re.sub(r"[\[\]:*?/\\]", " ", str(sheet.title)).strip("' ")[:28] or _("Sheet")
        while name.lower() in (given.lower() for given in names):
            name = f"{name[:25]} {len(names) + 1}"
        names.append(name)
    return names


def _labels(columns: Sequence[Column]) -> list[str]:
    """Column heads, made different where two are alike (the writer tells columns apart by their head)."""
    labels: list[str] = []
    for column in columns:
        label = str(column.label) if isinstance(column.label, str | Promise) else f"{column.label}"
        while label in labels:
            label += "\u200b"
        labels.append(label)
    return labels


def _head_lines(sheet: Sheet, width: int) -> list[tuple[int, int, int, int, str, Format]]:
    title = Format().set_bold().set_font_size(14.0).set_align("left").set_align("vertical_center")
    fact = Format().set_font_color("#5F6878").set_align("left")
    lines = [(0, 0, 0, width - 1, str(sheet.title), title)]
    for at, (label, value) in enumerate(sheet.facts, start=1):
        lines.append((at, 0, at, width - 1, f"{label}: {value}", fact))
    return lines


def _header_format() -> Format:
    return (
        Format()
        .set_bold()
        .set_background_color("#EEF1F6")
        .set_border_bottom("thin")
        .set_border_bottom_color("#9AA7BD")
        .set_align("vertical_center")
    )


def _cell_format(kind: str) -> Format:
    made = Format()
    return made.set_num_format(FORMATS[kind]) if FORMATS.get(kind) else made


def _totals_format() -> Format:
    return Format().set_bold().set_border_top("thin").set_border_top_color("#9AA7BD").set_num_format(FORMATS["money"])
