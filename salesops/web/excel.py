"""Excel files made by a careful colleague: title, filters, who and when, frozen head, widths, formats, real sums.

Written row by row with flat memory, so that a hundred thousand rows cost a second; text never becomes a formula.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
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
MOST_ROWS = 1_000_000
"""A longer table goes on in a next sheet. Excel holds 1,048,576 rows: the rest is for those that come meanwhile."""


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
    """A table: its title, the columns, the rows (read once, in order), and facts that stand above (label, value).

    `count` is the number of rows: more than MOST_ROWS fill several sheets. Where it is not given they fill one.
    """

    title: Any
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    facts: Sequence[tuple[Any, Any]] = field(default_factory=list)
    count: int = 0


def write_workbook(target: str | PathLike[str] | BinaryIO, sheets: Sequence[Sheet]) -> None:
    """Write the sheets to a file. Sums are formulas that recompute; what starts with "=" stays text."""
    parts = [part for sheet in sheets for part in _parts(sheet)]
    names = _sheet_names(parts)
    plans = dict(zip(names, parts, strict=True))
    records: list[tuple[str, Any]] = [(name, plan.read()) for name, plan in plans.items()]
    looks = {name: plan.look() for name, plan in plans.items()}
    options: dict[str, Any] = {}
    for name, look in looks.items():
        for option, value in look.items():
            options.setdefault(option, {})[name] = value
    write_worksheets(records, str(target) if isinstance(target, PathLike) else target, **options)


def _parts(sheet: Sheet) -> "list[_Part]":
    """The sheets that a table fills, in order: each takes up the rows where the one before left off."""
    rows = _Rows(sheet, _labels(sheet.columns))
    of = max(1, -(-sheet.count // MOST_ROWS))
    return [_Part(sheet, rows, at, of) for at in range(1, of + 1)]


class _Part:
    """A sheet of a table: its rows, and how it looks: what stands above, widths and formats, what is added up."""

    def __init__(self, sheet: Sheet, rows: "_Rows", at: int, of: int) -> None:
        self.sheet, self.rows, self.at, self.of = sheet, rows, at, of
        self.labels = rows.labels
        self.head = 1 + len(sheet.facts) + 1

    @property
    def title(self) -> str:
        """The table's title, and which of its sheets this is where there are several."""
        if self.of == 1:
            return str(self.sheet.title)
        return _("%(title)s, sheet %(at)s of %(of)s") % {"title": self.sheet.title, "at": self.at, "of": self.of}

    def read(self) -> Iterator[dict[str, Any]]:
        """Yield this sheet's rows; the last sheet takes all that are left."""
        return self.rows.read(None if self.at == self.of else MOST_ROWS)

    def look(self) -> dict[str, Any]:
        """The writer's options for this sheet."""
        columns = list(zip(self.labels, self.sheet.columns, strict=True))
        look: dict[str, Any] = {
            "header_row": self.head,
            "merge_ranges": _head_lines(self.title, self.sheet.facts, max(len(self.labels), 2)),
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
                look["totals_label"] = _("Total") if self.of == 1 else _("Total of this sheet")
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
        source = iter(sheet.rows)
        first = list(islice(source, 1))
        self.has_any = bool(first)
        self.source = chain(first, source)

    def read(self, most: int | None) -> Iterator[dict[str, Any]]:
        """Yield the next rows, at most so many, as label to cell. Where none is left a blank one keeps the head."""
        row = None
        for row in islice(self.source, most):
            yield self._record(row)
        if row is None:
            yield dict.fromkeys(self.labels, "")

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
    """Return a value as Excel keeps it: times on the company's clock, lazy words spoken, control signs left out.

    A day before 1900, which Excel does not know, becomes text.
    """
    if value is None:
        return None
    if isinstance(value, datetime):
        return _day_or_text(_on_our_clock(value).date() if kind == "date" else _on_our_clock(value))
    if isinstance(value, date):
        return _day_or_text(value)
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, Decimal):
        return float(value)
    return CONTROL_SIGNS.sub("", str(value))[:32_000]


CONTROL_SIGNS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
FIRST_YEAR = 1900
"""Excel counts its days from here."""


def _on_our_clock(moment: datetime) -> datetime:
    try:
        return (timezone.localtime(moment) if timezone.is_aware(moment) else moment).replace(tzinfo=None)
    except OverflowError:  # the ends of time have no other zone
        return moment.replace(tzinfo=None)


def _day_or_text(value: date) -> date | str:
    """A day or a moment; as text where Excel has none so early."""
    return value if value.year >= FIRST_YEAR else str(value)


def _sheet_names(parts: Sequence[_Part]) -> list[str]:
    """Names that Excel takes: at most 31 signs, none of []:*?/\\, none twice; numbered where a table goes on."""
    names: list[str] = []
    for part in parts:
        name = re.sub(r"[\[\]:*?/\\]", " ", str(part.sheet.title)).strip("' ")[:28] or _("Sheet")
        if part.of > 1:
            name = f"{name[:25]} {part.at}"
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


def _head_lines(
    text: str, facts: Sequence[tuple[Any, Any]], width: int
) -> list[tuple[int, int, int, int, str, Format]]:
    title = Format().set_bold().set_font_size(14.0).set_align("left").set_align("vertical_center")
    fact = Format().set_font_color("#5F6878").set_align("left")
    lines = [(0, 0, 0, width - 1, text, title)]
    for at, (label, value) in enumerate(facts, start=1):
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
