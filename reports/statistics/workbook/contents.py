"""What a workbook holds: all its figures, read at one moment, before anything of it is written."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from reports.statistics.answers import Answer, Cell, Head, Row, answer, heads_of
from reports.statistics.measures import DIMENSIONS, MEASURES
from reports.statistics.questions import Question
from salesops.kernel.periods import Period
from salesops.users.models import User

from .ageing import Ageing, read_ageing
from .lines import Cells, Line, Table, added, others
from .regions import region_lines

MOST_ROWS = 1_000
"""A longer sheet ends with a row that adds up all others: a workbook is for reading, the CSV file holds every row."""
TREND_MONTHS = 12


@dataclass(frozen=True)
class Contents:
    """All of a workbook's figures. `tables` are those by region, customer, product and representative."""

    question: Question
    user: User
    asked: Answer
    months: Table
    trend: Table
    tables: Mapping[str, Table]
    ageing: Ageing | None
    left_out: Sequence[str]

    @property
    def has_accounts(self) -> bool:
        """Whether accounts can be told of what is kept: a product has none, and not everybody may know a customer's."""
        return any(one.key == "payments" for one in self.months.measures)

    def as_table(self, title: str) -> Table:
        """What was asked for, as a table."""
        asked = self.asked
        lines = _largest(asked.rows, MOST_ROWS)
        note = shortened(len(asked.rows), MOST_ROWS)
        return Table(title, asked.question, asked.measures, lines, asked.total.cells, note)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all figures: the same figures have the same one, in whatever language they are shown."""
        tables = {"months": self.months, "trend": self.trend, **self.tables}
        figures: dict[str, Any] = {
            name: [[line.head.code, line.depth, _plain(line.cells)] for line in [*table.lines, _total_of(table)]]
            for name, table in tables.items()
        }
        codes = {column.key: column.code for column in self.asked.columns}
        figures["asked"] = [
            [row.head.code, _plain(row.cells), {codes[key]: _plain(cells) for key, cells in row.across.items()}]
            for row in [*self.asked.rows, self.asked.total]
        ]
        if self.ageing:
            figures["ageing"] = [
                [row.code, [f"{amount:f}" for amount in (*row.debits, row.credits)]] for row in self.ageing.rows
            ]
        said = {"question": self.question.as_query(), "figures": figures}
        return sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _plain(cells: Cells) -> dict[str, list[str]]:
    return {
        key: [f"{amount.normalize():f}" for amount in (cell.now, cell.before, cell.last_year)]
        for key, cell in cells.items()
    }


def _total_of(table: Table) -> Line:
    return Line(Head(None, "", "total"), table.total)


@contextmanager
def one_moment() -> Iterator[None]:
    """Within the block the database is seen as it was when the block began; in a transaction, as that one sees it."""
    is_own = not connection.in_atomic_block
    with transaction.atomic():
        if is_own:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def read_contents(question: Question, user: User, *, sees_accounts: bool) -> Contents:
    """Return the figures of all sheets, of the person's scope; a constant number of queries.

    RuleBroken as `answer` raises it. Receivables by customer are for those only who see accounts.
    """
    plain = replace(question, by="region", across="")
    left_out = []
    if plain.is_of_goods:
        left_out.append(_("Payments and receivables cannot be told by product: those sheets are left out."))
    elif not sees_accounts:
        left_out.append(_("Who owes what is for those only who may see accounts: that sheet is left out."))
    goods = replace(plain, by="product", measures=("delivered", "pieces"))
    months = _by_month(replace(plain, by="month", measures=tuple(MEASURES)), user)
    return Contents(
        question=question,
        user=user,
        asked=answer(question, user),
        months=months,
        trend=_by_month(_trend_of(plain), user),
        tables={
            "region": Table(_("By region"), plain, plain.asked, region_lines(plain, user), months.total),
            "customer": _by(replace(plain, by="customer"), user, _("By agent")),
            "product": _by(goods, user, _("By product")),
            "representative": _by(replace(plain, by="representative"), user, _("By person")),
        },
        ageing=None if left_out else read_ageing(question, user),
        left_out=left_out,
    )


def _by(question: Question, user: User, title: str) -> Table:
    """The figures by something that is no time; the smallest in one line where there are very many."""
    found = answer(question, user)
    note = shortened(len(found.rows), MOST_ROWS)
    return Table(title, question, found.measures, _largest(found.rows, MOST_ROWS), found.total.cells, note)


def _largest(rows: Sequence[Row], most: int) -> list[Line]:
    lines = [Line(row.head, row.cells) for row in rows]
    if len(lines) <= most:
        return lines
    rest = lines[most - 1 :]
    return [*lines[: most - 1], Line(Head(None, others(len(rest)), "others"), added(line.cells for line in rest))]


def shortened(count: int, most: int) -> str:
    """What a sheet says that does not show all its rows; nothing where it shows them."""
    if count <= most:
        return ""
    return _("The first %(most)d of %(count)d, then all others in one row; the CSV file has them all") % {
        "most": most - 1,
        "count": count,
    }


def _by_month(question: Question, user: User) -> Table:
    """The figures of every month, also of those in which nothing happened."""
    found = answer(question, user)
    rows = {row.head.key: row for row in found.rows}
    heads = heads_of(DIMENSIONS["month"], [month.start for month in question.counted.months()])
    nothing = {measure.key: Cell() for measure in found.measures}
    lines = [Line(head, rows[key].cells if key in rows else nothing) for key, head in heads.items()]
    return Table(_("By month"), question, found.measures, lines, found.total.cells)


def _trend_of(question: Question) -> Question:
    """The first measure by month: of the period, or of the year that ends with it where it is shorter."""
    period = question.counted
    last = Period.month(period.last_day.year, period.last_day.month)
    start = min(period.start, last.shifted(1 - TREND_MONTHS).start)
    return replace(question, by="month", measures=(question.asked[0].key,), period=Period(start, period.end))
