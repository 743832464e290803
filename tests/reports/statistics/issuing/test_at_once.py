"""Statistics asked for at the same moment, while others post, and by a worker that is killed: each is there once."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from orders.facts.services import lock_facts
from reports.models import IssuedStatistic, ScheduledPlace, Subscription
from reports.statistics.issuing.places import Place
from reports.statistics.issuing.schedule import Due, note_places, what_is_due
from reports.statistics.issuing.telling import choose_subscription
from reports.tasks import issue_due_statistics
from salesops.kernel.models import NumberSeries
from salesops.notify.models import Notice
from tests.setup.product import wait_until
from tests.support.at_once import at_once, begun
from tests.support.build import make_sales
from tests.support.servers import url_of_database
from tests.support.tasks import Executed, execute, next_message, purge_queues
from tests.support.worker import WorkerProcess

from .builders import MONTH, customer_of, figure, issued, paid, shipped

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("turn", range(3))
def test_two_at_once_make_one(turn: int) -> None:
    sales = make_sales()
    shipped(sales, customer_of(sales), 2)
    results = at_once(*[lambda by=by: issued(by=by) for by in (None, sales.finance, sales.sales_manager, None)])
    one = IssuedStatistic.objects.get()
    assert {result.pk for result in results if isinstance(result, IssuedStatistic)} == {one.pk}
    assert NumberSeries.objects.get(series="SI").last == 1
    assert Notice.objects.filter(url=one.get_absolute_url(), user=sales.supervisor).count() == 0
    told = Notice.objects.filter(url=one.get_absolute_url())
    assert set(told.values_list("user", flat=True)) == {sales.finance.pk, sales.sales_manager.pk} - {one.issued_by_id}
    assert told.count() == len(set(told.values_list("user", flat=True)))


def test_it_waits_for_who_changes_facts_and_has_what_was_posted_meanwhile() -> None:
    sales = make_sales()
    customer = customer_of(sales)
    shipped(sales, customer, 2)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lock_facts()
            running = begun(pool, issued)
            assert not running.done()
            paid(sales, customer, 50)
        one = running.result(timeout=60)
    assert figure(one, "receivable", "", "payments") == figure(one, "customers", customer.code, "payments") == 50
    assert figure(one, "months", "", "closing") == 150


def test_beats_at_once_issue_each_once_and_note_each_place_once() -> None:
    make_sales()
    note_places(MONTH.previous.start)
    ScheduledPlace.objects.all().delete()
    at_once(*[lambda: note_places(MONTH.previous.start)] * 4)
    assert ScheduledPlace.objects.count() == 3
    wanted = what_is_due(timezone.now())
    assert wanted
    purge_queues()
    at_once(*[issue_due_statistics] * 3)
    done = Executed()
    while message := next_message():
        execute(message, done, failing=False)
    assert len(done.names) == 3 * len(wanted)
    assert IssuedStatistic.objects.count() == len(wanted)


def test_two_wishes_at_once_are_one_row() -> None:
    sales = make_sales()
    place = Place(team=sales.team)
    at_once(*[lambda: choose_subscription("month", place, by=sales.supervisor, is_wanted=False)] * 4)
    assert not Subscription.objects.get().is_wanted


@pytest.mark.slow
def test_a_killed_worker_leaves_nothing_half_and_the_next_run_goes_on(celery_worker_process: WorkerProcess) -> None:
    shipped(sales := make_sales(), customer_of(sales), 2)
    note_places(MONTH.previous.start)
    wanted = set(what_is_due(timezone.now()))
    purge_queues()
    with psycopg.connect(url_of_database(connection.settings_dict["NAME"])) as bar:
        # Notices come last: the worker has written the statistic and waits to tell of it
        bar.execute("LOCK TABLE notify_notice IN SHARE MODE")
        issue_due_statistics()
        celery_worker_process.listen()
        wait_until(lambda: waits_for("notify_notice"), lambda: "no worker tells of a statistic")
        celery_worker_process.kill()
    wait_until(lambda: not waits_for("notify_notice"), lambda: "the session of the killed worker stays")
    purge_queues()  # the broker forgot it all
    assert not IssuedStatistic.objects.exists()

    issue_due_statistics()
    celery_worker_process.restart()
    celery_worker_process.listen()
    wait_until(lambda: not what_is_due(timezone.now()), lambda: f"{IssuedStatistic.objects.count()} issued")
    celery_worker_process.pause()

    made = [Due(one.starts_on, one.span, one.region_id, one.team_id) for one in IssuedStatistic.objects.all()]
    assert len(made) == len(wanted)
    assert set(made) == wanted
    assert Notice.objects.filter(kind="statistics.issued", user=sales.supervisor).count() == len(
        [one for one in wanted if one.team_id]
    )


def waits_for(table: str) -> bool:
    """Whether a session of the database waits to write into a table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [table])
        return bool(cursor.fetchone()[0])
