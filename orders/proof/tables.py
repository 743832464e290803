"""The columns of proofs."""

from datetime import timedelta

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from salesops.jobs.words import in_words
from salesops.web.badges import Badge, badge_html
from salesops.web.tables import Column, DateColumn, Table

from .models import Proof


def outcome_badge(proof: Proof) -> Badge:
    """Return whether the books added up; the proof is one of ProofQuerySet.with_cut."""
    if not proof.count:
        return Badge("good", "check", _("The books add up"))
    words = (
        ngettext("At least %(count)d difference", "At least %(count)d differences", proof.count)
        if proof.is_cut
        else ngettext("%(count)d difference", "%(count)d differences", proof.count)
    )
    return Badge("bad", "warn", words % {"count": proof.count})


class ProofTable(Table):
    """Proofs, the latest first."""

    started_at = DateColumn(time=True, linkify=True, phone="lead", attrs={"a": {"class": "so-rowlink so-strong"}})
    count = Column(verbose_name=gettext_lazy("Outcome"), width=24)
    asked_by = Column(order_by="asked_by__full_name", empty_values=(), width=22)
    duration = Column(verbose_name=gettext_lazy("Took"), orderable=False, phone="hide", width=10)

    class Meta(Table.Meta):
        model = Proof
        fields = ("started_at", "count", "asked_by", "duration")
        order_by = "-started_at"

    def render_count(self, record: Proof) -> SafeString:
        """Say it in words."""
        return badge_html(outcome_badge(record))

    def value_count(self, record: Proof) -> str:
        """The words alone, for the file."""
        return str(outcome_badge(record).text)

    def render_asked_by(self, record: Proof) -> str:
        """Say who wanted to know."""
        return str(record.asked_by) if record.asked_by else _("each night")

    def render_duration(self, value: timedelta) -> str:
        """Say it in words."""
        return in_words(value)
