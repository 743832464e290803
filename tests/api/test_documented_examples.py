"""The examples of docs/api.md do what the page says, run by curl against a server."""

import json
import re
import shlex
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from orders.models import Delivery
from salesops.jobs.models import JobState
from salesops.users.models import User
from tests.jobs.conftest import until
from tests.support.build import make_product, make_sales, make_warehouse, open_stock
from tests.support.worker import WorkerProcess

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
SERVER = "http://127.0.0.1:8000"
Run = Callable[[str], Any]


def examples() -> list[str]:
    """The commands of the page, in its order, each in one line."""
    blocks = re.findall(r"(?m)(?:^    .*\n)+", PAGE.read_text())
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if line.strip().startswith("curl ")]


def example(*words: str) -> str:
    """The one command in which all these words stand."""
    (found,) = [one for one in examples() if all(word in one for word in words)]
    return found


@pytest.fixture
def run(live_server: Any, tmp_path: Path) -> Run:
    """Run a command of the page against the test's server, in a folder of its own; returns what was answered."""

    def run(command: str) -> Any:
        assert SERVER in command
        asked = shlex.split(command.replace(SERVER, live_server.url))
        done = subprocess.run([*asked, "--fail", "-S"], cwd=tmp_path, capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, (command, done.stderr.decode())
        return json.loads(done.stdout) if done.stdout else None

    return run


@pytest.fixture
def representative(db: None) -> User:
    """The demo's representative, with what the examples name."""
    sales = make_sales()
    User.objects.filter(pk=sales.representative.pk).update(username="representative")
    warehouse, product = make_warehouse("SZ"), make_product("WP-03", price="100.00")
    open_stock(warehouse, product, 100)
    sales.submitted(sales.customer(code="A-0001"))
    return sales.representative


def test_the_examples_do_what_the_page_says(
    run: Run, representative: User, celery_worker_process: WorkerProcess, tmp_path: Path
) -> None:
    left = examples()

    def tried(*words: str) -> str:
        command = example(*words)
        left.remove(command)
        return command

    token = run(tried("/tokens/"))["token"]
    assert token.startswith("so_")

    def mine(*words: str, job: str = "") -> Any:
        return run(tried(*words).replace("so_…", token).replace("{id}", job))

    waiting = Delivery.objects.get()
    assert [row["number"] for row in mine("/deliveries/?state")["results"]] == [waiting.number]
    assert [row["number"] for row in mine("/approvals/?queue=team")["results"]] == [waiting.number]

    assert mine("/ageing/")["proof"]["holds"]
    assert mine("/collections/") == {"results": [], "next": None}
    assert mine("/statistics/")["question"]["across"] == "category"

    written = mine("Idempotency-Key")
    again = run(example("Idempotency-Key").replace("so_…", token))
    assert (written["state"], written["customer"]["code"], again["number"]) == ("draft", "A-0001", written["number"])

    job = mine('"list"')["id"]
    read = tried("/jobs/{id}/ ").replace("so_…", token).replace("{id}", job)
    until(lambda: run(read)["state"] == JobState.DONE, celery_worker_process.log.read_text())
    mine("/result/", job=job)
    sheet = openpyxl.load_workbook(BytesIO((tmp_path / "deliveries.xlsx").read_bytes())).active
    cells = {str(cell.value) for row in sheet.iter_rows() for cell in row}
    assert waiting.number in cells
    assert written["number"] not in cells
    assert left == []
