"""How a job ends: done with its result, refused by a rule, broken by a mistake, and who is told."""

import pytest
from django.db import DatabaseError, transaction

from salesops.jobs.models import Job
from salesops.jobs.progress import Progress
from salesops.jobs.registry import job_kind, job_kinds
from salesops.jobs.running import claim, run_job
from salesops.jobs.services import start_job
from salesops.notify.models import Notice
from tests.support.build import make_user
from tests.support.job_kinds import effects

pytestmark = pytest.mark.django_db


def run(by, kind="test.count", **params):
    job = start_job(kind, by=by, title="Work", params=params)
    run_job(job.pk)
    job.refresh_from_db()
    return job


def test_a_result_is_kept_with_its_file_figures_and_link(owner):
    job = run(owner, "test.file", url="/payments/")
    assert (job.state, job.result_name, job.result_url, job.summary) == (
        "done",
        "清单 2026.txt",
        "/payments/",
        {"rows": 1},
    )
    assert job.result.open().read() == b"done"


def test_the_owner_is_told_of_the_result(owner):
    job = run(owner, "test.file", url="/payments/")
    notice = Notice.objects.of(owner).get()
    assert (notice.kind, notice.title, notice.url) == ("job.done", "Work: done", "/payments/")
    run(owner)
    assert Notice.objects.of(owner).exclude(url=job.result_url).get().url.startswith("/jobs/")


def test_a_rule_that_says_no_fails_the_job_in_its_own_words(owner):
    job = run(owner, "test.refuse")
    assert (job.state, job.error) == ("failed", "The file has no rows.")
    notice = Notice.objects.of(owner).get()
    assert (notice.kind, notice.text, notice.url) == ("job.failed", "The file has no rows.", job.get_absolute_url())


def test_a_mistake_of_ours_is_logged_and_told_without_its_details(owner, caplog):
    job = run(owner, "test.break")
    assert job.state == "failed"
    assert "logged" in job.error
    assert "secret details" not in job.error
    assert "secret details" in caplog.text


def test_what_fails_in_the_last_transaction_has_no_effect(owner):
    job = run(owner, fails_inside=True)
    assert (job.state, job.error, job.summary) == ("failed", "Not like this.", {})
    assert effects() == 0


def test_a_job_speaks_its_owners_language():
    assert run(make_user("finance", language="zh-hans"), "test.speak").summary == {"word": "一月"}
    assert run(make_user("finance"), "test.speak").summary == {"word": "January"}


def test_the_right_must_still_hold_when_the_work_begins(owner):
    job = start_job("test.file", by=owner, title="x", params={})
    owner.groups.clear()
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, bool(job.result)) == ("failed", False)
    assert "right" in job.error


def test_nothing_is_done_for_somebody_who_has_left(owner):
    job = start_job("test.count", by=owner, title="x", params={})
    owner.is_active = False
    owner.save()
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert effects() == 0


def test_a_kind_that_this_installation_does_not_know_fails(owner):
    job = Job.objects.create(kind="no.more", title="x", owner=owner)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "This kind of work is not known here.")


def test_a_job_without_a_last_transaction_of_its_own_is_finished_for_it(owner):
    job = run(owner, "test.speak")
    assert job.state == "done"
    assert job.finished_at


def test_a_job_finishes_once(owner):
    @job_kind("test.twice")
    def twice(job: Job, progress: Progress) -> None:
        with progress.finishing():
            pass
        with progress.finishing():
            pass

    try:
        job = run(owner, "test.twice")
    finally:
        job_kinds._things.pop("test.twice")
    assert job.state == "done"  # the first one counted, and cannot be unmade


def test_the_database_refuses_that_an_ended_job_lives_again(owner):
    job = run(owner)
    with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(state="running", finished_at=None)


def test_only_one_worker_gets_a_job(owner):
    job = start_job("test.count", by=owner, title="x", params={})
    assert claim(job.pk)
    assert claim(job.pk) is None
    assert claim(owner_less()) is None


def owner_less():
    from uuid import uuid4

    return uuid4()
