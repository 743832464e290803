"""The columns of the list of agents' ledgers."""

from django.utils.translation import gettext_lazy as _

from salesops.web.badges import Badge
from salesops.web.tables import DENSE, Column, DateColumn, NameColumn, QuantityColumn, StateColumn, Table

from .models import LedgerState, LedgerUpload

BADGES = {
    LedgerState.NEW: Badge("warn", "pen", _("To be explained")),
    LedgerState.READ: Badge("good", "check", _("Read")),
    LedgerState.REPLACED: Badge("", "history", _("Replaced")),
}


def state_badge(upload: LedgerUpload) -> Badge:
    """Where a ledger stands; being read is said by its work."""
    if upload.is_busy:
        return Badge("info", "clock", _("Being read"))
    return BADGES[LedgerState(upload.state)]


class LedgerTable(Table):
    """Agents' ledgers."""

    customer = NameColumn(accessor="customer__name", zh="customer__name_zh", verbose_name=_("Customer"), link=True)
    first_day = DateColumn(verbose_name=_("From"), phone="line")
    last_day = DateColumn(verbose_name=_("To"), phone="line")
    state = StateColumn(of=state_badge, orderable=False)
    lines_read = QuantityColumn(verbose_name=_("Lines"), phone="line")
    left = QuantityColumn(accessor="left_count", verbose_name=_("Not matched"), phone="line", orderable=False)
    uploaded_by = Column(phone="hide", orderable=False)
    uploaded_at = DateColumn(time=True, phone="hide")

    class Meta(Table.Meta):
        attrs = DENSE
        model = LedgerUpload
        fields = ("customer", "first_day", "last_day", "state", "lines_read", "left", "uploaded_by", "uploaded_at")
        sequence = fields
        order_by = "-uploaded_at"
