"""The columns of imports."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_tables2.utils import A

from salesops.web.badges import Badge, badge_html
from salesops.web.tables import Column, DateColumn, NameColumn, QuantityColumn, Table

from .models import ImportRun, RunState


def state_badge(run: ImportRun) -> Badge:
    """Return where a run stands: what is being done with it, else its state."""
    if run.is_busy:
        return Badge("info", "clock", _("Being worked on"))
    if run.state == RunState.LOADED:
        return Badge("good", "check", _("Loaded"))
    if run.state == RunState.CHECKED:
        return (
            Badge("bad", "warn", _("Checked: not all is right")) if run.errors else Badge("info", "check", _("Checked"))
        )
    return Badge("", "", _("To be checked"))


class RunTable(Table):
    """Imports, the latest first."""

    title = NameColumn(link=True, linkify=("imports:record", {"pk": A("pk")}))
    state = Column(width=22)
    rows = QuantityColumn(verbose_name=_("New rows"), phone="figure")
    errors = QuantityColumn()
    started_by = Column(order_by="started_by__full_name", phone="hide")
    started_at = DateColumn(time=True)

    class Meta(Table.Meta):
        model = ImportRun
        fields = ("title", "state", "rows", "errors", "started_by", "started_at")
        order_by = "-started_at"

    def render_state(self, record: ImportRun) -> SafeString:
        return badge_html(state_badge(record))

    def value_state(self, record: ImportRun) -> str:
        return str(state_badge(record).text)
