"""The sign of life: seen while the job's own transaction is open, kept up by a silent job, gone with the job."""

import os
import signal
import threading
from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from salesops.jobs import heart
from salesops.jobs.models import Job
from salesops.jobs.progress import Progress
from salesops.jobs.queue import requeue_jobs
from salesops.jobs.running import claim, run_job
from salesops.jobs.services import start_job
from tests.support.job_kinds import effects
from tests.support.servers import EMBEDDED

from .conftest import until
from .test_cancelling import in_thread

pytestmark = pytest.mark.django_db(transaction=True)


def connections() -> set[int]:
    """The processes that serve this database's clients; the server's own, such as autovacuum, come and go."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        return {pid for (pid,) in cursor.fetchall()}


def test_progress_is_seen_while_the_last_transaction_is_open(owner, tmp_path):
    sign = tmp_path / "go"
    job = start_job("test.count", by=owner, title="x", params={"steps": 7, "sign_inside": str(sign)})
    thread = in_thread(run_job, job.pk)
    until(lambda: Job.objects.filter(pk=job.pk, state="running", done=7, total=7, saying="Counting").exists())
    sign.touch()
    thread.join(timeout=20)
    assert Job.objects.get(pk=job.pk).state == "done"


def test_a_silent_job_is_not_taken_for_dead(owner, tmp_path, settings, monkeypatch):
    monkeypatch.setattr(heart, "SILENCE_SECONDS", 0.1)
    monkeypatch.setattr(heart, "PULSE_SECONDS", 0.05)
    settings.JOB_STALE_SECONDS = 1.0
    sign = tmp_path / "go"
    job = start_job("test.silent", by=owner, title="x", params={"sign": str(sign)})
    thread = in_thread(run_job, job.pk)
    first = until(lambda: Job.objects.get(pk=job.pk).heartbeat_at)
    until(lambda: (Job.objects.get(pk=job.pk).heartbeat_at - first).total_seconds() > settings.JOB_STALE_SECONDS)
    requeue_jobs()
    assert Job.objects.get(pk=job.pk).state == "running"
    sign.touch()
    thread.join(timeout=20)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 1)
    assert effects() == 1


def test_thread_and_connection_end_with_the_job(owner, tmp_path, monkeypatch):
    monkeypatch.setattr(heart, "SILENCE_SECONDS", 0.05)
    monkeypatch.setattr(heart, "PULSE_SECONDS", 0.05)
    before = connections()
    sign = tmp_path / "go"
    job = start_job("test.silent", by=owner, title="x", params={"sign": str(sign)})
    thread = in_thread(run_job, job.pk)
    until(lambda: len(connections() - before) == 2)  # the job's and the heart's
    sign.touch()
    thread.join(timeout=20)
    until(lambda: not connections() - before)
    assert not [one for one in threading.enumerate() if one.name.startswith("heart of")]


@pytest.mark.skipif(not EMBEDDED, reason="stops a process of the server, which must be our own")
def test_a_job_ends_also_while_its_heart_hangs(owner, tmp_path, monkeypatch):
    """Its connection answers no more, as over a network that is gone."""
    monkeypatch.setattr(heart, "SILENCE_SECONDS", 0.1)
    monkeypatch.setattr(heart, "PULSE_SECONDS", 0.05)
    monkeypatch.setattr(heart, "FAREWELL_SECONDS", 0.5)
    before = connections()
    sign = tmp_path / "go"
    job = start_job("test.count", by=owner, title="x", params={"sign": str(sign)})
    thread = in_thread(run_job, job.pk)
    until(lambda: len(connections() - before) == 2)
    until(lambda: Job.objects.filter(pk=job.pk, state="running", done=3).exists())
    session = youngest_idle_session()
    os.kill(session, signal.SIGSTOP)
    try:
        silent_since = until(lambda: moment_of_silence(job))
        sign.touch()
        thread.join(timeout=20)
        assert not thread.is_alive()
        job.refresh_from_db()
        assert (job.state, effects()) == ("done", 1)
        assert job.heartbeat_at > silent_since
    finally:
        os.kill(session, signal.SIGCONT)
    until(lambda: not [one for one in threading.enumerate() if one.name.startswith("heart of")])


def youngest_idle_session():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle'"
            " ORDER BY backend_start DESC LIMIT 1"
        )
        return cursor.fetchone()[0]


def moment_of_silence(job):
    """The last sign of life, once it is older than several beats."""
    last = Job.objects.get(pk=job.pk).heartbeat_at
    return last if last and timezone.now() - last > timedelta(seconds=1) else None


def test_a_job_whose_row_is_gone_stops(owner, tmp_path, monkeypatch):
    monkeypatch.setattr(heart, "SILENCE_SECONDS", 0.05)
    monkeypatch.setattr(heart, "PULSE_SECONDS", 0.05)
    job = start_job("test.count", by=owner, title="x", params={"sign": str(tmp_path / "never")})
    thread = in_thread(run_job, job.pk)
    until(lambda: Job.objects.filter(pk=job.pk, state="running", done=3).exists())
    Job.objects.filter(pk=job.pk).delete()
    thread.join(timeout=20)
    assert not thread.is_alive()
    assert effects() == 0


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_beat_that_fails_is_made_up_for_by_the_next(owner, error):
    """Its connection breaks, as the server, or the driver itself, says."""
    job = claim(start_job("test.count", by=owner, title="x", params={}).pk)
    assert job
    progress = Progress(job)
    beating = heart.Heart(progress)
    progress.step(1, 3)

    def breaking(*_query):
        raise error("the connection is closed")

    with connection.execute_wrapper(breaking):
        beating._beat()
    progress.step(2)
    beating._beat()
    assert Job.objects.get(pk=job.pk).done == 2
