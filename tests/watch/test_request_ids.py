"""One id for a request and all that it sets off: said back, in every line of the log, handed to the jobs."""

import logging
import re

import pytest
from django.test import Client
from django.utils import timezone

from salesops.jobs.models import Job, JobState
from salesops.jobs.running import run_job
from salesops.jobs.services import retry_job, start_job
from salesops.watch.logs import Lines
from salesops.web.request_ids import belonging_to, present_id
from tests.support.build import make_user
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db
OURS = re.compile(r"[0-9a-f]{32}")


def ask(said: str | None = None, path: str = "/live/") -> str:
    return Client().get(path, headers={"X-Request-ID": said} if said is not None else {})["X-Request-ID"]


@pytest.mark.parametrize("said", ["12345678", "3b241101-e2bb-4255-8caf-4136c566a962", "a" * 64, "Root_1.2-3"])
def test_a_sane_id_of_the_asker_is_kept(said):
    assert ask(said) == said


@pytest.mark.parametrize(
    "said",
    [
        "",
        "1234567",
        "a" * 65,
        "with a space",
        "two\nlines-of-it",
        "-begins-badly",
        "<script>1",
        "ümlaut-12",
        '"},{"a":1',
    ],
)
def test_any_other_is_replaced(said):
    assert OURS.fullmatch(ask(said))


def test_every_answer_has_one_of_its_own():
    ids = {ask(path=path) for path in ("/live/", "/nowhere/", "/deliveries/", "/api/v1/payments/", "/static/none.css")}
    assert len(ids) == 5
    assert all(OURS.fullmatch(one) for one in ids)
    assert present_id() == ""


def test_lines_of_the_log_name_the_request(caplog):
    caplog.handler.setFormatter(Lines("{levelname} [{request_id}] {message}", style="{"))
    with caplog.at_level(logging.INFO, logger="salesops.access"):
        ask("request-of-mine", "/nowhere/?token=hidden")
    assert "WARNING [request-of-mine] Not Found: /nowhere/" in caplog.text
    assert re.search(r"INFO \[request-of-mine\] GET /nowhere/ 404 in [\d.]+ ms", caplog.text)
    assert "hidden" not in caplog.text


def test_a_job_belongs_to_the_request_that_asked_for_it_in_every_line_that_it_logs(caplog, run_tasks):
    with run_tasks() as done:
        answer = signed_in(make_user("finance")).post("/proofs/new/", headers={"X-Request-ID": "proof-wanted"})
    assert answer.status_code == 302
    assert done.names == ["salesops.jobs.tasks.run_job"]
    assert Job.objects.get().request_id == "proof-wanted"

    with belonging_to("breaks-something"):
        job = start_job("test.break", by=make_user("finance"), title="Break", params={})
    caplog.handler.setFormatter(Lines("[{request_id}] {message}", style="{"))
    run_job(job.pk)
    assert f"[breaks-something] job {job.pk} (test.break) failed" in caplog.text
    assert present_id() == ""


def test_a_job_that_is_tried_again_belongs_to_who_asked_last():
    owner = make_user("finance")
    with belonging_to("asked-at-first"):
        job = start_job("test.count", by=owner, title="Count", params={})
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, finished_at=timezone.now())
    with belonging_to("asked-again"):
        retry_job(job.pk, by=owner)
    assert Job.objects.get().request_id == "asked-again"
