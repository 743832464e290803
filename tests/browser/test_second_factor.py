"""Setting up a second factor and signing in with it, as a person does, on a desk and on a phone."""

import time
from base64 import b32decode
from typing import Any

import pytest
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Page, expect

from tests.support.axe import serious_faults
from tests.support.browser import SignIn
from tests.support.build import PASSWORD, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.slow]


def code_of(device: TOTPDevice, ahead: int = 0) -> str:
    """What the app shows, `ahead` half minutes from now."""
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = time.time() + ahead * device.step
    return f"{totp.token():06d}"


def test_a_person_sets_it_up_and_signs_in_with_it(page: Page, live_server: Any, sign_in: SignIn) -> None:
    make_user("finance", username="gao")
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    sign_in(page, "gao")
    page.goto(live_server.url + "/second-factor/")
    page.get_by_role("link", name="Set up").click()
    expect(page.get_by_role("img", name="Picture for the authenticator app")).to_be_visible()
    faults = serious_faults(page)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 800})
    secret = page.locator("#secret").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(code_of(TOTPDevice(key=b32decode(secret).hex()), -1))
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("#codes li")).to_have_count(10)
    recovery = page.locator("#codes li").first.inner_text()
    faults += serious_faults(page)
    page.get_by_role("link", name="I have kept them").click()
    page.context.clear_cookies()
    page.goto(live_server.url + "/jobs/")
    page.locator("input[name=username]").fill("gao")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/sign-in/code/")
    faults += serious_faults(page)
    page.get_by_role("link", name="Phone not at hand? Use a recovery code").click()
    page.get_by_role("textbox", name="Recovery code").fill(recovery)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/jobs/")
    assert refused == []
    assert faults == []
