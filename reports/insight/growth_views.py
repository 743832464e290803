"""The growth map: what each product in each region adds to growth, by which effect, and what to look at next."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import django_filters
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.files.models import Customer
from reports.statistics.answers import Head, open_region_id
from reports.statistics.figures import exact_text, growth_html, heat_of, short_text, signed_percent
from reports.statistics.filters import KeptFilters
from reports.statistics.links import documents_url
from reports.statistics.measures import MEASURES
from reports.statistics.questions import ITSELF, Question, month_now, spell_period
from reports.statistics.spans import period_around
from reports.statistics.views import VIEW, PeriodPage
from salesops.web.forms import Chips
from salesops.web.page import Crumb, Empty

from .growth import Falling, GrowthCell, GrowthMap, falling_here, growth_map
from .rhythm import behind_rhythm, sleeping
from .tables import GrowthTable

MOST_ROWS, MOST_COLUMNS, MOST_FALLING, MOST_AGENTS = 20, 12, 8, 5
DELIVERED = MEASURES["delivered"]
EFFECTS = {
    "volume": (gettext_lazy("Volume"), gettext_lazy("more or fewer pieces, at the prices of then")),
    "price": (gettext_lazy("Price"), gettext_lazy("the pieces of now cost more or less")),
    "mix": (gettext_lazy("Mix"), gettext_lazy("dearer or cheaper products grew more than others")),
    "new": (gettext_lazy("New"), gettext_lazy("sold now where nothing was sold then")),
    "lost": (gettext_lazy("Lost"), gettext_lazy("sold then where nothing is sold now")),
}


class GrowthFilters(KeptFilters):
    """The period, rows of categories or products, and what is kept."""

    by = django_filters.ChoiceFilter(
        choices=[("category", gettext_lazy("Categories")), ("product", gettext_lazy("Products"))],
        label=gettext_lazy("Rows of"),
        empty_label=None,
        widget=Chips,
    )

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        if data is not None:
            data = data.copy()
            data["by"] = data.get("by") or "category"
            data["period"] = data.get("period") or spell_period(period_around(month_now(), 12))
        super().__init__(data, *args, **kwargs)

    @cached_property
    def question(self) -> Question:
        """What is asked: delivered goods by rows and region."""
        asked = super().question
        by = asked.by if asked.by in ("category", "product") else "category"
        return Question(asked.period, by, "region", ("delivered", "pieces"), asked.kept, asked.today)


@dataclass(frozen=True)
class Shown:
    """A cell as the map shows it."""

    growth: str
    title: str
    tint: str
    url: str


@dataclass(frozen=True)
class Line:
    """A row of the map."""

    head: Head
    cells: Sequence[Shown]
    total: Shown
    contribution: str


@dataclass(frozen=True)
class Effect:
    """What an effect adds to growth, and how long its bar is, in percent of the longest."""

    label: Any
    says: Any
    amount: str
    bar: Decimal
    tone: str
    """Up or down; nothing for what rounds to nothing."""


def tone_of(amount: Decimal) -> str:
    """Whether an amount in thousands with one decimal is up, down, or nothing."""
    return "" if abs(amount) < 50 else "up" if amount > 0 else "down"


class GrowthPage(PeriodPage):
    """Where growth came from, against the same months of last year."""

    title = gettext_lazy("Growth map")
    permission_required = VIEW
    menu_key = "growth"
    template_name = "reports/insight/growth.html"
    filters = GrowthFilters
    table = GrowthTable
    empty = Empty(
        gettext_lazy("Nothing was delivered in these months, nor a year before"),
        gettext_lazy("Choose another period above."),
        icon="map",
    )

    def listed(self) -> list[dict[str, Any]]:
        """Every row with its effects."""
        return [self._record(head) for head in self.map.rows]

    def _record(self, head: Head) -> dict[str, Any]:
        cell = self.map.of(row=head)
        figures = {"then": cell.then, "now": cell.now, "growth": cell.effects.growth, **asdict(cell.effects)}
        return {"name": head.label, "url": self._documents(head, None), **figures}

    @cached_property
    def map(self) -> GrowthMap:
        """The figures."""
        return growth_map(self.question, self.user)

    @cached_property
    def whole(self) -> GrowthCell:
        """All of it."""
        return self.map.of()

    @cached_property
    def columns(self) -> Sequence[Head]:
        """The regions shown, the largest where they are many."""
        sizes = {head.key: self.map.of(column=head).now for head in self.map.columns}
        largest = sorted(self.map.columns, key=lambda head: -sizes[head.key])[:MOST_COLUMNS]
        return [head for head in self.map.columns if head in largest]

    def lines(self) -> list[Line]:
        """The rows that contribute most."""
        return [self._line(head) for head in self.map.rows[:MOST_ROWS]]

    def total(self) -> Line:
        """The row below them: of all, also of what is not shown."""
        cells = [self._shown(self.map.of(column=column), column=column) for column in self.columns]
        return Line(
            Head(None, _("All"), ""), cells, self._shown(self.whole), short_text(DELIVERED, self.whole.effects.growth)
        )

    def _line(self, head: Head) -> Line:
        of_row = self.map.of(row=head)
        cells = [self._shown(self.map.cells.get((head.key, column.key)), head, column) for column in self.columns]
        return Line(head, cells, self._shown(of_row, head), short_text(DELIVERED, of_row.effects.growth))

    def _shown(self, cell: GrowthCell | None, row: Head | None = None, column: Head | None = None) -> Shown:
        if cell is None:
            return Shown("", "", "", "")
        title = _("%(now)s, a year before %(then)s") % {
            "now": exact_text(DELIVERED, cell.now),
            "then": exact_text(DELIVERED, cell.then),
        }
        growth = signed_percent(cell.percent) or (_("new") if cell.now else "")
        return Shown(growth, title, heat_of(cell.percent), self._documents(row, column))

    def _documents(self, row: Head | None, column: Head | None) -> str:
        """The address of the lines behind a cell."""
        question = self.question
        if row is not None:
            question = question.narrowed(**{question.by: row.code})
        if column is not None:
            is_open_one = column.key == self.open_region
            question = question.narrowed(region=f"{ITSELF}{column.code}" if is_open_one else column.code)
        return documents_url(question.as_query())

    @cached_property
    def open_region(self) -> int | None:
        """The region whose parts are the columns."""
        return open_region_id(self.question.kept.get("region"))

    def effects(self) -> list[Effect]:
        """The effects of the whole, which add up to its growth."""
        found = {name: getattr(self.whole.effects, name) for name in EFFECTS}
        longest = max((abs(amount) for amount in found.values()), default=Decimal(0))
        return [
            Effect(
                label,
                says,
                short_text(DELIVERED, found[name] if tone_of(found[name]) else Decimal(0)),
                abs(found[name]) * 100 / longest if longest else Decimal(0),
                tone_of(found[name]),
            )
            for name, (label, says) in EFFECTS.items()
        ]

    @property
    def growth(self) -> SafeString:
        """Growth of the whole in percent."""
        return growth_html(self.whole.percent, DELIVERED, self.whole.now)

    @property
    def growth_in_money(self) -> str:
        """Growth of the whole."""
        return short_text(DELIVERED, self.whole.effects.growth)

    @property
    def delivered(self) -> str:
        """What was delivered in all."""
        return short_text(DELIVERED, self.whole.now)

    # ---- what to look at next ----
    @cached_property
    def all_falling(self) -> list[Falling]:
        """What falls in a region while it rises elsewhere."""
        return falling_here(self.map)

    def falling(self) -> list[tuple[Falling, str, SafeString, SafeString]]:
        """The largest falls, with the address of the lines behind and both growths."""
        return [
            (
                one,
                self._documents(one.row, one.column),
                growth_html(one.here.percent, DELIVERED),
                growth_html(one.elsewhere.percent, DELIVERED),
            )
            for one in self.all_falling[:MOST_FALLING]
        ]

    def agents(self) -> list[dict[str, Any]]:
        """Agents that sleep, and agents behind their rhythm: the first of each list and where all are."""
        today = timezone.localdate()
        customers = Customer.objects.visible_to(self.user)
        return [
            {
                "title": _("Sleeping agents"),
                "url": reverse("reports:sleeping"),
                "none": _("Everybody who ever bought got goods lately."),
                "rows": list(sleeping(customers, today)[:MOST_AGENTS]),
            },
            {
                "title": _("Behind their rhythm"),
                "url": reverse("reports:behind"),
                "none": _("No agent is silent for much longer than usual."),
                "rows": list(behind_rhythm(customers, today)[:MOST_AGENTS]),
            },
        ]

    # ---- the head ----
    def heading(self) -> str:
        return _("Growth map, %(period)s") % {"period": spell_period(self.question.period)}

    def crumbs(self) -> Sequence[Crumb]:
        return [(self.title, reverse("reports:growth")), (spell_period(self.question.period), None)]
