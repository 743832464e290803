"""Doing a job: claim it, run its kind's function, end it one way or another, each under the attempt's token."""

import logging
from typing import Any
from uuid import UUID, uuid4

import pghistory
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from salesops.kernel.errors import RuleBroken, require
from salesops.notify.text import language_of
from salesops.web.refusals import as_refusal
from salesops.web.request_ids import belonging_to

from . import results
from .heart import Heart
from .models import Job, JobState
from .notices import tell_of_failure
from .progress import Cancelled, Progress, Result, TakenOver

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
"""So many workers may be lost over a job, or find locked what it changes, before it counts as failed."""


def run_job(job_id: UUID) -> None:
    """Do a queued job to its end. Nothing happens when it is not queued (any more): messages may come twice.

    A job that loses its database is not ended by us: perhaps it was done, perhaps another host has it already. It gives
    no sign of life any more, and recover_lost_jobs decides.
    """
    job = claim(job_id)
    if job is None:
        return
    with belonging_to(job.request_id):
        try:
            _attempt_with_a_heart(job)
        except (OperationalError, InterfaceError):
            logger.warning(
                "job %s lost its database in attempt %s and is left alone", job.pk, job.attempts, exc_info=True
            )


def claim(job_id: UUID) -> Job | None:
    """Take a queued job, in one statement of which only one can win; None when it is not queued."""
    token, now = uuid4(), timezone.now()
    claimed = Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING,
        token=token,
        attempts=F("attempts") + 1,
        started_at=now,
        heartbeat_at=now,
        done=0,
        total=None,
        saying="",
        part_started_at=now,
    )
    return Job.objects.select_related("owner").get(pk=job_id, token=token) if claimed else None


def _attempt_with_a_heart(job: Job) -> None:
    progress = Progress(job)
    try:
        with (
            translation.override(language_of(job.owner)),
            pghistory.context(user=job.owner_id, url=job.get_absolute_url()),
            Heart(progress),
        ):
            _attempt(job, progress)
    finally:
        results.tidy(job.pk, job.token)


def _attempt(job: Job, progress: Progress) -> None:
    """Run the kind's function and see to the end of the job; its own mistakes are told and logged, not raised.

    It is refused by what a page is refused by, and queued again where somebody else is changing the same.
    Raises OperationalError or InterfaceError when the database is gone.
    """
    session = connection.connection
    try:
        _do(job, progress)
    except TakenOver:
        _warn_of_being_late(job)
    except Cancelled:
        end_cancelled(job)
    except Exception as error:
        if isinstance(error, OperationalError | InterfaceError) and _is_broken(session):
            raise
        refusal = as_refusal(error)
        if refusal is None:
            _end_by_mistake(job, progress)
        elif refusal.rule == "locked" and job.attempts < MOST_ATTEMPTS:
            logger.warning("job %s found locked what it changes, in attempt %s: %s", job.pk, job.attempts, error)
            queue_again(job)
        else:
            end_failed(job, str(refusal))


def _is_broken(session: Any) -> bool:
    """Whether that session with the server is no longer ours: Django begins another one by itself."""
    return session is None or session is not connection.connection or bool(session.closed)


def _end_by_mistake(job: Job, progress: Progress) -> None:
    mistake = _("This is a mistake on our side, and it has been logged. Try again; if it stays, tell us.")
    if end_failed(job, mistake) or progress.is_finished:
        logger.exception("job %s (%s) failed", job.pk, job.kind)
    else:  # whoever ended the job has removed the files of this attempt too
        _warn_of_being_late(job)


def _warn_of_being_late(job: Job) -> None:
    logger.warning("job %s was taken over by another worker: what was done here does not count", job.pk)


def _do(job: Job, progress: Progress) -> None:
    kind = job.what
    if kind is None:
        raise RuleBroken(_("This kind of work is not known here."), rule="kind")
    require(kind.allowed_to(job.owner, job.params), _("You no longer have the right to this work."), rule="permission")
    returned = kind.run(job, progress)
    if not progress.is_finished:
        with progress.finishing() as result:
            _copy(returned, result)
    elif returned is not None:
        _keep(job, returned)


def _copy(returned: Result | None, result: Result) -> None:
    if returned is not None:
        result.file, result.filename = returned.file, returned.filename
        result.url, result.summary = returned.url, returned.summary


def _keep(job: Job, returned: Result) -> None:
    """Keep a result that came after the last transaction; it is lost with a worker that dies in between."""
    Job.objects.filter(pk=job.pk, token=job.token, state=JobState.DONE).update(
        **results.fields_of(job, job.token, returned)
    )


@transaction.atomic
def end_failed(job: Job, error: str) -> bool:
    """Mark a running job as failed, for the reason that the person reads, and tell them; not if it was taken over."""
    ended = _end(job, JobState.FAILED, error=error)
    if ended:
        tell_of_failure(job, error)
    return ended


def queue_again(job: Job) -> None:
    """Put a running job back among those that wait, or end it where it was to stop; not if it was taken over."""
    wanted = Job.objects.held_by(job.token).filter(cancel_requested_at=None)
    if not wanted.update(state=JobState.QUEUED, token=None, sent_at=None):
        end_cancelled(job)


def end_cancelled(job: Job) -> bool:
    """Mark a running job as cancelled; not if it was taken over."""
    return _end(job, JobState.CANCELLED)


def _end(job: Job, state: str, **fields: Any) -> bool:
    return bool(Job.objects.held_by(job.token).update(state=state, finished_at=timezone.now(), **fields))
