"""A worker that is killed in the middle of a round: another one goes on, and each agent is sent one statement, once."""

from collections import Counter
from typing import Any

import psycopg
import pytest
from django.db import connection

from customers.models import Customer
from orders.models import IssuedStatement, Reconciliation
from orders.reconciliation.queries import reconciliations_for, tally_of
from orders.reconciliation.rounds import AT_ONCE
from salesops.jobs.models import Job, JobState
from salesops.jobs.queue import requeue_jobs
from salesops.notify.models import Notice, OutgoingMail
from salesops.users.models import User
from salesops.users.roles import Role
from tests.setup.product import wait_until
from tests.support.at_once import somebody_waits
from tests.support.build import Sales, make_sales, make_user
from tests.support.servers import url_of_database
from tests.support.worker import WorkerProcess

from .conftest import open_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ACCOUNTS = AT_ONCE + 20


def agents_of(sales: Sales) -> dict[int, User]:
    """So many accounts that one transaction does not do, each with somebody who signs in, by customer."""
    customers = [sales.customer() for _ in range(ACCOUNTS)]
    for customer in customers:
        sales.overdue(customer, 600, 12)
    return {
        one.pk: make_user(Role.AGENT, customer=one, password="!", email=f"agent-{one.pk}@agents.example")
        for one in customers
    }


def waits_for(table: str) -> bool:
    """Whether a session waits for a lock on a table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [table])
        return bool(cursor.fetchone()[0])


def nobody_writes() -> bool:
    """Whether no other session is amid a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
        )
        return not cursor.fetchone()[0]


def test_a_worker_killed_amid_a_round_leaves_whole_hundreds_and_the_next_one_sends_the_rest_once(
    celery_worker_process: WorkerProcess, settings: Any
) -> None:
    sales = make_sales()
    agents = agents_of(sales)
    said = lambda: celery_worker_process.log.read_text()[-2000:]  # noqa: E731
    url = url_of_database(str(connection.settings_dict["NAME"]))
    with psycopg.connect(url) as before, psycopg.connect(url) as amid:
        before.execute("SELECT FROM customers_creditaccount WHERE customer_id = %s FOR UPDATE", [max(agents)])
        made = open_for(sales, *Customer.objects.filter(pk__in=agents))
        wait_until(somebody_waits, said)  # the first hundred is sent, the second is about to begin
        amid.execute("LOCK TABLE notify_outgoingmail IN EXCLUSIVE MODE")
        before.rollback()
        wait_until(lambda: waits_for("notify_outgoingmail"), said)  # its statements and a notice are written
        celery_worker_process.kill()
    rows = Reconciliation.objects.filter(round=made)
    wait_until(nobody_writes, lambda: "the database does not notice that the worker is gone")
    assert rows.filter(state="sent").count() == IssuedStatement.objects.count() == AT_ONCE
    assert Notice.objects.filter(kind="reconciliation.published").count() == OutgoingMail.objects.count() == AT_ONCE
    assert Job.objects.get().state == JobState.RUNNING

    settings.JOB_STALE_SECONDS = 0.5
    wait_until(lambda: bool(requeue_jobs()), lambda: "the job is not queued again")
    celery_worker_process.listen()
    wait_until(lambda: Job.objects.get().state == JobState.DONE, said)

    job = Job.objects.get()
    assert (job.attempts, job.result_url) == (2, made.get_absolute_url())
    assert job.summary == {"Statements": ACCOUNTS, "Nobody to tell": 0}
    assert tally_of(reconciliations_for(sales.finance)).states["sent"] == rows.count() == ACCOUNTS
    once = Counter(dict.fromkeys(agents, 1))
    assert Counter(IssuedStatement.objects.values_list("customer", flat=True)) == once
    assert Counter(one.statement.customer_id for one in rows.select_related("statement") if one.statement) == once
    told = Notice.objects.filter(kind="reconciliation.published")
    assert Counter(told.values_list("user__customer", flat=True)) == once
    assert Counter(OutgoingMail.objects.values_list("user__customer", flat=True)) == once
    numbers = sorted(IssuedStatement.objects.values_list("number", flat=True))
    assert [int(number[-6:]) for number in numbers] == list(range(1, ACCOUNTS + 1))
