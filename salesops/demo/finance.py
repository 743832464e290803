"""What finance has done and left: a file of the bank worked on halfway, bills, adjustments, a closed month."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from orders.adjustments.models import Kind, Reason
from orders.adjustments.services import submit_adjustment
from orders.bankfiles.reading import BankMapping
from orders.bankfiles.services import keep_bank_file, match_again, read_bank_file, record_lines
from orders.bills.models import BillKind, Endorsed
from orders.bills.services import dishonour_bill, endorse_bill, register_bill, settle_due_bills
from orders.closing.days import month_of
from orders.closing.services import close_month
from orders.models import Adjustment, Bill, OpenItem
from orders.proof.services import record_proof
from salesops.approvals.models import Request
from salesops.approvals.services import approve
from salesops.kernel.money import Money
from salesops.kernel.periods import Period

from .cast import Cast
from .clock import acting
from .tables.finance import (
    ADJUSTED,
    ASKED,
    BANK_ACCOUNT,
    BY_ACCOUNT,
    BY_NAME,
    BY_REFERENCE,
    DISHONOURED,
    EXPECTED,
    PASSED_ON,
    RECORDED,
    SETTLED,
    UNKNOWN_PAYER,
)

FINANCE = "finance"
COLUMNS = BankMapping(
    day="交易日期",
    credit="收入",
    debit="支出",
    payer_account="对方账号",
    payer_name="对方户名",
    reference="附言",
    transaction="流水号",
)


def keep_the_books(cast: Cast, now: datetime) -> None:
    """Close the newest month into which nothing of the demo posts any more, then do today's work halfway."""
    _close_a_month(cast, now)
    _read_the_bank(cast, now)
    _hold_bills(cast, now)
    _adjust(cast, now)


def closed_month(now: datetime) -> Period:
    """The month before the last one: all that is lived through posts later, on the first of a month too."""
    return month_of(timezone.localdate(now)).shifted(-2)


def _close_a_month(cast: Cast, now: datetime) -> None:
    """It was closed on the 8th of the month after."""
    month = closed_month(now)
    last = month.shifted(1)
    moment = timezone.localtime(now).replace(year=last.start.year, month=last.start.month, day=8, hour=17, minute=30)
    with acting(cast.people[FINANCE], moment):
        record_proof([], started_at=moment)  # the company is made only where its books add up: see make_company
        close_month(month, by=cast.people[FINANCE], accepts_warnings=True)


# ---- the bank ----
def _read_the_bank(cast: Cast, now: datetime) -> None:
    """Yesterday's receipts: some are payments, some are proposed, one is for a person to tell whose it is."""
    finance = cast.people[FINANCE]
    lines = ",".join(COLUMNS.columns().values()) + "\n" + "".join(_lines_of_the_bank(cast, now))
    with acting(finance, now):
        file = SimpleUploadedFile(f"icbc-{timezone.localdate(now):%Y%m%d}.csv", lines.encode())
        one = keep_bank_file(by=finance, file=file, account=BANK_ACCOUNT)
        read_bank_file(one.pk, COLUMNS, by=finance)
        recorded = one.lines.filter(customer__code__in=RECORDED)
        record_lines(one.pk, by=finance, line_ids=list(recorded.values_list("pk", flat=True)))
        match_again(one.pk, by=finance)


def _lines_of_the_bank(cast: Cast, now: datetime) -> Iterator[str]:
    """Lines as the bank writes them, in the order of COLUMNS."""
    day = timezone.localdate(now) - timedelta(days=1)

    def line(number: int, code: str, *, payer: str = "", said: str = "货款", account: str = "") -> str:
        payer = payer or cast.customers[code].name_zh
        account = account or f"6228 0303 {int(code[2:]):04d} 7719"
        return f"{day},{_owed(cast, code)},,{account},{payer},{said},{day:%Y%m%d}{number:04d}\n"

    for number, code in enumerate([*RECORDED, BY_NAME], start=11):
        yield line(number, code)
    yield line(15, BY_REFERENCE, payer="沈建华", said=f"货款 {BY_REFERENCE}", account="6217 0012 3344 8210")
    yield line(16, BY_ACCOUNT, payer="张志刚")  # the owner, from the account of the company
    yield line(17, BY_NAME, payer=UNKNOWN_PAYER, said="保理款", account="3100 6601 8018 0009")
    yield f"{day},,25.00,,,账户管理费,{day:%Y%m%d}0018\n"


def _owed(cast: Cast, code: str) -> Money:
    """The debt of a customer that is due first; a round sum where it owes nothing."""
    debts = OpenItem.objects.filter(customer=cast.customers[code], is_debit=True).open()
    first = debts.order_by("due_on", "pk").first()
    return first.open_amount if first else Decimal(8_000)


# ---- bills ----
def _hold_bills(cast: Cast, now: datetime) -> None:
    """One is expected, one was endorsed; of two that matured today one is settled and one was not paid."""
    _register(cast, now, EXPECTED, BillKind.BANK, "1310 5840 0026", held=52, matures=5)
    endorsed = _register(cast, now, PASSED_ON, BillKind.BANK, "1402 3310 1187", held=31, matures=47)
    _register(cast, now, SETTLED, BillKind.CHEQUE, "3020 1109 4471", held=30, matures=0)
    unpaid = _register(cast, now, DISHONOURED, BillKind.COMMERCIAL, "2315 8800 0917", held=88, matures=0)
    finance = cast.people[FINANCE]
    with acting(finance, now - timedelta(days=9)):
        endorse_bill(endorsed.pk, by=finance, endorsed_as=Endorsed.THIRD_PARTY, endorsed_to="宁波恒达模塑")
    with acting(cast.people["admin"], now):
        settle_due_bills(timezone.localdate(now))
    with acting(finance, now):
        dishonour_bill(unpaid.pk, by=finance, reason="The drawer's account was short")


def _register(cast: Cast, now: datetime, code: str, kind: str, number: str, *, held: int, matures: int) -> Bill:
    """A bill that was received so many days ago and matures in so many days."""
    finance, received = cast.people[FINANCE], now - timedelta(days=held)
    with acting(finance, received):
        return register_bill(
            by=finance,
            customer_id=cast.customers[code].pk,
            kind=kind,
            instrument=number,
            bank="中国工商银行苏州分行",
            amount=_owed(cast, code),
            received_on=timezone.localdate(received),
            matures_on=timezone.localdate(now) + timedelta(days=matures),
        )


# ---- adjustments ----
def _adjust(cast: Cast, now: datetime) -> None:
    """Damaged cartons are credited; a rebate is asked for and waits for the sales manager."""
    posted = _ask(cast, now - timedelta(hours=20), ADJUSTED, Reason.GOODS, Decimal(860), "Two cartons came in dented")
    request = Request.objects.waiting().get(document_type="adjustment", object_id=posted.pk)
    manager = cast.people["sales-manager"]
    with acting(manager, now):
        approve(request.pk, by=manager)
    _ask(cast, now - timedelta(hours=3), ASKED, Reason.REBATE, Decimal(4_200), "Rebate of the third quarter, as agreed")


def _ask(cast: Cast, moment: datetime, code: str, reason: str, amount: Money, text: str) -> Adjustment:
    """A credit adjustment that finance asks for."""
    finance = cast.people[FINANCE]
    with acting(finance, moment):
        return submit_adjustment(
            by=finance,
            customer_id=cast.customers[code].pk,
            kind=Kind.CREDIT,
            reason=reason,
            text=text,
            concerns=timezone.localdate(moment),
            amount=amount,
        )
