"""Background work as the list shows it."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from salesops.web.tables import BadgeColumn, Column, DateColumn, NameColumn, ShortNameColumn, Table

from .models import Job, JobState
from .words import in_words, progress_in_words

TONES: dict[Any, str | tuple[str, str]] = {
    JobState.QUEUED: "info",
    JobState.RUNNING: ("info", "play"),
    JobState.DONE: "good",
    JobState.FAILED: "bad",
    JobState.CANCELLED: "",
}


class JobTable(Table):
    """One's own work."""

    title = NameColumn(link=True)
    kind = Column(accessor="kind_label", order_by="kind", verbose_name=_("Kind"), width=26)
    state = BadgeColumn(tones=TONES)
    saying = Column(verbose_name=_("Progress"), empty_values=(), orderable=False, width=40)
    queued_at = DateColumn(time=True)
    duration = Column(verbose_name=_("Took"), orderable=False, width=10)

    class Meta(Table.Meta):
        model = Job
        fields = ("title", "kind", "state", "saying", "queued_at", "duration")
        order_by = "-queued_at"

    def render_saying(self, record: Job) -> str:
        """Say how far it is, or why it failed."""
        return progress_in_words(record) if record.is_live else record.error

    def render_duration(self, value: timedelta) -> str:
        """Say it in words."""
        return in_words(value)


class AllJobsTable(JobTable):
    """Everybody's work."""

    owner = ShortNameColumn(
        accessor="owner__full_name", zh="owner__full_name_zh", verbose_name=_("Started by"), width=22
    )

    class Meta(JobTable.Meta):
        sequence = ("title", "kind", "owner", "...")
