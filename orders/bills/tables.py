"""The columns of bills."""

from django.utils.translation import gettext_lazy as _

from salesops.web.badges import Badge
from salesops.web.tables import DENSE, BadgeColumn, Column, DateColumn, MoneyColumn, NameColumn, NumberColumn, Table

from .models import Bill, BillState

TONES = {
    BillState.HELD: ("info", "clock"),
    BillState.SETTLED: ("good", "check"),
    BillState.DISHONOURED: ("bad", "x"),
    BillState.RETURNED: ("", "undo"),
}


def state_badge(bill: Bill) -> Badge:
    """Return the badge of a bill's state."""
    tone, icon = TONES[BillState(bill.state)]
    return Badge(tone, icon, bill.get_state_display())


class BillTable(Table):
    """Post-dated cheques and acceptance bills."""

    number = NumberColumn(phone="line", width=18)
    customer = NameColumn(
        accessor="customer__name", zh="customer__name_zh", verbose_name=_("Customer"), orderable=False
    )
    kind = Column(phone="hide", width=24, orderable=False)
    instrument = Column(phone="line", width=22, orderable=False)
    bank = Column(phone="hide", width=24, orderable=False)
    received_on = DateColumn(phone="hide", orderable=False)
    matures_on = DateColumn()
    state = BadgeColumn(tones=TONES, orderable=False)
    amount = MoneyColumn(total=True)

    class Meta(Table.Meta):
        attrs = DENSE
        model = Bill
        fields = ("number", "customer", "kind", "instrument", "bank", "received_on", "matures_on", "state", "amount")
        sequence = fields
        order_by = "-matures_on"


class OwnBillTable(BillTable):
    """Bills as an agent sees its own."""

    number = NumberColumn(phone="lead", width=18)

    class Meta(BillTable.Meta):
        exclude = ("customer",)
