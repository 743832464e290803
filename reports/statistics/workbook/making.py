"""Making the workbook of a statistic: read everything at one moment, then write sheet by sheet."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from reports.statistics.answers import told_to
from reports.statistics.lines import lines_behind
from reports.statistics.measures import DIMENSIONS
from reports.statistics.questions import Question
from salesops.jobs.progress import Progress
from salesops.users.models import User
from salesops.web.excel import Sheet, write_workbook
from salesops.web.registry import may

from . import charts
from .about import facts_of, title_of, write_about
from .comparing import Placed, write_table
from .contents import Contents, one_moment, read_contents
from .crossing import write_crossing
from .details import details_sheet
from .joining import join, open_emptied
from .looks import Looks, SheetWriter
from .owing import write_ageing
from .summary import write_summary

MONEY = ("delivered", "debits", "payments", "credits", "opening", "closing", "overdue")
ON_THEIR_OWN = ("region", "customer", "product", "representative")
"""What has a sheet in every workbook."""


@dataclass(frozen=True)
class Made:
    """A workbook that was made: where, how many rows its sheets have, and the digest of its figures."""

    file: Path
    rows: Mapping[str, int]
    digest: str


def make_workbook(question: Question, user: User, progress: Progress, *, details: bool) -> Made:
    """Make the workbook of what a person may see; with `details` it holds every line of the period's shipments.

    RuleBroken where the question keeps what is not there or not in scope; Cancelled when the work is to stop.
    """
    question = told_to(question, user)
    facts = facts_of(question, user)
    progress.say(_("Reading the figures"))
    long: Path | None = None
    lines = 0
    with one_moment():
        contents = read_contents(question, user, sees_accounts=may(user, "orders.view_accounts"))
        if details:
            long = progress.place("lines.xlsx")
            lines = _write_lines(long, question, user, facts, progress)
    return Workshop(contents, facts, progress, long, lines).make()


def _write_lines(target: Path, question: Question, user: User, facts: Any, progress: Progress) -> int:
    def over(rows: Iterable[Any], count: int) -> Iterable[Any]:
        return progress.over(rows, count, saying=_("Writing lines of shipments"))

    sheet = details_sheet(lines_behind(question, user), facts, over)
    # the first sheet of a file is the one that is open: that must be the summary, so this one gives way to it
    write_workbook(target, [Sheet("-", sheet.columns[:1], []), sheet])
    return sheet.count


class Workshop:
    """Where a workbook is put together."""

    def __init__(self, contents: Contents, facts: Any, progress: Progress, long: Path | None, lines: int) -> None:
        self.contents, self.facts, self.progress, self.long = contents, facts, progress, long
        self.book = open_emptied(long) if long else Workbook()
        self.looks = Looks(self.book)
        first, *long_sheets = self.book.worksheets
        self.taken = {sheet.title: number for number, sheet in enumerate(long_sheets, start=2)}
        self.book.remove(first)
        self.rows = {_("Lines"): lines} if long else {}
        self.placed: dict[str, Placed] = {}

    def make(self) -> Made:
        """Write all sheets, each said as it is begun."""
        title = title_of(self.contents.question)
        summary = self._sheet(_("Summary"), 0)
        steps = self._steps()
        self.progress.start_part("", len(steps) + 2)
        for number, (name, write) in enumerate(steps, start=1):
            self._say(number, len(steps) + 2, name)
            write(SheetWriter(self._sheet(name, number), self.looks))
        self._say(len(steps) + 1, len(steps) + 2, summary.title)
        write_summary(SheetWriter(summary, self.looks), self.contents, self.placed, title, self.facts)
        self._say(len(steps) + 2, len(steps) + 2, _("About"))
        write_about(SheetWriter(self._sheet(_("About")), self.looks), self.contents, title, self.rows)
        self.book.active = 0
        summary.sheet_view.tabSelected = True
        return Made(self._save(), self.rows, self.contents.digest)

    def _sheet(self, name: str, place: int | None = None) -> Worksheet:
        sheet: Worksheet = self.book.create_sheet(name[:31], place)
        return sheet

    def _say(self, number: int, of: int, name: str) -> None:
        words = _("Sheet %(number)d of %(of)d, %(name)s") % {"number": number, "of": of, "name": name}
        self.progress.say(words)
        self.progress.step(number - 1)

    def _steps(self) -> list[tuple[str, Callable[[SheetWriter], None]]]:
        """What each sheet is called and what writes it, in their order."""
        steps: list[tuple[str, Callable[[SheetWriter], None]]] = []
        question = self.contents.question
        if question.across or question.by not in ON_THEIR_OWN:
            steps.append((" × ".join(str(one.label) for one in question.dimensions), self._asked))
        steps += [
            (table.title, lambda writer, key=key: self._table(writer, key))  # type: ignore[misc]
            for key, table in self.contents.tables.items()
        ]
        if self.contents.has_accounts:
            steps.append((_("Payments"), self._payments))
        if self.contents.ageing:
            steps.append((_("Receivables"), self._receivables))
        return steps

    def _asked(self, writer: SheetWriter) -> None:
        """What was asked for: crossed, or by something that has no sheet of its own."""
        asked = self.contents.asked
        self.rows[writer.sheet.title] = len(asked.rows)
        if asked.columns:
            write_crossing(writer, asked, writer.sheet.title, self.facts)
            return
        title = str(DIMENSIONS[asked.question.by].label)
        write_table(writer, self.contents.as_table(title), self.facts)

    def _table(self, writer: SheetWriter, key: str) -> None:
        table = self.contents.tables[key]
        self.rows[writer.sheet.title] = len(table.lines)
        self.placed[key] = write_table(writer, table, self.facts)

    def _payments(self, writer: SheetWriter) -> None:
        table = self.contents.months
        self.rows[writer.sheet.title] = len(table.lines)
        measures = [one for key in MONEY for one in table.measures if one.key == key]
        place = write_table(writer, table, self.facts, measures=measures)
        self.placed["months"] = place
        bars = [
            (place.columns[one.key, "now"], str(one.label), colour)
            for one, colour in ((measures[0], charts.PALE), (measures[2], charts.ACCENT))
        ]
        title = _("Payments against deliveries")
        chart = charts.columns(writer.sheet, (place.first, place.last), 1, bars, title)
        writer.sheet.add_chart(chart, f"A{place.total + 3}")
        writer.print_until(place.total + 3 + charts.ROWS, writer.sheet.max_column)

    def _receivables(self, writer: SheetWriter) -> None:
        assert self.contents.ageing is not None
        self.rows[writer.sheet.title] = len(self.contents.ageing.rows)
        write_ageing(writer, self.contents.ageing, self.facts)

    def _save(self) -> Path:
        target = self.progress.place("statistics.xlsx")
        if self.long is None:
            self.book.save(target)
        else:
            self.progress.say(_("Joining the sheets"))
            join(self.book, self.progress.place("sheets.xlsx"), self.long, self.taken, target)
        return target
