"""The table that was asked for where it has columns: rows by columns, for each figure."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from reports.statistics.answers import ZERO, Answer, Head, Row
from reports.statistics.measures import DIMENSIONS, Measure

from .contents import MOST_ROWS, shortened
from .lines import others
from .looks import GROUP, PLAIN, TOTAL, SheetWriter, at

MOST_COLUMNS = 60
"""Of customers or products; of time there are never too many."""


def write_crossing(writer: SheetWriter, answer: Answer, title: str, facts: Sequence[tuple[Any, Any]]) -> None:
    """Write the figures of the period with rows, columns and the totals of both."""
    Crossing(writer, answer).write(title, facts)


class Crossing:
    """An answer with columns on its way into a sheet."""

    def __init__(self, writer: SheetWriter, answer: Answer) -> None:
        self.writer, self.answer = writer, answer
        self.is_over_time = DIMENSIONS[answer.question.across].is_time
        self.rows_are_time = DIMENSIONS[answer.question.by].is_time
        self.columns, self.rest = self._columns()
        self.has_codes = any(row.head.sub for row in answer.rows)
        self.texts = 2 if self.has_codes else 1
        self.width = len(self.columns) + bool(self.rest) + 1

    def _columns(self) -> tuple[Sequence[Head], Sequence[Head]]:
        """The columns that are shown, and those that one column adds up: the smallest where there are very many."""
        every = list(self.answer.columns)
        if self.is_over_time or len(every) <= MOST_COLUMNS:
            return every, []
        first = self.answer.measures[0].key
        size = {head.key: sum(row.across[head.key][first].now for row in self.answer.rows) for head in every}
        shown = sorted(every, key=lambda head: -size[head.key])[: MOST_COLUMNS - 1]
        kept = {head.key for head in shown}
        return [head for head in every if head.key in kept], [head for head in every if head.key not in kept]

    def write(self, title: str, facts: Sequence[tuple[Any, Any]]) -> None:
        """Write all of it."""
        rows = self.answer.rows
        note = shortened(len(rows), MOST_ROWS)
        more = [(_("Rows"), note)] if note else []
        top = self.writer.top(title, [*facts, *more])
        shown, rest = (rows, []) if not note else (rows[: MOST_ROWS - 1], rows[MOST_ROWS - 1 :])
        self.first, self.total = top + 2, top + 2 + len(shown) + bool(rest)
        self._heads(top)
        for number, row in enumerate(shown, start=self.first):
            self._texts(number, row.head.label, row.head.sub)
            self._figures(number, [row])
        if rest:
            self._texts(self.total - 1, others(len(rest)), "")
            self._figures(self.total - 1, rest)
        self._totals()
        if rows:
            self.writer.sheet.auto_filter.ref = f"A{top + 1}:{at(self.total - 1, self._end())}"
        self.writer.paper((top, top + 1))

    def _end(self) -> int:
        return self.texts + self.width * len(self.answer.measures)

    def _start(self, at_measure: int) -> int:
        return self.texts + 1 + at_measure * self.width

    def _heads(self, row: int) -> None:
        for column in range(1, self._end() + 1):
            self.writer.text(row, column, "", GROUP, "")
        names = [head.label for head in self.columns] + ([others(len(self.rest))] if self.rest else []) + [_("Total")]
        for number, measure in enumerate(self.answer.measures):
            self.writer.text(row, self._start(number), measure.label, GROUP, "")
        texts = [DIMENSIONS[self.answer.question.by].label, *([_("Code")] if self.has_codes else [])]
        self.writer.heads(row + 1, [*texts, *names * len(self.answer.measures)], self.texts)
        self.writer.widths([34, *([14] if self.has_codes else []), *[15] * (self._end() - self.texts)])

    def _texts(self, row: int, label: str, code: str, weight: str = PLAIN) -> None:
        self.writer.text(row, 1, label, "text", weight)
        if self.has_codes:
            self.writer.text(row, 2, code, "text", weight)

    def _figures(self, row: int, of: Sequence[Row]) -> None:
        """Put the figures of one row of the answer, or of several added up."""
        for number, measure in enumerate(self.answer.measures):
            start = self._start(number)
            for column, head in enumerate(self.columns, start=start):
                self.writer.number(row, column, _added(of, [head], measure), measure.kind)
            if self.rest:
                self.writer.number(row, start + len(self.columns), _added(of, self.rest, measure), measure.kind)
            end = start + self.width - 1
            if self.is_over_time and measure.over != "sum":  # a balance is not the sum of months
                whole = sum((one.cells[measure.key].now for one in of), ZERO)
                self.writer.number(row, end, whole, measure.kind)
            else:
                self.writer.formula(row, end, f"SUM({at(row, start)}:{at(row, end - 1)})", measure.kind)

    def _totals(self) -> None:
        self._texts(self.total, _("Total"), "", TOTAL)
        for number, measure in enumerate(self.answer.measures):
            for column in range(self._start(number), self._start(number) + self.width):
                self._total(column, measure, is_whole=column == self._start(number) + self.width - 1)

    def _total(self, column: int, measure: Measure, *, is_whole: bool) -> None:
        """Put a total below a column: its sum; of balances down the time, which do not add up, only the whole."""
        if self.answer.rows and (not self.rows_are_time or measure.over == "sum"):
            formula = f"SUM({at(self.first, column)}:{at(self.total - 1, column)})"
            self.writer.formula(self.total, column, formula, measure.kind, TOTAL)
        elif is_whole:
            self.writer.number(self.total, column, self.answer.total.cells[measure.key].now, measure.kind, TOTAL)
        else:
            self.writer.text(self.total, column, "", "text", TOTAL)


def _added(rows: Sequence[Row], columns: Sequence[Head], measure: Measure) -> Any:
    return sum((row.across[head.key][measure.key].now for row in rows for head in columns), ZERO)
