"""A line of the bank becomes one payment, however often it comes and whoever clicks; a mistake may be decided again."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from customers.models import CreditAccount, Customer
from orders.bankfiles.services import (
    AT_ONCE,
    choose_customer,
    discard_bank_file,
    free_line,
    keep_bank_file,
    read_bank_file,
    record_lines,
    set_line_aside,
    start_recording,
)
from orders.models import BankFile, BankLine, BankReceipt, CompanyAccount, CustomerBankAccount, Payment
from orders.payments.services import reverse_payment
from salesops.jobs.models import Job, JobState
from salesops.kernel.errors import RuleBroken
from salesops.users.roles import Role
from tests.orders.bankfiles.files import HEAD, NUMBERED, UNNUMBERED, kept, line, read, states, yesterday
from tests.support.at_once import at_once, refusals
from tests.support.build import Sales, make_sales, make_user
from tests.support.tasks import RunTasks

pytestmark = pytest.mark.django_db

RUIFENG = "Suzhou Ruifeng"


@pytest.fixture
def sales() -> Sales:
    return make_sales()


@pytest.fixture
def customer(sales: Sales) -> Customer:
    return sales.customer(RUIFENG)


def test_what_is_proposed_is_recorded_on_the_account(sales: Sales, customer: Customer) -> None:
    one = read(sales.finance, line("1250.50", RUIFENG, said="Oct", number="T1"), line(9, "Nobody"))
    (payment,) = record_lines(one.pk, by=sales.finance)

    assert (payment.customer, payment.amount, payment.received_on) == (customer, Decimal("1250.50"), yesterday())
    assert (payment.reference, payment.note, payment.recorded_by) == ("Oct T1", RUIFENG, sales.finance)
    assert CreditAccount.objects.get(pk=customer.pk).balance == Decimal("-1250.50")
    assert states(one) == [("recorded", "name", ""), ("open", "", "")]
    assert BankReceipt.objects.get().payment == payment


@pytest.mark.parametrize("mapping", [NUMBERED, UNNUMBERED])
def test_the_same_file_twice_and_an_overlapping_one_change_nothing(
    sales: Sales, customer: Customer, mapping: object
) -> None:
    lines = [line(100, RUIFENG, number="T1"), line(100, RUIFENG, number="T2"), line(debit=5, name="Fee", number="T3")]
    first = read(sales.finance, *lines, mapping=mapping)  # type: ignore[arg-type]
    made = record_lines(first.pk, by=sales.finance)
    assert len(made) == 2

    again = read(sales.finance, *lines, line(7, RUIFENG, number="T4"), mapping=mapping)  # type: ignore[arg-type]
    assert [state for state, *_more in states(again)] == ["repeated", "repeated", "repeated", "proposed"]
    assert len(record_lines(again.pk, by=sales.finance)) == 1
    assert Payment.objects.count() == 3
    repeats = {each.repeats for each in again.lines.filter(row__lte=3)}
    assert {receipt.payment for receipt in BankReceipt.objects.filter(line__in=repeats)} == set(made)


def test_a_line_that_came_before_is_not_decided_twice(sales: Sales, customer: Customer) -> None:
    read(sales.finance, line(100, "X", number="T1"))
    again = read(sales.finance, line(100, "X", number="T1"))
    with pytest.raises(RuleBroken):
        choose_customer(again.lines.get().pk, by=sales.finance, customer_id=customer.pk)
    with pytest.raises(RuleBroken):
        set_line_aside(again.lines.get().pk, by=sales.finance, reason="x")
    assert states(again) == [("repeated", "", "")]


def test_a_line_of_another_account_of_ours_is_another_line(sales: Sales, customer: Customer) -> None:
    read(sales.finance, line(100, RUIFENG, number="T1"))
    assert states(read(sales.finance, line(100, RUIFENG, number="T1"), account="CCB 1"))[0][0] == "proposed"


def test_columns_that_tell_lines_apart_stay(sales: Sales, customer: Customer) -> None:
    read(sales.finance, line(100, RUIFENG, number="T1"))
    with pytest.raises(RuleBroken, match="流水号") as refused:
        read(sales.finance, line(100, RUIFENG, number="T1"), mapping=UNNUMBERED)
    assert refused.value.rule == "identity"
    assert BankLine.objects.count() == 1


def test_a_second_click_records_nothing(sales: Sales, customer: Customer) -> None:
    one = read(sales.finance, line(100, RUIFENG))
    record_lines(one.pk, by=sales.finance)
    with pytest.raises(RuleBroken) as refused:
        record_lines(one.pk, by=sales.finance)
    assert refused.value.rule == "proposed"
    assert Payment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_make_one_payment_of_each_line(sales: Sales, customer: Customer) -> None:
    one = read(sales.finance, *[line(100 + at, RUIFENG, number=f"T{at}") for at in range(4)])
    other = make_user(Role.FINANCE)
    results = at_once(
        lambda: record_lines(one.pk, by=sales.finance),
        lambda: record_lines(one.pk, by=other),
    )
    assert len(refusals(results)) == 1
    assert Payment.objects.count() == BankReceipt.objects.count() == 4
    assert CreditAccount.objects.get(pk=customer.pk).balance == Decimal(-406)


@pytest.mark.django_db(transaction=True)
def test_the_same_file_uploaded_twice_at_once_has_each_line_once(sales: Sales, customer: Customer) -> None:
    ones = [kept(sales.finance, line(100, RUIFENG, number="T1")) for _turn in range(2)]
    at_once(*[lambda one=one: read_bank_file(one.pk, NUMBERED, by=sales.finance) for one in ones])
    assert sorted(BankLine.objects.values_list("state", flat=True)) == ["proposed", "repeated"]


def test_the_database_refuses_a_second_payment_of_a_line(sales: Sales, customer: Customer) -> None:
    one = read(sales.finance, line(100, RUIFENG))
    record_lines(one.pk, by=sales.finance)
    another = sales.pay(customer, 5)
    with pytest.raises(IntegrityError, match="a_line_of_the_bank_is_recorded_once"), transaction.atomic():
        BankReceipt.objects.create(line=one.lines.get(), payment=another)


def test_where_one_payment_is_refused_nothing_is_recorded_and_the_row_is_named(
    sales: Sales, customer: Customer
) -> None:
    sales.pay(customer, 3, reference="T2")
    one = read(sales.finance, line(100, RUIFENG, number="T1"), line(50, RUIFENG, number="T2"))
    with pytest.raises(RuleBroken, match=r"^Row 3: .*T2") as refused:
        record_lines(one.pk, by=sales.finance)
    assert refused.value.rule == "reference"
    assert Payment.objects.count() == 1
    assert [state for state, *_more in states(one)] == ["proposed", "proposed"]


def test_only_what_is_chosen_is_recorded(sales: Sales, customer: Customer) -> None:
    one = read(sales.finance, line(100, RUIFENG, number="T1"), line(50, RUIFENG, number="T2"))
    assert start_recording(one.pk, by=sales.finance, line_ids=[one.lines.get(row=3).pk, 0]) == 1
    assert [state for state, *_more in states(one)] == ["proposed", "recorded"]


def test_many_lines_are_recorded_in_the_background(sales: Sales, customer: Customer, run_tasks: RunTasks) -> None:
    count = AT_ONCE + 5
    one = read(sales.finance, *[line(1, RUIFENG, number=f"T{at}") for at in range(count)])
    with run_tasks() as done:
        assert isinstance(start_recording(one.pk, by=sales.finance), Job)
    assert done.failures == []
    assert Job.objects.get().state == JobState.DONE
    assert Payment.objects.count() == one.lines.filter(state="recorded").count() == count


# ---- a mistake ----
def test_a_line_is_freed_once_its_payment_is_reversed(sales: Sales, customer: Customer) -> None:
    other = sales.customer("Kunshan Hechang")
    one = read(sales.finance, line(100, RUIFENG, account="62-1", number="T1"))
    (payment,) = record_lines(one.pk, by=sales.finance)
    key = one.lines.get().pk
    with pytest.raises(RuleBroken, match="reverse it first"):
        free_line(key, by=sales.finance, reason="Not theirs")
    assert states(one)[0][0] == "recorded"

    reverse_payment(payment.pk, by=sales.finance, reason="Not theirs")
    assert states(one)[0][0] == "recorded"
    assert states(read(sales.finance, line(100, RUIFENG, number="T1")))[0][0] == "repeated"
    with pytest.raises(RuleBroken):
        free_line(key, by=sales.finance, reason=" ")
    free_line(key, by=sales.finance, reason="Not theirs")
    assert states(one) == [("open", "", "")]
    assert not CustomerBankAccount.objects.exists()

    choose_customer(key, by=sales.finance, customer_id=other.pk)
    (new,) = record_lines(one.pk, by=sales.finance)
    assert new.customer == other
    assert [receipt.payment for receipt in BankReceipt.objects.filter(freed_at=None)] == [new]


# ---- reading ----
def test_rows_that_cannot_be_read_keep_the_whole_file_out(sales: Sales, customer: Customer) -> None:
    one = read(sales.finance, line(100, RUIFENG), line("abc", RUIFENG), line(5, on="2026-13-40"))
    assert (one.state, one.bad, [row for row, *_more in one.problems]) == ("new", 2, [3, 4])
    assert not BankLine.objects.exists()
    one = read_bank_file(one.pk, NUMBERED, by=sales.finance, only_good=True)
    assert (one.state, one.lines.count()) == ("read", 1)
    with pytest.raises(RuleBroken, match="read already"):
        read_bank_file(one.pk, NUMBERED, by=sales.finance)


def test_a_day_to_come_cannot_be_read(sales: Sales) -> None:
    one = read(sales.finance, line(100, "X", on=yesterday() + timedelta(days=2)))
    assert (one.state, one.problems[0][3]) == ("new", "lies in the future")
    assert not BankLine.objects.exists()


def test_a_file_without_a_line_is_refused(sales: Sales) -> None:
    with pytest.raises(RuleBroken, match="no lines"):
        read(sales.finance)
    assert not BankLine.objects.exists()


@pytest.mark.parametrize(("content", "account"), [(b"%PDF-1.7", "A"), (b"", "A"), (HEAD.encode(), "  ")])
def test_what_is_no_table_or_of_no_account_is_not_kept(sales: Sales, content: bytes, account: str) -> None:
    with pytest.raises(RuleBroken):
        keep_bank_file(by=sales.finance, file=SimpleUploadedFile("bank.csv", content), account=account)
    assert not BankFile.objects.exists()


def test_who_may_not_record_payments_keeps_no_file(sales: Sales) -> None:
    with pytest.raises(RuleBroken):
        kept(sales.representative, line(1))
    assert not BankFile.objects.exists()
    assert not CompanyAccount.objects.exists()


def test_only_a_file_that_was_not_read_is_discarded(sales: Sales, customer: Customer) -> None:
    discard_bank_file(kept(sales.finance, line(1, "X")).pk, by=sales.finance)
    assert not BankFile.objects.exists()
    one = read(sales.finance, line(1, "X"))
    with pytest.raises(RuleBroken):
        discard_bank_file(one.pk, by=sales.finance)
    assert BankFile.objects.exists()
