"""The pages about people and customers in a real browser: what scripts do, axe, wide and narrow."""

from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from customers.models import Customer
from customers.parts.services import AddressInput, ContactInput, add_address, add_contact, add_note
from salesops.users.models import Delegation, Region, User
from salesops.users.roles import Role
from tests.support.axe import serious_faults
from tests.support.browser import SignIn
from tests.support.build import make_customer, make_region, make_team, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SIZES: dict[str, ViewportSize] = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def rep() -> User:
    """A representative with a customer, a region tree to choose from, and an administrator beside."""
    jiangsu = make_region("Jiangsu", code="32", name_zh="江苏省")
    make_region("Wuxi", code="3202", name_zh="无锡市", parent=jiangsu)
    team = make_team("North", region=jiangsu)
    rep = make_user(Role.REPRESENTATIVE, username="representative", full_name="Gao Lei", team=team)
    make_user(Role.ADMINISTRATOR, username="admin", full_name="Wu Fang")
    customer = make_customer("Jianghai", code="A-1", name_zh="江海", representative=rep, region=jiangsu)
    add_contact(customer.pk, ContactInput("Cao", phone="0513 8888 0000"), by=rep)
    add_address(customer.pk, AddressInput("Shop", "Ring road"), by=rep)
    add_note(customer.pk, by=rep, text="Pays after the fair")
    Delegation.objects.create(giver=rep, taker=make_user(), first_day="2026-01-01", last_day="2099-01-01")
    return rep


def test_a_customer_is_filed_by_typing_and_a_duplicate_is_told_before_saving(
    page: Page, rep: User, live_server: Any, sign_in: SignIn
):
    sign_in(page, "representative")
    page.goto(f"{live_server.url}/customers/new/")
    page.get_by_label("Name", exact=False).first.fill("JIANGHAI Co., Ltd.")
    page.get_by_label("Tax number").click()
    expect(page.get_by_role("heading", name="Perhaps on file already")).to_be_visible()
    page.locator("#id_region + .ts-wrapper .ts-control").click()
    page.keyboard.type("wux")
    page.get_by_role("option", name="Wuxi").click()
    page.get_by_role("button", name="File customer").click()
    expect(page.get_by_role("alert")).to_contain_text("may be on file already")
    assert Customer.objects.count() == 1
    page.get_by_label("It is another customer").check()
    page.get_by_role("button", name="File customer").click()
    expect(page.get_by_role("heading", name="JIANGHAI Co., Ltd.")).to_be_visible()
    assert Customer.objects.latest("pk").region == Region.objects.get(code="3202")


def show(page: Page, panel: str) -> None:
    """Scroll to a panel in one step: it loads when it comes into view, and what stood there is then gone."""
    page.locator(panel).evaluate("panel => panel.scrollIntoView()")


def test_a_note_is_added_where_notes_stand(page: Page, rep: User, live_server: Any, sign_in: SignIn):
    sign_in(page, "representative")
    page.goto(f"{live_server.url}/customers/A-1/#panel-notes")
    page.get_by_label("A new note").fill("Call on Mondays")
    page.get_by_role("button", name="Add note").click()
    show(page, "#panel-notes")
    expect(page.locator("#panel-notes")).to_contain_text("Call on Mondays")
    show(page, "#panel-history")
    expect(page.locator("#panel-history")).to_contain_text("added contact Cao")


def test_the_tree_of_regions_opens_where_it_stands(page: Page, rep: User, live_server: Any, sign_in: SignIn):
    sign_in(page, "admin")
    page.goto(f"{live_server.url}/regions/")
    page.locator("summary", has_text="Jiangsu").press("Enter")
    expect(page.locator(".so-tree__below")).to_contain_text("Wuxi")
    page.get_by_role("searchbox", name="Find a region").fill("无锡")
    expect(page.locator("#regions")).not_to_contain_text("regions below")
    expect(page.locator("#regions")).to_contain_text("Wuxi")


def show_every_panel(page: Page) -> None:
    """Come by each panel, so that it is fetched."""
    waiting = page.locator("[aria-busy=true]")
    for _ in range(100):
        if not waiting.count():
            return
        page.evaluate("document.querySelector('[aria-busy=true]')?.scrollIntoView()")
        page.wait_for_timeout(50)
    raise AssertionError(f"still waiting: {waiting.first}")


PAGES = {
    "representative": [
        "/customers/",
        "/customers/A-1/",
        "/customers/A-1/change/",
        "/customers/new/",
        "/customers/A-1/papers/new/",
        "/delegation/",
        "/delegation/new/",
        "/password/",
    ],
    "admin": [
        "/people/",
        "/people/representative/",
        "/people/representative/change/",
        "/people/new/",
        "/roles/",
        "/regions/",
        "/regions/32/change/",
        "/teams/",
        "/team/",
        "/customers/A-1/credit-terms/",
        "/customers/A-1/hold/",
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("username", PAGES)
def test_pages_have_no_serious_fault_and_fit(
    page: Page, rep: User, live_server: Any, sign_in: SignIn, username: str, size: str
):
    page.set_viewport_size(SIZES[size])
    sign_in(page, username)
    faults: dict[str, Any] = {}
    for url in PAGES[username]:
        page.goto(f"{live_server.url}{url}")
        show_every_panel(page)
        found = serious_faults(page)
        width = page.evaluate("document.documentElement.scrollWidth")
        if found or width > SIZES[size]["width"]:
            faults[url] = (found, width)
    assert faults == {}
