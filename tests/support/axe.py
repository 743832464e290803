"""What axe finds on a page: the rules of accessibility, checked in the real browser."""

from pathlib import Path
from typing import Any

from django.conf import settings
from playwright.sync_api import Page

SOURCE = Path(settings.NODE_MODULES) / "axe-core/axe.min.js"


def serious_faults(page: Page) -> list[str]:
    """Return what axe calls serious or critical on the page as it stands, a line each with the elements concerned."""
    page.evaluate(SOURCE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']}: {fault['help']}: {[node['target'] for node in fault['nodes']][:4]}"
        for fault in found["violations"]
        if fault["impact"] in {"serious", "critical"}
    ]
