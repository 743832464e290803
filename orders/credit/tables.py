"""The columns of temporary limits."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from salesops.web.badges import Badge
from salesops.web.tables import DENSE, Column, DateColumn, MoneyColumn, NameColumn, NumberColumn, StateColumn, Table

from .models import LimitState, TemporaryLimit

TONES = {
    LimitState.SUBMITTED: ("info", "clock"),
    LimitState.APPROVED: ("good", "check"),
    LimitState.REJECTED: ("bad", "x"),
    LimitState.RETURNED: ("warn", "undo"),
    LimitState.WITHDRAWN: ("", "undo"),
    LimitState.REVOKED: ("", "x"),
}


def limit_badge(limit: TemporaryLimit, today: date | None = None) -> Badge:
    """Return the badge of a temporary limit: an approved one says whether it holds, will hold or is over."""
    day = today or timezone.localdate()
    tone, icon = TONES[LimitState(limit.state)]
    if limit.state != LimitState.APPROVED:
        return Badge(tone, icon, limit.get_state_display())
    if limit.last_day < day:
        return Badge("", "check", _("Over"))
    return Badge(tone, icon, _("In force")) if limit.first_day <= day else Badge("info", "clock", _("To come"))


class TemporaryLimitTable(Table):
    """More credit for a time."""

    number = NumberColumn(phone="line", width=18)
    customer = NameColumn(accessor="customer__name", zh="customer__name_zh", verbose_name=_("Customer"))
    first_day = DateColumn()
    last_day = DateColumn()
    state = StateColumn(of=limit_badge, width=18)
    reason = Column(phone="hide", width=40, orderable=False)
    amount = MoneyColumn()

    class Meta(Table.Meta):
        attrs = DENSE
        model = TemporaryLimit
        fields = ("number", "customer", "first_day", "last_day", "state", "reason", "amount")
        sequence = fields
        order_by = "-number"
