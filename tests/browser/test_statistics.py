"""Statistics in a browser: what is asked changes everything at once, and what stands there is clean at any width."""

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.reports.statistics.past import counted, pay_on, ship_on
from tests.support.axe import serious_faults
from tests.support.browser import SignIn
from tests.support.build import Sales, make_region, make_sales

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.slow]

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def sales() -> Sales:
    made = make_sales()
    made.region.name_zh = "华东"
    made.region.save()
    make_region("Elsewhere")
    for at, name in enumerate(("Lakeside", "Riverside", "Hillside"), start=1):
        customer = made.customer(name, name_zh=f"苏州{at}")
        ship_on(made, customer, 4 * at, date(2024, 3, 9))
        ship_on(made, customer, 2 * at, date(2023, 3, 9))
        pay_on(made, customer, 100 * at, date(2024, 3, 20))
    counted()
    return made


def heading(page: Page) -> Any:
    return page.get_by_role("heading", level=1)


def test_what_is_asked_changes_figures_pictures_and_links_at_once(
    sales: Sales, page: Page, live_server: Any, sign_in: SignIn
) -> None:
    sign_in(page, sales.sales_manager.username)
    page.goto(f"{live_server.url}/statistics/?period=2024-03")
    expect(heading(page)).to_have_text("Statistics, 2024-03")
    page.get_by_label("Rows of").select_option("customer")
    expect(page.locator("#list tbody tr")).to_have_count(3)
    assert "by=customer" in page.url and "period=2024-03" in page.url
    expect(page.locator("[data-chart] canvas")).to_have_count(4)

    page.get_by_role("link", name="Period after").click()
    expect(heading(page)).to_have_text("Statistics, 2024-04")
    assert "by=customer" in page.url  # the links of the head followed the form

    page.go_back()
    page.locator("#list").get_by_role("link", name="Delivered", exact=True).click()  # the column, now rising
    expect(page.locator("#list tbody tr").first).to_contain_text("Lakeside")

    page.locator("a.so-kpi", has_text="Payments").click()
    expect(page.get_by_role("heading", name="Payments by month")).to_be_visible()
    page.get_by_role("button", name="Table").first.click()
    expect(page.locator("[data-chart-rows]").first).to_contain_text("0.6")


def test_a_figure_opens_the_lines_that_it_is_made_of(
    sales: Sales, page: Page, live_server: Any, sign_in: SignIn
) -> None:
    sign_in(page, sales.representative.username)
    page.goto(f"{live_server.url}/statistics/?period=2024-03&by=customer")
    page.locator("#list tbody tr", has_text="Hillside").get_by_role("link", name="1.2", exact=True).click()
    expect(heading(page)).to_have_text("Shipped lines")
    expect(page.locator("tfoot")).to_contain_text("1,200.00")
    expect(page.locator("#list tbody tr")).to_have_count(1)


def test_months_are_chosen_from_and_to(sales: Sales, page: Page, live_server: Any, sign_in: SignIn) -> None:
    sign_in(page, sales.finance.username)
    page.goto(f"{live_server.url}/statistics/?period=2024-03&by=customer")
    page.get_by_role("button", name="Choose months").click()
    page.get_by_label("From", exact=True).fill("2023-01")
    page.get_by_label("To", exact=True).fill("2024-06")
    page.get_by_role("button", name="Show").click()
    expect(heading(page)).to_have_text("Statistics, 2023-01..2024-06")
    assert page.url.endswith("period=2023-01..2024-06")
    expect(page.locator("#list tbody tr")).to_have_count(3)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_clean_wide_and_on_a_phone(
    sales: Sales, page: Page, live_server: Any, sign_in: SignIn, scheme: Any
) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.emulate_media(color_scheme=scheme)
    sign_in(page, sales.sales_manager.username)
    queries = ("?period=2024-03", "?period=2024&by=customer&across=month", "?period=2024-13&region=x", "?period=2019")
    for query in (*queries, "documents/?period=2024-03"):
        page.goto(f"{live_server.url}/statistics/{query}")
        page.wait_for_load_state("networkidle")
        faults += [f"{query}: {fault}" for fault in serious_faults(page)]
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > PHONE["width"]:
            faults.append(f"{query}: {wide} pixels wide on a phone")
        faults += [f"{query} on a phone: {fault}" for fault in serious_faults(page)]
        page.set_viewport_size({"width": 1280, "height": 800})
    assert faults == []
