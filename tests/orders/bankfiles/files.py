"""Files of a bank, made line by line for tests."""

from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from orders.bankfiles.reading import BankMapping
from orders.bankfiles.services import keep_bank_file, read_bank_file
from orders.models import BankFile
from salesops.users.models import User

HEAD = "交易日期,收入,支出,对方账号,对方户名,附言,流水号\n"
NUMBERED = BankMapping(
    day="交易日期",
    credit="收入",
    debit="支出",
    payer_account="对方账号",
    payer_name="对方户名",
    reference="附言",
    transaction="流水号",
)
UNNUMBERED = BankMapping(
    day="交易日期", credit="收入", debit="支出", payer_account="对方账号", payer_name="对方户名", reference="附言"
)


def yesterday() -> date:
    return timezone.localdate() - timedelta(days=1)


def line(
    credit: Any = "",
    name: str = "",
    *,
    number: str = "",
    account: str = "",
    said: str = "",
    debit: Any = "",
    on: Any = "",
) -> str:
    """A line of the bank, of yesterday unless another day is given."""
    return f"{on or yesterday()},{credit},{debit},{account},{name},{said},{number}\n"


def kept(by: User, *lines: str, account: str = "ICBC 6222") -> BankFile:
    """A file that is not read yet."""
    file = SimpleUploadedFile("bank.csv", (HEAD + "".join(lines)).encode())
    return keep_bank_file(by=by, file=file, account=account)


def read(by: User, *lines: str, mapping: BankMapping = NUMBERED, account: str = "ICBC 6222") -> BankFile:
    """A file that is read and matched."""
    return read_bank_file(kept(by, *lines, account=account).pk, mapping, by=by)


def states(one: BankFile) -> list[tuple[str, str, str]]:
    """State, way and doubt of each line."""
    return [(each.state, each.way, each.doubt) for each in one.lines.order_by("row")]
