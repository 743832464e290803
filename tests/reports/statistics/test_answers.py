"""Answers: figures of who asks, on every cut, with what came before; balances are not added up over months."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from customers.models import Customer
from orders.facts.services import bring_facts_along
from orders.models import AccountFact, GoodsFact
from reports.statistics.answers import Answer, answer
from reports.statistics.questions import Question, read_period
from salesops.kernel.errors import RuleBroken
from tests.support.build import Sales, make_product, make_region, make_sales, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def fact(sales: Sales, customer: Customer, month: str, amount: int, **more: Any) -> None:
    """A month of a customer as if it had been counted: goods and account."""
    place = {"region": sales.region, "representative": sales.representative} | {
        key: more.pop(key) for key in ("region", "representative") if key in more
    }
    day = date.fromisoformat(f"{month}-01")
    product = more.pop("product", sales.product)
    GoodsFact.objects.create(
        month=day, customer=customer, product=product, quantity=amount // 10, amount=amount, lines=1, **place
    )
    AccountFact.objects.create(
        month=day, customer=customer, quantity=amount // 10, amount=amount, **{"closing": amount * 2} | more, **place
    )


def figures(found: Answer, measure: str = "delivered") -> dict[str, int]:
    return {row.head.label: int(row.cells[measure].now) for row in found.rows}


def test_flows_add_up_over_months_and_balances_stand_at_the_edge(sales: Sales) -> None:
    customer = sales.customer()
    for month, amount, opening, closing, overdue in (
        ("2025-01", 100, 0, 100, 10),
        ("2025-02", 200, 100, 300, 20),
        ("2025-03", 300, 300, 600, 30),
        ("2025-04", 400, 600, 1000, 40),
    ):
        fact(sales, customer, month, amount, opening=opening, closing=closing, overdue=overdue)
    asked = ("delivered", "opening", "closing", "overdue")
    quarter = answer(Question(read_period("2025-Q1"), by="customer", measures=asked), sales.sales_manager)
    (row,) = quarter.rows
    assert [int(row.cells[name].now) for name in asked] == [600, 0, 600, 30]
    assert row.cells == quarter.total.cells

    months = answer(Question(read_period("2025-01..2025-04"), by="month", measures=asked), sales.sales_manager)
    assert figures(months, "closing") == {"2025-01": 100, "2025-02": 300, "2025-03": 600, "2025-04": 1000}
    assert int(months.total.cells["closing"].now) == 1000
    quarters = answer(Question(read_period("2025-01..2025-04"), by="quarter", measures=asked), sales.sales_manager)
    assert figures(quarters, "closing") == {"2025-Q1": 600, "2025-04": 1000}
    assert figures(quarters, "opening") == {"2025-Q1": 0, "2025-04": 600}
    assert figures(quarters) == {"2025-Q1": 600, "2025-04": 400}


def test_what_came_before_stands_beside_it_also_by_month(sales: Sales) -> None:
    customer = sales.customer("恒源")
    for month, amount in (("2024-02", 80), ("2025-01", 50), ("2025-02", 120)):
        fact(sales, customer, month, amount)
    february = answer(Question(read_period("2025-02"), by="customer"), sales.sales_manager)
    cell = february.rows[0].cells["delivered"]
    assert [int(figure) for figure in (cell.now, cell.before, cell.last_year)] == [120, 50, 80]
    assert (cell.growth, cell.growth_before) == (Decimal(50), Decimal(140))

    months = answer(Question(read_period("2025-01..2025-02"), by="month"), sales.sales_manager)
    assert [(row.head.label, int(row.cells["delivered"].last_year)) for row in months.rows] == [
        ("2025-01", 0),
        ("2025-02", 80),
    ]
    assert months.rows[0].cells["delivered"].growth is None  # there was nothing


def test_regions_fold_into_those_below_the_open_one(sales: Sales) -> None:
    company = make_region("Company", code="CO")
    east, west = make_region("East", parent=company, code="E"), make_region("West", parent=company, code="W")
    town = make_region("Town", parent=east, code="T")
    customer = sales.customer()
    for region, amount in ((east, 10), (town, 20), (west, 40)):
        fact(sales, customer, "2025-05", amount, region=region)
    sales.region.parent = company
    sales.region.save()

    top = answer(Question(read_period("2025-05"), kept={"region": "CO"}), sales.sales_manager)
    assert figures(top) == {"East": 30, "West": 40}
    below = answer(Question(read_period("2025-05"), kept={"region": "E"}), sales.sales_manager)
    assert figures(below) == {"East": 10, "Town": 20}  # what is of the region itself stands under its own name
    assert below.total.cells["delivered"].now == 30


def test_by_the_days_structure_and_by_todays(sales: Sales) -> None:
    customer, before = sales.customer(), make_user(full_name="Before")
    fact(sales, customer, "2025-05", 10, representative=before)
    fact(sales, customer, "2025-05", 30, representative=None)
    then = answer(Question(read_period("2025-05"), by="representative"), sales.sales_manager)
    assert figures(then) == {"Before": 10, "No representative": 30}
    today = answer(Question(read_period("2025-05"), by="representative", today=True), sales.sales_manager)
    assert figures(today) == {str(sales.representative): 40}
    kept = answer(Question(read_period("2025-05"), by="customer", kept={"representative": "none"}), sales.sales_manager)
    assert kept.total.cells["delivered"].now == 30


def test_rows_and_columns_add_up_to_the_same(sales: Sales) -> None:
    other = make_product()
    customers = [sales.customer(), sales.customer()]
    for at, customer in enumerate(customers):
        fact(sales, customer, "2025-05", 10 + at)
        fact(sales, customer, "2025-06", 100 + at, product=other)
    found = answer(
        Question(read_period("2025-05..2025-06"), by="product", across="month", measures=("delivered",)),
        sales.sales_manager,
    )
    assert [column.label for column in found.columns] == ["2025-05", "2025-06"]
    for row in found.rows:
        assert sum(row.across[column.key]["delivered"].now for column in found.columns) == row.cells["delivered"].now
    assert sum(row.cells["delivered"].now for row in found.rows) == found.total.cells["delivered"].now == 222


def test_everybody_sees_the_figures_of_their_customers(sales: Sales) -> None:
    stranger = make_sales()
    fact(sales, sales.customer(), "2025-05", 10)
    fact(stranger, stranger.customer(), "2025-05", 1000)
    question = Question(read_period("2025-05"), by="month")
    for person in (sales.representative, sales.supervisor, sales.regional_manager):
        assert answer(question, person).total.cells["delivered"].now == 10
    assert answer(question, sales.finance).total.cells["delivered"].now == 1010


def test_a_foreign_customer_is_not_there(sales: Sales) -> None:
    foreign = make_sales().customer()
    question = Question(read_period("2025-05"), kept={"customer": foreign.code})
    with pytest.raises(RuleBroken) as refused:
        answer(question, sales.representative)
    assert (refused.value.rule, refused.value.field) == ("not there", "customer")
    assert answer(question, sales.finance).rows == []


@pytest.mark.parametrize("kept", [{"region": "nowhere"}, {"team": "x"}, {"team": "9" * 30}, {"product": "\x00"}])
def test_what_is_kept_must_be_there(sales: Sales, kept: dict[str, str]) -> None:
    with pytest.raises(RuleBroken):
        answer(Question(read_period("2025-05"), by="month", kept=kept), sales.finance)


def test_an_answer_asks_as_often_for_many_rows_as_for_few(
    sales: Sales, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(30):
        fact(sales, sales.customer(), "2025-05", 10, product=make_product(), region=make_region())
    for by, across in (("region", ""), ("customer", "region"), ("product", "month"), ("representative", "")):
        with django_assert_max_num_queries(15):
            answer(Question(read_period("2025-05"), by=by, across=across), sales.sales_manager)


def test_this_month_is_asked_without_a_period(sales: Sales) -> None:
    customer = sales.customer()
    sales.ship(sales.approved(customer, 10), 4)
    bring_facts_along()
    today = timezone.localdate()
    found = answer(Question(read_period(f"{today:%Y-%m}"), by="customer"), sales.representative)
    assert [(row.head.code, int(row.cells["delivered"].now)) for row in found.rows] == [(customer.code, 400)]


def test_balances_stand_at_the_edge_of_the_shorter_of_two_spans(sales: Sales) -> None:
    customer = sales.customer()
    for number in range(1, 13):
        fact(sales, customer, f"2024-{number:02d}", 10, closing=number)
    asked = Question(read_period("2024"), by="year", across="quarter", measures=("closing",))
    (row,) = answer(asked, sales.sales_manager).rows
    assert [int(row.across[date(2024, month, 1)]["closing"].now) for month in (1, 4, 7, 10)] == [3, 6, 9, 12]
    assert int(row.cells["closing"].now) == 12


def test_the_period_before_is_compared_span_by_span(sales: Sales) -> None:
    customer = sales.customer()
    for number in range(1, 13):
        fact(sales, customer, f"2024-{number:02d}", 10, closing=number)
        fact(sales, customer, f"2025-{number:02d}", 10, closing=100 + number)
    found = answer(Question(read_period("2025-02..2025-06"), by="quarter", measures=("closing",)), sales.sales_manager)
    # the five months before are September to January: February and March stand beside September and October
    assert [(row.head.label, int(row.cells["closing"].now)) for row in found.rows] == [
        ("2025-02..2025-03", 103),
        ("2025-Q2", 106),
    ]
    assert [int(row.cells["closing"].before) for row in found.rows] == [10, 101]
    assert [int(row.cells["closing"].last_year) for row in found.rows] == [3, 6]


def test_of_single_customers_accounts_are_told_to_who_sees_them(sales: Sales) -> None:
    customer, marketing = sales.customer(), make_user("marketing")
    fact(sales, customer, "2025-05", 10)
    question = Question(read_period("2025-05"), by="month", kept={"customer": customer.code})
    assert [measure.key for measure in answer(question, marketing).measures] == ["delivered"]
    assert len(answer(question, sales.finance).measures) == 4
    assert len(answer(Question(read_period("2025-05")), marketing).measures) == 4
