"""The shell, lists and forms in a real browser: keyboard, phone, dark, and what axe finds."""

import re
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, ViewportSize, expect

from salesops.users.models import Region, User
from tests.support.axe import serious_faults
from tests.support.build import make_region, make_user
from tests.web.conftest import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST, NEW = "/sample/regions/", "/sample/regions/new/"
PHONE: ViewportSize = {"width": 390, "height": 844}
WIDE: ViewportSize = {"width": 1280, "height": 800}


@pytest.fixture
def person(db: None) -> User:
    company = make_region("Company", code="CN")
    for number in range(25):
        make_region(f"Jiangsu {number}", code=f"JS{number:02d}", parent=company, name_zh=f"江苏{number}")
    make_region("Zhejiang", code="ZJ", parent=company, name_zh="浙江")
    return make_user("administrator", full_name="Lin Yue", full_name_zh="林悦")


@pytest.fixture
def at(page: Page, live_server: Any, person: User) -> Any:
    """`at("/address/")` opens a page as the person, and fails when the browser complains about anything."""
    session = signed_in(person).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def open_page(address: str) -> Page:
        page.goto(f"{live_server.url}{address}")
        return page

    yield open_page
    assert not [said for said in complaints if "status of 4" not in said]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_serious_and_nothing_leaves_the_screen(at: Any, size: Any, theme: Any) -> None:
    for address in (LIST, f"{LIST}?q=zhe&level=2", f"{LIST}?q=none", "/sample/regions/ZJ/", NEW, "/components/", "/x/"):
        page: Page = at(address)
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=theme)
        page.reload()
        page.wait_for_load_state("networkidle")
        assert serious_faults(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address


def test_the_door_has_no_serious_faults(page: Page, live_server: Any, person: User) -> None:
    page.goto(f"{live_server.url}/sign-in/")
    assert serious_faults(page) == []


def test_slash_finds_and_enter_opens(at: Any) -> None:
    page: Page = at(LIST)
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("zheji", delay=20)
    expect(page.locator("#found [role=option]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(page.locator("#found [role=option]")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/sample/regions/ZJ/$"))


def test_escape_closes_what_is_open_and_gives_the_focus_back(at: Any) -> None:
    page: Page = at(LIST)
    person = page.locator(".so-me")
    person.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#me")).to_be_hidden()
    expect(person).to_be_focused()


def test_filtering_changes_rows_and_address_without_a_new_page(at: Any) -> None:
    page: Page = at(f"{LIST}?sort=-name")
    page.evaluate("window.sameDocument = true")
    page.locator("#list-q").fill("zhe")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?(q=zhe&sort=-name|sort=-name&q=zhe)$"))
    page.get_by_role("link", name="Code").click()
    expect(page).to_have_url(re.compile("q=zhe&sort=code"))
    assert page.evaluate("window.sameDocument")
    page.go_back()
    expect(page).to_have_url(re.compile("-name"))
    expect(page.locator("#list-q")).to_have_value("zhe")
    expect(page.locator("thead")).to_be_visible()


def test_ticked_rows_are_counted_and_cleared(at: Any) -> None:
    page: Page = at(LIST)
    boxes = page.locator('input[name="selected"]')
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(page.locator("[data-bulk-n]")).to_have_text("4 selected")
    page.keyboard.press("Escape")
    expect(page.locator("#bulk")).to_be_hidden()
    assert page.locator('input[name="selected"]:checked').count() == 0


def test_a_view_is_saved_and_opened(at: Any) -> None:
    page: Page = at(f"{LIST}?q=zhe")
    page.get_by_role("button", name="Save view").click()
    page.get_by_label("Name", exact=True).fill("East")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="East")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="All", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(20)


def test_the_theme_is_kept(at: Any) -> None:
    page: Page = at(LIST)
    before = page.locator("html").get_attribute("data-bs-theme")
    page.get_by_role("button", name="Light or dark").click()
    page.reload()
    assert page.locator("html").get_attribute("data-bs-theme") != before


def test_a_form_sent_twice_has_one_effect(at: Any) -> None:
    page: Page = at(NEW)
    page.get_by_label("Code").fill("N1")
    page.get_by_label("Name", exact=True).fill("North")
    page.get_by_role("button", name="Save").dblclick()
    expect(page).to_have_url(re.compile("/sample/regions/N1/$"))
    assert Region.objects.filter(code="N1").count() == 1


def test_what_is_wrong_gets_the_focus_and_leads_to_its_field(at: Any) -> None:
    page: Page = at(NEW)
    page.get_by_label("Name", exact=True).fill("North")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#wrong")).to_be_focused()
    page.locator("#wrong a", has_text="Code").click()
    expect(page.get_by_label("Code")).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).to_have_value("North")


def test_a_remote_select_is_filled_by_keyboard(at: Any) -> None:
    page: Page = at(NEW)
    page.get_by_label("Code").fill("N1")
    page.get_by_label("Name", exact=True).fill("North")
    page.keyboard.press("Tab")
    page.keyboard.type("浙", delay=20)
    expect(page.locator(".ts-dropdown .option")).to_have_count(1)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile("/sample/regions/N1/$"))
    assert Region.objects.get(code="N1").parent == Region.objects.get(code="ZJ")


def test_leaving_with_unsaved_changes_warns(at: Any) -> None:
    page: Page = at(NEW)
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.get_by_role("link", name="Cancel").click()
    assert asked == []
    page = at(NEW)
    page.get_by_label("Code").fill("N1")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url(lambda url: "new" not in url)
    assert asked == ["beforeunload"]


def test_a_question_is_asked_before_what_cannot_be_undone(at: Any) -> None:
    page: Page = at("/sample/regions/ZJ/")
    page.get_by_role("button", name="Close", exact=True).first.click()
    dialog = page.locator("#confirm-dialog")
    expect(dialog).to_contain_text("It cannot be opened again.")
    dialog.get_by_role("button", name="Keep it as it is").click()
    expect(page).to_have_url(re.compile("/sample/regions/ZJ/$"))
    page.get_by_role("button", name="Close", exact=True).first.click()
    dialog.get_by_role("button", name="Close").click()
    expect(page.get_by_text("It still has people.")).to_be_visible()


def test_a_phone_has_menu_search_and_filters_in_reach_of_the_thumb(at: Any, page: Page) -> None:
    page.set_viewport_size(PHONE)
    at(LIST)
    page.get_by_role("button", name="Find").click()
    page.keyboard.type("zhe", delay=20)
    expect(page.locator("#found [role=option]")).to_be_visible()
    page.get_by_role("button", name="Close the search").click()
    expect(page.locator("#find")).to_be_hidden()
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Level").fill("1")
    page.get_by_label("Level").press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.get_by_role("link", name="Home").first).to_be_visible()
