"""Reading a bank's statement out of its file; what a line is known by, however often it comes."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _

from orders.matching.reading import FileLook, LedgerMapping, require_sound
from salesops.imports.assistant import guess_fields
from salesops.imports.cells import is_empty, text_of
from salesops.imports.reading import open_table
from salesops.imports.rows import Amount, Day, Row, Text, make_row
from salesops.kernel.errors import require
from salesops.kernel.money import ZERO, Money

COLUMNS = ("day", "credit", "debit", "amount", "payer_account", "payer_name", "reference", "text", "transaction")
GUESSES = {
    "day": (
        "date",
        "value date",
        "booking date",
        "posting date",
        "交易日期",
        "日期",
        "记账日期",
        "入账日期",
        "交易时间",
    ),
    "credit": ("credit amount", "paid in", "received", "cr", "贷方发生额", "贷方金额", "收入金额", "收入", "贷方"),
    "debit": ("debit amount", "paid out", "dr", "借方发生额", "借方金额", "支出金额", "支出", "借方"),
    "amount": ("金额", "交易金额", "发生额"),
    "payer_account": ("account", "iban", "counterparty account", "对方账号", "付款人账号", "对方账户"),
    "payer_name": ("payer", "name", "counterparty", "对方户名", "付款人", "付款人名称", "对方名称", "户名"),
    "reference": ("ref", "附言", "备注", "客户附言", "用途"),
    "text": ("purpose", "details", "description", "memo", "摘要"),
    "transaction": ("transaction number", "transaction id", "流水号", "交易流水号", "凭证号", "交易号"),
}
MOST_LINES = 5_000
MOST_PROBLEMS = 200
KNOWN_BY = ("payer_account", "payer_name", "reference", "text", "transaction")
"""Columns that tell lines apart: they stay as they are once a file of the account was read."""


@dataclass(frozen=True)
class BankMapping(LedgerMapping):
    """Which column holds what; in a bank's statement a credit, or an amount above 0, came in."""

    names: ClassVar[tuple[str, ...]] = COLUMNS

    payer_account: str = ""
    payer_name: str = ""
    transaction: str = ""

    @property
    def known_by(self) -> list[str]:
        """What tells lines apart: the bank's number where there is one, else all that is named."""
        return ["transaction"] if self.transaction else [name for name in KNOWN_BY if getattr(self, name)]


class BankRow(Row):
    """A line as its file writes it."""

    day: Day
    credit: Amount = ZERO
    debit: Amount = ZERO
    amount: Amount = ZERO
    payer_account: Text(60) = ""  # type: ignore[valid-type]
    payer_name: Text(160) = ""  # type: ignore[valid-type]
    reference: Text(300) = ""  # type: ignore[valid-type]
    text: Text(300) = ""  # type: ignore[valid-type]
    transaction: Text(80) = ""  # type: ignore[valid-type]


@dataclass(frozen=True)
class BankLineRead:
    """A line that was read; above 0 came in."""

    row: int
    day: date
    amount: Money
    payer_account: str
    payer_name: str
    reference: str
    transaction: str
    identity: str


@dataclass
class BankReading:
    """What came out of a file: lines, rows that cannot be read (number, column, value, why), rows without amount."""

    lines: list[BankLineRead] = field(default_factory=list)
    problems: list[tuple[int, str, str, str]] = field(default_factory=list)
    bad: int = 0
    left_out: int = 0
    seen: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> Money:
        """What the lines add up to."""
        return sum((line.amount for line in self.lines), ZERO)


def guess_bank_mapping(look: FileLook) -> BankMapping:
    """Return what is probably meant, by the names of the columns."""
    found = guess_fields(look.columns, COLUMNS, GUESSES)
    if found.get("debit") or found.get("credit"):
        found.pop("amount", None)
    return BankMapping.of({**found, "sheet": look.sheet, "header_row": look.header_row})


def read_bank_lines(path: Path, mapping: BankMapping) -> BankReading:
    """Read all lines of a file. RuleBroken where it is no table, lacks a column, or has more than MOST_LINES rows."""
    require_sound(mapping)
    reading = BankReading()
    with open_table(path, mapping.how) as table:
        missing = [column for column in mapping.columns().values() if column not in table.columns]
        require(
            not missing,
            _("%(file)s has no column “%(column)s”.") % {"file": path.name, "column": missing[0] if missing else ""},
            rule="columns",
        )
        for number, (row, cells) in enumerate(table.rows):
            words = _("%(file)s has more than %(most)s rows. Split it by month.")
            require(number < MOST_LINES, words % {"file": path.name, "most": f"{MOST_LINES:,}"}, rule="lines")
            _take(reading, row, {name: cells.get(column) for name, column in mapping.columns().items()}, mapping)
    return reading


def _take(reading: BankReading, row: int, cells: Mapping[str, Any], mapping: BankMapping) -> None:
    """Make a line of a row, or note why it is none."""
    if all(is_empty(cells.get(name)) for name in ("debit", "credit", "amount")):
        reading.left_out += 1
        return
    made = make_row(BankRow, dict(cells), mapping.style)
    wrongs = [(one.field, one.reason) for one in made] if isinstance(made, list) else []
    if not isinstance(made, list) and made.day > timezone.localdate():  # type: ignore[attr-defined]
        wrongs = [("day", _("lies in the future"))]
    if wrongs:
        reading.bad += 1
        for name, reason in wrongs[: MOST_PROBLEMS - len(reading.problems)]:
            reading.problems.append((row, mapping.columns().get(name, name), text_of(cells.get(name))[:60], reason))
        return
    assert isinstance(made, BankRow)
    amount = made.amount + made.credit - made.debit
    if not amount:
        reading.left_out += 1
        return
    said = " ".join(filter(None, (made.reference, made.text)))[:300]
    known = [made.transaction] if made.transaction else [made.payer_account, made.payer_name, said]
    same = "\x1f".join([str(made.day) if not made.transaction else "", f"{amount:.2f}", *known])
    reading.seen[same] += 1
    identity = sha256(f"{same}\x1f{reading.seen[same]}".encode()).hexdigest()
    reading.lines.append(
        BankLineRead(row, made.day, amount, made.payer_account, made.payer_name, said, made.transaction, identity)
    )


def plain_account(number: str) -> str:
    """Return the number of an account without blanks and signs, in capitals."""
    return re.sub(r"[\W_]", "", number).upper()
