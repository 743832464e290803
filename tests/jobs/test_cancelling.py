"""Cancelling: at once while it waits, soon while it runs, never with half an effect."""

import threading

import pytest
from django.db import connection

from salesops.jobs.models import Job
from salesops.jobs.progress import Progress
from salesops.jobs.running import _attempt, claim, run_job
from salesops.jobs.services import cancel_job, start_job
from salesops.kernel.errors import RuleBroken
from salesops.notify.models import Notice
from tests.support.build import make_user
from tests.support.job_kinds import effects

from .conftest import until


def start(by, **params):
    return start_job("test.count", by=by, title="Count", params=params)


def in_thread(work, *args):
    def run():
        try:
            work(*args)
        finally:
            connection.close()

    thread = threading.Thread(target=run, daemon=True)  # a test that fails before its sign must not hold up the end
    thread.start()
    return thread


@pytest.mark.django_db
def test_a_waiting_job_is_cancelled_at_once_and_never_runs(owner, run_tasks):
    with run_tasks() as done:
        job = start(owner)
        assert cancel_job(job.pk, by=owner).state == "cancelled"
    assert done.names == ["salesops.jobs.tasks.run_job"]  # the message comes, and finds nothing to do
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("cancelled", 0)
    assert effects() == 0
    assert not Notice.objects.exists()


@pytest.mark.django_db
def test_cancelling_between_the_start_and_the_last_transaction_leaves_no_effect(owner):
    job = start(owner)
    claimed = claim(job.pk)
    assert claimed
    cancel_job(job.pk, by=owner)
    _attempt(claimed, Progress(claimed))
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert effects() == 0


@pytest.mark.django_db
def test_what_has_ended_cannot_be_cancelled(owner):
    job = start(owner)
    run_job(job.pk)
    with pytest.raises(RuleBroken, match="ended already: Done"):
        cancel_job(job.pk, by=owner)
    job.refresh_from_db()
    assert job.state == "done"
    assert effects() == 1


@pytest.mark.django_db
def test_nobody_cancels_anothers_work(owner):
    job = start(owner)
    with pytest.raises(RuleBroken) as refused:
        cancel_job(job.pk, by=make_user("sales_manager"))
    assert refused.value.rule == "permission"
    job.refresh_from_db()
    assert (job.state, job.cancel_requested_at) == ("queued", None)


@pytest.mark.django_db
def test_who_watches_over_all_work_may_cancel_it(owner):
    assert cancel_job(start(owner).pk, by=make_user("administrator")).state == "cancelled"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["sign", "sign_inside"])
def test_a_running_job_notices_and_leaves_no_effect(owner, tmp_path, where):
    """Also in the middle of its last transaction, which is rolled back."""
    job = start(owner, **{where: str(tmp_path / "never")})
    thread = in_thread(run_job, job.pk)
    until(lambda: Job.objects.filter(pk=job.pk, state="running", done=3).exists())
    assert cancel_job(job.pk, by=owner).is_stopping
    thread.join(timeout=20)
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert effects() == 0
