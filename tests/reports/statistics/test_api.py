"""Statistics over the API: the figures of the page, for the same people, by the same words."""

from datetime import date
from typing import Any

import pytest

from reports.statistics.questions import spell_period
from salesops.users.models import User
from salesops.users.roles import Role
from tests.reports.statistics.past import counted, pay_on, ship_on
from tests.support.build import Sales, make_region, make_sales, make_user
from tests.support.program import Program, made
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    sales = make_sales()
    customer = sales.customer()
    ship_on(sales, customer, 12, date(2024, 3, 9))
    ship_on(sales, customer, 10, date(2023, 3, 9))
    ship_on(sales, customer, 3, date(2024, 2, 9))
    pay_on(sales, customer, 150, date(2024, 3, 20))
    counted()
    return sales


def read(user: User, query: str = "", status: int = 200) -> Any:
    return made(Program(user).get(f"statistics/?{query}"), status)


def test_it_answers_what_is_asked_with_all_comparisons(sales: Sales) -> None:
    answer = read(sales.finance, "period=2024-03&by=team&across=region&measures=delivered&measures=payments")
    assert answer["question"] == {
        "period": "2024-03",
        "counted": {"first_day": "2024-03-01", "last_day": "2024-03-31"},
        "before": {"first_day": "2024-02-01", "last_day": "2024-02-29"},
        "last_year": {"first_day": "2023-03-01", "last_day": "2023-03-31"},
        "by": "team",
        "across": "region",
        "measures": ["delivered", "payments"],
        "kept": [],
        "structure": "then",
    }
    (row,) = answer["rows"]
    delivered = {
        "measure": "delivered",
        "now": "1200.00",
        "before": "300.00",
        "last_year": "1000.00",
        "growth": "20.00",
        "growth_before": "300.00",
        "share": "100.00",
    }
    assert (row["code"], row["name"], row["figures"][0]) == (str(sales.team.pk), sales.team.name, delivered)
    assert row["figures"][1]["growth"] is None  # nothing was paid a year before
    assert [(one["code"], one["figures"][0]["now"]) for one in row["across"]] == [(sales.region.code, "1200.00")]
    assert answer["columns"] == [{"code": sales.region.code, "name": sales.region.name}]
    assert [one["now"] for one in answer["total"]["figures"]] == ["1200.00", "150.00"]


def test_its_codes_and_those_of_the_page_are_the_same(sales: Sales) -> None:
    for by in ("region", "team", "representative", "customer", "grade", "category", "product"):
        (row,) = read(sales.finance, f"period=2024-03&by={by}&measures=delivered")["rows"]
        kept = read(sales.finance, f"period=2024-03&by=month&measures=delivered&{by}={row['code']}")
        assert kept["question"]["kept"] == [{"dimension": by, "code": row["code"]}]
        assert kept["total"]["figures"][0]["now"] == "1200.00"


def test_it_is_the_page_to_the_cent_for_everybody(sales: Sales) -> None:
    elsewhere = make_sales()
    ship_on(elsewhere, elsewhere.customer(), 7, date(2024, 3, 1))
    counted()
    seen = set()
    for user in (sales.representative, sales.supervisor, sales.regional_manager, sales.sales_manager, sales.finance):
        query = "period=2024-Q1&by=customer&structure=today"
        page = signed_in(user).get(f"/statistics/?{query}").context["page"]
        figures = [[f"{row.cells[one.key].now:.2f}" for one in page.answer.measures] for row in page.answer.rows]
        answer = read(user, query)
        assert [[one["now"] for one in row["figures"]] for row in answer["rows"]] == figures
        assert answer["question"]["structure"] == "today"
        seen.add(answer["total"]["figures"][0]["now"])
    assert seen == {"1500.00", "2200.00"}


def test_without_a_word_it_is_this_month(sales: Sales) -> None:
    question = read(sales.representative)["question"]
    page = signed_in(sales.representative).get("/statistics/").context["page"]
    assert (question["period"], question["by"]) == (spell_period(page.question.period), "region")
    assert (question["across"], question["measures"]) == (None, ["delivered", "payments", "closing", "overdue"])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("period=2024-13", "period"),
        ("by=wood", "by"),
        ("by=team&across=team", "across"),
        ("measures=profit", "measures"),
        ("customer=C-nowhere", "customer"),
        ("region=%00x", "region"),
        ("team=x", "team"),
        ("structure=then", "structure"),
        ("perod=2024", "perod"),
        ("from=2024-01", "from"),
    ],
)
def test_what_makes_no_sense_is_malformed_and_named(sales: Sales, query: str, field: str) -> None:
    said = read(sales.finance, query, 400)
    assert said["code"] == "malformed"
    assert list(said["fields"]) == [field]


def test_a_customer_out_of_scope_is_not_there(sales: Sales) -> None:
    hidden = make_sales().customer()
    assert "customer" in read(sales.representative, f"customer={hidden.code}", 400)["fields"]


@pytest.mark.parametrize("role", [Role.SUPPLY, Role.PERSONNEL])
def test_those_whose_work_it_is_not_are_refused(sales: Sales, role: Role) -> None:
    assert read(make_user(role), status=403)["code"] == "forbidden"


def test_an_agent_is_refused(sales: Sales) -> None:
    agent = make_user(Role.AGENT, customer=sales.customer())
    assert read(agent, f"customer={sales.customer().code}", 403)["code"] == "forbidden"


def test_many_rows_cost_no_more_queries_than_a_few(sales: Sales) -> None:
    program, address = Program(sales.sales_manager), "/api/v1/statistics/?period=2024-03&by=customer&across=region"
    queries_of(program, address)  # what is read once for all
    few = queries_of(program, address)
    for _each in range(5):
        sales.region = make_region()
        ship_on(sales, sales.customer(), 1, date(2024, 3, 1))
    counted()
    assert len(made(program.get(address))["rows"]) == 6
    assert queries_of(program, address) == few <= 18
