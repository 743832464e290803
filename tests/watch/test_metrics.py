"""/metrics: who may read it, and what it says of requests, jobs, signs of life and connections."""

import os
import socket
import subprocess
import sys
import time
from datetime import timedelta
from uuid import uuid4

import pytest
import redis
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

import tests.support.job_kinds  # noqa: F401  declares the kinds
from salesops.jobs.models import Job, JobState
from salesops.jobs.services import start_job
from salesops.watch import signs
from tests.support.build import make_user

pytestmark = pytest.mark.django_db
TOKEN = "of-the-watch"


def figures(text: str) -> dict[str, float]:
    """Every sample of a page of figures, by its name with its labels in the order of the alphabet."""
    return {
        sample.name + labels_of(sample.labels): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def labels_of(labels: dict[str, str]) -> str:
    """As Prometheus writes them."""
    said = ",".join(f'{name}="{value}"' for name, value in sorted(labels.items()))
    return f"{{{said}}}" if said else ""


@pytest.fixture(autouse=True)
def token(settings):
    settings.METRICS_TOKEN = TOKEN


def ask() -> dict[str, float]:
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return figures(answer.content.decode())


def queue_job(**changes):
    job = start_job("test.count", by=make_user("finance"), title="Count", params={})
    Job.objects.filter(pk=job.pk).update(**changes)


def test_there_is_no_such_page_without_a_token_in_the_environment(settings):
    settings.METRICS_TOKEN = ""
    for said in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {TOKEN}"}):
        assert Client().get("/metrics", headers=said).status_code == 404


@pytest.mark.parametrize("said", ["", "Bearer", "Bearer ", "Bearer of-the-watc", f"Token {TOKEN}", "Bearer geheim-ü"])
def test_who_does_not_bring_the_token_is_told_nothing(said):
    answer = Client().get("/metrics", headers={"Authorization": said} if said else {})
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_it_changes_nothing_and_is_not_kept_nor_sent_to_tls(settings):
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert Client().post("/metrics").status_code == 405
    assert Client().get("/sign-in/").status_code == 301


def test_requests_are_counted_by_view_and_status_whatever_people_ask_for():
    before = ask()
    client = Client()
    for number in range(3):
        client.get(f"/nowhere/{number}/", {"q": f"secret-{number}"})
        client.get(f"/customers/C-{number}/")
    client.generic("INVENTED", "/live/")
    after = ask()
    known = {name for name in after if name.startswith("salesops_requests_total") and name not in before}
    for name, more in {
        'salesops_requests_total{method="GET",status="404",view="none"}': 3,
        'salesops_request_seconds_count{view="none"}': 3,
        'salesops_requests_total{method="other",status="200",view="live"}': 1,
    }.items():
        assert after[name] - before.get(name, 0) == more, name
    assert not any("secret" in name or "C-1" in name or "INVENTED" in name for name in after)
    assert len(known) <= 4


def test_it_tells_how_many_jobs_wait_run_and_failed_and_how_long_the_oldest_has_waited():
    before = ask()
    assert before["salesops_oldest_waiting_job_seconds"] == 0
    now = timezone.now()
    queue_job(queued_at=now - timedelta(minutes=20))
    queue_job()
    queue_job(state=JobState.RUNNING, queued_at=now - timedelta(days=3), token=uuid4(), heartbeat_at=now)
    queue_job(state=JobState.FAILED, finished_at=now - timedelta(hours=23))
    queue_job(state=JobState.FAILED, finished_at=now - timedelta(hours=25))
    after = ask()
    assert after['salesops_jobs{state="waiting"}'] == 2
    assert after['salesops_jobs{state="running"}'] == 1
    assert after["salesops_jobs_failed_last_day"] == 1
    assert 1200 <= after["salesops_oldest_waiting_job_seconds"] < 1260


def test_it_tells_the_last_sign_of_life_by_host_and_forgets_hosts_after_a_day(settings):
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.delete(signs.KEY)
        late = time.time() - 300
        server.hset(signs.KEY, "worker b", str(late))
        server.hset(signs.KEY, "worker c", str(time.time() - signs.FORGOTTEN_SECONDS - 1))
        said = {name: value for name, value in ask().items() if name.startswith("salesops_last_sign")}
        assert said == {
            'salesops_last_sign_of_life_timestamp_seconds{host="b",process="worker"}': pytest.approx(late, abs=0.01)
        }
        assert server.hkeys(signs.KEY) == [b"worker b"]
        server.delete(signs.KEY)


def test_it_tells_how_many_connections_are_open_of_how_many():
    said = ask()
    assert said['salesops_database_connections{state="active"}'] >= 1
    assert said["salesops_database_connections_most"] >= 20
    assert said["salesops_database_up"] == 1


def test_while_the_broker_is_away_the_other_figures_are_there(settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        settings.REDIS_URL = f"redis://127.0.0.1:{taken.getsockname()[1]}/0"
        said = ask()
    assert (said["salesops_broker_up"], said["salesops_database_up"]) == (0, 1)
    assert 'salesops_jobs{state="waiting"}' in said
    assert not any(name.startswith("salesops_last_sign") for name in said)


def test_that_an_answer_cannot_be_counted_harms_nobody(tmp_path):
    count = (
        "from salesops.watch.figures import count_request; count_request('live', 'GET', 200, 0.1); print('answered')"
    )
    env = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "gone")}
    done = subprocess.run([sys.executable, "-c", count], env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "answered\n"
    assert "an answer was not counted" in done.stderr
