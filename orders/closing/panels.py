"""Parts of a reopening's page."""

from typing import Any

from django.http import HttpRequest

from salesops.approvals.timeline import policy_of, timeline_of
from salesops.web.history import history_panel

from .models import Reopening


def approval(request: HttpRequest, reopening: Reopening) -> dict[str, Any]:
    """The way through approval."""
    return {
        "timeline": timeline_of("period_reopening", reopening.pk),
        "head_note": policy_of("period_reopening", reopening.pk),
    }


def history(request: HttpRequest, reopening: Reopening) -> dict[str, Any]:
    """Who changed what of it."""
    return history_panel(reopening)
