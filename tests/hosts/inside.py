"""What tests ask of the product on a host: `python -m tests.hosts.inside WHAT`, answered as JSON."""

# ruff: noqa: E402  the models are there once Django is set up

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

django.setup()

import openpyxl
from django.db.models import F

import tests.support.job_kinds  # noqa: F401  declares the kinds
from orders.proof.verification import differences
from salesops.api.services import create_token
from salesops.jobs.models import Job
from salesops.jobs.services import start_job
from salesops.notify.models import Notice
from salesops.users.models import User
from salesops.users.roles import Role
from salesops.web.exports import ListExport
from tests.support.build import make_sales, make_user
from tests.support.job_kinds import effects

OWNER = "starter-of-jobs"


def company() -> dict[str, Any]:
    """A corner of the company, with a token for each who has a part in the main job."""
    sales = make_sales()
    customer = sales.customer()
    for _number in range(30):
        sales.draft(customer)
    make_user(Role.SALES_MANAGER, username=OWNER)
    people = {
        "agent": make_user(Role.AGENT, customer=customer),
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


def export() -> list[str]:
    """Have the list of deliveries written as an Excel file."""
    given = ListExport(path="/deliveries/", query="", title="Deliveries", filename="deliveries.xlsx")
    owner = User.objects.get(username=OWNER)
    return [str(start_job("export", by=owner, title="Excel: Deliveries", params=given.as_params()).pk)]


def work() -> dict[str, Any]:
    """Where the jobs stand, and how often they had an effect."""
    jobs = Job.objects.order_by("queued_at")
    return {
        "jobs": {str(job.pk): [job.state, job.attempts, job.done] for job in jobs},
        "numbers": [job.summary.get("number") for job in jobs if job.kind == "test.count" and job.state == "done"],
        "effects": effects(),
        "notices": Notice.objects.filter(user__username=OWNER).count(),
    }


def rows_written(job_id: str) -> int:
    """How many lines the file of a job has, read from the folder that all hosts share."""
    with Job.objects.get(pk=job_id).result.open() as file:
        return int(openpyxl.load_workbook(file, read_only=True).active.max_row)


def six_minutes_pass() -> int:
    """Let the messages of queued jobs be as old as six minutes make them; how many jobs that were."""
    return Job.objects.filter(state="queued").update(sent_at=F("sent_at") - timedelta(minutes=6))


def books() -> list[str]:
    """What does not add up."""
    return [str(one) for one in differences()]


ANSWERS: dict[str, Callable[..., Any]] = {
    answer.__name__: answer
    for answer in (company, count, count_at, export, work, rows_written, six_minutes_pass, books)
}

if __name__ == "__main__":
    json.dump(ANSWERS[sys.argv[1]](*sys.argv[2:]), sys.stdout, default=str)
