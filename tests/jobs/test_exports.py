"""Long lists become Excel in the background: the same rows, filters and columns, in the person's own scope."""

from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from salesops.jobs.models import Job
from salesops.notify.models import OutgoingMail
from salesops.web import excel, exports
from tests.support.build import make_user
from tests.support.signed_in import client_of, signed_in

pytestmark = pytest.mark.django_db

OUTBOX = "/outbox/"


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Three rows are a long list here."""
    monkeypatch.setattr(exports, "SHORT", 2)


@pytest.fixture
def mails(db):
    states = ["kept", "kept", "kept", "waiting"]
    return [
        OutgoingMail.objects.create(to=f"p{at}@example.com", subject=f"=S{at}", body="x", state=state)
        for at, state in enumerate(states)
    ]


@pytest.fixture
def administrator(db):
    return make_user("administrator")


def rows_of(job, user):
    response = signed_in(user).get(reverse("jobs:result", args=[job.pk]))
    book = openpyxl.load_workbook(BytesIO(b"".join(response)))
    return [[cell.value for cell in row] for row in book.active.iter_rows()]


def test_a_long_list_goes_to_the_background_and_back_to_the_list(mails, administrator, run_tasks):
    client = signed_in(administrator)
    with run_tasks() as done:
        response = client.get(OUTBOX, {"state": "kept", "sort": "to", "export": "xlsx"})
    assert response.status_code == 302
    assert response["Location"] == f"{OUTBOX}?state=kept&sort=to"
    assert done.names == ["salesops.jobs.tasks.run_job"]
    job = Job.objects.get()
    assert (job.state, job.owner, job.kind, job.summary) == ("done", administrator, "export", {"Rows": 3})
    assert job.result_name.endswith(".xlsx")
    cells = [cell for row in rows_of(job, administrator) for cell in row]
    assert [cell for cell in cells if str(cell).endswith("@example.com")] == [mail.to for mail in mails[:3]]
    assert "=S0" in cells  # as text, not as a formula
    assert (job.done, job.total) == (3, 3)


def test_asking_twice_makes_one_file(mails, administrator, run_tasks):
    client = signed_in(administrator)
    with run_tasks():
        client.get(OUTBOX, {"export": "xlsx"})
        client.get(OUTBOX, {"export": "xlsx"})
    assert Job.objects.count() == 1


def test_a_short_list_comes_at_once(administrator, mails):
    response = signed_in(administrator).get(OUTBOX, {"state": "waiting", "export": "xlsx"})
    assert response.status_code == 200
    assert not Job.objects.exists()


def test_nobody_exports_a_list_that_they_may_not_open(mails):
    assert client_of("finance").get(OUTBOX, {"export": "xlsx"}).status_code == 403
    assert not Job.objects.exists()


def test_who_loses_the_right_before_the_work_begins_gets_nothing(mails, administrator, run_tasks):
    client = signed_in(administrator)
    with run_tasks():
        client.get(OUTBOX, {"export": "xlsx"})
        administrator.groups.clear()
    job = Job.objects.get()
    assert (job.state, bool(job.result)) == ("failed", False)


def test_who_loses_the_right_afterwards_cannot_fetch_the_file(mails, administrator, run_tasks):
    client = signed_in(administrator)
    with run_tasks():
        client.get(OUTBOX, {"export": "xlsx"})
    administrator.groups.clear()
    assert client.get(reverse("jobs:result", args=[Job.objects.get().pk])).status_code == 403


def test_the_rows_are_those_of_the_persons_own_scope(run_tasks):
    one, other = make_user("finance"), make_user("finance")
    for at in range(3):
        Job.objects.create(kind="test.count", title=f"mine {at}", owner=one)
        Job.objects.create(kind="test.count", title=f"theirs {at}", owner=other)
    with run_tasks():
        signed_in(one).get(reverse("jobs:list"), {"export": "xlsx"})
    job = Job.objects.get(kind="export")
    text = str(rows_of(job, one))
    assert "mine 2" in text
    assert "theirs" not in text


def test_who_watches_over_all_work_does_not_fetch_a_file_of_anothers_scope(mails, administrator, run_tasks):
    with run_tasks():
        signed_in(administrator).get(OUTBOX, {"export": "xlsx"})
    job = Job.objects.get()
    assert signed_in(make_user("administrator")).get(reverse("jobs:result", args=[job.pk])).status_code == 403
    assert signed_in(administrator).get(reverse("jobs:result", args=[job.pk])).status_code == 200


def test_a_list_that_is_longer_than_a_sheet_goes_on_in_the_next(mails, administrator, run_tasks, monkeypatch):
    monkeypatch.setattr(excel, "MOST_ROWS", 2)
    with run_tasks():
        signed_in(administrator).get(OUTBOX, {"state": "kept", "sort": "to", "export": "xlsx"})
    response = signed_in(administrator).get(reverse("jobs:result", args=[Job.objects.get().pk]))
    book = openpyxl.load_workbook(BytesIO(b"".join(response)))
    cells = [[cell.value for row in sheet.iter_rows() for cell in row] for sheet in book]
    found = [[cell for cell in sheet if str(cell).endswith("@example.com")] for sheet in cells]
    assert found == [[mails[0].to, mails[1].to], [mails[2].to]]
