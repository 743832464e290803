"""Where growth came from: what each product in each region adds to it, by volume, price, mix, new and lost.

The effects of a cell add up to its growth to the cent, and the cells to the growth of the whole:

- new: what is sold now where nothing was sold then; lost: what was sold then where nothing is now;
- of what was sold then and now, volume is what growth in pieces of all such cells together would have brought this one
  at its own price of then; mix, that its pieces grew by more or less than all; price, the rest: what the pieces of now
  cost more than then.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from reports.statistics.answers import Figures, Head, Key, Reader, conditions, heads_of, seen_by
from reports.statistics.questions import Question
from salesops.kernel.money import to_money
from salesops.users.models import User

ZERO = Decimal(0)
ALL = object()


@dataclass(frozen=True)
class Effects:
    """What made an amount grow or fall, in the company's currency, tax included."""

    volume: Decimal = ZERO
    price: Decimal = ZERO
    mix: Decimal = ZERO
    new: Decimal = ZERO
    lost: Decimal = ZERO

    @property
    def growth(self) -> Decimal:
        """All of them."""
        return self.volume + self.price + self.mix + self.new + self.lost

    def __add__(self, other: "Effects") -> "Effects":
        return Effects(
            self.volume + other.volume,
            self.price + other.price,
            self.mix + other.mix,
            self.new + other.new,
            self.lost + other.lost,
        )

    def __sub__(self, other: "Effects") -> "Effects":
        return self + Effects(-other.volume, -other.price, -other.mix, -other.new, -other.lost)


@dataclass(frozen=True)
class GrowthCell:
    """A product in a region: what was delivered now and then, and what made the difference."""

    now: Decimal
    then: Decimal
    effects: Effects

    @property
    def percent(self) -> Decimal | None:
        """Growth in percent; None where nothing was delivered then."""
        return (self.now - self.then) / self.then * 100 if self.then else None


@dataclass(frozen=True)
class GrowthMap:
    """Rows, columns, and a cell for each pair that was sold now or then."""

    question: Question
    rows: Sequence[Head]
    columns: Sequence[Head]
    cells: dict[tuple[Any, Any], GrowthCell]

    @cached_property
    def _sums(self) -> dict[tuple[Any, Any], GrowthCell]:
        """The sums of rows, of columns and of everything, in one pass; ALL stands for a side that is added up."""
        parts: dict[tuple[Any, Any], list[GrowthCell]] = defaultdict(list)
        for (row, column), cell in self.cells.items():
            for key in ((row, ALL), (ALL, column), (ALL, ALL)):
                parts[key].append(cell)
        return {key: together(some) for key, some in parts.items()}

    def of(self, row: Head | None = None, column: Head | None = None) -> GrowthCell:
        """The sum of a row, of a column, or of everything."""
        key = (row.key if row else ALL, column.key if column else ALL)
        return self._sums.get(key) or GrowthCell(ZERO, ZERO, Effects())


def growth_map(question: Question, user: User) -> GrowthMap:
    """Return the growth of a question's period on the same period a year before, of the customers in scope.

    Rows and columns are the question's; rows that contribute most, up or down, come first. Money with tax in the
    company's currency; a constant number of queries.
    """
    assert question.across
    reader = Reader(question, seen_by(user, conditions(question, user)))
    now = reader.figures(question.counted, question.dimensions)
    then = reader.figures(question.last_year, question.dimensions)
    cells = cells_of(now, then)
    rows = heads_of(question.dimensions[0], {row for row, _column in cells})
    columns = heads_of(question.dimensions[1], {column for _row, column in cells})
    made = GrowthMap(question, list(rows.values()), list(columns.values()), cells)
    contributions = {head.key: made.of(row=head).effects.growth for head in made.rows}
    return GrowthMap(
        question,
        sorted(made.rows, key=lambda head: (-abs(contributions[head.key]), head.label)),
        sorted(made.columns, key=lambda head: (head.code, head.label)),
        cells,
    )


def cells_of(now: dict[Key, Figures], then: dict[Key, Figures]) -> dict[tuple[Any, Any], GrowthCell]:
    """Return each cell with its effects; `now` and `then` hold delivered amounts and pieces by row and column."""
    both = {key for key in now if _pieces(now, key) > 0 and _pieces(then, key) > 0}
    before, after = (sum((_pieces(side, key) for key in both), ZERO) for side in (then, now))
    grew = after / before if before else ZERO
    cells = {}
    for key in now.keys() | then.keys():
        row, column = key
        amount, was = _amount(now, key), _amount(then, key)
        cells[row, column] = GrowthCell(amount, was, _effects(now, then, key, grew if key in both else None))
    return cells


def _effects(now: dict[Key, Figures], then: dict[Key, Figures], key: Key, grew: Decimal | None) -> Effects:
    amount, was = _amount(now, key), _amount(then, key)
    if grew is None:
        return Effects(new=amount, lost=-was)
    pieces, were = _pieces(now, key), _pieces(then, key)
    volume = to_money(was * grew) - was
    mix = to_money(was / were * pieces) - was - volume
    return Effects(volume=volume, mix=mix, price=amount - was - volume - mix)


def _amount(side: dict[Key, Figures], key: Key) -> Decimal:
    return side[key]["delivered"] if key in side else ZERO


def _pieces(side: dict[Key, Figures], key: Key) -> Decimal:
    return Decimal(side[key]["pieces"]) if key in side else ZERO


def together(cells: Iterable[GrowthCell]) -> GrowthCell:
    """Add cells up."""
    now, then, effects = ZERO, ZERO, Effects()
    for cell in cells:
        now, then, effects = now + cell.now, then + cell.then, effects + cell.effects
    return GrowthCell(now, then, effects)


@dataclass(frozen=True)
class Falling:
    """A product that falls in a region while it rises in the others together."""

    row: Head
    column: Head
    here: GrowthCell
    elsewhere: GrowthCell


def falling_here(found: GrowthMap, percent: Decimal = Decimal(10)) -> list[Falling]:
    """Return where a row fell by so many percent or more while it rose by as many in all other columns together.

    The largest fall in money first.
    """
    falling = []
    for row in found.rows:
        for column in found.columns:
            here = found.cells.get((row.key, column.key))
            if here is None or here.percent is None or here.percent > -percent:
                continue
            whole = found.of(row=row)
            elsewhere = GrowthCell(whole.now - here.now, whole.then - here.then, whole.effects - here.effects)
            if elsewhere.percent is not None and elsewhere.percent >= percent:
                falling.append(Falling(row, column, here, elsewhere))
    return sorted(falling, key=lambda one: one.here.now - one.here.then)
