"""A sheet that compares: each figure with last year's and with that of the period before, growth as formulas."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from reports.statistics.measures import DIMENSIONS, Measure
from reports.statistics.questions import Question, spell_period
from salesops.kernel.errors import RuleBroken
from salesops.kernel.periods import Period

from .lines import Line, Table
from .looks import BOLD, DEEPEST, GROUP, PLAIN, TOTAL, SheetWriter, at

PARTS = ("now", "last_year", "before")
GROWTH = {"growth": "last_year", "growth_before": "before"}
WIDTHS = {"money": 17, "int": 12, "growth": 10, "share": 9}


@dataclass(frozen=True)
class Placed:
    """Where a table stands: its sheet, the rows of its lines, that of the total, and the columns of each figure."""

    sheet: str
    first: int
    last: int
    total: int
    columns: dict[tuple[str, str], int]

    def total_of(self, measure: str, part: str = "now") -> str:
        """A reference to a total from another sheet."""
        return f"{quoted(self.sheet)}!{at(self.total, self.columns[measure, part])}"


def quoted(sheet: str) -> str:
    """The name of a sheet as formulas write it."""
    return "'" + sheet.replace("'", "''") + "'"


def period_name(period: Period) -> str:
    """A period as an address spells it; its days where none does."""
    try:
        return spell_period(period)
    except RuleBroken:
        return str(period)


def part_names(question: Question) -> dict[str, str]:
    """What the columns of a figure are called."""
    return {
        "now": period_name(question.counted),
        "last_year": period_name(question.last_year),
        "growth": _("Growth"),
        "before": period_name(question.before),
        "growth_before": _("Growth"),
    }


def write_table(
    writer: SheetWriter, table: Table, facts: Sequence[tuple[Any, Any]], *, measures: Sequence[Measure] | None = None
) -> Placed:
    """Write a table with its head and its total; returns where it stands."""
    more = [(_("Rows"), table.note)] if table.note else []
    return Comparison(writer, table, measures or table.measures).write([*facts, *more])


class Comparison:
    """One table on its way into a sheet."""

    def __init__(self, writer: SheetWriter, table: Table, measures: Sequence[Measure]) -> None:
        self.writer, self.table, self.measures = writer, table, measures
        self.has_codes = any(line.head.sub for line in table.lines)
        self.texts = 2 if self.has_codes else 1
        self.columns: dict[tuple[str, str], int] = {}
        for measure in measures:
            for part in self._wanted(measure):
                self.columns[measure.key, part] = self.texts + len(self.columns) + 1

    def _wanted(self, measure: Measure) -> list[str]:
        """The parts of a figure that are shown: rows of time show the row before above them already."""
        if self.table.is_time:
            return ["now", "last_year", "growth"]
        share = ["share"] if measure is self.measures[0] else []
        return ["now", *share, "last_year", "growth", "before", "growth_before"]

    def write(self, facts: Sequence[tuple[Any, Any]]) -> Placed:
        """Write all of it."""
        writer, table = self.writer, self.table
        top = writer.top(table.title, facts)
        self.first = top + 2
        self.total = self.first + len(table.lines)
        self._heads(top)
        for row, line in enumerate(table.lines, start=self.first):
            self._line(row, line)
        self._total()
        if table.is_tree:
            writer.sheet.sheet_properties.outlinePr.summaryBelow = False
            writer.sheet.sheet_format.outlineLevelRow = min(max(line.depth for line in table.lines), DEEPEST)
        elif table.lines:
            writer.sheet.auto_filter.ref = f"A{top + 1}:{at(self.total - 1, self.texts + len(self.columns))}"
        writer.paper((top, top + 1))
        return Placed(writer.sheet.title, self.first, self.total - 1, self.total, self.columns)

    def _heads(self, row: int) -> None:
        names = {**part_names(self.table.question), "share": _("Share")}
        kinds = [self._kind(measure, part) for measure in self.measures for part in self._wanted(measure)]
        width = self.texts + len(self.columns)
        for column in range(1, width + 1):
            self.writer.text(row, column, "", GROUP, "")
        for measure in self.measures:
            self.writer.text(row, self.columns[measure.key, "now"], measure.label, GROUP, "")
        label = DIMENSIONS[self.table.question.by].label
        labels = [label, *([_("Code")] if self.has_codes else []), *(names[part] for _measure, part in self.columns)]
        self.writer.heads(row + 1, labels, self.texts)
        self.writer.widths([34, *([14] if self.has_codes else []), *(WIDTHS[kind.split("_")[0]] for kind in kinds)])

    def _kind(self, measure: Measure, part: str) -> str:
        if part.startswith("growth"):
            return "growth" if measure.is_good else "growth_bad"
        return "share" if part == "share" else measure.kind

    def _line(self, row: int, line: Line) -> None:
        writer, weight = self.writer, BOLD if line.below else PLAIN
        depth = min(line.depth, DEEPEST)
        writer.text(row, 1, line.head.label, f"text{depth or ''}", weight)
        if self.has_codes:
            writer.text(row, 2, line.head.sub, "text", weight)
        if depth:
            writer.sheet.row_dimensions[row].outlineLevel = depth
        for measure in self.measures:
            for part, column in self._figures(measure):
                if line.below:
                    below = f"{at(row + 1, column)}:{at(row + line.below, column)}"
                    writer.formula(row, column, f"SUBTOTAL(9,{below})", measure.kind, weight)
                else:
                    writer.number(row, column, getattr(line.cells[measure.key], part), measure.kind)
            self._compare(row, measure, weight)

    def _compare(self, row: int, measure: Measure, weight: str) -> None:
        """Put what follows from the figures of a row: its share and how it grew."""
        now = self.columns[measure.key, "now"]
        kind = self._kind(measure, "growth")
        for part, then in GROWTH.items():
            if (column := self.columns.get((measure.key, part))) is not None:
                self.writer.growth(row, column, now, self.columns[measure.key, then], kind, weight)
        if (share := self.columns.get((measure.key, "share"))) is not None:
            whole = at(self.total, now, fixed=True)
            self.writer.formula(row, share, f'IF({whole}=0,"",{at(row, now)}/{whole})', "share", weight)

    def _total(self) -> None:
        writer = self.writer
        for column in range(1, self.texts + 1):
            writer.text(self.total, column, _("Total") if column == 1 else "", "text", TOTAL)
        for measure in self.measures:
            for part, column in self._figures(measure):
                self._total_of(measure, part, column)
            self._compare(self.total, measure, TOTAL)

    def _figures(self, measure: Measure) -> list[tuple[str, int]]:
        """The columns that are no formulas of others."""
        return [(part, self.columns[measure.key, part]) for part in PARTS if (measure.key, part) in self.columns]

    def _total_of(self, measure: Measure, part: str, column: int) -> None:
        """Put the formula of a total: a sum; of balances over time the first or last of them."""
        lines = self.table.lines
        expected = getattr(self.table.total[measure.key], part)
        edge = {"first": 0, "last": -1}.get(measure.over) if self.table.is_time and lines else None
        whole = f"{at(self.first, column)}:{at(self.total - 1, column)}"
        if edge is not None and getattr(lines[edge].cells[measure.key], part) == expected:
            row = self.first if edge == 0 else self.total - 1
            self.writer.formula(self.total, column, at(row, column), measure.kind, TOTAL)
        elif edge is not None or not lines:
            self.writer.number(self.total, column, expected, measure.kind, TOTAL)
        else:
            formula = f"SUBTOTAL(9,{whole})" if self.table.is_tree else f"SUM({whole})"
            self.writer.formula(self.total, column, formula, measure.kind, TOTAL)
