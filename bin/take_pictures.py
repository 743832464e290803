"""Take the pictures of the main pages that README and docs show, from a running demo company.

Usage: .venv/bin/python bin/take_pictures.py http://127.0.0.1:8000
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, ViewportSize, sync_playwright

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
PASSWORD = "salesops-demo"
WIDE: ViewportSize = {"width": 1440, "height": 920}
PHONE: ViewportSize = {"width": 390, "height": 844}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--hide-scrollbars",
]

SHOTS: list[tuple[str, str, str, ViewportSize, Literal["light", "dark"]]] = [
    ("inbox", "supervisor", "/approvals/", WIDE, "light"),
    ("inbox-dark", "supervisor", "/approvals/", WIDE, "dark"),
    ("home", "supervisor", "/", WIDE, "light"),
    ("delivery-new", "representative", "/deliveries/new/", WIDE, "light"),
    ("deliveries", "supervisor", "/deliveries/", WIDE, "light"),
    ("accounts", "finance", "/accounts/", WIDE, "light"),
    ("statistics", "sales-manager", "/statistics/?period=2026-Q3", WIDE, "light"),
    ("stock", "supply", "/stock/", WIDE, "light"),
    ("policies", "admin", "/policies/", WIDE, "light"),
    ("inbox-phone", "supervisor", "/approvals/", PHONE, "light"),
    ("home-phone", "agent", "/", PHONE, "light"),
]


def main(address: str) -> None:
    """Take them all."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name, user, path, size, theme in SHOTS:
            context = browser.new_context(
                viewport=size,
                color_scheme=theme,
                locale="en",
                timezone_id="Asia/Shanghai",
            )
            page = context.new_page()
            sign_in(page, address, user)
            page.goto(address + path, wait_until="networkidle")
            page.screenshot(path=PICTURES / f"{name}.png")
            context.close()
        browser.close()


def sign_in(page: Page, address: str, user: str) -> None:
    """Sign in as somebody of the demo company."""
    page.goto(f"{address}/sign-in/")
    page.locator("input[name=username]").fill(user)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/sign-in/" not in url)


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
