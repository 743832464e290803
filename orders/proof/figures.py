"""What Prometheus is told of the proofs: when the books were last proved, and in how many places they differed."""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric

from .models import Proof


def of_the_last_proof() -> Iterable[Metric]:
    """Yield the moment and the count of the newest proof, by night or by day; 0 and no count where there is none."""
    last = Proof.objects.order_by("-finished_at").values("finished_at", "count").first()
    moment = last["finished_at"].timestamp() if last else 0
    yield GaugeMetricFamily(
        "salesops_books_proved_timestamp_seconds", "When the books were last proved; 0: never.", value=moment
    )
    if last:
        yield GaugeMetricFamily(
            "salesops_books_differences", "In how many places the last proof found them to differ.", value=last["count"]
        )
