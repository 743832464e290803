"""Results: who may fetch them, how they are sent, how long they are kept, and what is cleared away."""

from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from salesops.jobs.models import Job
from salesops.jobs.progress import Progress
from salesops.jobs.results import KEPT_DAYS, remove_old_results
from salesops.jobs.running import claim, run_job
from salesops.jobs.services import start_job
from tests.support.build import make_user
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(owner):
    job = start_job("test.file", by=owner, title="File", params={})
    run_job(job.pk)
    job.refresh_from_db()
    return job


def url(job):
    return reverse("jobs:result", args=[job.pk])


def files():
    return sorted(path.name for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def test_the_owner_fetches_the_file_to_keep_it(job, owner):
    response = signed_in(owner).get(url(job))
    assert b"".join(response) == b"done"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"


def test_a_colleague_with_the_same_right_does_not_get_it(job):
    assert signed_in(make_user("finance")).get(url(job)).status_code == 404


def test_a_visitor_is_sent_to_sign_in(job):
    response = Client().get(url(job))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("users:sign_in"))


def test_who_watches_over_all_work_needs_the_right_of_the_kind_too(job):
    overseer = make_user((), is_superuser=True)
    assert signed_in(overseer).get(url(job)).status_code == 200


def test_the_owner_who_lost_the_right_does_not_get_it_any_more(job, owner):
    owner.groups.clear()
    assert signed_in(owner).get(url(job)).status_code == 403


def test_a_job_of_a_kind_that_is_gone_gives_nothing_out(job, owner):
    Job.objects.filter(pk=job.pk).update(kind="no.more")
    assert signed_in(owner).get(url(job)).status_code == 403


def test_a_job_without_a_file_has_nothing_to_fetch(owner):
    job = start_job("test.count", by=owner, title="x", params={})
    run_job(job.pk)
    assert signed_in(owner).get(url(job)).status_code == 404


def test_a_file_that_somebody_took_away_is_not_there(job, owner):
    Path(job.result.path).unlink()
    assert signed_in(owner).get(url(job)).status_code == 404


def test_only_the_result_stays_of_what_a_job_wrote(job):
    assert files() == ["list.txt"]


def test_a_job_that_fails_leaves_no_file(owner, monkeypatch):
    from salesops.jobs.registry import job_kind, job_kinds

    @job_kind("test.half")
    def half(job, progress):
        progress.place("half.txt").write_text("half")
        raise ZeroDivisionError

    try:
        run_job(start_job("test.half", by=owner, title="x", params={}).pk)
    finally:
        job_kinds._things.pop("test.half")
    assert files() == []


def test_results_are_removed_after_a_month_and_the_job_says_so(job, owner):
    Job.objects.filter(pk=job.pk).update(finished_at=timezone.now() - timedelta(days=KEPT_DAYS, seconds=1))
    assert remove_old_results() == 1
    job.refresh_from_db()
    assert not job.result
    assert job.result_removed_at
    assert files() == []
    assert signed_in(owner).get(url(job)).status_code == 404
    assert "was removed" in signed_in(owner).get(job.get_absolute_url()).content.decode()


def test_younger_results_and_files_of_running_jobs_stay(job, owner):
    running = start_job("test.file", by=owner, title="x", params={})
    folder = Path(settings.MEDIA_ROOT) / "jobs" / str(running.pk)
    folder.mkdir(parents=True)
    (folder / "half.txt").write_text("half")
    assert remove_old_results() == 0
    assert files() == ["half.txt", "list.txt"]


def test_folders_that_no_job_knows_are_removed(job):
    folder = Path(settings.MEDIA_ROOT) / "jobs" / "00000000-0000-0000-0000-000000000000"
    folder.mkdir(parents=True)
    assert remove_old_results() == 1
    assert not folder.exists()
    assert files() == ["list.txt"]


def test_a_job_that_ends_between_two_questions_of_the_clean_up_keeps_its_file(owner):
    questions = 0
    while ends_before_question(questions, owner):
        questions += 1
        assert len(files()) == questions
    assert questions


def ends_before_question(number, owner):
    """Clean up; a job ends before the clean-up asks the database that question. False where it asks fewer."""
    job = claim(start_job("test.file", by=owner, title="File", params={}).pk)
    assert job
    progress = Progress(job)
    asked = count()

    def ending(execute, *query):
        if next(asked) == number:
            with progress.finishing() as result:
                result.file = progress.place("list.txt")
                result.file.write_text("done")
        return execute(*query)

    with connection.execute_wrapper(ending):
        remove_old_results()
    return progress.is_finished
