"""The web process is killed between commit and answer: a client that repeats the request has its effect once."""

import pytest
import requests

from .conftest import Installation

pytestmark = pytest.mark.slow


def test_a_request_whose_answer_was_lost_is_repeated_with_its_key_and_counts_once(installation: Installation) -> None:
    world = installation.ask("company")
    installation.start_web("tests.proof.dying_wsgi")
    finance = requests.Session()
    finance.headers.update({"Authorization": f"Token {world['token']}", "Idempotency-Key": "payment-of-today"})
    address = f"{installation.url}/api/v1/payments/"
    given = {"customer": world["codes"][0], "amount": "150.00", "reference": "TT-1"}

    with pytest.raises(requests.ConnectionError):
        finance.post(address, json=given, headers={"X-Die-Before-The-Answer": "yes"}, timeout=20)
    assert installation.ask("written")["references"] == ["TT-1"]  # it was committed

    repeated = finance.post(address, json=given, timeout=20)
    assert (repeated.status_code, repeated.json()["reference"]) == (201, "TT-1")
    assert finance.post(address, json=given, timeout=20).json() == repeated.json()
    assert installation.ask("written")["references"] == ["TT-1"]
    proved = installation.run("manage.py", "verify_books")
    assert proved.returncode == 0, proved.stdout + proved.stderr
