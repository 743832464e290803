"""A worker that is killed while it makes a workbook: another one makes it, and there is one result."""

from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest
from django.conf import settings as configured
from django.db import connection, transaction

from reports.statistics.jobs import start_workbook
from reports.statistics.questions import Question, read_period
from salesops.jobs.models import Job, JobState
from salesops.jobs.queue import requeue_jobs
from salesops.notify.models import Notice
from tests.reports.statistics.company import traded
from tests.setup.product import wait_until
from tests.support.at_once import somebody_waits
from tests.support.servers import url_of_database
from tests.support.worker import WorkerProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def files_of(job: Job) -> list[Path]:
    folder = Path(configured.MEDIA_ROOT) / "jobs" / str(job.pk)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_workbook_whose_worker_is_killed_amid_the_lines_is_made_once_by_the_next(
    celery_worker_process: WorkerProcess, settings: Any
) -> None:
    company = traded()
    log = celery_worker_process.log.read_text
    question = Question(read_period("2025"), by="customer", across="quarter")
    with psycopg.connect(url_of_database(str(connection.settings_dict["NAME"]))) as beside:
        beside.execute("LOCK TABLE orders_shipmentline IN ACCESS EXCLUSIVE MODE")  # the figures are read by then
        with transaction.atomic():
            job = start_workbook(question, by=company.manager, details=True)
        wait_until(somebody_waits, lambda: log()[-2_000:])
        assert start_workbook(question, by=company.manager, details=True) == job  # asked for twice it is one run
        celery_worker_process.kill()
        beside.rollback()
    job.refresh_from_db()
    assert (job.state, job.result.name) == (JobState.RUNNING, "")

    settings.JOB_STALE_SECONDS = 0.5
    wait_until(lambda: requeue_jobs() == 1, lambda: "the job is not queued again")
    celery_worker_process.listen()
    wait_until(lambda: Job.objects.get(pk=job.pk).state == JobState.DONE, lambda: log()[-2_000:])

    job.refresh_from_db()
    assert job.attempts == 2
    assert Job.objects.filter(kind=job.kind).count() == 1
    assert Notice.objects.of(company.manager).filter(kind="job.done").count() == 1
    wait_until(lambda: files_of(job) == [Path(job.result.path)], lambda: files_of(job))
    book = openpyxl.load_workbook(job.result.path)
    assert book.sheetnames[0] == "Summary"
    assert book["Lines"].max_row > job.summary["Lines"] > 20
