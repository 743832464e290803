"""The browser of the tests: installed by us, in English at Shanghai's time, and kept from the network."""

import pytest
from playwright.sync_api import Error, Page
from pytest_django.live_server_helper import LiveServer

from salesops.users.models import User
from tests.support.browser import SignIn
from tests.support.build import PASSWORD

pytestmark = pytest.mark.browser


def test_it_reaches_the_product_and_nothing_else(live_server: LiveServer, page: Page) -> None:
    page.goto(f"{live_server.url}/live/")
    assert page.text_content("body") == "ok"
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://example.com/")


def test_it_speaks_english_at_the_company_time(page: Page) -> None:
    assert page.evaluate("navigator.language") == "en"
    assert page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") == "Asia/Shanghai"


def test_a_person_signs_in_through_the_page(page: Page, sign_in: SignIn) -> None:
    User.objects.create_user("somebody", password=PASSWORD)
    sign_in(page, "somebody")
    assert {"sessionid"} <= {cookie["name"] for cookie in page.context.cookies()}
