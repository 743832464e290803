"""Tasks of background work; running one twice changes nothing more."""

from uuid import UUID

from celery import shared_task

from . import queue, results, running


@shared_task
def run_job(job_id: str) -> None:
    """Do one job."""
    running.run_job(UUID(job_id))


@shared_task
def requeue_jobs() -> None:
    """See to the jobs that no worker sees to; runs every quarter of a minute."""
    queue.requeue_jobs()


@shared_task
def remove_old_results() -> None:
    """Remove the files of jobs that ended a month ago; runs daily."""
    results.remove_old_results()
