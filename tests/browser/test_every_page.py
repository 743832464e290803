"""Every page in a real browser: axe finds nothing serious, nothing runs over the edge of a phone, no script fails."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from playwright.sync_api import Page

from tests.support.axe import serious_faults
from tests.support.browser import SignIn
from tests.support.world import World, addresses, make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.slow]

NOT_PAGES = {
    "api:docs",
    "api:schema",
    "live",
    "customers:attachment_file",
    "jobs:current",
    "jobs:progress",
    "notify:open",
    "orders:bill_scan",
    "orders:difference_evidence",
    "orders:bank_file_file",
    "orders:bank_file_preview",
    "orders:ledger_file",
    "orders:reconciliation_letter",
    "orders:reminder_letter",
    "orders:reminder_preview",
    "orders:shipment_note",
    "orders:statement_file",
    "orders:statement_paper",
    "orders:their_ledger_file",
    "orders:their_ledger_preview",
    "reports:statistics_pick",
    "users:sign_out",
    "web:bell",
    "web:find",
    "web:panel",
    "web:card",
}
"""Files, parts of pages, and what leads elsewhere."""


REFUSED = "Content Security Policy"
"""Stands in what the browser says whenever the policy stopped a script, a style, a picture or a connection."""


@pytest.fixture
def world() -> World:
    """One of everything; the supervisor has all roles of the company, so that one person can open every page."""
    made = make_world()
    made.people["supervisor"].groups.set(Group.objects.exclude(name="agent"))
    return made


def pages_of(world: World) -> list[str]:
    """The paths of all pages, without endpoints that answer data or only take posts."""
    return [
        reverse(name, args=world.args.get(name, []))
        for name in sorted(set(addresses()))
        if name not in NOT_PAGES and not name.startswith("v1:")
    ]


def test_every_page_is_clean_wide_and_on_a_phone(world: World, page: Page, live_server: Any, sign_in: SignIn) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on("console", lambda said: faults.append(f"{page.url}: {said.text}") if REFUSED in said.text else None)
    sign_in(page, world.people["supervisor"].username)
    seen = 0
    for path in pages_of(world):
        if page.request.get(live_server.url + path).status != 200:
            continue
        page.goto(live_server.url + path)
        if page.locator("main#main").count() == 0:
            continue
        seen += 1
        page.wait_for_load_state("networkidle")
        faults += [f"{path}: {fault}" for fault in serious_faults(page)]
        page.set_viewport_size({"width": 390, "height": 844})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > 390:
            faults.append(f"{path}: {wide} pixels wide on a phone")
        page.set_viewport_size({"width": 1280, "height": 800})
    assert faults == []
    assert seen > 60
