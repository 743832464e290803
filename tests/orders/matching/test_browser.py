"""Matching in a real browser: live sums, a button that opens when both sides are equal, keys, a phone."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from orders.models import LedgerMatch, LedgerUpload
from tests.orders.matching.ledgers import make_entries, make_ledger
from tests.orders.matching.test_differences import Desk
from tests.support.browser import SignIn
from tests.support.build import make_sales
from tests.support.tasks import RunTasks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def upload(sign_in: SignIn, page: Page) -> LedgerUpload:
    """Two ledgers of which nothing is matched, and finance signed in."""
    sales = make_sales()
    customer = sales.customer("Wuxi Taihu Home", name_zh="无锡太湖家居")
    make_entries(customer, [(1, "SH-2026-10077", 100), (2, "SH-2026-10081", 60), (3, "PM-2026-00815", "-40.20")])
    lines: Any = [(20, "RK-1017", 100), (21, "RK-1019", 160), (25, "FK-0327", -40), (28, "FY-0088", -5200)]
    sign_in(page, sales.finance.username)
    return make_ledger(customer, sales.finance, lines)


def test_sums_follow_what_is_ticked_and_only_equal_sides_can_be_matched(
    upload: LedgerUpload, page: Page, live_server: Any
) -> None:
    page.goto(live_server.url + upload.get_absolute_url())
    match = page.get_by_role("button", name="Match", exact=True)
    ours, theirs = page.locator("[data-side=ours]"), page.locator("[data-side=theirs]")
    expect(match).to_be_disabled()

    ours.get_by_label("SH-2026-10077").check()
    theirs.get_by_label("RK-1019").check()
    expect(page.locator("[data-sum=apart]")).to_have_text("60.00")
    expect(match).to_be_disabled()
    expect(ours.locator("li.is-fitting")).to_contain_text("SH-2026-10081")

    ours.get_by_label("SH-2026-10081").check()
    expect(page.locator("[data-sum=ours]")).to_have_text("160.00")
    expect(match).to_be_enabled()
    match.click()

    expect(page.get_by_role("link", name="Not matched 1 : 3")).to_be_visible()
    assert LedgerMatch.objects.get().ours_count == 2


def test_a_few_cents_ask_for_a_reason_and_it_is_undone_in_a_click(
    upload: LedgerUpload, page: Page, live_server: Any
) -> None:
    page.goto(live_server.url + upload.get_absolute_url())
    reason = page.get_by_role("textbox", name="Why they are apart")
    expect(reason).to_be_hidden()

    page.get_by_label("PM-2026-00815").check()
    page.get_by_label("FK-0327").check()
    expect(page.locator("[data-sum=apart]")).to_have_text("0.20")
    reason.fill("Bank fee")
    page.get_by_role("button", name="Match", exact=True).click()

    page.get_by_role("link", name="Matched 1").click()
    expect(page.locator(".so-pair.is-off")).to_contain_text("Bank fee")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("is undone")).to_be_visible()
    assert LedgerMatch.objects.standing().count() == 0


def test_it_is_done_with_keys_alone(upload: LedgerUpload, page: Page, live_server: Any) -> None:
    page.goto(live_server.url + upload.get_absolute_url())

    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("RK-1017")).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("m")

    expect(page.get_by_role("link", name="Not matched 2 : 3")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("f")
    expect(page.get_by_role("searchbox", name="Find in both ledgers")).to_be_focused()


@pytest.mark.parametrize("show", ["left", "matched"])
def test_it_fits_a_phone(upload: LedgerUpload, page: Page, live_server: Any, show: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(live_server.url + upload.get_absolute_url())
    page.get_by_label("SH-2026-10077").check()
    page.get_by_label("RK-1017").check()
    if show == "matched":
        page.get_by_role("button", name="Match", exact=True).click()
        page.get_by_role("link", name="Matched 1").click()
        expect(page.get_by_role("button", name="Undo")).to_be_visible()
    expect(page.locator("main")).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_differences_are_stated_at_a_phone(run_tasks: RunTasks, page: Page, live_server: Any, sign_in: SignIn) -> None:
    desk = Desk(run_tasks)
    sign_in(page, desk.finance.username)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/their-ledgers/{desk.upload.pk}/differences/")

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_label("Reason of SH-2").select_option("transit")
    page.get_by_role("button", name="State them").click()
    expect(page.get_by_text("5 differences are stated.")).to_be_visible()
    assert desk.one.differences.count() == 5
