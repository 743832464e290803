"""Notices and mails as lists show them."""

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.web.badges import Badge, badge_html
from salesops.web.tables import BadgeColumn, Column, DateColumn, NameColumn, ShortNameColumn, Table

from .models import MailState, Notice, OutgoingMail


class NoticeTable(Table):
    """A person's notices; the row opens what it is about."""

    title = NameColumn(link=True, orderable=False)
    text = Column(orderable=False, width=60)
    kind = Column(accessor="kind_label", order_by="kind", verbose_name=gettext_lazy("About"), width=30)
    read_at = Column(verbose_name=gettext_lazy("New"), empty_values=())
    created_at = DateColumn(time=True)

    class Meta(Table.Meta):
        model = Notice
        fields = ("title", "text", "kind", "read_at", "created_at")
        order_by = "-created_at"

    def render_read_at(self, record: Notice) -> SafeString:
        """Say which ones are new; the rest needs no word."""
        return SafeString("") if record.read_at else badge_html(Badge("info", "bell", _("new")))

    def value_read_at(self, record: Notice) -> Any:
        """The same for Excel."""
        return _("read") if record.read_at else _("new")


MAIL_TONES: dict[Any, str | tuple[str, str]] = {
    MailState.WAITING: "info",
    MailState.SENT: "good",
    MailState.KEPT: ("", "mail"),
    MailState.FAILED: "bad",
}


class MailTable(Table):
    """Mails that went, wait, or would have gone."""

    subject = NameColumn(link=True)
    to = Column(width=30)
    user = ShortNameColumn(
        width=24, accessor="user__full_name", zh="user__full_name_zh", verbose_name=gettext_lazy("Person")
    )
    state = BadgeColumn(tones=MAIL_TONES)
    error = Column(orderable=False, width=40)
    created_at = DateColumn(time=True)
    sent_at = DateColumn(time=True)

    class Meta(Table.Meta):
        model = OutgoingMail
        fields = ("subject", "to", "user", "state", "error", "created_at", "sent_at")
        order_by = "-created_at"
