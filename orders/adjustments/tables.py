"""The columns of adjustments."""

from django.utils.translation import gettext_lazy as _

from salesops.web.badges import Badge
from salesops.web.tables import DENSE, BadgeColumn, Column, DateColumn, MoneyColumn, NameColumn, NumberColumn, Table

from .models import Adjustment, AdjustmentState

TONES = {
    AdjustmentState.SUBMITTED: ("info", "clock"),
    AdjustmentState.APPROVED: ("good", "check"),
    AdjustmentState.REJECTED: ("bad", "x"),
    AdjustmentState.RETURNED: ("warn", "undo"),
    AdjustmentState.WITHDRAWN: ("", "undo"),
    AdjustmentState.REVERSED: ("bad", "undo"),
}


def state_badge(adjustment: Adjustment) -> Badge:
    """Return the badge of an adjustment's state."""
    tone, icon = TONES[AdjustmentState(adjustment.state)]
    return Badge(tone, icon, adjustment.get_state_display())


class AdjustmentTable(Table):
    """What accounts were adjusted by; the amount is what it adds to the balance, or would add."""

    number = NumberColumn(phone="line", width=18)
    customer = NameColumn(accessor="customer__name", zh="customer__name_zh", verbose_name=_("Customer"))
    kind = Column(width=20, orderable=False)
    reason = Column(phone="hide", width=22, orderable=False)
    concerns = DateColumn(phone="hide", orderable=False)
    state = BadgeColumn(tones=TONES, orderable=False)
    effect = MoneyColumn(verbose_name=_("Adds to the balance"), order_by=("amount", "pk"))

    class Meta(Table.Meta):
        attrs = DENSE
        model = Adjustment
        fields = ("number", "customer", "kind", "reason", "concerns", "state", "effect")
        sequence = fields
        order_by = "-number"


class OwnAdjustmentTable(AdjustmentTable):
    """Adjustments as an agent sees those of its own account."""

    number = NumberColumn(phone="lead", width=18)

    class Meta(AdjustmentTable.Meta):
        exclude = ("customer",)
