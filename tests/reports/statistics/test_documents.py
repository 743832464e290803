"""A figure opens what it is made of: lines of shipments that add up to it, customers, and their accounts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from customers.models import Customer
from salesops.users.models import User
from salesops.users.roles import Role
from tests.reports.statistics.past import counted, pay_on, ship_on
from tests.support.build import Sales, make_category, make_product, make_region, make_sales, make_user, open_stock
from tests.support.queries import queries_of
from tests.support.signed_in import client_of, signed_in

pytestmark = pytest.mark.django_db
MARCH, APRIL, A_YEAR_BEFORE = date(2024, 3, 9), date(2024, 4, 30), date(2023, 3, 31)


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def page_at(user: User, url: str) -> Any:
    response = signed_in(user).get(url)
    assert response.status_code == 200, url
    return response.context["page"]


def total_at(user: User, url: str) -> tuple[int, Decimal]:
    """Pieces and amount of the documents that an address leads to."""
    page = page_at(user, url)
    assert not page.mistakes
    totals = page.sheet.totals
    return int(totals.get("quantity") or 0), Decimal(totals.get("amount") or 0)


@pytest.fixture
def company(sales: Sales) -> Sales:
    """Two people in two regions, three products in two categories, three months; who moved afterwards, too."""
    lower = make_region(parent=sales.region)
    colleague = make_user(Role.REPRESENTATIVE, team=sales.team, region=lower)
    second = make_product(price="10.00")
    third = make_product(price="7.00", category=second.category)
    for product in (second, third):
        open_stock(sales.warehouse, product, 1_000)
    one, other = sales, replace(sales, representative=colleague, region=lower)
    customers = [
        (corner, corner.customer(grade=grade)) for corner, grade in ((one, "A"), (one, "B"), (other, "A"), (other, "C"))
    ]
    for at, (corner, customer) in enumerate(customers, start=1):
        for product, on in ((sales.product, MARCH), (second, APRIL), (third, APRIL), (sales.product, A_YEAR_BEFORE)):
            ship_on(replace(corner, product=product), customer, at, on)
    moved = customers[0][1]
    Customer.objects.filter(pk=moved.pk).update(region=lower, representative=colleague)
    counted()
    return sales


def cells(user: User, query: str) -> Iterator[tuple[str, tuple[int, Decimal]]]:
    """Of every figure of goods on a page: the address behind it, with the pieces and the amount that it says."""
    page = page_at(user, f"/statistics/?{query}&measures=delivered&measures=pieces")
    assert page.answer.rows
    rows = [([row.head], row.cells) for row in page.answer.rows] + [([], page.answer.total.cells)]
    rows += [
        ([row.head, column], row.across[column.key])
        for row in page.answer.rows
        for column in page.answer.columns
        if column.key in row.across
    ]
    for heads, found in rows:
        for which in ("now", "before", "last_year"):
            url = page.links.cell_url("delivered", heads, which)
            assert url == page.links.cell_url("pieces", heads, which)
            yield url, (int(getattr(found["pieces"], which)), getattr(found["delivered"], which))


CUTS = [
    "period=2024-03&by=region",
    "period=2024-Q2&by=customer&structure=today",
    "period=2024-Q2&by=region&structure=today",
    "period=2024-H1&by=month&across=product",
    "period=2024&by=representative&across=month",
    "period=2024-03..2024-04&by=category&across=region",
    "period=2024-H1&by=product&across=grade",
    "period=2024-04&by=team",
    "period=2023-04..2024-12&by=year",
    "period=2023-01..2024-12&by=quarter&across=representative",
]


def test_documents_add_up_to_their_figure_on_every_cut(company: Sales) -> None:
    for query in CUTS:
        for url, figure in dict(cells(company.sales_manager, query)).items():
            assert url.startswith("/statistics/documents/?")
            assert total_at(company.sales_manager, url) == figure, url


def test_documents_add_up_to_the_figures_of_whoever_looks(company: Sales) -> None:
    seen = set()
    for user in (company.representative, company.supervisor, company.regional_manager):
        for query in CUTS[:3]:
            found = dict(cells(user, query))
            seen.add((query, max(found.values())))
            for url, figure in found.items():
                assert total_at(user, url) == figure, url
    assert len(seen) > len(CUTS[:3])  # not everybody has the same


def test_documents_of_a_kept_region_are_those_of_its_figures(company: Sales) -> None:
    query = f"period=2024-Q1&by=region&region={company.region.code}"
    for user in (company.finance, company.supervisor):
        found = [(url, figure) for url, figure in cells(user, query) if figure[0]]
        assert len({figure for _url, figure in found}) > 2  # itself, the one below, both
        for url, figure in found:
            assert total_at(user, url) == figure, url


def test_a_running_month_opens_the_documents_until_now(sales: Sales) -> None:
    sales.ship(sales.approved(sales.customer(), 3))
    counted()
    year = timezone.localdate().year
    for query in ("by=region", f"by=customer&period={year}"):
        urls = [(url, figure) for url, figure in cells(sales.finance, query) if figure[0]]
        assert {figure for _url, figure in urls} == {(3, Decimal(300))}
        for url, figure in urls:
            assert total_at(sales.finance, url) == figure


def test_nobody_sees_documents_of_customers_out_of_scope(company: Sales) -> None:
    elsewhere = make_sales()
    hidden = elsewhere.customer("Hidden Trading")
    ship_on(elsewhere, hidden, 5, MARCH)
    url = "/statistics/documents/?period=2024-03"
    for user in (company.representative, company.supervisor, company.regional_manager):
        assert b"Hidden Trading" not in signed_in(user).get(url).content
        page = page_at(user, f"{url}&customer={hidden.code}")
        assert [field.name for field, _message in page.mistakes] == ["customer"]
    assert b"Hidden Trading" in signed_in(company.finance).get(url).content


def test_what_makes_no_sense_is_said_and_is_no_error(company: Sales) -> None:
    response = signed_in(company.finance).get("/statistics/documents/?period=2024-99&region=NO&q=%00&sort=x&page=x")
    assert response.status_code == 200
    assert [field.name for field, _message in response.context["page"].mistakes] == ["period", "region"]
    assert "is no period" in unescape(response.content.decode())


def test_they_are_searched_and_told_in_a_file(company: Sales) -> None:
    client = signed_in(company.finance)
    number = page_at(company.finance, "/statistics/documents/?period=2024-03").shown.object_list[0].shipment.number
    found = client.get(f"/statistics/documents/?period=2024-03&q={number}").context["page"].shown.object_list
    assert {line.shipment.number for line in found} == {number}
    file = client.get("/statistics/documents/?period=2024-03&export=xlsx")
    assert file["Content-Type"].endswith("spreadsheetml.sheet")
    assert client.get("/statistics/?period=2024-03&by=customer&across=product&export=xlsx").status_code == 200


def test_without_the_right_to_see_shipments_figures_lead_nowhere(company: Sales) -> None:
    user = make_user(Role.SALES_MANAGER)
    group = user.groups.get()
    group.permissions.remove(*group.permissions.filter(codename="view_shipment"))
    page = page_at(user, "/statistics/?period=2024-03")
    assert {page.links.cell_url("delivered", [row.head]) for row in page.answer.rows} == {""}
    assert signed_in(user).get("/statistics/documents/").status_code == 403


# ---- what accounts have ----
def test_figures_of_accounts_open_customers_and_these_their_accounts(company: Sales) -> None:
    customer = company.customer()
    pay_on(company, customer, 70, MARCH)
    pay_on(company, company.customer(), 5, MARCH + timedelta(days=40))
    counted()
    page = page_at(company.finance, "/statistics/?period=2024-H1&by=month&main=payments")
    march = next(row for row in page.answer.rows if row.head.code == "2024-03")
    inside = page_at(company.finance, page.links.cell_url("payments", [march.head]))
    assert (inside.question.by, inside.main.key, str(inside.question.period)) == ("customer", "payments", "2024-03")
    paid = {row.head.code: int(row.cells["payments"].now) for row in inside.answer.rows if row.cells["payments"].now}
    assert paid == {customer.code: 70}
    (head,) = [row.head for row in inside.answer.rows if row.head.code == customer.code]
    url = urlsplit(inside.links.cell_url("payments", [head]))
    assert url.path == f"/accounts/{customer.code}/"
    assert parse_qs(url.query) == {"from": ["2024-03-01"], "to": ["2024-03-31"]}
    statement = page_at(company.finance, url.geturl()).statement
    assert statement.credits == Decimal(70)


def test_who_sees_no_accounts_is_not_led_to_any(company: Sales) -> None:
    marketing = make_user(Role.MARKETING)
    page = page_at(marketing, "/statistics/?period=2024-03&by=customer")
    heads = [row.head for row in page.answer.rows]
    assert [measure.key for measure in page.answer.measures] == ["delivered"]  # of single customers nothing of accounts
    assert {page.links.cell_url("closing", [head]) for head in heads} == {""}
    of_one = page_at(marketing, f"/statistics/?period=2024-03&by=month&customer={heads[0].code}&main=closing")
    assert [measure.key for measure in of_one.answer.measures] == ["delivered"]
    assert {chart.key for chart in of_one.more_charts()} <= {"pareto"}
    of_all = page_at(marketing, "/statistics/?period=2024-03&main=closing")
    assert "pareto" not in {chart.key for chart in of_all.more_charts()}
    assert page.links.cell_url("delivered", heads[:1])


# ---- pickers, and how often is asked ----
def test_pickers_find_by_what_the_address_takes_and_in_scope_only(company: Sales) -> None:
    customer, hidden = company.customer("Blue Lake"), make_sales().customer("Blue Hill")
    category = make_category("Blue goods")
    client = signed_in(company.representative)

    def found(dimension: str, text: str) -> list[str]:
        results = client.get(f"/statistics/pick/{dimension}/?q={text}").json()["results"]
        return [one["value"] for one in results]

    assert found("customer", "blue") == [customer.code]
    assert hidden.code not in found("customer", "")
    assert found("region", company.region.code) == [company.region.code]
    assert found("representative", "person") == [company.representative.username]
    assert found("product", company.product.sku) == [company.product.sku]
    assert found("category", "blue") == [str(category.pk)]
    assert found("team", company.team.name) == [str(company.team.pk)]
    assert found("team", "%00") is not None
    for dimension in ("grade", "month", "nonsense"):
        assert client.get(f"/statistics/pick/{dimension}/").status_code == 404
    assert client_of(Role.AGENT, customer=customer).get("/statistics/pick/customer/").status_code == 403


def test_many_lines_cost_no_more_queries_than_a_few(sales: Sales) -> None:
    for _each in range(2):
        ship_on(sales, sales.customer(), 1, MARCH)
    client, url = signed_in(sales.sales_manager), "/statistics/documents/?period=2024-03"
    client.get(url)
    few = queries_of(client, url)
    for _each in range(6):
        ship_on(sales, sales.customer(), 1, MARCH)
    assert queries_of(client, url) == few <= 8
