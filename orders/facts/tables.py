"""The columns of full counts."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from salesops.web.badges import Badge, badge_html
from salesops.web.tables import Column, DateColumn, Table

from .models import BuildState, FactBuild


def outcome_badge(build: FactBuild) -> Badge:
    """Return what a count found."""
    if build.state == BuildState.COUNTING:
        return Badge("neutral", "clock", _("Not finished"))
    if build.finished_at and not build.differences:
        return Badge("good", "check", _("As kept"))
    words = ngettext("%(count)d month differed", "%(count)d months differed", build.differences)
    return Badge("warn", "warn", words % {"count": build.differences})


class BuildTable(Table):
    """Counts, the latest first."""

    started_at = DateColumn(time=True, linkify=True, phone="lead", attrs={"a": {"class": "so-rowlink so-strong"}})
    differences = Column(verbose_name=gettext_lazy("Outcome"), order_by="differences", width=24)
    asked_by = Column(order_by="asked_by__full_name", empty_values=(), width=22)
    finished_at = DateColumn(time=True, phone="hide", width=16)

    class Meta(Table.Meta):
        model = FactBuild
        fields = ("started_at", "differences", "asked_by", "finished_at")
        order_by = "-started_at"

    def render_differences(self, record: FactBuild) -> SafeString:
        """Say it in words."""
        return badge_html(outcome_badge(record))

    def value_differences(self, record: FactBuild) -> str:
        """The words alone, for the file."""
        return str(outcome_badge(record).text)

    def render_asked_by(self, record: FactBuild) -> str:
        """Say who wanted it."""
        return str(record.asked_by) if record.asked_by else _("each night")
