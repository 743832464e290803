"""Background work over the API: an export is asked for, followed, cancelled, fetched."""

from io import BytesIO
from uuid import uuid4

import openpyxl
import pytest

from salesops.jobs.models import Job
from salesops.jobs.services import start_job
from salesops.users.roles import Role
from tests.support.build import Sales, make_sales, make_user
from tests.support.program import Program, made
from tests.support.tasks import RunTasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def test_an_export_is_made_once_and_fetched(sales: Sales, run_tasks: RunTasks) -> None:
    numbers = {sales.submitted(sales.customer()).number for _each in range(3)}
    sales.draft(sales.customer())
    program = Program(sales.supervisor)
    body = {"list": "/deliveries/", "query": "state=submitted"}
    with run_tasks():
        job = made(program.post("jobs/", body, key="export"), 201)
        assert made(program.post("jobs/", body, key="export"), 201) == job
        assert made(program.post("jobs/", body), 201)["id"] == job["id"]
        assert (job["state"], job["result"]) == ("queued", None)
        made(program.get(f"jobs/{job['id']}/result/"), 404)
    done = made(program.get(f"jobs/{job['id']}/"))
    assert done["state"] == "done" and done["result"].endswith(".xlsx")
    assert [row["id"] for row in made(program.get("jobs/"))["results"]] == [job["id"]]
    answer = program.get(f"jobs/{job['id']}/result/")
    assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    asked = {"Accept": answer["Content-Type"]}
    assert program.get(f"jobs/{job['id']}/result/", **asked).status_code == 200
    refused = Program(sales.supervisor, Accept=answer["Content-Type"])
    assert made(refused.get(f"jobs/{uuid4()}/result/"), 404)["code"] == "not_found"
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    cells = {str(cell.value) for row in sheet.iter_rows() for cell in row}
    assert numbers == {cell for cell in cells if cell.startswith("DL-")}


def test_only_lists_that_the_person_may_open_are_exported(sales: Sales) -> None:
    program = Program(sales.supply)
    for address in ("/", "/nowhere/", "/deliveries/new/", "/api/v1/deliveries/", "//elsewhere/", "/sign-in/"):
        assert "list" in made(program.post("jobs/", {"list": address}), 400)["fields"], address
    assert "list" in made(program.post("jobs/", {"list": "deliveries"}), 400)["fields"]
    made(program.post("jobs/", {"list": "/accounts/"}), 403)
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "query",
    ["state=shippd", "stat=shipped", "representative=nobody", "region=1", "sort=colour", "sort=state"],
)
def test_an_export_says_what_is_wrong_in_its_query(sales: Sales, query: str) -> None:
    program = Program(sales.finance)
    answer = made(program.post("jobs/", {"list": "/deliveries/", "query": query}), 400)
    assert [name.split(".")[0] for name in answer["fields"]] == ["query"]
    assert not Job.objects.exists()


def test_an_export_is_filtered_and_sorted_as_the_lists_of_the_api(sales: Sales, run_tasks: RunTasks) -> None:
    other = make_sales()
    small, large = sales.draft(sales.customer(), 1), sales.draft(sales.customer(), 2)
    other.draft(other.customer(), 3)
    program = Program(sales.finance)
    query = f"region={sales.region.code}&representative={sales.representative.username}&sort=-amount"
    with run_tasks():
        job = made(program.post("jobs/", {"list": "/deliveries/", "query": query}), 201)
    assert made(program.get(f"jobs/{job['id']}/"))["summary"] == {"Rows": 2}
    file = program.get(f"jobs/{job['id']}/result/").streaming_content
    sheet = openpyxl.load_workbook(BytesIO(b"".join(file))).active
    numbers = [cell.value for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("DL-")]
    assert numbers == [large.number, small.number]


def test_what_has_no_file_says_where_it_is_looked_at(sales: Sales) -> None:
    job = Job.objects.create(kind="import", title="Books", owner=sales.finance, result_url="/imports/1/")
    Job.objects.filter(pk=job.pk).update(summary={"Customers": 2})
    said = made(Program(sales.finance).get(f"jobs/{job.pk}/"))
    assert (said["result"], said["result_url"], said["summary"]) == (None, "/imports/1/", {"Customers": 2})


def test_work_is_cancelled_by_its_owner_and_hidden_from_others(sales: Sales) -> None:
    job = start_job(
        "export",
        by=sales.supervisor,
        title="Deliveries",
        params={"path": "/deliveries/", "query": "", "title": "Deliveries", "filename": "d.xlsx"},
    )
    other = Program(make_user(Role.SUPERVISOR))
    for address in ("", "result/"):
        made(other.get(f"jobs/{job.pk}/{address}"), 404)
    made(other.post(f"jobs/{job.pk}/cancellation/"), 404)
    own = Program(sales.supervisor)
    assert made(own.post(f"jobs/{job.pk}/cancellation/"))["state"] == "cancelled"
    assert made(own.post(f"jobs/{job.pk}/cancellation/"), 409)["rule"] == "ended"
    assert made(own.post(f"jobs/{job.pk}/repetition/"), 409)["rule"] == "ended"


def test_who_lost_the_right_to_the_list_does_not_get_the_file_any_more(sales: Sales, run_tasks: RunTasks) -> None:
    sales.submitted(sales.customer())
    program = Program(sales.finance)
    with run_tasks():
        job = made(program.post("jobs/", {"list": "/accounts/"}), 201)
    assert program.get(f"jobs/{job['id']}/result/").status_code == 200
    sales.finance.groups.clear()
    answer = made(program.get(f"jobs/{job['id']}/result/"), 403)
    assert answer["code"] == "forbidden"


def test_lists_whose_addresses_begin_alike_are_different_work(sales: Sales) -> None:
    program, searched = Program(sales.supervisor), "q=" + 250 * "a"
    queries = [searched + "b", searched + "c", searched + "b"]
    jobs = [made(program.post("jobs/", {"list": "/deliveries/", "query": query}), 201)["id"] for query in queries]
    assert jobs[0] == jobs[2] != jobs[1]
    in_chinese = {"Accept-Language": "zh-hans"}
    other = made(program.send("POST", "jobs/", {"list": "/deliveries/", "query": queries[0]}, **in_chinese), 201)
    assert other["id"] not in jobs
