"""The growth map on screen: effects that add up, cells that open their lines, what to look at next, in scope."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from reports.insight.growth_views import GrowthPage
from tests.reports.statistics.test_answers import fact
from tests.support.build import Sales, make_product, make_region, make_sales
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db
URL = "/insight/growth/?period=2025-05&by=product"


@pytest.fixture
def sales() -> Sales:
    """A product that fell in the east and rose in the west."""
    sales = make_sales()
    customer, east, west = sales.customer(), make_region("East", code="E"), make_region("West", code="W")
    for month, region, amount in (
        ("2024-05", east, 100_000),
        ("2024-05", west, 100_000),
        ("2025-05", east, 50_000),
        ("2025-05", west, 250_000),
    ):
        fact(sales, customer, month, amount, region=region)
    return sales


@pytest.fixture
def manager(sales: Sales) -> Client:
    return signed_in(sales.sales_manager)


def test_the_map_shows_growth_effects_and_what_falls_here(sales: Sales, manager: Client) -> None:
    page = manager.get(URL).content.decode()
    for text in ("Growth map, 2025-05", "−50.0", "+150.0", "East", "Volume", "Falls here, rises elsewhere"):
        assert text in page
    assert f"product={sales.product.sku}" in page


def test_effects_shown_add_up_to_the_growth_shown(manager: Client) -> None:
    view: GrowthPage = manager.get(URL).context["page"]
    assert view.whole.effects.growth == Decimal(100_000)
    assert sum(Decimal(one.amount.replace(",", "").replace("−", "-")) for one in view.effects()) == Decimal(100)
    assert [line.contribution for line in view.lines()] == ["100.0"]


def test_many_rows_ask_as_often_as_few(sales: Sales, manager: Client) -> None:
    few = queries_of(manager, URL)
    for _number in range(30):
        fact(sales, sales.customer(), "2025-05", 10, product=make_product(), region=make_region())
    assert queries_of(manager, URL) == few


def test_it_holds_what_the_reader_may_see(sales: Sales) -> None:
    shown = signed_in(make_sales().representative).get(URL).content.decode()
    assert "Nothing was delivered in these months" in shown
    assert sales.product.name not in shown


@pytest.mark.parametrize("query", ["period=x", "by=weather", "region=nowhere", "period=2025-05&representative=\x00"])
def test_an_address_that_makes_no_sense_is_said(manager: Client, query: str) -> None:
    assert manager.get(f"/insight/growth/?{query}").status_code == 200


def test_without_a_period_it_is_this_year(manager: Client) -> None:
    view: GrowthPage = manager.get(reverse("reports:growth")).context["page"]
    assert view.question.period.whole_months == 12
    assert view.question.period.start.year >= date(2025, 1, 1).year


def test_the_table_goes_into_excel_with_effects_that_add_up(sales: Sales, manager: Client) -> None:
    answer = manager.get(f"{URL}&export=xlsx")
    assert answer.status_code == 200
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    (row,) = [row for row in rows if row[0] == str(sales.product)]
    then, now, growth, *effects = (float(str(cell or 0)) for cell in row[1:])
    assert (then, now, growth) == (200_000.0, 300_000.0, 100_000.0)
    assert sum(effects) == pytest.approx(growth)


def test_months_from_and_to_become_its_period(manager: Client) -> None:
    answer = manager.get("/insight/growth/?by=product&from=2025-03&to=2025-05")
    assert answer.status_code == 302
    assert "period=2025-03..2025-05" in answer["Location"] and "by=product" in answer["Location"]
