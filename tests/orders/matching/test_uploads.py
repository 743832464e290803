"""An agent's ledger comes in: which files, how columns are read, what is remembered, what replaces what."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from customers.models import Customer
from orders.matching.intake import discard_ledger, keep_ledger, keep_lines, read_ledger
from orders.matching.reading import LedgerMapping, LineRead, guess_mapping, look_at_file
from orders.matching.services import READ_AT_ONCE
from orders.models import LedgerFormat, LedgerLine, LedgerMatch, LedgerUpload, MatchOurs, MatchTheirs
from salesops.jobs.models import Job, JobState
from salesops.kernel.errors import RuleBroken
from salesops.users.roles import Role
from tests.orders.matching.ledgers import FIRST, LAST, make_entries, matches_of, on
from tests.support.build import Sales, make_sales, make_user
from tests.support.tasks import RunTasks

pytestmark = pytest.mark.django_db

PAIR = LedgerMapping(day="日期", reference="单号", text="摘要", debit="借方", credit="贷方")
"""Of the agent's own books: a credit raises what it owes."""
HEAD = "日期,单号,摘要,借方,贷方\n"


@pytest.fixture
def sales() -> Sales:
    return make_sales()


@pytest.fixture
def customer(sales: Sales) -> Customer:
    return sales.customer("Wuxi Taihu Home")


def csv_of(text: str, name: str = "taihu 2026-10.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(), content_type="text/csv")


def kept(sales: Sales, customer: Customer, text: str, **given: Any) -> LedgerUpload:
    """A ledger of October whose file is kept."""
    given = {"first_day": FIRST, "last_day": LAST, **given}
    return keep_ledger(customer.pk, by=sales.finance, file=csv_of(text), **given)


def lines_of(upload: LedgerUpload) -> list[tuple[int, str, str, str]]:
    return [(line.row, f"{line.day:%m-%d}", line.reference, str(line.amount)) for line in upload.lines.all()]


# ---- the file ----
def test_a_file_is_kept_as_it_came_and_nothing_is_read_of_it(sales: Sales, customer: Customer) -> None:
    upload = kept(sales, customer, HEAD, opening=Decimal(5))

    assert (upload.state, upload.file_name, upload.opening) == ("new", "taihu 2026-10.csv", Decimal(5))
    assert Path(upload.file.path).read_text() == HEAD
    assert not LedgerLine.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("theirs.xlsx", b"%PDF-1.7 not a table", "is a PDF"),
        ("theirs.csv", b"", "is empty"),
        ("theirs.csv", b"<html><table></table></html>", "a web page"),
        ("theirs.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old Excel file"),
    ],
)
def test_what_is_no_table_is_refused_at_its_field_and_not_kept(
    sales: Sales, customer: Customer, name: str, content: bytes, words: str
) -> None:
    with pytest.raises(RuleBroken, match=words) as refused:
        keep_ledger(
            customer.pk, by=sales.finance, file=SimpleUploadedFile(name, content), first_day=FIRST, last_day=LAST
        )
    assert refused.value.field == "file"
    assert not LedgerUpload.objects.exists()


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (LAST, FIRST, "last_day"),
        (date(202, 10, 1), LAST, "first_day"),
        (FIRST, date(9999, 1, 1), "last_day"),
        (date(2023, 1, 1), LAST, "last_day"),
    ],
)
def test_days_that_make_no_span_are_refused(
    sales: Sales, customer: Customer, first: date, last: date, field: str
) -> None:
    with pytest.raises(RuleBroken) as refused:
        kept(sales, customer, HEAD, first_day=first, last_day=last)
    assert refused.value.field == field
    assert not LedgerUpload.objects.exists()


def test_nobody_uploads_for_a_customer_outside_of_the_scope(sales: Sales, customer: Customer) -> None:
    other = make_user(Role.AGENT, customer=make_sales().customer())

    with pytest.raises(RuleBroken, match="scope"):
        keep_ledger(customer.pk, by=other, file=csv_of(HEAD), first_day=FIRST, last_day=LAST)
    assert not LedgerUpload.objects.exists()


# ---- columns ----
def test_columns_are_guessed_also_below_a_title_and_on_another_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["nothing here"])
    sheet = book.create_sheet("往来")
    for row in (
        ["对账单 2026年10月"],
        [],
        ["日期", "凭证号", "摘要", "借方金额", "贷方金额", "余额"],
        ["2026-10-05", "RK-1", "入库", None, 58],
    ):
        sheet.append(row)
    book.save(tmp_path / "theirs.xlsx")

    look = look_at_file(tmp_path / "theirs.xlsx")
    guess = guess_mapping(look)

    assert (look.sheet, look.header_row) == ("往来", 3)
    assert guess.columns() == {
        "day": "日期",
        "reference": "凭证号",
        "text": "摘要",
        "debit": "借方金额",
        "credit": "贷方金额",
    }
    assert not guess.debit_raises


def test_in_the_agents_books_a_credit_raises_what_it_owes(sales: Sales, customer: Customer) -> None:
    upload = kept(sales, customer, HEAD + '2026-10-05,RK-1,入库,,58400.00\n2026-10-08,FK-3,付款,"100,000.00",\n')

    read_ledger(upload.pk, PAIR, by=sales.finance)

    assert lines_of(upload) == [(2, "10-05", "RK-1", "58400.00"), (3, "10-08", "FK-3", "-100000.00")]


def test_seen_as_we_see_it_a_debit_or_an_amount_above_0_raises_it(sales: Sales, customer: Customer) -> None:
    signed = LedgerMapping(day="day", amount="amount", debit_raises=True, date_format="%d.%m.%Y", decimal_sign=",")
    upload = kept(sales, customer, "day;amount\n05.10.2026;1.234,50\n06.10.2026;(7,00)\n")

    read_ledger(upload.pk, signed, by=sales.finance)

    assert lines_of(upload) == [(2, "10-05", "", "1234.50"), (3, "10-06", "", "-7.00")]


@pytest.mark.parametrize(
    ("mapping", "field"),
    [
        (LedgerMapping(amount="amount"), "day"),
        (LedgerMapping(day="day"), "amount"),
        (LedgerMapping(day="day", amount="amount", debit="debit"), "amount"),
        (LedgerMapping(day="day", amount="day"), "day"),
    ],
)
def test_a_mapping_that_says_too_little_or_too_much_is_refused(
    sales: Sales, customer: Customer, mapping: LedgerMapping, field: str
) -> None:
    upload = kept(sales, customer, "day,amount,debit\n2026-10-05,1,2\n")

    with pytest.raises(RuleBroken) as refused:
        read_ledger(upload.pk, mapping, by=sales.finance)
    assert (refused.value.rule, refused.value.field) == ("mapping", field)
    assert not LedgerLine.objects.exists()


def test_what_was_read_last_is_remembered_for_the_agent(sales: Sales, customer: Customer) -> None:
    upload = kept(sales, customer, HEAD + "2026-10-05,RK-1,入库,,58400.00\n")
    read_ledger(upload.pk, PAIR, by=sales.finance)

    assert LedgerMapping.of(LedgerFormat.objects.get(pk=customer.pk).mapping) == PAIR


# ---- rows ----
def test_rows_that_cannot_be_read_are_said_with_number_and_reason_and_nothing_is_taken_in(
    sales: Sales, customer: Customer
) -> None:
    rows = [
        "2026-10-05,RK-1,,,58.00",
        "05/10/26,RK-2,,,60",
        "2026-11-01,RK-3,,,61",
        "2026-10-06,RK-4,,x,",
        ",,合计,,179",
    ]
    upload = kept(sales, customer, HEAD + "\n".join(rows))

    upload = read_ledger(upload.pk, PAIR, by=sales.finance)

    assert (upload.state, upload.bad) == ("new", 4)
    assert [(row, column) for row, column, _value, _reason in upload.problems] == [
        (3, "日期"),
        (4, "日期"),
        (5, "借方"),
        (6, "日期"),
    ]
    assert "2026-10-01 – 2026-10-31" in upload.problems[1][3]
    assert not LedgerLine.objects.exists()
    assert not LedgerFormat.objects.get(pk=customer.pk).mapping


def test_the_good_rows_alone_are_taken_in_where_somebody_says_so(sales: Sales, customer: Customer) -> None:
    upload = kept(sales, customer, HEAD + "2026-10-05,RK-1,,,58.00\n,,合计,,58.00\n")

    upload = read_ledger(upload.pk, PAIR, by=sales.finance, only_good=True)

    assert (upload.state, upload.bad, upload.lines_read) == ("read", 1, 1)
    assert lines_of(upload) == [(2, "10-05", "RK-1", "58.00")]


def test_rows_without_an_amount_are_left_out_and_counted(sales: Sales, customer: Customer) -> None:
    upload = kept(sales, customer, HEAD + ",,期初余额,,\n2026-10-05,RK-1,,,58\n2026-10-06,RK-2,,5,5\n")

    upload = read_ledger(upload.pk, PAIR, by=sales.finance)

    assert (upload.state, upload.left_out, upload.lines_read) == ("read", 2, 1)


def test_a_ledger_without_any_line_is_refused(sales: Sales, customer: Customer) -> None:
    upload = kept(sales, customer, HEAD)

    with pytest.raises(RuleBroken, match="no lines"):
        read_ledger(upload.pk, PAIR, by=sales.finance)


def test_a_file_that_lacks_a_column_is_refused(sales: Sales, customer: Customer) -> None:
    upload = kept(sales, customer, "日期,贷方\n2026-10-05,1\n")

    with pytest.raises(RuleBroken, match="no column “单号”"):
        read_ledger(upload.pk, PAIR, by=sales.finance)


def test_what_is_read_is_matched_at_once(sales: Sales, customer: Customer) -> None:
    make_entries(customer, [(3, "SH-1", 58)])
    upload = kept(sales, customer, HEAD + "2026-10-05,RK-1,入库,,58.00\n")

    upload = read_ledger(upload.pk, PAIR, by=sales.finance)

    assert matches_of(upload) == [("amount", ["SH-1"], ["RK-1"])]
    assert upload.matched_at is not None


def test_a_ledger_is_read_once(sales: Sales, customer: Customer) -> None:
    upload = kept(sales, customer, HEAD + "2026-10-05,RK-1,入库,,58.00\n")
    read_ledger(upload.pk, PAIR, by=sales.finance)

    with pytest.raises(RuleBroken, match="read already"):
        read_ledger(upload.pk, PAIR, by=sales.finance)
    with pytest.raises(RuleBroken, match="read already"):
        discard_ledger(upload.pk, by=sales.finance)
    assert LedgerLine.objects.count() == 1


def test_a_ledger_that_was_never_read_can_be_thrown_away(
    sales: Sales, customer: Customer, django_capture_on_commit_callbacks: Any
) -> None:
    upload = kept(sales, customer, HEAD)

    with django_capture_on_commit_callbacks(execute=True):
        discard_ledger(upload.pk, by=sales.finance)

    assert not LedgerUpload.objects.exists()
    assert not Path(upload.file.path).exists()


# ---- another of the same days ----
def test_another_ledger_of_the_same_days_replaces_it_only_where_somebody_says_so(
    sales: Sales, customer: Customer
) -> None:
    make_entries(customer, [(3, "SH-1", 58)])
    first = read_ledger(kept(sales, customer, HEAD + "2026-10-05,RK-1,,,58.00\n").pk, PAIR, by=sales.finance)
    second = kept(sales, customer, HEAD + "2026-10-05,RK-9,,,58.00\n", first_day=LAST, last_day=LAST)
    LedgerUpload.objects.filter(pk=second.pk).update(first_day=on(4))

    with pytest.raises(RuleBroken, match="2026-10-01 – 2026-10-31 already, with 1 lines") as refused:
        read_ledger(second.pk, PAIR, by=sales.finance)
    assert (refused.value.rule, refused.value.field) == ("replaces", "replaces")
    assert matches_of(first) == [("amount", ["SH-1"], ["RK-1"])]

    read_ledger(second.pk, PAIR, by=sales.finance, replaces=True)

    first.refresh_from_db()
    assert (first.state, first.replaced_by_id) == ("replaced", second.pk)
    assert LedgerMatch.objects.filter(upload=first).count() == 1
    assert not MatchOurs.objects.filter(match__upload=first, stands=True).exists()
    assert not MatchTheirs.objects.filter(match__upload=first, stands=True).exists()


def test_what_a_replaced_ledger_had_matched_is_matched_anew(sales: Sales, customer: Customer) -> None:
    make_entries(customer, [(3, "SH-1", 58)])
    read_ledger(kept(sales, customer, HEAD + "2026-10-05,RK-1,,,58.00\n").pk, PAIR, by=sales.finance)

    second = kept(sales, customer, HEAD + "2026-10-05,RK-9,,,58.00\n")
    read_ledger(second.pk, PAIR, by=sales.finance, replaces=True)

    assert matches_of(second) == [("amount", ["SH-1"], ["RK-9"])]


def test_ledgers_of_other_days_and_other_customers_stay(sales: Sales, customer: Customer) -> None:
    first = read_ledger(kept(sales, customer, HEAD + "2026-10-05,RK-1,,,58\n").pk, PAIR, by=sales.finance)
    other = kept(sales, sales.customer(), HEAD + "2026-10-05,RK-1,,,58\n")
    later = kept(
        sales, customer, HEAD + "2026-11-05,RK-1,,,58\n", first_day=date(2026, 11, 1), last_day=date(2026, 11, 30)
    )

    read_ledger(other.pk, PAIR, by=sales.finance)
    read_ledger(later.pk, PAIR, by=sales.finance)

    first.refresh_from_db()
    assert first.state == "read"


# ---- line by line ----
def test_a_program_may_send_the_lines_themselves(sales: Sales, customer: Customer) -> None:
    make_entries(customer, [(3, "SH-1", 58)])
    lines = [LineRead(1, on(5), "RK-1", "", Decimal(58)), LineRead(2, on(9), "RK-2", "", Decimal(-3))]

    upload = keep_lines(customer.pk, lines, by=sales.finance, first_day=FIRST, last_day=LAST)

    assert matches_of(upload) == [("amount", ["SH-1"], ["RK-1"])]
    with pytest.raises(RuleBroken, match="already, with 2 lines"):
        keep_lines(customer.pk, lines, by=sales.finance, first_day=FIRST, last_day=LAST)
    with pytest.raises(RuleBroken, match="Line 1: 2026-10-05 lies outside"):
        keep_lines(customer.pk, lines, by=sales.finance, first_day=on(6), last_day=LAST, replaces=True)
    assert LedgerUpload.objects.count() == 1


# ---- in the background ----
def long_csv(rows: int = READ_AT_ONCE + 1) -> str:
    return HEAD + "".join(f"2026-10-{at % 28 + 1:02d},RK-{at},,,{at}.00\n" for at in range(1, rows + 1))


def test_a_long_ledger_is_read_in_the_background(sales: Sales, customer: Customer, run_tasks: RunTasks) -> None:
    make_entries(customer, [(3, "SH-1", 30)])
    upload = kept(sales, customer, long_csv())

    with run_tasks():
        started = read_ledger(upload.pk, PAIR, by=sales.finance)
        assert started.state == "new"
        with pytest.raises(RuleBroken, match="just now"):
            read_ledger(upload.pk, PAIR, by=sales.finance)

    upload.refresh_from_db()
    job = Job.objects.get()
    assert (job.state, job.result_url) == (JobState.DONE, upload.get_absolute_url())
    assert (upload.state, upload.lines_read) == ("read", READ_AT_ONCE + 1)
    assert LedgerMatch.objects.filter(upload=upload).count() == 1


def test_a_long_ledger_with_a_bad_row_is_not_taken_in(sales: Sales, customer: Customer, run_tasks: RunTasks) -> None:
    upload = kept(sales, customer, long_csv() + "yesterday,RK,,,5\n")

    with run_tasks():
        read_ledger(upload.pk, PAIR, by=sales.finance)

    upload.refresh_from_db()
    assert (upload.state, upload.bad, upload.problems[0][0]) == ("new", 1, READ_AT_ONCE + 3)
    assert not LedgerLine.objects.exists()


def test_the_days_of_tests_lie_in_the_past() -> None:
    assert timezone.localdate() > LAST
