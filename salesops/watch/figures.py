"""What a web process counts while it answers; with several processes, of all of them together (gunicorn.conf.py)."""

import logging
import os

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

logger = logging.getLogger(__name__)
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

_own = CollectorRegistry()
_answers = Counter(
    "salesops_requests",
    "Requests answered, by view, method and status.",
    ["view", "method", "status"],
    registry=_own,
)
_seconds = Histogram(
    "salesops_request_seconds", "Seconds until the answer, by view.", ["view"], buckets=SECONDS, registry=_own
)


def count_request(view: str, method: str, status: int, seconds: float) -> None:
    """Count one answer; that it cannot be counted, as with a full disk, is logged and harms nobody's request."""
    try:
        _answers.labels(view, method, str(status)).inc()
        _seconds.labels(view).observe(seconds)
    except OSError:
        logger.exception("an answer was not counted")


def counted() -> bytes:
    """Return what all processes of this host have counted, as Prometheus reads it."""
    if FOLDER not in os.environ:
        return generate_latest(_own)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return generate_latest(registry)
