"""Trying again what failed."""

import pytest

from salesops.jobs.running import run_job
from salesops.jobs.services import retry_job, start_job
from salesops.kernel.errors import RuleBroken
from tests.support.build import make_user
from tests.support.job_kinds import effects

pytestmark = pytest.mark.django_db


def failed(by, key=None):
    job = start_job("test.count", by=by, title="Count", params={"fails_inside": True}, key=key)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    return job


def test_a_failed_job_begins_anew(owner, run_tasks):
    job = failed(owner)
    job.params = {}
    job.save(update_fields=["params"])  # what was wrong is put right
    with run_tasks():
        retry_job(job.pk, by=owner)
    job.refresh_from_db()
    assert (job.state, job.error, job.attempts) == ("done", "", 1)
    assert effects() == 1


def test_only_its_owner_tries_again(owner):
    job = failed(owner)
    with pytest.raises(RuleBroken):
        retry_job(job.pk, by=make_user("administrator"))
    job.refresh_from_db()
    assert job.state == "failed"


@pytest.mark.parametrize("kind", ["test.count", "test.file"])
def test_what_is_done_is_not_done_again(owner, kind):
    job = start_job(kind, by=owner, title="x", params={})
    run_job(job.pk)
    before = effects()
    with pytest.raises(RuleBroken, match="failed"):
        retry_job(job.pk, by=owner)
    assert effects() == before


def test_nobody_tries_again_without_the_right(owner):
    job = start_job("test.file", by=owner, title="x", params={})
    owner.groups.clear()
    run_job(job.pk)
    owner = type(owner).objects.get(pk=owner.pk)
    with pytest.raises(RuleBroken) as refused:
        retry_job(job.pk, by=owner)
    assert refused.value.rule == "permission"


def test_work_that_was_started_again_already_is_not_doubled(owner):
    job = failed(owner, key="count")
    start_job("test.count", by=owner, title="Count", params={}, key="count")
    with pytest.raises(RuleBroken, match="started again"):
        retry_job(job.pk, by=owner)
    job.refresh_from_db()
    assert job.state == "failed"
