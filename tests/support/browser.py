"""Chromium for the browser tests: Debian's, never one that Playwright would download."""

import os
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.support.build import PASSWORD

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)

SignIn = Callable[..., None]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The installed Chromium, kept from every address but ours."""
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    return {**browser_type_launch_args, "executable_path": chromium, "args": list(FLAGS)}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """English, Shanghai, a desk's screen. For a phone: `page.set_viewport_size({"width": 390, "height": 844})`."""
    return {
        **browser_context_args,
        "locale": "en",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 1280, "height": 800},
        "reduced_motion": "reduce",
    }


@pytest.fixture
def sign_in(live_server: Any) -> SignIn:
    """`sign_in(page, "supervisor")` through the sign-in page, as a person does; afterwards it shows their home."""

    def sign_in(page: Page, username: str, password: str = PASSWORD) -> None:
        page.goto(live_server.url + reverse("users:sign_in"))
        page.locator("input[name=username]").fill(username)
        page.locator("input[name=password]").fill(password)
        page.locator("input[name=password]").press("Enter")
        page.wait_for_url(lambda url: reverse("users:sign_in") not in url)

    return sign_in
