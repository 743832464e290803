"""The list of delegations."""

from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.users.models import Delegation
from salesops.web.badges import Badge, badge_html
from salesops.web.tables import Column, DateColumn, Table


def state_of(delegation: Delegation) -> Badge:
    """Whether a delegation holds, will hold, or has ended."""
    today = timezone.localdate()
    if delegation.revoked_at:
        return Badge("", "undo", _("Taken back"))
    if delegation.is_active:
        return Badge("good", "check", _("Holds now"))
    if delegation.first_day > today:
        return Badge("info", "clock", _("To come"))
    return Badge("", "", _("Ended"))


class StateColumn(Column):
    """The state in words."""

    def render(self, record: Delegation) -> SafeString:
        return badge_html(state_of(record))

    def value(self, record: Delegation) -> str:
        return str(state_of(record).text)


class DelegationTable(Table):
    """Who decides for whom, and on which days."""

    giver = Column(verbose_name=gettext_lazy("For"), phone="lead")
    taker = Column(verbose_name=gettext_lazy("Delegate"))
    first_day = DateColumn(verbose_name=gettext_lazy("From"))
    last_day = DateColumn(verbose_name=gettext_lazy("Until"))
    reason = Column(verbose_name=gettext_lazy("Reason"), width=30)
    state = StateColumn(accessor="pk", verbose_name=gettext_lazy("State"), orderable=False)
    take_back = Column(accessor="pk", verbose_name="", orderable=False, exclude_from_export=True)

    class Meta(Table.Meta):
        model = Delegation
        fields = ("giver", "taker", "first_day", "last_day", "reason", "state", "take_back")
        order_by = "-first_day"

    def render_take_back(self, record: Any) -> SafeString | str:
        """A button that takes back what still holds or is to come."""
        page = getattr(self, "page_object", None)
        if page is None or not page.may_take_back(record):
            return ""
        from django.middleware.csrf import get_token
        from django.urls import reverse

        return format_html(
            '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
            '<button class="btn so-sm so-btn-quiet">{}</button></form>',
            reverse("users:delegation_revocation", args=[record.pk]),
            get_token(page.request),
            _("Take back"),
        )
