"""The columns of payments."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from salesops.web.badges import Badge, badge_html
from salesops.web.tables import DENSE, Column, DateColumn, MoneyColumn, NameColumn, NumberColumn, Table

from .models import Payment

REVERSED = Badge("bad", "undo", _("Reversed"))


class ReversedColumn(Column):
    """Says only what is out of the ordinary: that a payment was reversed."""

    width = 12

    def render(self, value: bool) -> SafeString | str:
        return badge_html(REVERSED) if value else ""

    def value(self, value: bool) -> str:
        return str(REVERSED.text) if value else ""


class PaymentTable(Table):
    """Money received."""

    number = NumberColumn(phone="line", width=18)
    received_on = DateColumn()
    customer = NameColumn(accessor="customer__name", zh="customer__name_zh", verbose_name=_("Customer"))
    method = Column(phone="hide", orderable=False)
    reference = Column(phone="line", width=22, orderable=False)
    is_reversed = ReversedColumn(verbose_name=_("State"), orderable=False)
    amount = MoneyColumn(total=True)

    class Meta(Table.Meta):
        attrs = DENSE
        model = Payment
        fields = ("number", "received_on", "customer", "method", "reference", "is_reversed", "amount")
        sequence = fields
        order_by = "-received_on"


class OwnPaymentTable(PaymentTable):
    """Payments as an agent sees its own."""

    number = NumberColumn(phone="lead", width=18)

    class Meta(PaymentTable.Meta):
        exclude = ("customer",)
