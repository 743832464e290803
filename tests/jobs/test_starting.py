"""start_job(): a row with the caller's transaction, a message after its commit, one live job a key."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from salesops.jobs.models import Job
from salesops.jobs.queue import SEND_AGAIN_AFTER, requeue_jobs
from salesops.jobs.services import start_job
from salesops.kernel.errors import RuleBroken
from tests.support.broker import dead_broker
from tests.support.build import make_user
from tests.support.job_kinds import effects

pytestmark = pytest.mark.django_db


def start(by, **more):
    return start_job("test.count", by=by, **{"title": "Count", "params": {"steps": 2}, **more})


def test_a_job_runs_after_the_commit_and_has_its_effect(owner, run_tasks):
    with run_tasks() as done:
        job = start(owner)
        assert job.state == "queued"
        assert effects() == 0
    job.refresh_from_db()
    assert done.names == ["salesops.jobs.tasks.run_job"]
    assert (job.state, job.attempts, job.done, job.total) == ("done", 1, 2, 2)
    assert effects() == 1


def test_nothing_runs_when_the_callers_transaction_fails(owner, run_tasks):
    with run_tasks() as done, pytest.raises(ZeroDivisionError), transaction.atomic():
        start(owner)
        _ = 1 / 0
    assert done.names == []
    assert not Job.objects.exists()


def test_an_unknown_kind_is_a_mistake_of_ours(owner):
    with pytest.raises(LookupError):
        start_job("no.such", by=owner, title="x", params={})


def test_nobody_starts_work_without_the_right_to_it():
    with pytest.raises(RuleBroken) as refused:
        start_job("test.file", by=make_user("supply"), title="x", params={})
    assert refused.value.rule == "permission"
    assert not Job.objects.exists()


def test_asking_twice_for_the_same_work_starts_it_once(owner, run_tasks):
    with run_tasks() as done:
        first = start(owner, key="count")
        assert start(owner, key="count") == first
    assert len(done.names) == 1
    assert effects() == 1


def test_other_work_of_the_same_key_waits_until_the_first_has_ended(owner, run_tasks):
    with run_tasks():
        start(owner, key="count")
        with pytest.raises(RuleBroken, match="has not ended yet"):
            start(owner, key="count", params={"steps": 9})
        with pytest.raises(RuleBroken, match="has not ended yet"):
            start(make_user("finance"), key="count")
        assert Job.objects.count() == 1
    with run_tasks():
        start(owner, key="count", params={"steps": 9})
    assert effects() == 2


def test_the_database_itself_refuses_a_second_live_job_of_a_key(owner):
    start(owner, key="count")
    with pytest.raises(IntegrityError, match="one_live_job_a_key"), transaction.atomic():
        Job.objects.create(kind="test.count", title="x", owner=owner, key="count")


def test_work_without_a_key_may_run_as_often_as_asked(owner):
    assert start(owner) != start(owner)


# ---- messages that get lost ----
def test_while_the_broker_is_down_the_job_waits_and_nothing_fails(owner, django_capture_on_commit_callbacks, run_tasks):
    with dead_broker(), django_capture_on_commit_callbacks(execute=True):
        job = start(owner)
    job.refresh_from_db()
    assert (job.state, job.sent_at) == ("queued", None)
    with dead_broker():
        assert requeue_jobs() == 0
    with run_tasks():
        assert requeue_jobs() == 1
    job.refresh_from_db()
    assert job.state == "done"


def test_a_job_that_was_sent_is_not_sent_again_at_every_turn(owner, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        start(owner)
    assert requeue_jobs() == 0


def test_a_job_whose_message_nobody_took_for_long_is_sent_again(owner, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = start(owner)
    Job.objects.filter(pk=job.pk).update(sent_at=timezone.now() - SEND_AGAIN_AFTER - timedelta(seconds=1))
    assert requeue_jobs() == 1
    assert requeue_jobs() == 0


def test_a_message_that_comes_twice_has_one_effect(owner, run_tasks):
    with run_tasks():
        job = start(owner)
        Job.objects.filter(pk=job.pk).update(sent_at=None)
        requeue_jobs()
    assert effects() == 1
    with run_tasks():
        from salesops.jobs.tasks import run_job

        run_job.delay(str(job.pk))
    assert effects() == 1
    job.refresh_from_db()
    assert job.attempts == 1


@pytest.mark.parametrize("app_label", ["jobs", "notify"])
def test_what_the_schedule_names_is_there_to_run(settings, app_label):
    names = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    ours = [name for name in names if name.startswith(f"salesops.{app_label}.")]
    assert len(ours) == 2
    assert [import_string(name).name for name in ours] == ours
