"""A statistic beside what documents say today: which figures are others, and because of which documents."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from salesops.kernel.periods import Period

from ..answers import open_region_id, places_below
from ..measures import MEASURES, Measure
from ..models import IssuedStatistic
from .late import Came, Late, came_since
from .snapshot import SHEETS, WHOLE, Today, digest_of, figure, key_text, read_today

NOTHING = figure(Decimal(0))


class Issued(NamedTuple):
    """A figure as issued, that of the period before, and that of a year before."""

    now: str
    before: str
    last_year: str


@dataclass(frozen=True)
class Cell:
    """A figure as issued, None where its row was not there; `today` is what documents say where that is another."""

    measure: Measure
    issued: Issued | None
    today: str
    because: Sequence[Late]

    @property
    def is_restated(self) -> bool:
        """Whether documents say something else today."""
        return bool(self.today)


@dataclass(frozen=True)
class Row:
    """A row of a sheet; the whole has no key."""

    key: str
    code: str
    name: str
    name_zh: str
    cells: Sequence[Cell]

    @property
    def is_restated(self) -> bool:
        """Whether one of its figures is another today."""
        return any(cell.is_restated for cell in self.cells)


@dataclass(frozen=True)
class SheetToday:
    """A sheet as issued, beside what documents say today; `hidden` rows that are as issued are left out."""

    key: str
    label: Any
    by: str
    measures: Sequence[Measure]
    rows: Sequence[Row]
    total: Row
    hidden: int

    @property
    def restated(self) -> list[tuple[Row, Cell]]:
        """The figures that are others today, with their rows."""
        return [(row, cell) for row in (*self.rows, self.total) for cell in row.cells if cell.is_restated]


@dataclass(frozen=True)
class Restated:
    """All of a statistic beside what documents say today."""

    sheets: Sequence[SheetToday]
    came: Came
    is_unchanged: bool
    """Whether it is, by its digest, what was issued."""

    @property
    def count(self) -> int:
        """How many figures are others today."""
        return sum(len(sheet.restated) for sheet in self.sheets)


def restate(statistic: IssuedStatistic, *, most: int = 0, whole: str = "") -> Restated:
    """Compare a statistic with what facts say today; last year's figures and those before stay as issued.

    Of each sheet there are the first `most` rows and all that are restated; of the one whose key is `whole` all.
    """
    known = {sheet["key"]: {row["key"] for row in sheet["rows"]} for sheet in statistic.sheets}
    today, came = read_today(statistic, known), came_since(statistic)
    _place_in_rows(statistic, came)
    sheets = [
        _compared(sheet, today[sheet["key"]], came, statistic.period, most if sheet["key"] != whole else None)
        for sheet in statistic.sheets
    ]
    return Restated(sheets, came, digest_of(statistic) == statistic.digest)


def _place_in_rows(statistic: IssuedStatistic, came: Came) -> None:
    """Say of each document in which row of regions and of teams it stands."""
    if not came.documents:
        return
    below = places_below(open_region_id(statistic.region.code if statistic.region else None))
    teams = statistic.parameters["teams"]
    for one in came.documents:
        one.rows["region"] = {str(below.get(int(key), int(key))) for key in one.rows["region"]}
        one.rows["team"] = {key_text(teams.get(key)) for key in one.rows["representative"]}


def _compared(issued: Mapping[str, Any], today: Today, came: Came, period: Period, most: int | None) -> SheetToday:
    sheet = SHEETS[issued["key"]]
    measures = [MEASURES[key] for key in issued["measures"]]
    not_there: list[None] = [None] * len(measures)

    def is_same(row: Mapping[str, Any]) -> bool:
        own = today.figures.get(row["key"], {})
        figures = zip(issued["measures"], row["figures"], strict=True)
        return all(own.get(measure, NOTHING) == said[0] for measure, said in figures)

    def cells(key: str, figures: Iterable[list[str] | None]) -> list[Cell]:
        own, found = today.figures.get(key, {}), []
        for measure, said in zip(measures, figures, strict=True):
            now, then = own.get(measure.key, NOTHING), Issued(*said) if said else None
            differs = now != (then.now if then else NOTHING)
            because = came.because_of(sheet.by, key, measure.key, period) if differs else []
            found.append(Cell(measure, then, now if differs else "", because))
        return found

    shown = [row for at, row in enumerate(issued["rows"]) if most is None or at < most or not is_same(row)]
    rows = [
        Row(row["key"], row["code"], row["name"], row["name_zh"], cells(row["key"], row["figures"])) for row in shown
    ]
    rows += [Row(key, head.code, head.label, "", cells(key, not_there)) for key, head in today.heads.items()]
    total = Row(WHOLE, "", "", "", cells(WHOLE, issued["total"]))
    return SheetToday(sheet.key, sheet.label, sheet.by, measures, rows, total, len(issued["rows"]) - len(shown))
