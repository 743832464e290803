"""What is looked at before a month is closed. Features add what concerns them:

closing_checks.add(Check("rounds", _("Reconciliation rounds are finished"), Level.WARNS, unfinished_of))
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from salesops.kernel.periods import Period
from salesops.users.models import User
from salesops.web.registry import Registry, may


class Level(models.TextChoices):
    """What it means that something is left: the month stays open, a person has to accept it, or it is only said."""

    BLOCKS = "blocks", _("stops closing")
    WARNS = "warns", _("has to be accepted")
    TELLS = "tells", _("for information")


@dataclass(frozen=True)
class Left:
    """How much is left of something, and where the rows are; `words` say more, `do_url` and `do_label` mend it.

    Both are for people with `permission` only, where it names one.
    """

    count: int
    url: str = ""
    words: Any = ""
    do_url: str = ""
    do_label: Any = ""
    permission: str = ""

    def seen_by(self, reader: User) -> "Left":
        """It without addresses that the person cannot open."""
        return self if may(reader, self.permission) else replace(self, url="", do_url="")


@dataclass(frozen=True)
class Check:
    """One line of the checklist: `find(month)` says what is left."""

    key: str
    label: Any
    level: Level
    find: Callable[[Period], Left]
    order: int = 50

    @property
    def level_words(self) -> Any:
        """The level in words."""
        return self.level.label


closing_checks: Registry[Check] = Registry()


@dataclass(frozen=True)
class Point:
    """A check, asked of one month."""

    check: Check
    left: Left

    @property
    def holds(self) -> bool:
        """Whether nothing is left."""
        return not self.left.count

    @property
    def blocks(self) -> bool:
        """Whether the month cannot be closed for it."""
        return not self.holds and self.check.level == Level.BLOCKS

    @property
    def warns(self) -> bool:
        """Whether somebody has to accept it."""
        return not self.holds and self.check.level == Level.WARNS

    def as_json(self) -> dict[str, Any]:
        """What stays on record of it."""
        return {
            "key": self.check.key,
            "label": str(self.check.label),
            "level": self.check.level.value,
            "left": self.left.count,
        }


@dataclass(frozen=True)
class Checklist:
    """All points of one month."""

    period: Period
    points: tuple[Point, ...]

    @property
    def blocking(self) -> list[Point]:
        """What stops closing."""
        return [point for point in self.points if point.blocks]

    @property
    def warnings(self) -> list[Point]:
        """What has to be accepted."""
        return [point for point in self.points if point.warns]

    def as_json(self) -> list[dict[str, Any]]:
        """What stays on record."""
        return [point.as_json() for point in self.points]


def checklist_of(period: Period, reader: User) -> Checklist:
    """Ask every check of a month, as it stands now, with the addresses that the reader can open."""
    ordered = sorted(closing_checks, key=lambda check: check.order)
    return Checklist(period, tuple(Point(check, check.find(period).seen_by(reader)) for check in ordered))
