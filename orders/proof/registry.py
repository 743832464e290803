"""What this feature adds: a menu entry, a kind of job, a kind of notice, figures for Prometheus."""

from django.utils.translation import gettext_lazy as _

from salesops.notify.registry import NoticeKind, notice_kinds
from salesops.watch.state import of_the_database
from salesops.web import registry

from .figures import of_the_last_proof
from .jobs import VERIFY

registry.menu.add(
    registry.MenuEntry("proofs", _("Proof of the books"), "orders:proofs", "check", "settings", VERIFY, order=75)
)
notice_kinds.add(
    NoticeKind("books.differ", _("The books do not add up"), email_by_default=True, permission=VERIFY, order=80)
)
of_the_database.append(of_the_last_proof)
