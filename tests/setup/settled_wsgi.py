"""A web process of the product that answers every request with how it was settled."""

import gc
import json
import sys
from collections.abc import Iterable
from typing import Any

import salesops.wsgi  # noqa: F401  what gunicorn would load


def application(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer how many objects the garbage collector passes over and goes through, and whether pages are loaded."""
    start_response("200 OK", [("Content-Type", "application/json")])
    left, loaded = len(gc.get_objects()), "orders.deliveries.views" in sys.modules
    return [json.dumps({"passed_over": gc.get_freeze_count(), "left": left, "loaded": loaded}).encode()]
