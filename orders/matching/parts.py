"""One line against several: which lines add up to another, found only where one answer is meant.

Bounded, so that no ledger makes it run away: of the lines of the same sign within the window the nearest
MOST_CANDIDATES are tried, in sums of at most MOST_PARTS, with at most MOST_STEPS steps for each line and size, and
a number of steps in all. The same lines always give the same answer.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter

MOST_PARTS = 5
MOST_CANDIDATES = 20
MOST_STEPS = 2_000
STEPS_OF_A_LINE = 20
"""What looking for the candidates of a line counts for."""

Match = tuple[list["Line"], list["Line"]]


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of ours or a line of theirs: amount in cents, as our ledger sees it."""

    id: int
    day: date
    cents: int


class Steps:
    """How many steps may still be made, for one line after the other."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, count: int) -> None:
        """Count steps that were made."""
        self.left -= count


class Side:
    """What is left of one side: in order of days, and by sign and day."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = sorted(lines, key=attrgetter("day", "id"))
        self.by_day: dict[tuple[bool, date], list[Line]] = defaultdict(list)
        for line in self.lines:
            self.by_day[line.cents > 0, line.day].append(line)
        self.used: set[int] = set()

    def left(self) -> Iterator[Line]:
        """The lines that are not used yet, also while some are being used."""
        return (line for line in self.lines if line.id not in self.used)

    def near(self, target: Line, window: int) -> list[Line]:
        """Return the nearest lines of the target's sign that are smaller than it, the nearest first."""
        found: list[Line] = []
        for days in sorted(range(-window, window + 1), key=abs):
            lines = self.by_day.get((target.cents > 0, target.day + timedelta(days=days)), ())
            found += (line for line in lines if line.id not in self.used and abs(line.cents) < abs(target.cents))
            if len(found) >= MOST_CANDIDATES:
                break
        return found[:MOST_CANDIDATES]


def find_parts(
    ours: Sequence[Line], theirs: Sequence[Line], window: int, steps: Steps, tell: Callable[[], object] = lambda: None
) -> Iterator[Match]:
    """Yield entries of ours with the lines of theirs that add up to the same: one to many and many to one.

    The fewest parts first; each line once. Where lines of different amounts could be meant, none are: a person decides.
    It ends when the steps are used up. `tell` is called for each line that is looked at.
    """
    our_side, their_side = Side(ours), Side(theirs)
    for size in range(2, MOST_PARTS + 1):
        for one, many in ((our_side, their_side), (their_side, our_side)):
            for target in one.left():
                if steps.left <= 0:
                    return
                tell()
                parts = parts_of(target, many.near(target, window), size, steps)
                if parts:
                    one.used.add(target.id)
                    many.used.update(line.id for line in parts)
                    yield ([target], parts) if one is our_side else (parts, [target])


def parts_of(target: Line, near: Sequence[Line], size: int, steps: Steps) -> list[Line]:
    """Return so many of the lines that add up to the target; none where no sum does, or sums of different amounts do.

    Of lines of one amount the first of `near` are taken.
    """
    counts = Counter(abs(line.cents) for line in near)
    search = _Search(sorted(counts, reverse=True), counts)
    search.look(abs(target.cents), size, 0, ())
    steps.take(STEPS_OF_A_LINE + search.steps)
    if search.steps > MOST_STEPS or len(search.found) != 1:
        return []
    wanted = Counter(search.found[0])
    parts = []
    for line in near:
        if wanted[abs(line.cents)]:
            wanted[abs(line.cents)] -= 1
            parts.append(line)
    return parts


class _Search:
    """Sums of given amounts, each as often as it is there; ends with the second that is found."""

    def __init__(self, amounts: list[int], counts: Counter[int]) -> None:
        self.amounts, self.counts = amounts, counts
        self.found: list[tuple[int, ...]] = []
        self.steps = 0

    def look(self, rest: int, parts: int, start: int, taken: tuple[int, ...]) -> None:
        """Look for so many amounts from `start` on (the large ones first) that add up to the rest."""
        if parts == 1:
            if rest in self.counts and taken.count(rest) < self.counts[rest] and (not taken or rest <= taken[-1]):
                self.found.append((*taken, rest))
            return
        for at in range(start, len(self.amounts)):
            self.steps += 1
            amount = self.amounts[at]
            if len(self.found) > 1 or self.steps > MOST_STEPS or amount * parts < rest:
                return
            if amount + self.amounts[-1] * (parts - 1) > rest or taken.count(amount) >= self.counts[amount]:
                continue
            self.look(rest - amount, parts - 1, at, (*taken, amount))
