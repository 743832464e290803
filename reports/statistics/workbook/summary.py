"""The first sheet: key figures, the trend with last year, who leads."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from . import charts
from .comparing import Placed, part_names
from .contents import Contents
from .looks import PLAIN, SheetWriter, at

RANKED = 10
PARTS = ("now", "last_year", "growth", "before", "growth_before")
CHARTS_AT, FIRST_CHART = "H", 3
BEYOND = 7
"""Columns before the charts."""


def write_summary(
    writer: SheetWriter, contents: Contents, placed: Mapping[str, Placed], title: str, facts: Sequence[tuple[Any, Any]]
) -> None:
    """Write key figures, which refer to the totals of the other sheets where these have them, and the pictures."""
    top = writer.top(title, facts)
    names = part_names(contents.question)
    writer.heads(top, [_("Key figures"), *(names[part] for part in PARTS)])
    writer.widths([30, 17, 17, 11, 17, 11, 3])
    for row, measure in enumerate(contents.months.measures, start=top + 1):
        writer.text(row, 1, measure.label)
        for column, part in ((2, "now"), (3, "last_year"), (5, "before")):
            source = next((one for one in placed.values() if (measure.key, part) in one.columns), None)
            if source:
                writer.formula(row, column, source.total_of(measure.key, part), measure.kind)
            else:
                writer.number(row, column, getattr(contents.months.total[measure.key], part), measure.kind)
        kind = "growth" if measure.is_good else "growth_bad"
        writer.growth(row, 4, 2, 3, kind)
        writer.growth(row, 6, 2, 5, kind)
    end = _ratios(writer, contents, top + 1, top + 1 + len(contents.months.measures))
    _trend(writer, contents, end + 1)
    _rankings(writer, contents, placed)
    writer.paper()
    writer.print_until(max(end + len(contents.trend.lines) + 1, FIRST_CHART + 3 * charts.ROWS), BEYOND + charts.COLUMNS)
    writer.sheet.sheet_view.showGridLines = False


def _ratios(writer: SheetWriter, contents: Contents, first: int, row: int) -> int:
    """Put how figures stand to each other; returns the row after them."""
    rows = {measure.key: first + number for number, measure in enumerate(contents.months.measures)}
    for label, part, whole in (
        (_("Payments of what was delivered"), "payments", "delivered"),
        (_("Overdue of what is owed"), "overdue", "closing"),
    ):
        if part in rows and whole in rows:
            writer.text(row, 1, label)
            for column in (2, 3, 5):
                one, other = at(rows[part], column), at(rows[whole], column)
                writer.formula(row, column, f'IF({other}=0,"",{one}/{other})', "share")
            row += 1
    return row


def _trend(writer: SheetWriter, contents: Contents, row: int) -> None:
    table = contents.trend
    measure = table.measures[0]
    words = _("%(measure)s by month") % {"measure": measure.label}
    writer.heads(row, [words, _("Now"), _("A year before"), _("Growth")])
    for number, line in enumerate(table.lines, start=row + 1):
        writer.text(number, 1, line.head.label, "text", PLAIN)
        writer.number(number, 2, line.cells[measure.key].now, measure.kind)
        writer.number(number, 3, line.cells[measure.key].last_year, measure.kind)
        writer.growth(number, 4, 2, 3, "growth" if measure.is_good else "growth_bad")
    rows = (row + 1, row + len(table.lines))
    now, then = (2, _("Now")), (3, _("A year before"))
    writer.sheet.add_chart(charts.trend(writer.sheet, rows, 1, now, then, words), f"{CHARTS_AT}{FIRST_CHART}")


def _rankings(writer: SheetWriter, contents: Contents, placed: Mapping[str, Placed]) -> None:
    names = part_names(contents.question)
    for number, (key, words) in enumerate(
        (("customer", _("Agents by %(measure)s")), ("product", _("Products by %(measure)s"))), start=1
    ):
        place, table = placed[key], contents.tables[key]
        count = min(RANKED, len(table.lines))
        if not count:
            continue
        measure = table.measures[0]
        chart = charts.ranking(
            writer.sheet.parent[place.sheet],
            (place.first, place.first + count - 1),
            1,
            (place.columns[measure.key, "now"], names["now"]),
            (place.columns[measure.key, "last_year"], names["last_year"]),
            words % {"measure": measure.label},
        )
        writer.sheet.add_chart(chart, f"{CHARTS_AT}{FIRST_CHART + number * charts.ROWS}")
