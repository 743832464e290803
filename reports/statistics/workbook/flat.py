"""The table that was asked for as CSV: one row for each row, column and figure's moment, for other programs."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from reports.statistics.answers import Answer

from .comparing import part_names

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a text for a formula; the wide ones in Chinese Excel."""


def write_csv(target: Path, answer: Answer) -> int:
    """Write the table in UTF-8 with a mark by which Excel knows it; returns how many rows.

    Every row of the answer stands in it, once for each column where it has some. A text that a spreadsheet would take
    for a formula has an apostrophe before it.
    """
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow([safe(cell) for cell in _heads(answer)])
        count = 0
        for cells in _rows(answer):
            out.writerow([safe(cell) if isinstance(cell, str) else f"{cell:f}" for cell in cells])
            count += 1
    return count


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def _heads(answer: Answer) -> list[str]:
    question = answer.question
    names = part_names(question)
    heads = []
    for dimension in question.dimensions:
        heads += [str(dimension.label), f"{dimension.label} ({_('code')})"]
    for measure in answer.measures:
        heads += [f"{measure.label} {names[part]}" for part in ("now", "last_year", "before")]
    return heads


def _rows(answer: Answer) -> Iterator[list[Any]]:
    for row in answer.rows:
        if not answer.question.across:
            yield [row.head.label, row.head.code, *_figures(answer, row.cells)]
            continue
        for column in answer.columns:
            yield [
                *(row.head.label, row.head.code, column.label, column.code),
                *_figures(answer, row.across[column.key]),
            ]


def _figures(answer: Answer, cells: Any) -> list[Any]:
    return [getattr(cells[measure.key], part) for measure in answer.measures for part in ("now", "last_year", "before")]
