"""A worker that is killed while it writes an agent's ledger: another one reads it, and every line counts once."""

from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from orders.matching.intake import read_ledger
from orders.matching.services import READ_AT_ONCE
from orders.models import LedgerLine, LedgerMatch, MatchOurs, MatchTheirs
from salesops.jobs.models import Job, JobState
from salesops.jobs.queue import requeue_jobs
from tests.orders.matching.ledgers import make_entries
from tests.orders.matching.test_uploads import PAIR, kept, long_csv
from tests.setup.product import wait_until
from tests.support.at_once import somebody_waits
from tests.support.build import make_sales
from tests.support.servers import url_of_database
from tests.support.worker import WorkerProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_a_worker_killed_amid_the_writing_leaves_nothing_and_the_next_one_reads_it_once(
    celery_worker_process: WorkerProcess, settings: Any
) -> None:
    sales = make_sales()
    customer = sales.customer()
    make_entries(customer, [(3, "SH-1", 30), (4, "SH-2", 31)])
    upload = kept(sales, customer, long_csv())
    name = str(connection.settings_dict["NAME"])
    with psycopg.connect(url_of_database(name)) as beside:
        beside.execute(
            "LOCK TABLE orders_matchtheirs IN ACCESS EXCLUSIVE MODE"
        )  # lines and matches are written by then
        with transaction.atomic():
            read_ledger(upload.pk, PAIR, by=sales.finance)
        wait_until(somebody_waits, lambda: celery_worker_process.log.read_text()[-2000:])
        celery_worker_process.kill()
        beside.rollback()
    assert not LedgerLine.objects.exists()
    assert not LedgerMatch.objects.exists()

    settings.JOB_STALE_SECONDS = 0.5
    wait_until(lambda: bool(requeue_jobs()), lambda: "the job is not queued again")
    celery_worker_process.listen()
    wait_until(lambda: Job.objects.get().state == JobState.DONE, lambda: celery_worker_process.log.read_text()[-2000:])

    upload.refresh_from_db()
    assert Job.objects.get().attempts == 2
    assert (upload.state, upload.lines_read, LedgerLine.objects.count()) == ("read", READ_AT_ONCE + 1, READ_AT_ONCE + 1)
    assert LedgerMatch.objects.count() == MatchOurs.objects.count() == MatchTheirs.objects.count() == 2
