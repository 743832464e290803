"""A worker is killed in the middle of long work: the next one does it, once and whole; nothing half done is seen."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.urls import reverse

from customers.models import CreditAccount, Customer
from orders.models import Delivery, DeliveryLine, Payment, ReceivableEntry, Shipment, Stock
from orders.proof.verification import differences
from salesops.imports.models import ImportRun, RunState, SourceKey
from salesops.imports.services import open_run, start_check, start_load
from salesops.jobs.models import Job
from salesops.jobs.queue import requeue_jobs
from salesops.jobs.services import start_job
from salesops.notify.models import Notice, OutgoingMail
from salesops.users.models import User
from salesops.users.roles import Role
from salesops.web.exports import ListExport
from tests.setup.product import wait_until
from tests.support.books import CUSTOMERS, DELIVERIES, HISTORY, company, company_files
from tests.support.build import make_user
from tests.support.servers import url_of_database
from tests.support.worker import WorkerProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

EXPORTED = 30_000
MAPPING = company(stock=200) + HISTORY
LOADED: dict[Any, int] = {
    Customer: CUSTOMERS,
    CreditAccount: CUSTOMERS,
    Stock: 2,
    Delivery: DELIVERIES,
    DeliveryLine: DELIVERIES,
    Shipment: DELIVERIES // 2,
    Payment: CUSTOMERS,
    ReceivableEntry: DELIVERIES // 2 + CUSTOMERS,
}


def books() -> list[SimpleUploadedFile]:
    """The company's files as a browser sends them."""
    return [SimpleUploadedFile(name, text.encode()) for name, text in company_files().items()]


@contextmanager
def barred(table: str) -> Iterator[Callable[[], list[int]]]:
    """Within the block nobody writes into the table; it is given what tells the database's sessions that wait to."""
    with psycopg.connect(url_of_database(connection.settings_dict["NAME"])) as bar:
        bar.execute(f"LOCK TABLE {table} IN SHARE MODE")

        def who_waits() -> list[int]:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pid FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [table])
                return [pid for (pid,) in cursor.fetchall()]

        yield who_waits


def state_of(job: Job) -> str:
    return str(Job.objects.values_list("state", flat=True).get(pk=job.pk))


def is_done(job: Job) -> bool:
    state = state_of(job)
    assert state in ("queued", "running", "done"), Job.objects.get(pk=job.pk).error
    return state == "done"


def are_gone(sessions: list[int]) -> bool:
    """Whether sessions of the database have ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s)", [sessions])
        return cursor.fetchone()[0] == 0


def done_by_the_next(worker: WorkerProcess, job: Job, settings: Any) -> Job:
    """Let the job be found lost, and another worker take it; returns it done."""
    settings.JOB_STALE_SECONDS = 0.5
    wait_until(lambda: requeue_jobs() == 1, worker.log.read_text)
    worker.listen()
    wait_until(lambda: is_done(job), worker.log.read_text)
    job.refresh_from_db()
    assert job.attempts == 2
    return job


@pytest.fixture
def checked(celery_worker_process: WorkerProcess) -> ImportRun:
    """Books that a worker has checked and found good."""
    by = make_user(Role.ADMINISTRATOR)
    run = open_run(by=by, title="Old books", files=books(), mapping=MAPPING)
    job = start_check(run.pk, by=by)
    wait_until(lambda: is_done(job), celery_worker_process.log.read_text)
    run.refresh_from_db()
    assert (run.state, run.errors) == (RunState.CHECKED, 0), run.summary
    return run


@pytest.mark.parametrize(
    "table", ["customers_customer", "orders_deliveryline", "orders_receivableentry", "imports_sourcekey"]
)
def test_books_whose_worker_is_killed_while_they_are_loaded_enter_once(
    celery_worker_process: WorkerProcess, checked: ImportRun, settings: Any, table: str
) -> None:
    with barred(table) as who_waits:
        job = start_load(checked.pk, by=checked.started_by)
        wait_until(lambda: bool(who_waits()), celery_worker_process.log.read_text)
        sessions = who_waits()
        celery_worker_process.kill()
        assert state_of(job) == "running"
        assert {model: model.objects.count() for model in LOADED} == dict.fromkeys(LOADED, 0)
    wait_until(lambda: are_gone(sessions), lambda: "the dead worker's session stays")
    assert {model: model.objects.count() for model in LOADED} == dict.fromkeys(LOADED, 0)

    done_by_the_next(celery_worker_process, job, settings)

    assert {model: model.objects.count() for model in LOADED} == LOADED
    assert SourceKey.objects.filter(kind="deliveries").count() == DELIVERIES
    assert not Delivery.objects.exclude(amount=30).exists()
    assert differences() == []
    checked.refresh_from_db()
    assert checked.state == RunState.LOADED
    assert [path.name for path in checked.folder.glob("report-*")] == [checked.report]
    assert Notice.objects.of(checked.started_by).filter(kind="job.done").count() == 2  # the check and the load


@pytest.fixture
def administrator(db: None) -> User:
    return make_user(Role.ADMINISTRATOR)


def files_of(job: Job) -> list[Path]:
    folder = Path(configured.MEDIA_ROOT) / "jobs" / str(job.pk)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_long_export_whose_worker_is_killed_is_written_once_and_whole(
    celery_worker_process: WorkerProcess, administrator: User, settings: Any
) -> None:
    OutgoingMail.objects.bulk_create(
        [OutgoingMail(to=f"p{at}@example.com", subject="x", body="x") for at in range(EXPORTED)]
    )
    export = ListExport(reverse("notify:outbox"), "sort=to", "Outbox", "outbox.xlsx")
    with transaction.atomic():
        job = start_job("export", by=administrator, title="Outbox", params=export.as_params())
    wait_until(
        lambda: Job.objects.filter(pk=job.pk, state="running", done__gt=0, done__lt=EXPORTED).exists(),
        celery_worker_process.log.read_text,
    )
    celery_worker_process.kill()
    assert state_of(job) == "running"
    assert Job.objects.get(pk=job.pk).result.name == ""

    done = done_by_the_next(celery_worker_process, job, settings)

    assert done.summary == {"Rows": EXPORTED}
    wait_until(lambda: files_of(job) == [Path(done.result.path)], lambda: files_of(job))
    sheet = openpyxl.load_workbook(done.result.path, read_only=True).active
    cells = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row]
    addresses = [cell for cell in cells if cell.endswith("@example.com")]
    assert sorted(addresses) == sorted(f"p{at}@example.com" for at in range(EXPORTED))
    assert Notice.objects.of(administrator).count() == 1
