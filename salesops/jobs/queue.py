"""Sending jobs to the workers, and looking after those that no worker looks after."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from salesops.notify.text import language_of

from .models import Job, JobState
from .running import MOST_ATTEMPTS, end_cancelled, end_failed, queue_again

logger = logging.getLogger(__name__)

SEND_AGAIN_AFTER = timedelta(minutes=5)
"""A queued job whose message nobody took for so long is sent once more: the message may be lost."""


def send_jobs(job_ids: Iterable[UUID]) -> int:
    """Send jobs to the workers and return how many went. While the broker is down they stay queued."""
    from .tasks import run_job

    sent = 0
    for job_id in job_ids:
        try:
            run_job.delay(str(job_id))
        except OperationalError:
            logger.warning("the broker does not answer: jobs stay queued until it does")
            break
        Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(sent_at=timezone.now())
        sent += 1
    return sent


def requeue_jobs() -> int:
    """Send the jobs that wait without a message, and those whose worker is lost; return how many went.

    A worker is lost when its job gave no sign of life for settings.JOB_STALE_SECONDS. Its job gets another attempt,
    until MOST_ATTEMPTS are used up. Whatever the lost worker may still do under its old token has no effect.
    """
    recover_lost_jobs()
    unsent = Job.objects.filter(state=JobState.QUEUED).filter(
        Q(sent_at=None) | Q(sent_at__lt=timezone.now() - SEND_AGAIN_AFTER)
    )
    return send_jobs(list(unsent.order_by("queued_at").values_list("pk", flat=True)))


@transaction.atomic
def recover_lost_jobs() -> None:
    """Take running jobs away from workers that are lost: queued again, or ended where there is no sense in more."""
    limit = timezone.now() - timedelta(seconds=settings.JOB_STALE_SECONDS)
    for job in (
        Job.objects.silent_since(limit).select_related("owner").select_for_update(of=("self",), skip_locked=True)
    ):
        if job.cancel_requested_at:
            end_cancelled(job)
        elif job.attempts >= MOST_ATTEMPTS:
            _give_up(job)
        else:
            logger.warning("job %s lost its worker in attempt %s and is queued again", job.pk, job.attempts)
            queue_again(job)


def _give_up(job: Job) -> None:
    logger.error("job %s lost its worker %s times and is given up", job.pk, job.attempts)
    with translation.override(language_of(job.owner)):
        end_failed(job, _("The work was broken off several times before it came to its end."))
