"""The pages about the API in a real browser: the documentation, read and tried offline; one's tokens."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from salesops.api.services import token_of
from salesops.users.models import User
from tests.support.axe import serious_faults
from tests.support.browser import SignIn
from tests.support.build import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.slow]

WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture
def gao(db: None) -> User:
    return make_user("finance", username="gao")


@pytest.fixture
def complaints(page: Page, live_server: Any) -> Iterator[list[str]]:
    """What the browser complains of, a refusal by the policy too, and every request to somewhere else; none at all."""
    found: list[str] = []
    page.on("console", lambda said: found.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))

    def seen(request: Any) -> None:
        if not request.url.startswith((live_server.url, "data:", "blob:")):
            found.append(request.url)

    page.on("request", seen)
    yield found
    assert found == []


def fits(page: Page) -> bool:
    """Whether nothing runs over the edge of the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def filtered(page: Page, tag: str) -> None:
    """Keep the operations of one kind: of so many, only those on the screen are drawn."""
    page.get_by_placeholder("Filter by tag or path").fill(tag)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_documentation_is_drawn_without_anything_from_elsewhere(
    complaints: list[str], page: Page, live_server: Any, size: Any, theme: Any
) -> None:
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=theme)
    page.goto(live_server.url + "/api/docs/")
    expect(page.locator(".opblock").first).to_be_visible()
    filtered(page, "approvals")
    expect(page.get_by_text("/api/v1/approvals/{id}/", exact=False).first).to_be_attached()
    assert fits(page)
    page.locator(".opblock-summary-control").first.click()
    expect(page.locator(".opblock-body").first).to_be_visible()
    assert fits(page)


def test_an_operation_is_tried_with_a_token_that_the_page_made(
    complaints: list[str], page: Page, live_server: Any, sign_in: SignIn, gao: User
) -> None:
    sign_in(page, "gao")
    page.goto(live_server.url + "/tokens/")
    page.get_by_role("link", name="New token").first.click()
    page.get_by_label("What it is for").fill("scanner")
    page.get_by_role("button", name="Make the token").click()
    secret = page.locator("[data-secret]").input_value()
    faults = serious_faults(page)
    page.set_viewport_size(PHONE)
    assert fits(page)
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_role("button", name="Revoke scanner")).to_be_visible()
    assert fits(page)
    faults += serious_faults(page)
    assert faults == []

    page.set_viewport_size(WIDE)
    page.goto(live_server.url + "/api/docs/")
    page.get_by_role("button", name="Authorize").first.click()
    page.locator(".auth-container input").fill(f"Token {secret}")
    page.locator(".auth-container button.authorize").click()
    page.locator(".auth-container button.btn-done").click()
    filtered(page, "payments")
    page.locator("#operations-payments-payments_list_get .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    with page.expect_response(lambda answer: "/api/v1/payments/" in answer.url) as answered:
        page.get_by_role("button", name="Execute").click()
    assert answered.value.status == 200
    assert answered.value.json() == {"results": [], "next": None}

    page.goto(live_server.url + "/tokens/")
    page.get_by_role("button", name="Revoke scanner").click()
    expect(page.get_by_text("scanner opens nothing any more.")).to_be_visible()
    assert token_of(secret) is None
