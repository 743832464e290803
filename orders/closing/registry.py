"""What this feature adds: a menu entry, checks, a document type, kinds of notices, words for the database's no."""

from django.utils.translation import gettext_lazy as _

from salesops.notify.registry import NoticeKind, notice_kinds
from salesops.web import registry
from salesops.web.refusals import SAID_BY_TRIGGERS

from . import approval, found, panels  # noqa: F401  they register the document type and the checks
from .days import refusal_of_closed_month
from .notices import CLOSE, EITHER
from .triggers import CLOSED_MONTH

SAID_BY_TRIGGERS[CLOSED_MONTH] = refusal_of_closed_month
registry.menu.add(
    registry.MenuEntry("closing", _("Closing of months"), "orders:periods", "lock", "money", EITHER, order=90)
)
for kind in (
    NoticeKind("period.closable", _("A month can be closed"), permission=CLOSE, order=81),
    NoticeKind("period.closed", _("A month was closed"), permission=EITHER, order=82),
    NoticeKind("period.reopened", _("A closed month is open again"), permission=EITHER, order=83),
):
    notice_kinds.add(kind)
for panel in (
    registry.Panel(
        "reopening", "approval", _("Approval"), 20, "orders/credit/approval.html", panels.approval, eager=True
    ),
    registry.Panel("reopening", "history", _("History"), 90, "web/history.html", panels.history, height=6),
):
    registry.panels.add(panel)
