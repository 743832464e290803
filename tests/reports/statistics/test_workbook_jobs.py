"""Who has the file of a statistic made, and who gets it: one run however often asked, rights and scope of the owner."""

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from reports.statistics.answers import answer
from reports.statistics.jobs import read_question, start_workbook
from reports.statistics.questions import Question, read_period
from reports.statistics.workbook.comparing import write_table
from reports.statistics.workbook.flat import safe
from salesops.jobs.models import Job, JobState
from salesops.jobs.results import folder_of
from salesops.jobs.running import run_job
from salesops.jobs.services import cancel_job
from salesops.kernel.errors import RuleBroken
from salesops.notify.models import Notice
from tests.reports.statistics.company import EVIL, Traded, traded
from tests.support.build import make_user
from tests.support.database import taken_back
from tests.support.signed_in import client_of, signed_in
from tests.support.tasks import RunTasks

pytestmark = pytest.mark.django_db
URL = "reports:statistics_file"
QUARTER = Question(read_period("2025-Q3"))


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: Any) -> Any:
    with taken_back(django_db_blocker):
        yield traded()


@pytest.fixture(autouse=True)
def media_folder(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def ask(client: Client, query: str, **more: Any) -> Any:
    return client.post(f"{reverse(URL)}?{query}", **more)


def done(job: Job) -> Job:
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.error
    return job


def test_a_manager_asks_for_a_quarter_and_finds_the_workbook_under_the_bell(
    company: Traded, run_tasks: RunTasks
) -> None:
    client = signed_in(company.manager)
    with run_tasks():
        response = ask(
            client, "period=2025-Q3&by=product&across=month&details=1", HTTP_REFERER="http://testserver/here/"
        )
    assert (response.status_code, response["Location"]) == (302, "http://testserver/here/")
    job = Job.objects.get(kind="reports.statistics")
    assert (job.state, job.owner, job.title) == (JobState.DONE, company.manager, "Statistics 2025-Q3, Excel")
    assert job.result_name.startswith("Statistics_2025-Q3-20")
    assert Notice.objects.of(company.manager).filter(kind="job.done").count() == 1
    file = client.get(reverse("jobs:result", args=[job.pk]))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(file)))
    assert book.sheetnames[:2] == ["Summary", "Product × Month"]
    assert "Lines" in book.sheetnames
    assert [path.name for path in folder_of(job.pk).rglob("*") if path.is_file()] == ["statistics.xlsx"]


def test_without_a_page_behind_it_leads_to_the_job(company: Traded) -> None:
    response = ask(signed_in(company.manager), "period=2025")
    assert response["Location"] == Job.objects.get(kind="reports.statistics").get_absolute_url()


def test_asked_for_twice_it_is_one_run(company: Traded) -> None:
    first = start_workbook(QUARTER, by=company.manager)
    assert start_workbook(Question(read_period("2025-07..2025-09")), by=company.manager) == first
    assert Job.objects.filter(kind="reports.statistics").count() == 1
    other = start_workbook(Question(read_period("2025-Q2")), by=company.manager)
    lines = start_workbook(QUARTER, by=company.manager, details=True)
    somebodys = start_workbook(QUARTER, by=company.sales.finance)
    assert len({first.pk, other.pk, lines.pk, somebodys.pk}) == 4


def test_the_question_comes_out_of_a_job_as_it_went_in(company: Traded) -> None:
    question = Question(
        read_period("2025"), by="product", across="month", measures=("pieces",), kept={"region": "E"}, today=True
    )
    assert read_question(start_workbook(question, by=company.manager).params["question"]) == question


@pytest.mark.parametrize("role", ["supply", "personnel", "agent"])
def test_nobody_without_the_right_to_statistics_has_it_made(company: Traded, role: str) -> None:
    by = make_user(role)
    assert ask(signed_in(by), "period=2025").status_code == 403
    with pytest.raises(RuleBroken) as refused:
        start_workbook(QUARTER, by=by)
    assert refused.value.rule == "permission"
    assert not Job.objects.filter(owner=by).exists()


def test_lines_need_the_right_to_shipments(company: Traded) -> None:
    by = make_user(())
    by.user_permissions.add(Permission.objects.get(codename="view_statistics"))
    with pytest.raises(RuleBroken) as refused:
        start_workbook(QUARTER, by=by, details=True)
    assert refused.value.rule == "permission"
    assert not Job.objects.filter(owner=by).exists()
    assert start_workbook(QUARTER, by=by).state == JobState.QUEUED


@pytest.mark.parametrize(
    "query",
    ["period=2025-13", "by=nothing", "by=month&across=month", "measures=nothing", "form=pdf", "customer=none-such"],
)
def test_what_cannot_be_asked_is_refused_in_words_and_nothing_starts(company: Traded, query: str) -> None:
    assert ask(signed_in(company.manager), query).status_code in (400, 409, 422)
    assert not Job.objects.filter(kind="reports.statistics").exists()


def test_a_customer_of_others_is_not_there(company: Traded) -> None:
    theirs = Question(read_period("2025"), kept={"customer": company.customers["Lakeside"].code})
    with pytest.raises(RuleBroken) as refused:
        start_workbook(theirs, by=company.people["lin"])
    assert refused.value.rule == "not there"
    assert not Job.objects.filter(kind="reports.statistics").exists()


def test_a_right_that_is_gone_when_the_work_begins_fails_it(company: Traded) -> None:
    by = make_user("marketing")
    job = start_workbook(QUARTER, by=by)
    by.groups.clear()
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result.name) == (JobState.FAILED, "")


def test_a_right_that_is_gone_keeps_the_file_from_being_fetched(company: Traded) -> None:
    by = make_user("marketing")
    job = done(start_workbook(QUARTER, by=by))
    client = signed_in(by)
    assert client.get(reverse("jobs:result", args=[job.pk])).status_code == 200
    by.groups.clear()
    assert client.get(reverse("jobs:result", args=[job.pk])).status_code == 403


def test_nobody_elses_file_is_given_out(company: Traded) -> None:
    job = done(start_workbook(QUARTER, by=company.people["lin"]))
    assert signed_in(company.manager).get(reverse("jobs:result", args=[job.pk])).status_code == 404
    assert client_of("administrator").get(reverse("jobs:result", args=[job.pk])).status_code == 403


def test_the_scope_is_that_of_the_moment_of_work(company: Traded) -> None:
    lin, lakeside = company.people["lin"], company.customers["Lakeside"]
    job = start_workbook(QUARTER, by=lin, details=True)
    lakeside.representative = lin
    lakeside.save()
    book = openpyxl.load_workbook(done(job).result.path)
    assert "Lakeside" in {cell.value for row in book["By agent"].iter_rows() for cell in row}


def test_cancelled_amid_the_sheets_it_leaves_nothing(company: Traded, monkeypatch: pytest.MonkeyPatch) -> None:
    job = start_workbook(QUARTER, by=company.manager, details=True)

    def write_until_cancelled(*args: Any, **kwargs: Any) -> Any:
        cancel_job(job.pk, by=company.manager)
        return write_table(*args, **kwargs)

    monkeypatch.setattr("reports.statistics.workbook.making.write_table", write_until_cancelled)
    with pytest.raises(RuleBroken, match="ended already"):
        run_job(job.pk)
        cancel_job(job.pk, by=company.manager)
    job.refresh_from_db()
    assert (job.state, job.result.name) == (JobState.CANCELLED, "")
    assert not [path for path in folder_of(job.pk).rglob("*") if path.is_file()]
    assert not Notice.objects.of(company.manager).filter(kind="job.done").exists()


def read_csv(job: Job) -> list[list[str]]:
    content = Path(job.result.path).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_table_as_csv_is_the_answer(company: Traded) -> None:
    question = Question(read_period("2025-Q3"), by="customer")
    job = done(start_workbook(question, by=company.manager, form="csv"))
    assert job.result_name.endswith(".csv")
    head, *rows = read_csv(job)
    assert head[:4] == ["Customer", "Customer (code)", "Delivered 2025-Q3", "Delivered 2024-Q3"]
    found = answer(question, company.manager)
    expected = [
        [
            row.head.code,
            *(
                figure
                for measure in found.measures
                for cell in [row.cells[measure.key]]
                for figure in (cell.now, cell.last_year, cell.before)
            ),
        ]
        for row in found.rows
    ]
    assert [[row[1], *map(Decimal, row[2:])] for row in rows] == expected
    assert f"'{EVIL}" in [row[0] for row in rows]


def test_a_crossed_table_as_csv_has_a_row_for_each_cell(company: Traded) -> None:
    question = Question(read_period("2025"), by="product", across="quarter", measures=("delivered",))
    head, *rows = read_csv(done(start_workbook(question, by=company.manager, form="csv")))
    assert head[:4] == ["Product", "Product (code)", "Quarter", "Quarter (code)"]
    found = answer(question, company.manager)
    figures = {(row[1], row[2]): Decimal(row[4]) for row in rows}
    assert figures == {
        (row.head.code, column.label): row.across[column.key]["delivered"].now
        for row in found.rows
        for column in found.columns
    }
    assert "'-2+3 filter" in [row[0] for row in rows]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-cmd", "@SUM(1)", "\t=1", "\r=1", "＝1+1"])
def test_no_text_of_a_csv_is_a_formula(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Lakeside", "", "1+1", "a=b", "林悦"])
def test_other_texts_of_a_csv_stay_as_they_are(text: str) -> None:
    assert safe(text) == text
