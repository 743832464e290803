"""Months that were closed and reopened, each time a row that stays, and requests to reopen one."""

from typing import Any

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from salesops.kernel.periods import Period
from salesops.kernel.triggers import APPEND_ONLY
from salesops.users.models import User

from .triggers import IN_ORDER


class ReopeningState(models.TextChoices):
    """Where a request to reopen a month stands."""

    SUBMITTED = "submitted", _("Waits for approval")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    RETURNED = "returned", _("Returned")
    WITHDRAWN = "withdrawn", _("Withdrawn")


ENDS = sorted(set(ReopeningState.values) - {ReopeningState.SUBMITTED})
"""What may become of a request that waits; none of it is changed again."""


class OfMonth(models.Model):
    """Something that is about one month."""

    month = models.DateField(_("month"))

    class Meta:
        abstract = True

    @property
    def period(self) -> Period:
        """The month's days."""
        return Period.month(self.month.year, self.month.month)


@pghistory.track()
class Reopening(OfMonth):
    """A request to reopen the month that was closed last, and why; decided in the approval engine."""

    series = "RO"
    """What the numbers begin with."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    reason = models.CharField(_("reason"), max_length=300)
    state = models.CharField(_("state"), max_length=20, choices=ReopeningState, default=ReopeningState.SUBMITTED)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("reopening of a month")
        verbose_name_plural = _("reopenings of months")
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=Q(state=ReopeningState.SUBMITTED),
                name="one_reopening_waits_at_a_time",
            )
        ]
        triggers = [
            pgtrigger.FSM(
                name="states_are_not_skipped",
                field="state",
                transitions=[(ReopeningState.SUBMITTED.value, end) for end in ENDS],
            )
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("orders:reopening", args=[self.number])


class StepKind(models.TextChoices):
    """What happened to a month."""

    CLOSED = "closed", pgettext_lazy("month", "Closed")
    REOPENED = "reopened", _("Reopened")


class ClosingStep(OfMonth):
    """A month was closed or reopened; never changed. What the last row says of closed days counts.

    The database sets `closed_through` and `entries_through`: the key of the last entry there was.
    """

    kind = models.CharField(max_length=20, choices=StepKind)
    closed_through = models.DateField(_("closed through"), editable=False, db_default=models.functions.Now())
    entries_through = models.BigIntegerField(editable=False, db_default=0)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(auto_now_add=True)
    reason = models.CharField(_("note"), max_length=300, blank=True)
    checklist: Any = models.JSONField(default=list)
    reopening = models.OneToOneField(Reopening, models.PROTECT, null=True, related_name="step")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("closing of a month")
        verbose_name_plural = _("closings of months")
        permissions = [("close_periods", _("Can close months and ask to reopen them"))]
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="a_month_is_named_by_its_first_day"),
            models.CheckConstraint(
                condition=Q(kind=StepKind.CLOSED, reopening=None) | Q(kind=StepKind.REOPENED, reopening__isnull=False),
                name="a_month_is_reopened_by_a_request",
            ),
        ]
        triggers: list[pgtrigger.Trigger] = [*APPEND_ONLY, IN_ORDER]

    def __str__(self) -> str:
        return f"{self.period} {self.get_kind_display()}"

    @property
    def told(self) -> list[dict[str, Any]]:
        """The checklist as it was, in the reader's language where the check is still known."""
        from .checks import closing_checks

        known = {check.key: check.label for check in closing_checks}
        return [{**point, "label": known.get(point["key"], point["label"])} for point in self.checklist]
