"""With a real Celery worker: progress is seen, cancelling works, a killed worker costs nothing but time."""

import pytest
from django.db import transaction

from salesops.jobs.models import Job
from salesops.jobs.queue import requeue_jobs
from salesops.jobs.services import cancel_job, start_job
from salesops.notify.models import Notice
from tests.support.job_kinds import effects

from .conftest import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def start(by, kind="test.count", **params):
    with transaction.atomic():
        return start_job(kind, by=by, title="Count", params=params)


def state(job):
    return Job.objects.values_list("state", flat=True).get(pk=job.pk)


def test_a_job_runs_shows_its_progress_and_has_one_effect(celery_worker_process, owner, tmp_path):
    sign = tmp_path / "go"
    job = start(owner, steps=5, sign=str(sign))
    until(lambda: Job.objects.filter(pk=job.pk, state="running", done=5, total=5, saying="Counting").exists())
    sign.touch()
    until(lambda: state(job) == "done")
    assert effects() == 1
    assert Notice.objects.of(owner).count() == 1


def test_a_running_job_can_be_cancelled(celery_worker_process, owner, tmp_path):
    job = start(owner, sign=str(tmp_path / "never"))
    until(lambda: state(job) == "running")
    cancel_job(job.pk, by=owner)
    until(lambda: state(job) == "cancelled")
    assert effects() == 0


@pytest.mark.parametrize("where", ["sign", "sign_inside"])
def test_a_job_whose_worker_is_killed_is_done_once_by_the_next_one(
    celery_worker_process, owner, tmp_path, settings, where
):
    """Killed before its last transaction, and in the middle of it, after its effect was written and not committed."""
    sign = tmp_path / "go"
    job = start(owner, **{where: str(sign)})
    until(lambda: Job.objects.filter(pk=job.pk, state="running", done=3).exists())
    celery_worker_process.kill()
    assert state(job) == "running"
    settings.JOB_STALE_SECONDS = 0.5
    until(requeue_jobs)
    sign.touch()
    celery_worker_process.listen()
    until(lambda: state(job) == "done")
    job.refresh_from_db()
    assert job.attempts == 2
    assert effects() == 1
    assert Notice.objects.of(owner).count() == 1
