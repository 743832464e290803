"""PostgreSQL is killed in the middle of work: what was answered is there, the books add up, the web comes back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest
import requests

from tests.setup.product import wait_until

from .conftest import Installation

pytestmark = pytest.mark.slow

REQUESTS = 200
KILLED_AFTER = 60


class Tally:
    """What was answered with success, and how often nothing was."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.references: set[str] = set()
        self.approved: set[int] = set()
        self.looked = self.failed = 0

    @property
    def answered(self) -> int:
        return len(self.references) + len(self.approved) + self.looked


def test_every_answered_request_is_there_after_the_database_was_killed(installation: Installation) -> None:
    world = installation.ask("company", "80")
    installation.start_web()
    people = {name: installation.browser(key) for name, key in world["sessions"].items()}
    tally = Tally()

    def pay(number: int) -> None:
        reference = f"TT-{number}"
        sent = {
            "customer": world["customers"][number % 4],
            "received_on": world["today"],
            "amount": "7.00",
            "method": "transfer",
            "reference": reference,
        }
        answer = people["finance"].post(f"{installation.url}/payments/new/", sent, allow_redirects=False, timeout=20)
        with tally.lock:
            if answer.status_code == 302:
                tally.references.add(reference)
            else:
                tally.failed += 1

    waiting = list(world["requests"].items())

    def approve(number: int) -> None:
        request, delivery = waiting[number]
        address = f"{installation.url}/approvals/{request}/approval/"
        answer = people["supervisor"].post(address, {}, allow_redirects=False, timeout=20)
        with tally.lock:
            if answer.status_code == 302:
                tally.approved.add(delivery)
            else:
                tally.failed += 1

    def look(number: int) -> None:
        page = ("deliveries/", "approvals/", "accounts/")[number % 3]
        answer = people["supervisor"].get(f"{installation.url}/{page}", timeout=20)
        with tally.lock:
            tally.looked += answer.status_code == 200
            tally.failed += answer.status_code != 200

    def attempt(deed: Callable[[int], None], number: int) -> None:
        try:
            deed(number)
        except requests.RequestException:
            with tally.lock:
                tally.failed += 1

    work = [
        (approve, n // 5 * 2 + n % 5) if n % 5 < 2 else (pay, n) if n % 5 < 4 else (look, n) for n in range(REQUESTS)
    ]
    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(attempt, deed, number) for deed, number in work]
        wait_until(lambda: tally.answered >= KILLED_AFTER, lambda: vars(tally))
        installation.kill_postgres()
        wait_until(lambda: tally.failed > 0, lambda: "it was killed too late to be noticed")
        installation.postgres.start()
        for done in sent:
            done.result(timeout=60)

    assert tally.answered + tally.failed == REQUESTS
    assert tally.failed > 0
    found = installation.ask("written")
    assert tally.references <= set(found["references"])
    assert tally.approved <= set(found["approved"])
    assert len(found["references"]) == len(set(found["references"]))
    proved = installation.run("manage.py", "verify_books")
    assert proved.returncode == 0, proved.stdout + proved.stderr
    after = people["supervisor"].get(f"{installation.url}/deliveries/", timeout=20)
    assert after.status_code == 200  # the web process, which nobody restarted
