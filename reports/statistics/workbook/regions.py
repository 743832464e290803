"""The tree of regions with what each holds: its own, and that of all below it."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from reports.statistics.answers import ZERO, Cell, Figures, Head, Reader, conditions, seen_by
from reports.statistics.questions import Question
from salesops.users.models import Region, User, in_reader_language

from .lines import Cells, Line, added

NOTHING: Figures = {}


def region_lines(question: Question, user: User) -> list[Line]:
    """Return a line for each region that has figures, or below which there are any; a region before its parts.

    The lines of depth 0 are the rows of the question's answer, in their order. What a region holds itself beside what
    lies below it has a line of its own, so that a region with parts is the sum of them.
    """
    return list(Tree(question, user).lines())


class Tree:
    """Regions as far as there are figures."""

    def __init__(self, question: Question, user: User) -> None:
        self.measures = question.asked
        reader = Reader(question, seen_by(user, conditions(question, user)))
        self.places, reader.places = reader.places, {}
        periods = (question.counted, question.before, question.last_year)
        found = [reader.figures(period, question.dimensions[:1]) for period in periods]
        self.own: dict[int, Cells] = {
            region: {
                one.key: Cell(*(figures.get((region,), NOTHING).get(one.key, ZERO) for figures in found))
                for one in self.measures
            }
            for region in {key for figures in found for (key,) in figures}
        }
        self.regions: dict[int, tuple[Any, ...]] = {
            row[0]: row for row in Region.objects.order_by().values_list("pk", "parent_id", "code", "name", "name_zh")
        }
        self.below: dict[int, set[int]] = defaultdict(set)
        self.tops: set[int] = set()
        for region in self.own:
            self._climb(region)
        self.sums: dict[int, Cells] = {}
        for top in self.tops:
            self._add_up(top)

    def _climb(self, region: int) -> None:
        """Hang a region below those above it, up to one that is a row of the answer."""
        top = self.places.get(region, region)
        while region != top:
            parent = self.regions[region][1]
            self.below[parent].add(region)
            region = parent
        self.tops.add(top)

    def _add_up(self, region: int) -> Cells:
        parts = [self._add_up(part) for part in self.below.get(region, ())]
        self.sums[region] = added([self._own(region), *parts])
        return self.sums[region]

    def _own(self, region: int) -> Cells:
        return self.own.get(region) or {one.key: Cell() for one in self.measures}

    def lines(self) -> Iterator[Line]:
        """Yield the lines, depth first, the largest first."""
        for top in self._sorted(self.tops):
            yield from self._lines_of(top, 0)

    def _lines_of(self, region: int, depth: int) -> list[Line]:
        parts = [
            line for part in self._sorted(self.below.get(region, set())) for line in self._lines_of(part, depth + 1)
        ]
        head = self._head(region)
        if parts and region in self.own:
            itself = Head(region, _("%(region)s itself") % {"region": head.label}, head.code)
            parts.insert(0, Line(itself, self.own[region], depth + 1))
        return [Line(head, self.sums[region], depth, len(parts)), *parts]

    def _sorted(self, regions: set[int]) -> list[int]:
        first = self.measures[0].key
        return sorted(regions, key=lambda region: (-self.sums[region][first].now, self._head(region).label))

    def _head(self, region: int) -> Head:
        _pk, _parent, code, name, name_zh = self.regions[region]
        return Head(region, in_reader_language(name, name_zh), code, code)
