"""Matching in a real browser: live sums, a button that opens when both sides are equal, keys, a phone."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from orders.models import LedgerMatch, LedgerUpload
from tests.orders.matching.ledgers import make_entries, make_ledger
from tests.orders.matching.test_differences import Desk
from tests.support.axe import serious_faults
from tests.support.browser import SignIn
from tests.support.build import make_sales
from tests.support.tasks import RunTasks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE: ViewportSize = {"width": 390, "height": 844}
WIDE: ViewportSize = {"width": 1280, "height": 800}


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


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_line_is_split_over_the_page_its_parts_are_matched_and_it_is_put_together(
    upload: LedgerUpload, page: Page, live_server: Any, size: Any
) -> None:
    page.set_viewport_size(size)
    page.goto(live_server.url + upload.get_absolute_url())
    ours, theirs = page.locator("[data-side=ours]"), page.locator("[data-side=theirs]")
    ours.get_by_label("SH-2026-10081").check()

    # Its pen opens the form over the page; what does not add up is said there, and what is left follows
    page.get_by_role("link", name="Split row 3").click()
    dialog = page.get_by_role("dialog")
    amounts = dialog.get_by_label("Amounts of the parts")
    expect(amounts).to_be_focused()
    amounts.fill("100 70")
    expect(dialog.locator("[data-parts-left]")).to_have_text("−10.00")
    dialog.get_by_role("button", name="Split").click()
    expect(dialog.get_by_role("alert")).to_contain_text("The parts add up to 170.00, the line to 160.00.")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert serious_faults(page) == []
    amounts.fill("100")
    dialog.get_by_role("button", name="Add the rest as a part").click()
    expect(amounts).to_have_value("100 60.00")
    dialog.get_by_role("button", name="Split").click()

    # The page below follows, and what was ticked still is
    expect(page.get_by_text("The line is split into 2 parts.")).to_be_visible()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("link", name="Not matched 3 : 5")).to_be_visible()
    expect(ours.get_by_label("SH-2026-10081")).to_be_checked()
    parts = theirs.locator("li", has_text="a part")
    expect(parts).to_have_count(2)
    expect(parts.first.get_by_role("checkbox")).to_be_focused()
    parts.nth(1).get_by_role("checkbox").check()
    page.get_by_role("button", name="Match", exact=True).click()
    expect(page.get_by_role("link", name="Not matched 2 : 4")).to_be_visible()

    # While a part is matched the line is not put together; afterwards it is, in a click
    again = page.get_by_role("button", name="Put row 3 together again")
    again.click()
    expect(page.get_by_text("is matched already")).to_be_visible()
    page.goto(f"{live_server.url}{upload.get_absolute_url()}?show=matched")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("is undone")).to_be_visible()
    page.goto(live_server.url + upload.get_absolute_url())
    again.first.click()
    expect(page.get_by_text("The line of 160.00 is put together again.")).to_be_visible()
    expect(page.get_by_role("link", name="Not matched 3 : 4")).to_be_visible()
    assert not LedgerMatch.objects.standing().exists()


def test_a_line_is_split_on_a_page_of_its_own_without_script(
    upload: LedgerUpload, page: Page, live_server: Any, browser: Browser
) -> None:
    plain = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    shown = plain.new_page()
    shown.goto(live_server.url + upload.get_absolute_url())
    shown.get_by_role("link", name="Split row 3").click()
    shown.get_by_label("Amounts of the parts").fill("100 60")
    shown.get_by_role("button", name="Split").click()
    expect(shown.get_by_text("The line is split into 2 parts.")).to_be_visible()
    plain.close()


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
