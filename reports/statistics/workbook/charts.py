"""Excel's own charts, drawn from cells: they follow when somebody changes a figure."""

from typing import Any

from openpyxl.chart import BarChart, LineChart, Reference, Series
from openpyxl.chart.data_source import AxDataSource, StrRef
from openpyxl.chart.series import SeriesLabel
from openpyxl.worksheet.worksheet import Worksheet

ACCENT, PALE, GREY, WARM = "3B5BDB", "B4C0EE", "9AA3AF", "C2410C"
WIDTH, HEIGHT = 19, 8.5  # centimetres
ROWS, COLUMNS = 18, 12
"""What a chart lies over, of rows and columns as wide as they come."""


def columns(sheet: Worksheet, rows: tuple[int, int], labels: int, of: list[tuple[int, str, str]], title: str) -> Any:
    """Standing bars: `of` names the column, the words and the colour of each series."""
    chart = _bars("col", title)
    for column, words, colour in of:
        chart.series.append(_series(sheet, rows, labels, column, words, colour))
    return chart


def trend(sheet: Worksheet, rows: tuple[int, int], labels: int, now: tuple[int, str], then: tuple[int, str],
          title: str) -> Any:  # fmt: skip
    """Bars of now, with last year as a line before them."""
    chart = columns(sheet, rows, labels, [(*now, ACCENT)], title)
    line = LineChart()
    series = _series(sheet, rows, labels, *then, colour=GREY)
    series.smooth = False
    series.graphicalProperties.line.width = 22_225  # 1.75 points
    line.series.append(series)
    chart += line
    return chart


def ranking(sheet: Worksheet, rows: tuple[int, int], labels: int, now: tuple[int, str], then: tuple[int, str],
            title: str) -> Any:  # fmt: skip
    """Lying bars, the first on top, each with that of last year below it."""
    chart = _bars("bar", title)
    chart.x_axis.scaling.orientation = "maxMin"
    chart.y_axis.crosses = "max"
    for (column, words), colour in ((now, ACCENT), (then, PALE)):
        chart.series.append(_series(sheet, rows, labels, column, words, colour))
    return chart


def across(sheet: Worksheet, heads: tuple[int, int, int], row: int, words: str, title: str) -> Any:
    """Standing bars of one row: `heads` is the row of the labels, the first and the last column."""
    chart = _bars("col", title)
    head, first, last = heads
    series = Series(Reference(sheet, min_col=first, max_col=last, min_row=row, max_row=row))
    series.tx = SeriesLabel(v=words)
    series.cat = AxDataSource(
        strRef=StrRef(f=str(Reference(sheet, min_col=first, max_col=last, min_row=head, max_row=head)))
    )
    series.graphicalProperties.solidFill = WARM
    chart.series.append(series)
    chart.legend = None
    return chart


def _bars(direction: str, title: str) -> Any:
    chart = BarChart()
    chart.type, chart.title, chart.gapWidth = direction, title, 60
    chart.title.overlay = False
    chart.width, chart.height, chart.legend.position = WIDTH, HEIGHT, "b"
    chart.y_axis.numFmt = "#,##0"
    chart.y_axis.majorGridlines.spPr = None
    for axis in (chart.x_axis, chart.y_axis):
        axis.delete = False  # else Excel shows none
    return chart


def _series(sheet: Worksheet, rows: tuple[int, int], labels: int, column: int, words: str, colour: str) -> Any:
    first, last = rows
    series = Series(Reference(sheet, min_col=column, min_row=first, max_row=last))
    series.tx = SeriesLabel(v=words)
    names = Reference(sheet, min_col=labels, min_row=first, max_row=last)
    series.cat = AxDataSource(strRef=StrRef(f=str(names)))
    series.graphicalProperties.solidFill = colour
    series.graphicalProperties.line.solidFill = colour
    return series
