"""Valkey is killed, with and without its file: people go on working, and background work is done all the same."""

import re
import time

import pytest
import requests

from salesops.web.cache import LEFT_ALONE_SECONDS
from tests.setup.product import wait_until
from tests.support.build import PASSWORD

from .conftest import TOKEN, Installation

pytestmark = pytest.mark.slow


def ask_for_a_proof(installation: Installation, person: requests.Session) -> None:
    answer = person.post(f"{installation.url}/proofs/new/", allow_redirects=False, timeout=20)
    assert answer.status_code == 302, re.findall(r"<h1.*?</p>", answer.text, re.DOTALL)
    assert re.search(r"/jobs/[0-9a-f-]{36}/$", answer.headers["Location"])


def is_done_once(installation: Installation) -> bool:
    work = installation.ask("work")
    assert work["proofs"] <= 1
    return work["states"] == ["done"] and work["proofs"] == 1


@pytest.mark.parametrize("file_is_lost", [False, True], ids=["with its file", "without its file"])
def test_work_that_was_queued_is_done_once_after_the_broker_was_killed(
    installation: Installation, file_is_lost: bool
) -> None:
    world = installation.ask("company")
    installation.start_web()
    finance = installation.browser(world["sessions"]["finance"])
    ask_for_a_proof(installation, finance)
    assert installation.ask("work")["sent"] == ["queued"]
    installation.kill_valkey(and_its_file=file_is_lost)
    installation.valkey.start()
    if file_is_lost:
        assert installation.ask("six_minutes_pass") == 1
    installation.start_background()
    wait_until(lambda: is_done_once(installation), lambda: installation.ask("work"), seconds=60)


def test_people_go_on_while_the_broker_is_away_and_their_work_is_done_when_it_is_back(
    installation: Installation,
) -> None:
    world = installation.ask("company", "1")
    installation.start_web()
    installation.start_background()
    people = {name: installation.browser(key) for name, key in world["sessions"].items()}
    installation.kill_valkey()

    for page in ("", "deliveries/", "approvals/", "accounts/"):
        assert people["supervisor"].get(f"{installation.url}/{page}", timeout=20).status_code == 200
    (request,) = world["requests"]
    decided = people["supervisor"].post(
        f"{installation.url}/approvals/{request}/approval/", {}, allow_redirects=False, timeout=20
    )
    assert decided.status_code == 302
    newcomer = requests.Session()
    newcomer.cookies.update({"csrftoken": TOKEN})
    newcomer.headers.update({"X-CSRFToken": TOKEN, "Referer": installation.url})
    given = {"username": world["username"], "password": PASSWORD}
    assert newcomer.post(f"{installation.url}/sign-in/", given, allow_redirects=False, timeout=20).status_code == 302
    assert newcomer.get(f"{installation.url}/payments/", allow_redirects=False, timeout=20).status_code == 200
    newcomer.headers["X-CSRFToken"] = [one.value or "" for one in newcomer.cookies if one.name == "csrftoken"][-1]
    ask_for_a_proof(installation, newcomer)
    assert installation.ask("work") == {"states": ["queued"], "sent": [], "proofs": 0}

    installation.valkey.start()
    wait_until(lambda: is_done_once(installation), lambda: installation.ask("work"), seconds=90)
    assert people["supervisor"].get(f"{installation.url}/deliveries/", timeout=20).status_code == 200


def test_a_session_that_was_ended_while_the_broker_was_away_stays_ended(installation: Installation) -> None:
    world = installation.ask("company")
    installation.start_web()
    person = installation.browser(world["sessions"]["finance"])
    page = f"{installation.url}/payments/"
    assert person.get(page, allow_redirects=False, timeout=20).status_code == 200
    installation.kill_valkey()
    assert person.post(f"{installation.url}/sign-out/", allow_redirects=False, timeout=20).status_code == 302

    installation.valkey.start()
    stolen = installation.browser(world["sessions"]["finance"])
    asked_again = time.monotonic() + LEFT_ALONE_SECONDS + 1
    while time.monotonic() < asked_again:
        answer = stolen.get(page, allow_redirects=False, timeout=20)
        assert answer.status_code == 302
        assert "/sign-in/" in answer.headers["Location"]
