"""Lines of sheets, and adding them up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from django.utils.translation import ngettext

from reports.statistics.answers import Cell, Head
from reports.statistics.measures import DIMENSIONS, Measure
from reports.statistics.questions import Question

Cells = Mapping[str, Cell]


@dataclass(frozen=True)
class Line:
    """A row of a sheet. `depth` says how far it is indented; the `below` lines after it are what it is the sum of."""

    head: Head
    cells: Cells
    depth: int = 0
    below: int = 0


@dataclass(frozen=True)
class Table:
    """Figures of one sheet beside those of last year and of the period before."""

    title: str
    question: Question
    measures: Sequence[Measure]
    lines: Sequence[Line]
    total: Cells
    note: str = ""

    @property
    def is_time(self) -> bool:
        """Whether its rows follow each other in time, so that balances do not add up."""
        return DIMENSIONS[self.question.by].is_time

    @property
    def is_tree(self) -> bool:
        """Whether some lines are the sum of others."""
        return any(line.below for line in self.lines)


def others(count: int) -> str:
    """What the line of all others is called."""
    return ngettext("%(count)d other", "%(count)d others", count) % {"count": count}


def added(parts: Iterable[Cells]) -> Cells:
    """Add up cells, measure by measure."""
    return reduce(_plus, parts)


def _plus(one: Cells, other: Cells) -> Cells:
    return {
        key: Cell(cell.now + other[key].now, cell.before + other[key].before, cell.last_year + other[key].last_year)
        for key, cell in one.items()
    }
