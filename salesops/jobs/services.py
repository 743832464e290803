"""Starting, cancelling and repeating background work."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from salesops.kernel.errors import RuleBroken, require
from salesops.users.models import User
from salesops.web.request_ids import present_id

from .models import LIVE, Job, JobState
from .queue import send_jobs
from .registry import job_kinds

TITLE_LENGTH = 200


@transaction.atomic
def start_job(kind: str, *, by: User, title: Any, params: dict[str, Any], key: str | None = None) -> Job:
    """Have a piece of work done in the background; it starts after the commit of the caller's transaction.

    With a key there is one live job of that key at most: asking again for the same work returns the job that already
    waits or runs; RuleBroken when it is other work, or somebody else's. Also raised without the right of the kind.
    """
    known = job_kinds.get(kind)
    if known is None:
        raise LookupError(f"no job kind {kind!r}: declare it with @job_kind")
    require(known.allowed_to(by, params), _("Your role does not include this work."), rule="permission")
    job = Job(
        kind=kind, owner=by, title=str(title)[:TITLE_LENGTH], params=params, key=key or "", request_id=present_id()
    )
    if not _insert(job):
        return _same_job(job)
    transaction.on_commit(lambda: send_jobs([job.pk]))
    return job


def _insert(job: Job) -> bool:
    """Write the row; False when a live job has the key."""
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        if not job.key:
            raise
        return False
    return True


def _same_job(wanted: Job) -> Job:
    """Return the live job of the same key if it is the same work for the same person; RuleBroken if not."""
    live = Job.objects.live().filter(key=wanted.key).select_related("owner").first()
    if live is None:
        raise RuleBroken(_("The same work has ended just now. Try again if you still want it."), rule="busy")
    is_same = (live.kind, live.owner_id, live.params) == (wanted.kind, wanted.owner_id, wanted.params)
    require(
        is_same,
        _("“%(title)s” by %(owner)s has not ended yet. Start this when it has.")
        % {"title": live.title, "owner": live.owner},
        rule="busy",
        who=live.owner,
    )
    return live


@transaction.atomic
def cancel_job(job_id: UUID, *, by: User) -> Job:
    """Stop a job: at once while it waits, as soon as its work looks up when it runs. Nothing of it has an effect.

    RuleBroken when it has ended, and for people who may not see it.
    """
    job = Job.objects.select_related("owner").locked(job_id)
    require(_may_steer(by, job), _("This is somebody else's work."), rule="permission")
    message = _("It has ended already: %(state)s.") % {"state": job.get_state_display()}
    require(job.is_live, message, rule="ended", state=job.state, allowed=LIVE)
    if job.state == JobState.QUEUED:
        job.state, job.finished_at = JobState.CANCELLED, timezone.now()
    job.cancel_requested_at = job.cancel_requested_at or timezone.now()
    job.save(update_fields=["state", "finished_at", "cancel_requested_at"])
    return job


@transaction.atomic
def retry_job(job_id: UUID, *, by: User) -> Job:
    """Queue one's own failed job again, from its beginning; nothing of the failed attempt had an effect.

    RuleBroken when it did not fail, when the right to it is gone, or when other work of its key has begun meanwhile.
    """
    job = Job.objects.locked(job_id)
    require(job.owner_id == by.pk, _("Only who started it can try again."), rule="permission")
    failed = job.state == JobState.FAILED
    require(
        failed, _("Only work that failed can be tried again."), rule="ended", state=job.state, allowed={JobState.FAILED}
    )
    kind = job.what
    require(kind and kind.allowed_to(by, job.params), _("Your role does not include this work."), rule="permission")
    require(
        not job.key or not Job.objects.live().filter(key=job.key).exists(),
        _("The same work has been started again already."),
        rule="busy",
    )
    job.state, job.queued_at = JobState.QUEUED, timezone.now()
    job.attempts, job.error, job.request_id = 0, "", present_id()
    job.done, job.total, job.saying = 0, None, ""
    job.sent_at = job.started_at = job.finished_at = job.cancel_requested_at = job.token = None
    job.save(
        update_fields=[
            *("state", "queued_at", "attempts", "error", "request_id", "done", "total", "saying"),
            *("sent_at", "started_at", "finished_at", "cancel_requested_at", "token"),
        ]
    )
    transaction.on_commit(lambda: send_jobs([job.pk]))
    return job


def _may_steer(user: User, job: Job) -> bool:
    return job.owner_id == user.pk or user.has_perm("jobs.view_all_jobs")
