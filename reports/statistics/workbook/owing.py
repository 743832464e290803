"""The sheet of receivables by age."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from salesops.web.figures import day_text, money_text

from . import charts
from .ageing import Ageing, Owing
from .contents import MOST_ROWS, shortened
from .lines import others
from .looks import PLAIN, TOTAL, SheetWriter, at

TEXTS = 2


def write_ageing(writer: SheetWriter, ageing: Ageing, facts: Sequence[tuple[Any, Any]]) -> None:
    """Write who owed what and since when, the sum of each row and column as formulas, and their picture."""
    total, ledger = ageing.report.total.outstanding, ageing.report.ledger
    words = _("%(total)s = ledger %(ledger)s") if ageing.report.is_proved else _("%(total)s, ledger %(ledger)s")
    note = shortened(len(ageing.rows), MOST_ROWS)
    top = writer.top(
        _("Receivables"),
        [
            *facts,
            (_("As of"), _("%(day)s, by due day, at the places of today") % {"day": day_text(ageing.day)}),
            (_("Outstanding"), words % {"total": money_text(total), "ledger": money_text(ledger)}),
            *([(_("Rows"), note)] if note else []),
        ],
    )
    labels = [*ageing.labels, _("Unallocated credits"), _("Outstanding"), _("Overdue")]
    writer.heads(top, [_("Customer"), _("Code"), *labels], TEXTS)
    writer.widths([34, 14, *[16] * len(labels)])
    rows = _shown(ageing.rows)
    first, end = top + 1, top + 1 + len(rows)
    for number, row in enumerate(rows, start=first):
        writer.text(number, 1, row.name)
        writer.text(number, 2, row.code)
        for column, amount in enumerate([*row.debits, -row.credits], start=TEXTS + 1):
            writer.number(number, column, amount, "money")
        _sums(writer, number, len(row.debits), PLAIN)
    _totals(writer, first, end, len(ageing.labels))
    if rows:
        writer.sheet.auto_filter.ref = f"A{top}:{at(end - 1, TEXTS + len(labels))}"
    writer.paper((top, top))
    ages = (top, TEXTS + 1, TEXTS + len(ageing.labels))
    title = _("Receivables by age")
    writer.sheet.add_chart(charts.across(writer.sheet, ages, end, _("Total"), title), f"A{end + 3}")
    writer.print_until(end + 3 + charts.ROWS, TEXTS + len(labels))


def _shown(rows: Sequence[Owing]) -> list[Owing]:
    if len(rows) <= MOST_ROWS:
        return list(rows)
    rest = rows[MOST_ROWS - 1 :]
    debits = [sum(column) for column in zip(*(row.debits for row in rest), strict=True)]
    return [*rows[: MOST_ROWS - 1], Owing("", others(len(rest)), debits, sum(row.credits for row in rest))]  # type: ignore[arg-type]


def _sums(writer: SheetWriter, row: int, ages: int, weight: str) -> None:
    """Put what a row adds up to: all of it less the credits, and what is past its day."""
    first, credit = TEXTS + 1, TEXTS + ages + 1
    writer.formula(row, credit + 1, f"SUM({at(row, first)}:{at(row, credit)})", "money", weight)
    writer.formula(row, credit + 2, f"SUM({at(row, first + 1)}:{at(row, credit - 1)})", "money", weight)


def _totals(writer: SheetWriter, first: int, end: int, ages: int) -> None:
    writer.text(end, 1, _("Total"), "text", TOTAL)
    writer.text(end, 2, "", "text", TOTAL)
    for column in range(TEXTS + 1, TEXTS + ages + 2):
        if end > first:
            writer.formula(end, column, f"SUM({at(first, column)}:{at(end - 1, column)})", "money", TOTAL)
        else:
            writer.number(end, column, 0, "money", TOTAL)
    _sums(writer, end, ages, TOTAL)
