"""What a cell says: text, number, day; written as text or typed in Excel; never guessed where it is not clear."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from .workbooks import FORMULA

ISO_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?Z?$")
PACKED_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})$")
CURRENCY = re.compile(r"^[^\d(+\-.,]{1,4}(?=[\d(+\-.,])|(?<=[\d)])\s*[^\d.,)]{1,4}$")
YES = frozenset({"1", "yes", "y", "true", "x", "是", "√"})
NO = frozenset({"", "0", "no", "n", "false", "否"})


class Unclear(ValueError):
    """A cell does not say what it should; the message is the reason, for the person."""


class Trouble:
    """A cell that cannot be read: a formula without a value, an Excel error, a line with too many cells."""

    def __init__(self, reason: str, shown: str = "") -> None:
        self.reason = reason
        self.shown = shown

    @classmethod
    def of_cell(cls, what: str) -> "Trouble":
        """The trouble of a cell of a workbook."""
        if what == FORMULA:
            return cls(_("is a formula without a stored value: put the value in its place"), "=…")
        return cls(_("is an error of Excel"), what)

    def __str__(self) -> str:
        return self.shown


def is_empty(cell: Any) -> bool:
    """Whether nothing stands in a cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def text_of(cell: Any) -> str:
    """Return what stands in a cell as text: 12.0 is 12, a day is 2026-11-23; without spaces around it."""
    if isinstance(cell, str):
        return " ".join(cell.split()) if "\n" not in cell else cell.strip()
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, timedelta | time):
        return str(cell)
    return str(cell)


def number_of(cell: Any, decimal_sign: str = ".") -> Decimal:
    """Return the exact number that a cell holds; Unclear where it holds none."""
    if isinstance(cell, bool):
        raise Unclear(_("is not a number"))
    if isinstance(cell, int):
        return Decimal(cell)
    if isinstance(cell, float):
        return Decimal(repr(round(cell, 6)))
    text = _plain_number(text_of(cell), decimal_sign)
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise Unclear(_("is not a number"))
    return number


def _plain_number(text: str, decimal_sign: str) -> str:
    """The number without separators, currency and brackets: (1,234.50) is -1234.50."""
    text = text.strip().replace("−", "-").replace("\u00a0", " ")
    text = CURRENCY.sub("", text).replace(" ", "")
    if text.startswith("(") and text.endswith(")"):
        text = f"-{text[1:-1]}"
    thousands = "." if decimal_sign == "," else ","
    whole = text.split(decimal_sign)[0].lstrip("+-")
    if thousands in whole and not re.fullmatch(rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+", whole):
        return "unclear"
    if "e" in text.lower() or "_" in text:
        return "unclear"
    text = text.replace(thousands, "")
    return text.replace(",", ".") if decimal_sign == "," else text


def day_of(cell: Any, day_formats: tuple[str, ...] = ()) -> date:
    """Return the day that a cell holds; Unclear where it holds none, or where day and month could be mixed up."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = text_of(cell)
    for day_format in day_formats:
        try:
            return datetime.strptime(text, day_format).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    match = ISO_DAY.match(text) or PACKED_DAY.match(text)
    try:
        if match and not day_formats:
            return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise Unclear(_("is a day that does not exist")) from error
    if re.fullmatch(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}", text) and not day_formats:
        raise Unclear(_("does not say for sure which part is the month: name the date_format in the mapping"))
    raise Unclear(_("is not a date"))


def flag_of(cell: Any) -> bool:
    """Return the yes or no that a cell holds; empty is no."""
    text = text_of(cell).lower()
    if text in YES:
        return True
    if text in NO:
        return False
    raise Unclear(_("is neither yes nor no"))
