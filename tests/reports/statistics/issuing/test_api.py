"""Issued statistics over the API: the same rows, filters and figures as on the pages."""

import pytest

from orders.facts.services import bring_facts_along
from salesops.users.roles import Role
from tests.support.build import make_sales, make_user
from tests.support.program import Program, made

from .builders import MONTH, customer_of, issued, shipped

pytestmark = pytest.mark.django_db


def test_they_are_listed_and_read_in_scope() -> None:
    sales, elsewhere = make_sales(), make_sales()
    customer = customer_of(sales)
    shipped(sales, customer, 4)
    company, team = issued(), issued(team_id=sales.team.pk)
    other = issued(region_id=elsewhere.region.pk)
    finance, supervisor = Program(sales.finance), Program(sales.supervisor)

    listed = made(finance.get("issued-statistics/"))["results"]
    assert {row["number"] for row in listed} == {company.number, team.number, other.number}
    assert "sheets" not in listed[0]
    (row,) = made(supervisor.get("issued-statistics/"))["results"]
    assert (row["number"], row["team"]["name"], row["region"], row["issued_by"]) == (
        team.number,
        sales.team.name,
        None,
        None,
    )
    assert (row["period"], row["first_day"], row["last_day"]) == (
        f"{MONTH.start:%Y-%m}",
        str(MONTH.start),
        str(MONTH.last_day),
    )
    for filters in (f"region={elsewhere.region.code}", "place=region", "q=00000"):
        assert other.number in {row["number"] for row in made(finance.get(f"issued-statistics/?{filters}"))["results"]}
    assert made(supervisor.get(f"issued-statistics/?region={elsewhere.region.code}"))["results"] == []
    made(finance.get("issued-statistics/?colour=red"), 400)

    read = made(supervisor.get(f"issued-statistics/{team.number}/"))
    assert (read["digest"], read["holds"], read["restated"]) == (team.digest, True, [])
    (customers,) = [sheet for sheet in read["sheets"] if sheet["key"] == "customers"]
    assert customers["rows"][0]["code"] == customer.code
    assert customers["rows"][0]["figures"]["delivered"] == {"now": "400.00", "before": "0.00", "last_year": "0.00"}
    for number in (company.number, other.number):
        made(supervisor.get(f"issued-statistics/{number}/"), 404)
    made(Program(sales.representative).get(f"issued-statistics/{team.number}/"), 404)
    for nobody in (sales.supply, make_user(Role.AGENT, customer=customer)):
        made(Program(nobody).get("issued-statistics/"), 403)
        made(Program(nobody).get(f"issued-statistics/{company.number}/"), 403)
    for method in ("POST", "PUT", "DELETE"):
        made(finance.send(method, f"issued-statistics/{team.number}/", {}), 405)


def test_what_is_restated_is_said_with_its_documents() -> None:
    sales = make_sales()
    customer = customer_of(sales)
    shipped(sales, customer, 4)
    one = issued()
    late = shipped(sales, customer, 1)
    bring_facts_along()
    read = made(Program(sales.finance).get(f"issued-statistics/{one.number}/"))
    (figure,) = [
        each
        for each in read["restated"]
        if (each["sheet"], each["code"], each["measure"]) == ("customers", customer.code, "delivered")
    ]
    assert (figure["issued"], figure["today"]) == ("400.00", "500.00")
    assert figure["documents"] == [late.number]
    assert read["holds"]
