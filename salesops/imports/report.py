"""What a check or a load came to: for the page, for the console, and as a workbook with every row that is wrong."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from salesops.web.excel import Column, Sheet, write_workbook
from salesops.web.figures import moment_text

from .books import CHANGED, FOLLOWS, WRONG, Books, KindCount

ON_PAGE = 40
"""Errors that the page shows; the workbook has them all."""


def severity_in_words(severity: str) -> str:
    """Return how grave a line of the report is."""
    return {WRONG: _("wrong"), FOLLOWS: _("left out with another"), CHANGED: _("changed since")}[severity]


def summary_of(books: Books, counts: list[KindCount]) -> dict[str, Any]:
    """Return what the run's page shows, as it is kept with the run."""
    return {
        "kinds": [
            {
                "key": count.key,
                "label": count.label,
                "read": count.read,
                "new": count.new,
                "there": count.there,
                "changed": count.changed,
                "left_out": count.left_out,
                "totals": [[str(total.label), str(total.value), total.form] for total in count.totals],
            }
            for count in counts
        ],
        "errors": [
            [error.severity, error.file, error.line, error.column, error.value, error.reason]
            for error in books.errors(ON_PAGE)
        ],
    }


def write_report(books: Books, counts: list[KindCount], path: Path, title: str) -> None:
    """Write the workbook: what is wrong with which row, and what became of each kind of rows."""
    facts = [(_("Books"), title), (_("Made"), moment_text(timezone.now()))]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_workbook(path, [_errors_sheet(books, facts), _counts_sheet(counts, facts)])


def _errors_sheet(books: Books, facts: list[tuple[Any, Any]]) -> Sheet:
    columns = [
        Column(_("How grave"), width=20),
        Column(_("File"), width=24),
        Column(_("Line"), "int", 8),
        Column(_("Column"), width=22),
        Column(_("What stands there"), width=32),
        Column(_("Reason"), width=70),
    ]

    def rows() -> Iterator[tuple[Any, ...]]:
        for error in books.errors():
            words = severity_in_words(error.severity)
            yield words, error.file, error.line or None, error.column, error.value, error.reason

    return Sheet(_("Rows to look at"), columns, rows(), facts)


def _counts_sheet(counts: list[KindCount], facts: list[tuple[Any, Any]]) -> Sheet:
    columns = [
        Column(_("Kind"), width=24),
        *(Column(label, "int", 12) for label in (_("Read"), _("New"), _("Already there"), _("Changed"), _("Left out"))),
    ]
    rows = [(count.label, count.read, count.new, count.there, count.changed, count.left_out) for count in counts]
    return Sheet(_("Counts"), columns, rows, facts)


def total_in_words(form: str, value: Any) -> str:
    """Return a total as the console writes it."""
    return f"{Decimal(str(value)):,.2f}" if form == "money" else f"{int(Decimal(str(value))):,}"
