"""How the company's work stands at the moment of asking: jobs, signs of life, connections. The same from every host."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

import redis
from django.db import Error as DatabaseAway
from django.db import connection
from django.db.models import Count, Min, Q
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from salesops.jobs.models import Job, JobState

from .signs import signs

logger = logging.getLogger(__name__)
A_DAY = timedelta(days=1)
JOBS = {
    "waiting": Q(state=JobState.QUEUED),
    "running": Q(state=JobState.RUNNING),
}


Part = Callable[[], Iterable[Metric]]


class State(Collector):
    """Asks the database and Redis at each collecting; where one is away, its figures are missing and its `up` is 0."""

    def collect(self) -> Iterator[Metric]:
        """Yield all figures."""
        yield from _of("database", of_the_database, DatabaseAway)
        yield from _of("broker", (signs_of_life,), redis.RedisError)


def jobs() -> Iterable[Metric]:
    """Jobs by state, those that failed within a day, and how long the oldest has been waiting."""
    now = timezone.now()
    counts = Job.objects.live().aggregate(
        **{name: Count("pk", filter=condition) for name, condition in JOBS.items()},
        oldest=Min("queued_at", filter=JOBS["waiting"]),
    )
    by_state = GaugeMetricFamily("salesops_jobs", "Background jobs that have not ended, by state.", labels=["state"])
    for name in JOBS:
        by_state.add_metric([name], counts[name])
    failed = Job.objects.filter(state=JobState.FAILED, finished_at__gt=now - A_DAY).count()
    waited = (now - counts["oldest"]).total_seconds() if counts["oldest"] else 0
    return [
        by_state,
        GaugeMetricFamily("salesops_jobs_failed_last_day", "Jobs that failed within 24 hours.", value=failed),
        GaugeMetricFamily(
            "salesops_oldest_waiting_job_seconds", "For how long the oldest waiting job has waited.", value=waited
        ),
    ]


def connections() -> Iterable[Metric]:
    """Connections to the database by state, and how many it takes."""
    by_state = GaugeMetricFamily(
        "salesops_database_connections", "Connections of clients to the database's server.", labels=["state"]
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(state, 'unknown'), count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " GROUP BY 1"
        )
        for state, count in cursor.fetchall():
            by_state.add_metric([state], count)
        cursor.execute("SELECT current_setting('max_connections')::int")
        (most,) = cursor.fetchone()
    return [by_state, GaugeMetricFamily("salesops_database_connections_most", "max_connections.", value=most)]


of_the_database: list[Part] = [jobs, connections]
"""What is asked of the database; features add their own figures."""


def signs_of_life() -> Iterable[Metric]:
    """The moment of the last sign of life of workers and beat, by host."""
    last = GaugeMetricFamily(
        "salesops_last_sign_of_life_timestamp_seconds", "When a process last gave one.", labels=["process", "host"]
    )
    for (process, host), moment in sorted(signs().items()):
        last.add_metric([process, host], moment)
    return [last]


def _of(server: str, parts: Iterable[Part], away: type[Exception]) -> Iterator[Metric]:
    up = GaugeMetricFamily(f"salesops_{server}_up", f"Whether the {server} answers.", value=1)
    found: list[Metric] = []
    try:
        for part in parts:
            found += part()
    except away as failure:
        logger.warning("figures are missing, the %s does not answer: %s", server, failure)
        up = GaugeMetricFamily(f"salesops_{server}_up", f"Whether the {server} answers.", value=0)
    yield up
    yield from found
