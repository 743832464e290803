"""PostgreSQL is killed in the middle of work: what was answered is there, the books add up, the web comes back."""

from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest
import requests

from tests.setup.product import PATIENCE, wait_until

from .conftest import Installation

pytestmark = pytest.mark.slow

THROUGH_THE_KILL, AFTERWARDS = 160, 40
"""Requests sent on and on while PostgreSQL is killed, and those held back until it takes connections again."""
KILLED_AFTER = 60


class Tally:
    """What was answered with success, and what came instead."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.references: set[str] = set()
        self.approved: set[int] = set()
        self.looked: set[int] = set()
        self.failed: list[str] = []

    @property
    def answered(self) -> int:
        return len(self.references) + len(self.approved) + len(self.looked)

    @property
    def is_of_all_kinds(self) -> bool:
        """Whether somebody paid, somebody approved and somebody looked, all with success."""
        return bool(self.references and self.approved and self.looked)


def test_every_answered_request_is_there_after_the_database_was_killed(installation: Installation) -> None:
    requests_in_all = THROUGH_THE_KILL + AFTERWARDS
    world = installation.ask("company", str(requests_in_all // 5 * 2))
    installation.start_web()
    people = {name: installation.browser(key) for name, key in world["sessions"].items()}
    for browser in people.values():
        browser.headers["Connection"] = "close"  # else one may be sent just when an idle connection is closed
    waiting = list(world["requests"].items())

    def pay(number: int, tally: Tally) -> None:
        reference = f"TT-{number}"
        sent = {
            "customer": world["customers"][number % 4],
            "received_on": world["today"],
            "amount": "7.00",
            "method": "transfer",
            "reference": reference,
        }
        url = f"{installation.url}/payments/new/"
        answer = people["finance"].post(url, sent, allow_redirects=False, timeout=PATIENCE)
        with tally.lock:
            if answer.status_code == 302:
                tally.references.add(reference)
            else:
                tally.failed.append(f"{reference}: {answer.status_code}")

    def approve(number: int, tally: Tally) -> None:
        request, delivery = waiting[number // 5 * 2 + number % 5]
        url = f"{installation.url}/approvals/{request}/approval/"
        answer = people["supervisor"].post(url, {}, allow_redirects=False, timeout=PATIENCE)
        with tally.lock:
            if answer.status_code == 302:
                tally.approved.add(delivery)
            else:
                tally.failed.append(f"approval {request}: {answer.status_code}")

    def look(number: int, tally: Tally) -> None:
        page = ("deliveries/", "approvals/", "accounts/")[number % 3]
        answer = people["supervisor"].get(f"{installation.url}/{page}", allow_redirects=False, timeout=PATIENCE)
        with tally.lock:
            if answer.status_code == 200:
                tally.looked.add(number)
            else:
                tally.failed.append(f"{page}: {answer.status_code}")

    deeds = (approve, approve, pay, pay, look)

    def attempt(number: int, tally: Tally) -> None:
        try:
            deeds[number % 5](number, tally)
        except requests.RequestException as lost:
            with tally.lock:
                tally.failed.append(repr(lost))

    midst, afterwards = Tally(), Tally()
    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(attempt, number, midst) for number in range(THROUGH_THE_KILL)]
        wait_until(
            lambda: bool(midst.failed) or (midst.answered >= KILLED_AFTER and midst.is_of_all_kinds),
            lambda: vars(midst),
        )
        assert midst.failed == []  # while PostgreSQL lives, each is answered
        installation.kill_postgres()
        wait_until(lambda: bool(midst.failed), lambda: "it was killed too late to be noticed")
        installation.postgres.start()
        sent += [pool.submit(attempt, number, afterwards) for number in range(THROUGH_THE_KILL, requests_in_all)]
        for done in sent:
            done.result(timeout=PATIENCE)

    assert midst.answered + len(midst.failed) == THROUGH_THE_KILL
    assert afterwards.failed == []  # of the web process, which nobody restarted
    assert afterwards.is_of_all_kinds
    assert afterwards.answered == AFTERWARDS
    found = installation.ask("written")
    assert midst.references | afterwards.references <= set(found["references"])
    assert midst.approved | afterwards.approved <= set(found["approved"])
    assert len(found["references"]) == len(set(found["references"]))
    proved = installation.run("manage.py", "verify_books")
    assert proved.returncode == 0, proved.stdout + proved.stderr
