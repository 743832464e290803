"""The fixtures with which tests execute background work."""

import time

import pytest
from django.db import transaction

from salesops.celery import app
from tests.support.tasks import RunTasks, next_message
from tests.support.worker import WorkerProcess

seen: list[str] = []


@app.task(name="tests.note")
def note(text: str, then: str = "") -> None:
    """Note the text; queue another note when it commits."""
    seen.append(text)
    if then:
        transaction.on_commit(lambda: note.delay(then))


@app.task(name="tests.fail")
def fail() -> None:
    """Fail."""
    raise ValueError("on purpose")


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    seen.clear()


def test_a_queued_task_has_no_effect_until_it_is_run(run_tasks: RunTasks) -> None:
    note.delay("one")
    assert seen == []
    with run_tasks() as done:
        pass
    assert seen == ["one"]
    assert done.names == ["tests.note"]


def test_on_commit_callbacks_run_though_the_test_rolls_back(run_tasks: RunTasks) -> None:
    with run_tasks():
        transaction.on_commit(lambda: note.delay("committed"))
        assert seen == []
    assert seen == ["committed"]


def test_what_a_task_queues_is_run_too(run_tasks: RunTasks) -> None:
    with run_tasks() as done:
        note.delay("first", then="second")
    assert seen == ["first", "second"]
    assert len(done.names) == 2


@pytest.mark.django_db(transaction=True)
def test_it_works_where_the_test_really_commits(run_tasks: RunTasks) -> None:
    with run_tasks(), transaction.atomic():
        transaction.on_commit(lambda: note.delay("committed"))
    assert seen == ["committed"]


def test_a_failing_task_ends_the_test(run_tasks: RunTasks) -> None:
    with pytest.raises(ValueError, match="on purpose"), run_tasks():
        fail.delay()


def test_a_failure_that_is_expected_is_kept(run_tasks: RunTasks) -> None:
    with run_tasks(failing=True) as done:
        fail.delay()
    assert [str(failure) for failure in done.failures] == ["on purpose"]


def test_messages_of_an_earlier_test_are_thrown_away(request: pytest.FixtureRequest) -> None:
    note.delay("left over")
    request.getfixturevalue("run_tasks")
    assert "tests.note" not in [message.headers["task"] for message in iter(next_message, None)]


@pytest.mark.slow
def test_a_real_worker_executes_only_while_a_test_asks_for_it(celery_worker_process: WorkerProcess) -> None:
    task = app.tasks["celery.backend_cleanup"]
    executed = f"{task.name}[{task.delay().id}] succeeded"
    wait_for(celery_worker_process, executed)
    celery_worker_process.pause()
    waiting = task.delay().id
    celery_worker_process.listen()
    wait_for(celery_worker_process, f"{task.name}[{waiting}] succeeded")


@pytest.mark.slow
def test_a_killed_worker_is_replaced(celery_worker_process: WorkerProcess) -> None:
    before = celery_worker_process.pid
    celery_worker_process.kill()
    assert not celery_worker_process.alive
    celery_worker_process.restart()
    task = app.tasks["celery.backend_cleanup"]
    wait_for(celery_worker_process, f"{task.name}[{task.delay().id}] succeeded")
    assert celery_worker_process.pid != before


def wait_for(worker: WorkerProcess, text: str) -> None:
    deadline = time.monotonic() + 30
    while text not in worker.log.read_text():
        assert time.monotonic() < deadline, worker.log.read_text()
        time.sleep(0.05)
