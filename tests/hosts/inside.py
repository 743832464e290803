"""What tests ask of the product on a host: `python -m tests.hosts.inside WHAT`, answered as JSON."""

# ruff: noqa: E402  the models are there once Django is set up

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import django

django.setup()

import openpyxl
from django.db import connection
from django.db.models import F
from python_calamine import CalamineWorkbook

import tests.support.job_kinds  # noqa: F401  declares the kinds
from orders.proof.verification import differences
from salesops.api.services import create_token
from salesops.jobs.models import Job
from salesops.jobs.results import folder_of
from salesops.jobs.services import start_job
from salesops.notify.models import Notice, OutgoingMail
from salesops.users.models import User
from salesops.users.roles import Role
from salesops.web.exports import ListExport
from tests.setup.product import wait_until
from tests.support.build import make_sales, make_user
from tests.support.job_kinds import effects

OWNER = "starter-of-jobs"
PEOPLE_WITH_MAIL = "@people.example"
MAILS = """
INSERT INTO notify_outgoingmail ("to", subject, body, state, error, attempts, created_at, not_before)
SELECT 'p' || number || %s, 'News', 'x', 'kept', '', 0, now(), now() FROM generate_series(1, %s) AS number
"""


def company() -> dict[str, Any]:
    """A corner of the company, with a token for each who has a part in the main job."""
    sales = make_sales()
    customer = sales.customer()
    for _number in range(30):
        sales.draft(customer)
    make_user([Role.SALES_MANAGER, Role.ADMINISTRATOR], username=OWNER)
    people = {
        "agent": make_user(Role.AGENT, customer=customer),
        "representative": sales.representative,
        "supervisor": sales.supervisor,
        "supply": sales.supply,
        "finance": sales.finance,
    }
    return {
        "tokens": {name: create_token(by=person, name="main job").secret for name, person in people.items()},
        "customer": customer.code,
        "sku": sales.product.sku,
        "warehouse": sales.warehouse.code,
    }


def count(jobs: str, **params: Any) -> list[str]:
    """Start so many jobs that count one each; their ids."""
    owner = User.objects.get(username=OWNER)
    return [
        str(start_job("test.count", by=owner, title=f"Count {number}", params={"steps": 200, **params}).pk)
        for number in range(int(jobs))
    ]


def count_at(sign: str) -> list[str]:
    """Start one job that stands still in its last transaction, with its effect written, until the file is there."""
    return count("1", sign_inside=sign)


def mails(number: str) -> int:
    """Put mails into the outbox that nobody sends any more, each to an address of its own; how many."""
    with connection.cursor() as cursor:
        cursor.execute(MAILS, [PEOPLE_WITH_MAIL, int(number)])
        return cursor.rowcount


def export(path: str = "/deliveries/") -> list[str]:
    """Have a list written as an Excel file."""
    given = ListExport(path=path, query="", title="List", filename="list.xlsx")
    owner = User.objects.get(username=OWNER)
    return [str(start_job("export", by=owner, title=f"Excel: {path}", params=given.as_params()).pk)]


def export_half_written(path: str) -> list[str]:
    """Have a list written, and return while a worker is in the midst of it: some rows are done, and not all."""
    (job_id,) = export(path)
    job = Job.objects.filter(pk=job_id)
    midst = job.filter(state="running", done__gt=0, done__lt=F("total"))
    wait_until(midst.exists, lambda: job.values().get(), seconds=40)
    return [job_id]


def work() -> dict[str, Any]:
    """Where the jobs stand, and how often they had an effect."""
    jobs = Job.objects.order_by("queued_at")
    return {
        "jobs": {str(job.pk): [job.state, job.attempts, job.done] for job in jobs},
        "numbers": [job.summary.get("number") for job in jobs if job.kind == "test.count" and job.state == "done"],
        "effects": effects(),
        "notices": Notice.objects.filter(user__username=OWNER).count(),
    }


def work_in_the_end() -> dict[str, Any]:
    """The same once all jobs have ended, or after half a minute."""
    deadline = time.monotonic() + 30
    while Job.objects.live().exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    return work()


def rows_written(job_id: str) -> int:
    """How many lines the file of a job has, read from the folder that all hosts share."""
    with Job.objects.get(pk=job_id).result.open() as file:
        return int(openpyxl.load_workbook(file, read_only=True).active.max_row)


def lost_or_doubled(job_id: str) -> list[str]:
    """Addresses that the outbox holds and the file of a job does not, or holds another number of times."""
    held = Counter(OutgoingMail.objects.filter(to__endswith=PEOPLE_WITH_MAIL).values_list("to", flat=True))
    with Job.objects.get(pk=job_id).result.open() as file:
        rows = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).iter_rows()
        cells = (str(cell) for row in rows for cell in row)
        written = Counter(cell for cell in cells if cell.endswith(PEOPLE_WITH_MAIL))
    return [*(held - written), *(written - held)]


def outcome(job_id: str) -> dict[str, Any]:
    """All that came of a job: its row, its folder with a checksum of each file, how often its owner was told."""
    job, folder = Job.objects.get(pk=job_id), folder_of(job_id)
    return {
        "row": Job.objects.values().get(pk=job_id),
        "folder": {
            str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
            for path in folder.rglob("*")
        },
        "told": Notice.objects.filter(url=job.get_absolute_url()).count(),
    }


def six_minutes_pass() -> int:
    """Let the messages of queued jobs be as old as six minutes make them; how many jobs that were."""
    return Job.objects.filter(state="queued").update(sent_at=F("sent_at") - timedelta(minutes=6))


def books() -> list[str]:
    """What does not add up."""
    return [str(one) for one in differences()]


ANSWERS: dict[str, Callable[..., Any]] = {
    answer.__name__: answer
    for answer in (
        *(company, mails, count, count_at, export, export_half_written),
        *(work, work_in_the_end, outcome, rows_written, lost_or_doubled, six_minutes_pass, books),
    )
}

if __name__ == "__main__":
    json.dump(ANSWERS[sys.argv[1]](*sys.argv[2:]), sys.stdout, default=str)
