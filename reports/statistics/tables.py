"""The table of a statistic: what a row is of, the main measure with its comparisons, the columns across, the others."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.web import excel
from salesops.web.badges import icon_html
from salesops.web.figures import DASH, percent_text
from salesops.web.tables import DENSE, Column, Table

from .answers import Answer, Cell, Head, Row
from .figures import NOTHING, exact_text, growth_html, heat_of, linked, short_text, signed_percent
from .links import Links, Which
from .measures import DIMENSIONS, Measure

Record = dict[str, Any]


class StatisticColumn(Column):
    """A column whose cells `draw` makes, of rows and of the total alike."""

    def draw(self, value: Any, record: Record, links: Links) -> Any:
        """What stands in a cell."""
        raise NotImplementedError

    def render(self, value: Any, record: Any, table: Any) -> Any:
        return self.draw(value, record, table.links)

    def value(self, value: Any) -> Any:
        return value


class HeadColumn(StatisticColumn):
    """What a row is of, with the way into it."""

    phone = "lead"
    width = 30

    def draw(self, value: Any, record: Record, links: Links) -> Any:
        head: Head | None = record["head"]
        if head is None:
            return value
        code = "" if record["across"] else head.sub
        sub = format_html(' <span class="so-sub so-inl">{}</span>', code) if code else ""
        url = links.row_url(head)
        if not url:
            return format_html('<span class="so-strong">{}</span>{}', value, sub)
        return format_html(
            '<a class="so-quiet so-strong so-drill" href="{}">{}{}</a>{}', url, value, icon_html("right"), sub
        )


class FigureColumn(StatisticColumn):
    """A measure in the period, in the one before or in the same one a year before."""

    css = "so-num"
    width = 16

    def __init__(self, measure: Measure, which: Which, *, main: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.measure, self.which, self.is_main = measure, which, main
        self.kind = measure.kind
        self.phone = "figure" if main else "line"

    def draw(self, value: Any, record: Record, links: Links) -> Any:
        if not value:
            return DASH
        heads = [record["head"]] if record["head"] else []
        figure = linked(
            short_text(self.measure, value),
            links.cell_url(self.measure.key, heads, self.which),
            exact_text(self.measure, value),
        )
        stands_out = self.is_main and record["head"]  # the total line is strong anyway
        return format_html('<span class="so-strong">{}</span>', figure) if stands_out else figure

    def excel_columns(self, label: str) -> list[excel.Column]:
        return [excel.Column(label, self.kind, self.width, total=self.measure.over == "sum")]


class GrowthColumn(StatisticColumn):
    """Growth of the main measure on last year."""

    kind = "percent"
    css = "so-num"
    width = 10

    def __init__(self, measure: Measure, **kwargs: Any) -> None:
        super().__init__(empty_values=(), **kwargs)
        self.measure = measure

    def draw(self, value: Any, record: Record, links: Links) -> SafeString:
        return growth_html(value, self.measure, record["now"])


class ShareColumn(StatisticColumn):
    """Share of the main measure in the total."""

    kind = "percent"
    css = "so-num"
    width = 10
    phone = "hide"

    def draw(self, value: Any, record: Record, links: Links) -> str:
        return percent_text(value)


class AcrossColumn(StatisticColumn):
    """The main measure of one column, tinted by how it grew on last year."""

    css = "so-num so-heatcol"
    width = 16

    def __init__(self, measure: Measure, column: Head, **kwargs: Any) -> None:
        super().__init__(verbose_name=column.label, order_by=kwargs["accessor"], **kwargs)
        self.measure, self.column, self.kind = measure, column, measure.kind

    def draw(self, value: Any, record: Record, links: Links) -> SafeString:
        cell: Cell | None = record["across"].get(self.column.key)
        if cell is None or not (cell.now or cell.last_year):
            return NOTHING
        heads = [record["head"], self.column] if record["head"] else None
        url = links.cell_url(self.measure.key, heads, "now") if heads and cell.now else ""
        inside = format_html(
            "{}<small>{}</small>",
            short_text(self.measure, cell.now),
            signed_percent(cell.growth) or _("new"),
        )
        box = f"so-heatcell {heat_of(cell.growth)}".strip()
        title = exact_text(self.measure, cell.now)
        if not url:
            return format_html('<span class="{}" title="{}">{}</span>', box, title, inside)
        return format_html('<a class="{}" href="{}" title="{}">{}</a>', box, url, title, inside)

    def excel_columns(self, label: str) -> list[excel.Column]:
        return [excel.Column(label, self.kind, self.width, total=self.measure.over == "sum")]


class StatisticsTable(Table):
    """The rows of an answer; the page says its columns."""

    links: Links
    total_record: Record

    class Meta(Table.Meta):
        attrs = {"class": f"{DENSE['class']} so-table--stick"}
        template_name = "reports/statistics/table.html"

    def add_totals(self) -> None:
        """The total comes with the answer."""

    def total_cells(self) -> list[tuple[str, Any]]:
        """The cells of the total line, drawn as those of the rows."""
        cells = []
        for bound in self.columns.iterall():
            css = bound.column.attrs.get("td", {}).get("class", "")
            value = self.total_record.get(str(bound.accessor))
            cells.append((css, bound.column.draw(value, self.total_record, self.links)))
        return cells


def columns_of(found: Answer, main: Measure, heads: Sequence[Head]) -> list[tuple[str, StatisticColumn]]:
    """Return the columns of an answer: those across come before the total of the row, and leave no room for others."""
    by = DIMENSIONS[found.question.by]
    columns: list[tuple[str, StatisticColumn]] = [
        ("name", HeadColumn(verbose_name=by.label, accessor="name", order_by="order"))
    ]
    columns += [(f"c{at}", AcrossColumn(main, head, accessor=f"c{at}")) for at, head in enumerate(heads)]
    columns += [
        ("now", FigureColumn(main, "now", main=True, accessor="now", verbose_name=main.label)),
        ("growth", GrowthColumn(main, accessor="growth", verbose_name=gettext_lazy("Growth"))),
        ("last_year", FigureColumn(main, "last_year", accessor="last_year", verbose_name=gettext_lazy("Last year"))),
        ("before", FigureColumn(main, "before", accessor="before", verbose_name=gettext_lazy("Period before"))),
        ("share", ShareColumn(accessor="share", verbose_name=gettext_lazy("Share"))),
    ]
    columns += [
        (f"m_{one.key}", FigureColumn(one, "now", accessor=f"m_{one.key}", verbose_name=one.label))
        for one in found.measures
        if one.key != main.key and not heads
    ]
    return columns


def records_of(found: Answer, main: Measure, heads: Sequence[Head]) -> list[Record]:
    """Return the rows of an answer as the table takes them."""
    is_time = DIMENSIONS[found.question.by].is_time
    return [
        _record(found, row, main, heads) | {"order": row.head.key if is_time else str(row.head.label)}
        for row in found.rows
    ]


def total_of(found: Answer, main: Measure, heads: Sequence[Head]) -> Record:
    """Return the total as a row; that of a column where its rows can be added up."""
    record = _record(found, found.total, main, heads) | {"head": None}
    if main.over == "sum" or not DIMENSIONS[found.question.by].is_time:
        for head in heads:
            cells = [row.across[head.key][main.key] for row in found.rows]
            record["across"][head.key] = Cell(*(_sum(cells, part) for part in ("now", "before", "last_year")))
    return record


def _sum(cells: Sequence[Cell], part: str) -> Decimal:
    return sum((getattr(cell, part) for cell in cells), Decimal(0))


def _record(found: Answer, row: Row, main: Measure, heads: Sequence[Head]) -> Record:
    cell = row.cells[main.key]
    across = (
        {head.key: row.across[head.key][main.key] for head in heads} if row.across or row is not found.total else {}
    )
    return {
        "head": row.head,
        "name": row.head.label,
        "now": cell.now,
        "before": cell.before,
        "last_year": cell.last_year,
        "growth": cell.growth,
        "share": found.share(row, main.key),
        "across": across,
        **{f"m_{one.key}": row.cells[one.key].now for one in found.measures},
        **{f"c{at}": across[head.key].now for at, head in enumerate(heads) if head.key in across},
    }
