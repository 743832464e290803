"""Workers that die: the job gets another attempt, has one effect, and is given up in the end."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from salesops.jobs.models import Job
from salesops.jobs.queue import recover_lost_jobs, requeue_jobs
from salesops.jobs.running import MOST_ATTEMPTS, claim, run_job
from salesops.jobs.services import cancel_job, start_job
from salesops.notify.models import Notice
from tests.support.job_kinds import effects

from .conftest import until
from .test_cancelling import in_thread


def start(by, **params):
    return start_job("test.count", by=by, title="Count", params=params)


def lose_worker(job):
    """As if the worker had died a while ago, in the middle of the job."""
    claim(job.pk)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=61))


@pytest.mark.django_db
def test_a_job_whose_worker_is_lost_is_done_by_another(owner, run_tasks):
    job = start(owner)
    lose_worker(job)
    with run_tasks() as done:
        assert requeue_jobs() == 1
    job.refresh_from_db()
    assert done.names == ["salesops.jobs.tasks.run_job"]
    assert (job.state, job.attempts) == ("done", 2)
    assert effects() == 1


@pytest.mark.django_db
def test_a_job_that_gives_signs_of_life_is_left_alone(owner):
    job = start(owner)
    claim(job.pk)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=59))
    assert requeue_jobs() == 0
    assert Job.objects.get(pk=job.pk).state == "running"


@pytest.mark.django_db
def test_a_job_that_loses_worker_after_worker_is_given_up(owner):
    job = start(owner)
    for _attempt in range(MOST_ATTEMPTS):
        assert Job.objects.get(pk=job.pk).state == "queued"
        lose_worker(job)
        requeue_jobs()
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("failed", MOST_ATTEMPTS)
    assert "broken off" in job.error
    assert Notice.objects.of(owner).get().kind == "job.failed"
    assert effects() == 0


@pytest.mark.django_db
def test_a_lost_job_that_was_to_stop_is_cancelled_and_not_done_again(owner):
    job = start(owner)
    lose_worker(job)
    cancel_job(job.pk, by=owner)
    assert requeue_jobs() == 0
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert effects() == 0


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_only_seemed_dead_has_no_second_effect(owner, tmp_path):
    """It stands still before its last transaction, another one does the job, then it wakes up."""
    sign = tmp_path / "go"
    job = start(owner, sign=str(sign))
    asleep = in_thread(run_job, job.pk)
    until(lambda: Job.objects.filter(pk=job.pk, state="running", done=3).exists())
    Job.objects.filter(pk=job.pk).update(state="queued", token=None)  # what requeue_jobs does
    awake = in_thread(run_job, job.pk)
    until(lambda: Job.objects.filter(pk=job.pk, state="running", attempts=2).exists())
    sign.touch()
    for thread in (asleep, awake):
        thread.join(timeout=20)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2)
    assert effects() == 1
    assert Notice.objects.of(owner).count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_breaks_in_a_worker_that_only_seemed_dead_is_no_failure_of_the_job(owner, tmp_path, caplog):
    """It finds its folder gone, say, which went with the job's end."""
    sign = tmp_path / "go"
    job = start_job("test.silent", by=owner, title="Silent", params={"sign": str(sign), "fails": True})
    asleep = in_thread(run_job, job.pk)
    until(lambda: Job.objects.filter(pk=job.pk, state="running").exists())
    Job.objects.filter(pk=job.pk).update(state="queued", token=None)
    claim(job.pk)
    sign.touch()
    asleep.join(timeout=20)
    assert not asleep.is_alive()
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == ("running", 2, "")
    assert not Notice.objects.of(owner).exists()
    assert "taken over" in caplog.text
    assert "ERROR" not in [record.levelname for record in caplog.records]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_loses_the_job_within_its_last_transaction_undoes_it(owner, tmp_path):
    sign = tmp_path / "go"
    job = start(owner, sign_inside=str(sign))
    asleep = in_thread(run_job, job.pk)
    until(lambda: Job.objects.filter(pk=job.pk, state="running", done=3).exists())
    Job.objects.filter(pk=job.pk).update(state="queued", token=None)
    asleep.join(timeout=20)  # it looks up and sees that it no longer holds the job
    assert effects() == 0
    sign.touch()
    run_job(job.pk)
    assert effects() == 1


@pytest.mark.django_db(transaction=True)
def test_many_workers_that_get_the_same_message_do_the_job_once(owner):
    job = start(owner)
    start_together = threading.Barrier(6)

    def work():
        start_together.wait()
        run_job(job.pk)

    threads = [in_thread(work) for _ in range(6)]
    for thread in threads:
        thread.join(timeout=20)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 1)
    assert effects() == 1


@pytest.mark.django_db(transaction=True)
def test_a_job_that_loses_its_database_is_not_ended_by_its_worker_but_done_by_the_next(owner, tmp_path, settings):
    """The server ends the session of its last transaction, as when the network between them is gone for a while."""
    sign = tmp_path / "go"
    job = start(owner, sign_inside=str(sign))
    worker = in_thread(run_job, job.pk)
    until(lambda: Job.objects.filter(pk=job.pk, state="running", done=3).exists())
    until(lambda: end_sessions_within_a_transaction() == 1)
    sign.touch()
    worker.join(timeout=20)
    assert not worker.is_alive()
    job.refresh_from_db()
    assert (job.state, job.error, effects()) == ("running", "", 0)
    settings.JOB_STALE_SECONDS = 0
    recover_lost_jobs()
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, effects()) == ("done", 2, 1)
    assert Notice.objects.of(owner).count() == 1


def end_sessions_within_a_transaction():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND state = 'idle in transaction'"
        )
        return cursor.fetchone()[0]
