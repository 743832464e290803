"""What this feature adds: a menu entry, a kind of job, a kind of notice."""

from django.utils.translation import gettext_lazy as _

from salesops.notify.registry import NoticeKind, notice_kinds
from salesops.web import registry

from .jobs import VERIFY

registry.menu.add(
    registry.MenuEntry("facts", _("Counts of the facts"), "orders:fact_builds", "check", "settings", VERIFY, order=76)
)
notice_kinds.add(
    NoticeKind(
        "facts.differ",
        _("The statistics differed from the documents"),
        email_by_default=True,
        permission=VERIFY,
        order=81,
    )
)
