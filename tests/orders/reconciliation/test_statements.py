"""A statement is kept as issued, adds up, and says when its days have more today."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pypdf import PdfReader

from orders.models import IssuedStatement
from orders.reconciliation.papers import statement_data, statement_pdf
from orders.reconciliation.statements import issue_statement, issue_statements, read_statement
from salesops.kernel.errors import RuleBroken
from tests.support.build import Sales, make_sales
from tests.support.signed_in import signed_in

from .conftest import these

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def refused(rule: str, sales: Sales, **more: object) -> None:
    with pytest.raises(RuleBroken) as caught:
        issue_statement(by=more.pop("by", sales.finance), **more)  # type: ignore[arg-type]
    assert caught.value.rule == rule


def test_what_is_posted_later_does_not_change_it(sales: Sales) -> None:
    customer = sales.customer()
    today = TODAY()
    sales.overdue(customer, 700, 40)
    sales.pay(customer, 200, on=today - timedelta(days=5))
    issued = issue_statement(
        by=sales.finance, customer_id=customer.pk, first_day=today - timedelta(days=30), last_day=today
    )
    assert these(issued.opening, issued.debits, issued.credits, issued.closing) == (700, 0, 200, 500)
    sales.pay(customer, 50, on=today - timedelta(days=3))
    again = read_statement(IssuedStatement.objects.get(pk=issued.pk))
    line: Any = again.statement.entries.get()
    assert line.running == 500
    assert these(again.statement.closing, again.is_unchanged, again.later) == (500, True, 1)
    assert sum(again.debits_by_age) - again.unallocated == 500


def test_it_is_never_changed(sales: Sales) -> None:
    customer = sales.customer()
    day = TODAY()
    issue_statement(by=sales.finance, customer_id=customer.pk, first_day=day, last_day=day)
    with pytest.raises(DatabaseError), transaction.atomic():
        IssuedStatement.objects.update(name="Another")
    with pytest.raises(DatabaseError), transaction.atomic():
        IssuedStatement.objects.all()._raw_delete(using="default")


def test_a_changed_row_is_noticed(sales: Sales) -> None:
    customer = sales.customer()
    sales.overdue(customer, 100, 2)
    day = TODAY()
    issued = issue_statement(by=sales.finance, customer_id=customer.pk, first_day=day - timedelta(days=9), last_day=day)
    issued.name = "Somebody else"
    assert not read_statement(issued).is_unchanged


@pytest.mark.parametrize(
    ("rule", "first", "last"), [("date", 1, 2), ("date", -2, 1), ("year", -400_000, 0)], ids=["order", "future", "year"]
)
def test_days_that_make_no_span_are_refused(sales: Sales, rule: str, first: int, last: int) -> None:
    days = {"first_day": _day(first if rule != "date" or first < 0 else 0), "last_day": _day(last)}
    if rule == "date" and first == 1:
        days = {"first_day": _day(0), "last_day": _day(-1)}
    refused(rule, sales, customer_id=sales.customer().pk, **days)


def _day(days: int) -> date:
    return date(1900, 1, 1) if days < -100_000 else TODAY() + timedelta(days=days)


def test_an_account_out_of_scope_is_refused(sales: Sales) -> None:
    day = TODAY()
    refused(
        "scope", sales, by=make_sales().representative, customer_id=sales.customer().pk, first_day=day, last_day=day
    )


def test_many_cost_as_many_statements_as_one(sales: Sales, django_assert_max_num_queries: object) -> None:
    customers = [sales.customer() for _ in range(12)]
    for customer in customers:
        sales.overdue(customer, 10, 3)
    day = TODAY()
    with transaction.atomic(), django_assert_max_num_queries(8):  # type: ignore[operator]
        made = issue_statements([one.pk for one in customers], day - timedelta(days=9), day, by=None)
    assert {one.closing for one in made.values()} == {Decimal(10)}
    assert len({one.number for one in made.values()}) == 12


def test_screen_paper_and_sheet_say_the_same(sales: Sales) -> None:
    customer = sales.customer("Lakeside", name_zh="湖滨家居")
    today = TODAY()
    debt = sales.overdue(customer, 1234, 40)
    paid = sales.pay(customer, 200, on=today - timedelta(days=5))
    issued = issue_statement(by=sales.finance, customer_id=customer.pk, first_day=debt.posted_on, last_day=today)
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(statement_pdf(read_statement(issued)))).pages)
    client = signed_in(sales.finance)
    page = client.get(issued.get_absolute_url()).content.decode()
    file = client.get(reverse("orders:statement_file", args=[issued.number])).content
    sheet = load_workbook(BytesIO(file)).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
    for document, amount in ((debt.document, 1234), (paid.number, 200), ("", 1034)):
        assert document in text and document in page
        assert f"{amount:,.2f}" in text
        assert amount in cells
        assert f"{amount:,}" in page
    assert "湖滨家居" in text
    assert statement_data(read_statement(issued))["closing"] == "1,034.00"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(st.tuples(st.booleans(), st.integers(1, 50_000), st.integers(0, 60)), max_size=12),
    first=st.integers(0, 60),
    length=st.integers(0, 30),
)
def test_opening_and_movements_make_closing_whatever_was_posted(
    sales: Sales, moves: list[tuple[bool, int, int]], first: int, length: int
) -> None:
    customer = sales.customer()
    today = TODAY()
    for is_debt, cents, ago in moves:
        amount = str(Decimal(cents) / 100)
        if is_debt:
            sales.overdue(customer, amount, ago)
        else:
            sales.pay(customer, amount, on=today - timedelta(days=ago))
    last_day = today - timedelta(days=max(first - length, 0))
    first_day = today - timedelta(days=max(first, 0))
    issued = issue_statement(by=sales.finance, customer_id=customer.pk, first_day=first_day, last_day=last_day)
    signed = [(amount if is_debt else -amount, ago) for is_debt, amount, ago in moves]
    upto = sum(Decimal(amount) / 100 for amount, ago in signed if today - timedelta(days=ago) <= last_day)
    before = sum(Decimal(amount) / 100 for amount, ago in signed if today - timedelta(days=ago) < first_day)
    assert (issued.opening, issued.closing) == (before, upto)
    again = read_statement(issued)
    assert again.statement.closing == issued.closing
    assert sum(again.debits_by_age) - again.unallocated == issued.closing
    assert again.is_unchanged
