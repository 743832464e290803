"""Background work: one row a job, from the click to the result."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from salesops.users.models import User

from .registry import JobKind, job_kinds

PROMISING = 0.02
"""The share that must be done before the time left can be told."""


class JobState(models.TextChoices):
    """Where a job stands."""

    QUEUED = "queued", _("Waits for its turn")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


LIVE = (JobState.QUEUED, JobState.RUNNING)

NEXT: dict[str, frozenset[str]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.CANCELLED, JobState.FAILED}),
    JobState.RUNNING: frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.QUEUED}),
    JobState.FAILED: frozenset({JobState.QUEUED}),
    JobState.DONE: frozenset(),
    JobState.CANCELLED: frozenset(),
}
"""What may follow. Running goes back to queued when its worker is lost, failed when its owner tries again."""


class JobQuerySet(models.QuerySet["Job"]):
    """Words for jobs."""

    def visible_to(self, user: User) -> "JobQuerySet":
        """Keep a person's own jobs; those who watch over all of them see all."""
        if user.has_perm("jobs.view_all_jobs"):
            return self
        return self.filter(owner=user)

    def live(self) -> "JobQuerySet":
        """Keep those that wait or run."""
        return self.filter(state__in=LIVE)

    def held_by(self, token: Any) -> "JobQuerySet":
        """Keep the job that runs under a token: no more than one, none once somebody else has taken over."""
        return self.filter(token=token, state=JobState.RUNNING)

    def silent_since(self, moment: datetime) -> "JobQuerySet":
        """Keep the running ones whose worker has given no sign of life since then."""
        return self.filter(state=JobState.RUNNING, heartbeat_at__lt=moment)

    def locked(self, job_id: Any) -> "Job":
        """Return the job with its row locked."""
        return self.select_for_update(of=("self",)).get(pk=job_id)


class Job(models.Model):
    """One piece of background work. `token` belongs to the attempt that runs it: only its holder may end the job."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=60)
    title = models.CharField(_("work"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=JobState, default=JobState.QUEUED)
    owner = models.ForeignKey(User, models.PROTECT, related_name="jobs", verbose_name=_("started by"))
    params: Any = models.JSONField(default=dict, blank=True)
    key = models.CharField(max_length=200, blank=True)

    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True, blank=True)
    saying = models.CharField(max_length=200, blank=True)
    part_started_at = models.DateTimeField(null=True, blank=True)

    token = models.UUIDField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)

    request_id = models.CharField(max_length=64, blank=True, default="", db_default="")

    queued_at = models.DateTimeField(_("asked for"), default=timezone.now)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)

    result = models.FileField(upload_to="jobs", max_length=400, blank=True)
    result_name = models.CharField(max_length=200, blank=True)
    result_url = models.CharField(max_length=400, blank=True)
    result_removed_at = models.DateTimeField(null=True, blank=True)
    summary: Any = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-queued_at", "pk"]
        verbose_name = _("background job")
        verbose_name_plural = _("background jobs")
        permissions = [("view_all_jobs", _("Can see and cancel the background work of everybody"))]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(state__in=["queued", "running"]) & ~Q(key=""), name="one_live_job_a_key"
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(token__isnull=False, heartbeat_at__isnull=False),
                name="a_running_job_has_a_holder",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running"], finished_at=None)
                | Q(state__in=["done", "failed", "cancelled"], finished_at__isnull=False),
                name="a_job_that_ended_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(total=None) | Q(done__lte=F("total")), name="no_more_done_than_there_is"
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-queued_at"], name="jobs_of_a_person"),
            models.Index(fields=["-queued_at"], name="jobs_latest"),
            models.Index(fields=["owner"], condition=Q(state__in=["queued", "running"]), name="jobs_live"),
            models.Index(fields=["finished_at"], condition=~Q(result=""), name="jobs_with_a_file"),
            models.Index(fields=["finished_at"], condition=Q(state="failed"), name="jobs_failed"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="a_job_ends_once",
                field="state",
                transitions=[(state, after) for state, follow in NEXT.items() for after in sorted(follow)],
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The page of the job."""
        return reverse("jobs:record", args=[self.pk])

    @property
    def what(self) -> JobKind | None:
        """Its kind; None when no app of this installation knows it any more."""
        return job_kinds.get(self.kind)

    @property
    def kind_label(self) -> Any:
        """Its kind in words."""
        return self.what.label if self.what else self.kind

    @property
    def is_live(self) -> bool:
        """Whether it waits or runs."""
        return self.state in LIVE

    @property
    def is_stopping(self) -> bool:
        """Whether somebody has asked a running job to stop."""
        return self.state == JobState.RUNNING and self.cancel_requested_at is not None

    @property
    def percent(self) -> int | None:
        """How much of the present part is done; None while nobody knows."""
        return self.done * 100 // self.total if self.total else None

    def time_left(self, now: datetime) -> timedelta | None:
        """How long the present part still takes at its pace so far; None while it cannot be told."""
        if not self.total or not self.part_started_at or self.done < self.total * PROMISING or not self.done:
            return None
        return (now - self.part_started_at) / self.done * (self.total - self.done)

    @property
    def duration(self) -> timedelta | None:
        """How long it took from the first start to the end, or has taken so far."""
        if not self.started_at:
            return None
        return (self.finished_at or timezone.now()) - self.started_at

    def result_allowed_to(self, user: User) -> bool:
        """Whether a person may fetch the result now, with the right of the kind: its owner, or who watches over all.

        A kind whose file holds what its owner's scope shows gives it to nobody else.
        """
        is_overseer = user.has_perm("jobs.view_all_jobs") and not (self.what and self.what.owner_only)
        is_theirs = self.owner_id == user.pk or is_overseer
        return is_theirs and self.what is not None and self.what.allowed_to(user, self.params)
