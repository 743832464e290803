"""What approvals add to the shell: the inbox with its count, policies, and kinds of notices."""

from django.utils.translation import gettext_lazy as _

from salesops.notify.registry import NoticeKind, notice_kinds
from salesops.web import registry

from .queries import waiting_for

registry.menu.add(
    registry.MenuEntry(
        "approvals",
        _("Approvals"),
        "approvals:inbox",
        "inbox",
        "",
        permission="approvals.view_decision",
        order=10,
        count=waiting_for,
    )
)
registry.menu.add(
    registry.MenuEntry(
        "policies",
        _("Approval policies"),
        "approvals:policies",
        "check",
        "settings",
        permission="approvals.manage_policies",
        order=40,
    )
)
notice_kinds.add(NoticeKind("approval.waiting", _("Something waits for my approval"), email_by_default=True, order=10))
notice_kinds.add(NoticeKind("approval.decided", _("What I submitted was decided"), order=20))
