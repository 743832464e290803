"""A job is told no by the database as a page is: refused in words, tried again where a lock was not to be had."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection

from salesops.jobs.models import Job
from salesops.jobs.progress import Progress
from salesops.jobs.queue import requeue_jobs
from salesops.jobs.registry import job_kind, job_kinds
from salesops.jobs.running import MOST_ATTEMPTS, run_job
from salesops.jobs.services import start_job
from salesops.kernel.models import NumberSeries
from salesops.notify.models import Notice
from salesops.users.models import User
from tests.support.job_kinds import YEAR, effects

pytestmark = pytest.mark.django_db(transaction=True)
COUNTER = "SELECT last FROM kernel_numberseries WHERE series = 'TS' FOR UPDATE"
THE_SAME = "INSERT INTO kernel_numberseries (series, year, last) SELECT series, year, 0 FROM kernel_numberseries"


@contextmanager
def kind_that_asks(*statements: str) -> Iterator[str]:
    """A kind of job that has its effect within its last transaction, and then asks the database this."""

    @job_kind("test.asks")
    def ask(job: Job, progress: Progress) -> None:
        with progress.finishing(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            NumberSeries.objects.filter(series="TS").update(last=1)

    try:
        yield "test.asks"
    finally:
        job_kinds._things.pop("test.asks")


@contextmanager
def locked_counter() -> Iterator[None]:
    """The counter's row, locked by somebody else."""
    with psycopg.connect(**connection.get_connection_params()) as somebody:
        somebody.execute(COUNTER)
        yield


@pytest.fixture(autouse=True)
def counter(db: None) -> NumberSeries:
    return NumberSeries.objects.create(series="TS", year=YEAR)


@pytest.fixture
def no_errors(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """What was logged; nothing of it is an error."""
    yield lambda: caplog.text
    assert "ERROR" not in [record.levelname for record in caplog.records]


def start(owner: User, kind: str) -> Job:
    return start_job(kind, by=owner, title="Work", params={})


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            THE_SAME,
            "has just entered the same",
        ),
        ("DO $$ BEGIN RAISE EXCEPTION 'The month is closed.'; END $$", "The month is closed."),
    ],
)
def test_what_the_database_refuses_fails_the_job_in_words(
    owner: User, no_errors: object, statement: str, words: str
) -> None:
    with kind_that_asks(statement) as kind:
        job = start(owner, kind)
        run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, effects()) == ("failed", 0)
    assert words in job.error
    assert Notice.objects.of(owner).get().text == job.error


def test_a_job_that_finds_a_lock_is_queued_again_at_once_and_done(owner: User, no_errors: Callable[[], str]) -> None:
    with kind_that_asks("SET LOCAL lock_timeout = '50ms'", COUNTER) as kind:
        job = start(owner, kind)
        with locked_counter():
            run_job(job.pk)
        job.refresh_from_db()
        assert (job.state, job.attempts, job.token, job.sent_at, effects()) == ("queued", 1, None, None, 0)
        assert "found locked" in no_errors()
        assert requeue_jobs() == 1
        run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, effects()) == ("done", 2, 1)


def test_a_job_that_finds_the_lock_each_time_fails_and_says_why(owner: User, no_errors: object) -> None:
    with kind_that_asks("SET LOCAL lock_timeout = '50ms'", COUNTER) as kind, locked_counter():
        job = start(owner, kind)
        for _attempt in range(MOST_ATTEMPTS):
            assert Job.objects.get(pk=job.pk).state == "queued"
            run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, effects()) == ("failed", MOST_ATTEMPTS, 0)
    assert "changing the same thing" in job.error
    assert Notice.objects.of(owner).count() == 1


def test_a_job_that_finds_a_lock_and_was_to_stop_is_cancelled(owner: User) -> None:
    statements = ("SET LOCAL lock_timeout = '50ms'", COUNTER)
    with kind_that_asks(*statements) as kind, locked_counter():
        job = start(owner, kind)

        def cancelling(execute: Callable[..., object], query: str, *rest: object) -> object:
            if query == COUNTER:
                with psycopg.connect(**connection.get_connection_params()) as somebody:
                    somebody.execute("UPDATE jobs_job SET cancel_requested_at = now() WHERE id = %s", [job.pk])
            return execute(query, *rest)

        with connection.execute_wrapper(cancelling):
            run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, effects()) == ("cancelled", 0)


def test_a_statement_that_takes_too_long_is_a_mistake_of_ours_and_no_lost_database(
    owner: User, caplog: pytest.LogCaptureFixture
) -> None:
    with kind_that_asks("SET LOCAL statement_timeout = '50ms'", "SELECT pg_sleep(20)") as kind:
        job = start(owner, kind)
        run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, effects()) == ("failed", 0)
    assert "mistake on our side" in job.error
    assert "statement timeout" in caplog.text
