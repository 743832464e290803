"""What somebody who watches over an installation sees: figures of all its processes, and one line a request."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import requests

from salesops.embedded.processes import stop_process
from tests.setup.product import wait_until
from tests.watch.test_metrics import figures

from .conftest import Installation
from .test_killed_broker import ask_for_a_proof, is_done_once

pytestmark = pytest.mark.slow
TOKEN = "of-the-watch"
LIVE = 'salesops_requests_total{method="GET",status="200",view="live"}'


def ask(installation: Installation) -> dict[str, float]:
    answer = requests.get(f"{installation.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20)
    assert answer.status_code == 200, answer.text
    return figures(answer.text)


def processes_of(said: dict[str, float]) -> set[str]:
    return {name.split('process="')[1].split('"')[0] for name in said if name.startswith("salesops_last_sign_of_life")}


def test_figures_are_those_of_all_processes_and_tell_of_worker_and_beat(installation: Installation) -> None:
    installation.more_env = {"METRICS_TOKEN": TOKEN}
    world = installation.ask("company")
    installation.start_web()
    assert requests.get(f"{installation.url}/metrics", timeout=20).status_code == 401
    before = ask(installation)[LIVE]
    for _time in range(40):
        requests.get(f"{installation.url}/live/", timeout=20)
    assert {ask(installation)[LIVE] for _time in range(10)} == {before + 40}  # whichever process answers

    ask_for_a_proof(installation, installation.browser(world["sessions"]["finance"]))
    waiting = ask(installation)
    assert waiting['salesops_jobs{state="waiting"}'] == 1
    assert waiting["salesops_oldest_waiting_job_seconds"] > 0
    assert processes_of(waiting) == set()
    ready = requests.get(f"{installation.url}/ready/", timeout=20)
    assert (ready.status_code, ready.json()["silent"]) == (200, ["worker", "beat"])

    installation.start_background()
    wait_until(lambda: is_done_once(installation), lambda: installation.ask("work"), seconds=60)
    wait_until(lambda: processes_of(ask(installation)) == {"worker", "beat"}, lambda: ask(installation), seconds=60)
    assert ask(installation)['salesops_jobs{state="waiting"}'] == 0
    assert requests.get(f"{installation.url}/ready/", timeout=20).json()["silent"] == []

    installation.kill_postgres()
    said = ask(installation)
    assert (said["salesops_database_up"], said["salesops_broker_up"]) == (0, 1)
    assert processes_of(said) == {"worker", "beat"}


def test_what_a_process_counted_outlives_it_and_nothing_is_left_behind(installation: Installation) -> None:
    run = installation.folder / "run"
    run.mkdir()
    installation.more_env = {"METRICS_TOKEN": TOKEN, "RUNTIME_DIRECTORY": str(run)}
    installation.start_web()
    web = installation.processes[-1]
    for _time in range(20):
        requests.get(f"{installation.url}/live/", timeout=20)
    before = ask(installation)[LIVE]
    died = children_of(web.pid)
    for pid in died:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: len(children_of(web.pid) - died) == len(died), lambda: "gunicorn starts no others")
    assert ask(installation)[LIVE] == before
    assert list(run.iterdir()) != []
    stop_process(web, signal.SIGTERM, seconds=20)
    assert list(run.iterdir()) == []


def children_of(pid: int) -> set[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(child) for child in children}


def lines_of(installation: Installation, name: str) -> list[dict[str, Any]]:
    text = (installation.folder / f"{name}.log").read_text()
    return [json.loads(line) for line in text.splitlines()]


def test_every_request_has_one_line_with_its_id_and_no_secret_is_told(installation: Installation) -> None:
    installation.more_env = {"LOG_FORMAT": "json", "LOG_LEVEL": "INFO"}
    world = installation.ask("company")
    installation.start_web()
    program = {"Authorization": f"Token {world['token']}"}
    secret = {"username": world["username"], "password": "not-to-be-told"}
    for number in range(5):
        headers = program | {"X-Request-ID": f"request-{number}"}
        answer = requests.get(f"{installation.url}/api/v1/payments/?customer=hidden", headers=headers, timeout=20)
        assert answer.headers["X-Request-ID"] == f"request-{number}"
    requests.post(f"{installation.url}/sign-in/", secret, headers={"X-Request-ID": "request-in"}, timeout=20)
    installation.kill_valkey()
    requests.get(f"{installation.url}/ready/", headers={"X-Request-ID": "request-ready"}, timeout=20)

    lines = lines_of(installation, "web")
    access = [line for line in lines if line["logger"] == "salesops.access"]
    for number in range(5):
        (line,) = (line for line in access if line["request_id"] == f"request-{number}")
        assert (line["method"], line["path"], line["status"]) == ("GET", "/api/v1/payments/", 200)
        assert line["view"] == "v1:payments"
        assert line["person"] > 0
        assert line["milliseconds"] > 0
    assert [line["status"] for line in access if line["request_id"] == "request-in"] == [403]
    said = [line["message"] for line in lines if line.get("request_id") == "request-ready"]
    assert any(message.startswith("not ready: broker") for message in said)
    text = (installation.folder / "web.log").read_text()
    for word in (world["token"], "not-to-be-told", "hidden", *world["sessions"].values()):
        assert word not in text


def test_worker_and_beat_speak_json_too(installation: Installation) -> None:
    installation.more_env = {"LOG_FORMAT": "json"}
    installation.start_background()
    wait_until(lambda: installation.ask("signs") == ["beat", "worker"], lambda: installation.ask("signs"), seconds=60)
    installation.kill_valkey()
    wait_until(lambda: lines_of(installation, "worker") != [], lambda: "nothing said", seconds=60)
    assert {"time", "level", "logger", "message"} <= set(lines_of(installation, "worker")[0])
    assert all("message" in line for line in lines_of(installation, "beat"))
