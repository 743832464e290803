"""Reading an agent's ledger out of its file: which column holds what, and whose view of the account it is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _

from salesops.imports.assistant import guess_fields
from salesops.imports.cells import is_empty, text_of
from salesops.imports.reading import HowToRead, open_table
from salesops.imports.rows import Amount, CellStyle, Day, Row, Text, Wrong, make_row
from salesops.imports.sniffing import what_is
from salesops.imports.workbooks import sheet_names
from salesops.kernel.errors import RuleBroken, require
from salesops.kernel.money import ZERO, Money

COLUMNS = ("day", "reference", "text", "debit", "credit", "amount")
GUESSES = {
    "day": ("date", "posting date", "document date", "日期", "记账日期", "单据日期", "业务日期", "凭证日期"),
    "reference": ("document", "document no", "number", "no", "voucher", "单号", "单据编号", "单据号", "凭证号", "编号"),
    "text": ("what", "description", "memo", "summary", "remark", "摘要", "说明", "备注", "业务类型"),
    "debit": ("debit amount", "dr", "借方", "借方金额", "借方发生额", "本期借方"),
    "credit": ("credit amount", "cr", "贷方", "贷方金额", "贷方发生额", "本期贷方"),
    "amount": ("金额", "发生额", "本币金额"),
}
"""What columns are often called."""
MOST_LINES = 100_000
MOST_PROBLEMS = 200
LOOKED_FOR_HEADER = 8
SAMPLES = 3
LONGEST_TEXT = 300
Tell = Callable[[], object]


@dataclass(frozen=True)
class LedgerMapping:
    """Which column holds what; of amounts, either debit and credit or one that is signed.

    `debit_raises`: whether a debit (or a positive amount) raises what the agent owes, as in our books; in the agent's
    own books it is a credit.
    """

    names: ClassVar[tuple[str, ...]] = COLUMNS

    day: str = ""
    reference: str = ""
    text: str = ""
    debit: str = ""
    credit: str = ""
    amount: str = ""
    debit_raises: bool = False
    sheet: str = ""
    header_row: int = 0
    date_format: str = ""
    decimal_sign: str = "."

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """Return the mapping that was kept; words of it that mean nothing (any more) are left out."""
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in kept.items() if name in known})

    @property
    def kept(self) -> dict[str, Any]:
        """What is kept of it."""
        return asdict(self)

    @property
    def how(self) -> HowToRead:
        """How the file is opened."""
        return HowToRead(self.sheet, self.header_row)

    @property
    def style(self) -> CellStyle:
        """How its cells are written."""
        return CellStyle(self.decimal_sign, (self.date_format,) if self.date_format else ())

    def columns(self) -> dict[str, str]:
        """The columns that are named, by what they hold."""
        return {name: getattr(self, name) for name in self.names if getattr(self, name)}

    def fits(self, columns: Sequence[str]) -> bool:
        """Whether all of its columns are there."""
        return bool(self.day) and set(self.columns().values()) <= set(columns)


@dataclass(frozen=True)
class FileLook:
    """What a file holds: the columns of one of its tables, with the first values of each."""

    sheet: str
    header_row: int
    columns: dict[str, list[str]]


class LedgerRow(Row):
    """A line as its file writes it."""

    day: Day
    reference: Text(120) = ""  # type: ignore[valid-type]
    text: Text(LONGEST_TEXT) = ""  # type: ignore[valid-type]
    debit: Amount = ZERO
    credit: Amount = ZERO
    amount: Amount = ZERO


@dataclass(frozen=True)
class LineRead:
    """A line as our ledger sees it: what raises the agent's debt is positive."""

    row: int
    day: date
    reference: str
    text: str
    amount: Money


@dataclass
class Reading:
    """What came out of a file: lines, rows that could not be read (number, column, value, why), rows without amount."""

    lines: list[LineRead] = field(default_factory=list)
    problems: list[tuple[int, str, str, str]] = field(default_factory=list)
    bad: int = 0
    left_out: int = 0
    is_whole: bool = True

    @property
    def total(self) -> Money:
        """What the lines add up to."""
        return sum((line.amount for line in self.lines), ZERO)

    def refuse(self, row: int, column: str, value: str, reason: str) -> None:
        """Note a row that cannot be read; of many the first are kept."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append((row, column, value[:60], reason))


# ---- which columns ----
def look_at_file(
    path: Path,
    mapping: LedgerMapping | None = None,
    *,
    guess: "Callable[[FileLook], LedgerMapping] | None" = None,
) -> FileLook:
    """Look into a file as a mapping says, else where the names of columns are: the first table that has a day.

    `guess` says what the columns of a table probably hold, those of a ledger unless it is given.

    RuleBroken where it is no table.
    """
    if mapping is not None:
        return _look(path, mapping.sheet, mapping.header_row)
    sheets = sheet_names(path) if what_is(path) == "xlsx" else [""]
    first: FileLook | None = None
    for sheet in sheets[:10]:
        for header_row in range(LOOKED_FOR_HEADER + 1):
            try:
                look = _look(path, sheet, header_row)
            except RuleBroken:
                if first is None and header_row == 0 and sheet == sheets[-1]:
                    raise
                continue
            first = first or look
            meant = (guess or guess_mapping)(look)
            if meant.day and (meant.debit or meant.credit or meant.amount):
                return look
    assert first is not None
    return first


def _look(path: Path, sheet: str, header_row: int) -> FileLook:
    with open_table(path, HowToRead(sheet, header_row)) as table:
        columns: dict[str, list[str]] = {name: [] for name in table.columns if name}
        for _number, (_line, cells) in zip(range(SAMPLES), table.rows, strict=False):
            for name, samples in columns.items():
                samples.append(text_of(cells.get(name)))
    return FileLook(sheet, header_row, columns)


def guess_mapping(look: FileLook) -> LedgerMapping:
    """Return what is probably meant, by the names of the columns; amounts are taken for the agent's own view."""
    found = guess_fields(look.columns, COLUMNS, GUESSES)
    if found.get("debit") or found.get("credit"):
        found.pop("amount", None)
    return LedgerMapping.of({**found, "sheet": look.sheet, "header_row": look.header_row})


def require_sound(mapping: LedgerMapping) -> None:
    """Raise RuleBroken unless a mapping says where days and amounts stand, each column once."""
    require(mapping.day, _("Say which column holds the day."), rule="mapping", field="day")
    pair = mapping.debit or mapping.credit
    require(
        bool(mapping.amount) != bool(pair),
        _("Name either one column with signed amounts, or those of debit and credit."),
        rule="mapping",
        field="amount",
    )
    used = list(mapping.columns().values())
    twice = next((column for column in used if used.count(column) > 1), "")
    require(
        not twice,
        _("The column “%(column)s” is named twice.") % {"column": twice},
        rule="mapping",
        field=next((name for name, column in mapping.columns().items() if column == twice), ""),
    )


# ---- lines ----
def read_lines(
    path: Path,
    mapping: LedgerMapping,
    *,
    first: date,
    last: date,
    most: int | None = None,
    tell: Tell = lambda: None,
) -> Reading:
    """Read the lines of a file, `most` of its rows at the most where that is said; `is_whole` says whether all came.

    Rows without an amount (headings, sums, carried balances) are left out and counted. RuleBroken where the file is no
    table, lacks a column, or has more than MOST_LINES rows.
    """
    require_sound(mapping)
    reading = Reading()
    with open_table(path, mapping.how) as table:
        missing = [column for column in mapping.columns().values() if column not in table.columns]
        require(
            not missing,
            _("%(file)s has no column “%(column)s”.") % {"file": path.name, "column": missing[0] if missing else ""},
            rule="columns",
        )
        for number, (row, cells) in enumerate(table.rows):
            if most is not None and number >= most:
                reading.is_whole = False
                break
            require(
                number < MOST_LINES,
                _("%(file)s has more than %(most)s rows. Split it by month.")
                % {"file": path.name, "most": f"{MOST_LINES:,}"},
                rule="lines",
            )
            if number % 500 == 0:
                tell()
            _take(reading, row, _cells_of(cells, mapping), mapping, (first, last))
    return reading


def _cells_of(cells: Mapping[str, Any], mapping: LedgerMapping) -> dict[str, Any]:
    found = {name: cells.get(column) for name, column in mapping.columns().items()}
    if "text" in found:
        found["text"] = text_of(found["text"])[:LONGEST_TEXT]
    return found


def _take(reading: Reading, row: int, cells: dict[str, Any], mapping: LedgerMapping, span: tuple[date, date]) -> None:
    """Make a line of a row, or note why it is none."""
    if all(is_empty(cells.get(name)) for name in ("debit", "credit", "amount")):
        reading.left_out += 1
        return
    made = make_row(LedgerRow, cells, mapping.style)
    wrongs = made if isinstance(made, list) else list(_wrongs_of(made, span))
    if wrongs:
        reading.bad += 1
        for wrong in wrongs:
            column = mapping.columns().get(wrong.field, wrong.field)
            reading.refuse(row, column, text_of(cells.get(wrong.field)), wrong.reason)
        return
    assert isinstance(made, LedgerRow)
    seen = made.amount + made.debit - made.credit
    if not seen:
        reading.left_out += 1
        return
    reading.lines.append(LineRead(row, made.day, made.reference, made.text, seen if mapping.debit_raises else -seen))


def _wrongs_of(made: Row, span: tuple[date, date]) -> Iterator[Wrong]:
    assert isinstance(made, LedgerRow)
    if not span[0] <= made.day <= span[1]:
        words = _("lies outside of %(first)s – %(last)s") % {"first": span[0], "last": span[1]}
        yield Wrong("day", words)
