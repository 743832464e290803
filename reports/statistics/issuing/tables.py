"""The columns of issued statistics."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.web.tables import Column, DateColumn, NumberColumn, Table

from ..models import IssuedStatistic


class IssuedTable(Table):
    """Statistics, the latest period first."""

    number = NumberColumn(phone="line", width=18)
    place = Column(verbose_name=gettext_lazy("Of"), accessor="pk", orderable=False, phone="lead", width=28)
    period = Column(verbose_name=gettext_lazy("Period"), accessor="period_words", order_by="starts_on", width=14)
    span = Column(orderable=False, width=12)
    issued_at = DateColumn(time=True)
    issued_by = Column(orderable=False, empty_values=(), phone="hide", width=22)

    class Meta(Table.Meta):
        model = IssuedStatistic
        fields = ("number", "place", "period", "span", "issued_at", "issued_by")
        sequence = fields
        order_by = "-period"

    def render_place(self, record: IssuedStatistic) -> str:
        """Say which region or team, or the company."""
        return str(record.place)

    def render_issued_by(self, record: IssuedStatistic) -> str:
        """Say who wanted it."""
        return str(record.issued_by) if record.issued_by else _("on schedule")
