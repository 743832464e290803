"""The page of statistics: key figures, pictures, the table of what was asked, each leading to what it is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.facts.models import AccountFact
from reports.home.parts import share_text
from salesops.kernel.periods import Period
from salesops.users.models import Region
from salesops.users.pages import Personal
from salesops.users.regions.queries import paths_of
from salesops.web.charts import Chart
from salesops.web.filters import Chosen, in_words
from salesops.web.page import Action, Crumb
from salesops.web.pages import Empty, ListPage

from .answers import Answer, Head, Row, answer, conditions, open_region_id
from .charts import Months, pareto, payments, read_months, receivable, trend, unit
from .figures import exact_text, growth_html, short_text
from .filters import KEPT, StatisticsFilters
from .links import Links
from .measures import DIMENSIONS, MEASURES, Measure
from .questions import Question, spell_period
from .spans import Picker, picker_of
from .tables import StatisticsTable, columns_of, records_of, total_of

VIEW = "reports.view_statistics"
MOST_ACROSS = 24
MOST_RANKED = 8
IN_VIEW = ("region", "representative", "customer")
"""What can be kept without asking for more."""
RATIOS = {"payments": "delivered", "overdue": "closing"}
"""Of which other measure a key figure says its share."""


@dataclass(frozen=True)
class Tile:
    """A key figure: its value, how it grew on last year and on the period before, and its share of another."""

    measure: Measure
    value: str
    exact: str
    growth: SafeString
    growth_before: SafeString
    ratio: str
    url: str
    is_main: bool


@dataclass(frozen=True)
class Ranked:
    """One of the largest rows: `bar` is its length in percent of the largest."""

    head: Head
    url: str
    bar: Decimal
    figure: str
    share: Decimal | None
    growth: SafeString


class AskedPage(Personal, ListPage):
    """What the statistic and the documents behind it share: a question out of the address."""

    menu_key = "statistics"
    filters_in_view = 9
    filterset: Any

    def rows(self) -> QuerySet[Any]:
        return AccountFact.objects.none()

    @cached_property
    def question(self) -> Question:
        """What is asked; what makes no sense is said at its field."""
        found: Question = self.filterset.question
        return found

    @cached_property
    def chosen(self) -> list[Chosen]:
        """What is kept, in words."""
        form = self.filterset.form
        form.is_valid()
        said = {name: in_words(form.fields[name], form.cleaned_data.get(name)) for name in (*KEPT, "structure")}
        return [
            Chosen(form.fields[name].label, text, self.query(**{name: None})) for name, text in said.items() if text
        ]

    @property
    def mistakes(self) -> list[tuple[Any, str]]:
        """What the address says that makes no sense: the field, and the message."""
        _asked, form = self.question, self.filterset.form
        return [(form[name], str(error)) for name, errors in form.errors.items() for error in errors]

    @property
    def span_in_words(self) -> str:
        """The first and the last day that are counted."""
        counted = self.question.counted
        return _("%(first)s to %(last)s") % {"first": counted.start, "last": counted.last_day}

    def export_facts(self) -> list[tuple[Any, Any]]:
        return [(_("Period"), f"{spell_period(self.question.period)}, {self.span_in_words}")]


class PeriodPage(AskedPage):
    """What pages with the picker of the period share."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the page; months typed from and to become its period."""
        first, last = (request.GET.get(name, "").strip()[:20] for name in ("from", "to"))
        if first or last:
            period = first if first == last else f"{first or last}..{last or first}"
            return HttpResponseRedirect(f"{request.path}?{self.query(period=period, **{'from': None, 'to': None})}")
        return super().get(request, *args, **kwargs)

    @property
    def picker(self) -> Picker:
        """The picker of the period."""
        path = self.request.path
        return picker_of(self.question.period, lambda period: f"{path}?{self.query(period=period)}")

    @property
    def unit(self) -> str:
        """What money is told in."""
        return unit(MEASURES["delivered"])

    def kept_to_submit(self) -> list[tuple[str, str]]:
        """What the form of the months keeps of the address."""
        dropped = {"period", "from", "to", "page", "export"}
        return [(key, value) for key, values in self.request.GET.lists() if key not in dropped for value in values]


class StatisticsPage(PeriodPage):
    """What was delivered, paid and owed, by period, place, person, customer and product."""

    title = gettext_lazy("Statistics")
    permission_required = VIEW
    template_name = "reports/statistics/page.html"
    table = StatisticsTable
    filters = StatisticsFilters
    empty = Empty(
        gettext_lazy("Nothing was counted in this period"),
        gettext_lazy("Choose another one above. What is posted now is counted within seconds."),
        icon="chart",
    )

    # ---- what is answered ----
    @cached_property
    def answer(self) -> Answer:
        """The figures."""
        return answer(self.question, self.user)

    @cached_property
    def main(self) -> Measure:
        """The measure that pictures, comparisons and shares are of."""
        return MEASURES[self.filterset.main_measure]

    @cached_property
    def links(self) -> Links:
        """Where everything leads."""
        return Links.of(self.answer, self.main.key, self.user)

    @cached_property
    def columns(self) -> list[Head]:
        """The columns across; of very many the largest."""
        largest = sorted(self.sizes, key=lambda key: -self.sizes[key])[:MOST_ACROSS]
        return [head for head in self.answer.columns if head.key in largest]

    @cached_property
    def sizes(self) -> dict[Any, Decimal]:
        """How much of the main measure is in each column that has any, now or a year before."""
        found: dict[Any, Decimal] = {}
        for row in self.answer.rows:
            for key, cells in row.across.items():
                cell = cells[self.main.key]
                if cell.now or cell.last_year:
                    found[key] = found.get(key, Decimal(0)) + cell.now
        return found

    # ---- the table ----
    def listed(self) -> Any:
        return records_of(self.answer, self.main, self.columns)

    def extra_columns(self) -> Sequence[tuple[str, Any]]:
        return columns_of(self.answer, self.main, self.columns)

    @cached_property
    def sheet(self) -> Any:
        """The table, with where its cells lead and its total."""
        table = super().sheet
        table.links = self.links
        table.total_record = total_of(self.answer, self.main, self.columns)
        if not self.sorted_by:
            table.order_by = "name" if self._by_time else "-now"
        return table

    @property
    def _by_time(self) -> bool:
        return DIMENSIONS[self.question.by].is_time

    @property
    def table_title(self) -> str:
        """What the table is of."""
        by = DIMENSIONS[self.question.by].label
        if not self.question.across:
            return _("%(measure)s by %(rows)s") % {"measure": self.main.label, "rows": str(by).lower()}
        across = DIMENSIONS[self.question.across].label
        words = {"measure": self.main.label, "rows": str(by).lower(), "columns": str(across).lower()}
        return _("%(measure)s by %(rows)s and %(columns)s") % words

    @property
    def left_out(self) -> int:
        """How many columns there is no room for."""
        return len(self.sizes) - len(self.columns)

    # ---- the head ----
    def actions(self) -> Sequence[Action]:
        """Files made in the background: the workbook, with every line, as a flat table."""
        query = urlencode(self.question.as_query(), doseq=True)
        file = f"{reverse('reports:statistics_file')}?{query}"
        return [
            Action(_("Workbook"), file, "download", True, "post"),
            Action(_("With all lines"), f"{file}&details=1", "list", False, "post", permission="orders.view_shipment"),
            Action(_("CSV"), f"{file}&form=csv", "file", False, "post"),
        ]

    def heading(self) -> str:
        return _("Statistics, %(period)s") % {"period": spell_period(self.question.period)}

    def crumbs(self) -> Sequence[Crumb]:
        return [(self.title, reverse("reports:statistics")), (spell_period(self.question.period), None)]

    @property
    def compared(self) -> tuple[str, str]:
        """The months that it is compared with: the same of last year, and those before."""
        return _span(self.question.last_year), _span(self.question.before)

    @property
    def untold(self) -> list[str]:
        """The measures that were asked for and cannot be told by product."""
        told = {one.key for one in self.question.asked}
        return [str(MEASURES[key].label) for key in self.question.measures if key not in told]

    @property
    def fields_in_view(self) -> list[Any]:
        """What is kept most often."""
        return [self.filterset.form[name] for name in IN_VIEW]

    @property
    def fields_at_rest(self) -> list[Any]:
        """What else can be kept."""
        return [self.filterset.form[name] for name in (*KEPT, "structure") if name not in IN_VIEW]

    @property
    def rest_is_open(self) -> bool:
        """Whether one of these is in effect."""
        return any(self.request.GET.get(field.html_name) for field in self.fields_at_rest)

    # ---- key figures ----
    def tiles(self) -> list[Tile]:
        """A tile for each measure; it makes its measure the main one."""
        return [self._tile(one) for one in self.answer.measures]

    def _tile(self, measure: Measure) -> Tile:
        cells = self.answer.total.cells
        cell, whole = cells[measure.key], cells.get(RATIOS.get(measure.key, ""))
        ratio = ""
        if whole is not None:
            words = {"payments": _("%(share)s of delivered"), "overdue": _("%(share)s of receivables")}
            ratio = share_text(cell.now, whole.now, words[measure.key])
        return Tile(
            measure,
            short_text(measure, cell.now),
            exact_text(measure, cell.now),
            growth_html(cell.growth, measure, cell.now),
            growth_html(cell.growth_before, measure, cell.now),
            ratio,
            f"{self.request.path}?{self.query(main=measure.key, sort=None)}",
            measure.key == self.main.key,
        )

    # ---- the largest ----
    def ranked(self) -> list[Ranked]:
        """The largest rows; of time the last ones, in order."""
        rows = list(self.answer.rows)
        if self._by_time:
            rows = rows[-MOST_RANKED:]
        else:
            rows = sorted(rows, key=lambda row: -row.cells[self.main.key].now)[:MOST_RANKED]
        largest = max((row.cells[self.main.key].now for row in rows), default=Decimal(0))
        return [self._ranked(row, largest) for row in rows]

    def _ranked(self, row: Row, largest: Decimal) -> Ranked:
        cell = row.cells[self.main.key]
        return Ranked(
            row.head,
            "" if row is self.answer.total else self.links.row_url(row.head),
            cell.now * 100 / largest if largest > 0 else Decimal(0),
            short_text(self.main, cell.now),
            self.answer.share(row, self.main.key),
            growth_html(cell.growth, self.main, cell.now),
        )

    def total_ranked(self) -> Ranked:
        """The line below them."""
        return self._ranked(self.answer.total, Decimal(0))

    @property
    def ranked_title(self) -> str:
        """What the ranking is of."""
        return _("By %(rows)s") % {"rows": str(DIMENSIONS[self.question.by].label).lower()}

    def way_up(self) -> list[tuple[str, str]]:
        """The regions above the one that is open, from the company down: label and address; the last one is open."""
        if self.question.by != "region":
            return []
        key = open_region_id(self.question.kept.get("region"))
        region = Region.objects.filter(pk=key).first() if key and "region" in self.question.kept else None
        if region is None:
            return []
        above = [] if region.parent_id is None else list(paths_of([region])[region.pk].above)
        steps = [(_("Company"), self._with_region(None))]
        top = open_region_id(None)  # where there is one highest region, it is the company
        steps += [(str(one), self._with_region(one.code)) for one in above if one.pk != top]
        return [*steps, (str(region), "")]

    def _with_region(self, code: str | None) -> str:
        return f"{self.request.path}?{self.query(region=code, sort=None)}"

    # ---- pictures ----
    @cached_property
    def kept(self) -> Q:
        """The condition on facts of all pictures."""
        return conditions(self.question, self.user)

    @cached_property
    def months(self) -> Months:
        """The months around the period."""
        return read_months(self.question, self.main.key, self.user, self.kept)

    def trend(self) -> Chart | None:
        """The main measure by month."""
        return trend(self.months, self.main)

    def more_charts(self) -> list[Chart]:
        """The other pictures, as far as there is something to draw."""
        made = [pareto(self.question, self.main, self.user, self.kept)]
        if "customer" not in self.question.kept or self.user.has_perm("orders.view_accounts"):
            made = [payments(self.months), receivable(self.months), *made]
        return [one for one in made if one is not None]

    def export_title(self) -> str:
        return f"{self.heading()} {self.table_title}"


def _span(period: Period) -> str:
    first, last = f"{period.start:%Y-%m}", f"{period.last_day:%Y-%m}"
    return first if first == last else f"{first} – {last}"
