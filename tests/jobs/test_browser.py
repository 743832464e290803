"""Long work as a person sees it: a bar over every page, how far, cancel, the result; pages that everybody can use."""

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import Page, expect

from salesops.jobs.models import Job
from salesops.jobs.services import start_job
from salesops.notify.models import OutgoingMail
from salesops.notify.sending import send_due_mails
from salesops.notify.services import notify
from salesops.users.models import User
from tests.support.axe import serious_faults
from tests.support.browser import SignIn
from tests.support.build import make_user
from tests.support.worker import WorkerProcess

from .conftest import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

PHONE = {"width": 390, "height": 844}


@pytest.fixture(autouse=True)
def media_folder(settings: Any) -> None:
    """The folder that the worker's process writes to, which knows nothing of the folders of single tests."""
    settings.MEDIA_ROOT = settings.DATA_DIR / "files"


@pytest.fixture
def person() -> User:
    """Somebody who sees every page of background work and of notices."""
    return make_user(["administrator", "finance"], email="lin@example.com")


def start(by: User, sign: Path, kind: str = "test.count", **params: Any) -> Job:
    with transaction.atomic():
        return start_job(kind, by=by, title="Count to five", params={"steps": 5, "sign": str(sign), **params})


def state(job: Job) -> str:
    return Job.objects.values_list("state", flat=True).get(pk=job.pk)


def test_the_bar_goes_with_the_person_from_page_to_page_until_the_work_is_done(
    celery_worker_process: WorkerProcess, person: User, page: Page, live_server: Any, sign_in: SignIn, tmp_path: Path
) -> None:
    sign_in(page, person.username)
    sign = tmp_path / "go"
    start(person, sign)
    page.goto(live_server.url + reverse("notify:list"))
    bar = page.locator("#job-bar")
    expect(bar).to_contain_text("Counting · 5 of 5")
    page.goto(live_server.url + reverse("notify:settings"))
    expect(bar).to_contain_text("Count to five")
    sign.touch()
    expect(bar).to_contain_text("Done")
    expect(bar.locator("progress")).to_have_count(0)
    bar.get_by_role("button", name="Close").click()
    expect(bar).to_have_count(0)


def test_cancel_in_the_bar_stops_the_work(
    celery_worker_process: WorkerProcess, person: User, page: Page, live_server: Any, sign_in: SignIn, tmp_path: Path
) -> None:
    sign_in(page, person.username)
    job = start(person, tmp_path / "never")
    until(lambda: state(job) == "running")
    page.goto(live_server.url + reverse("notify:list"))
    page.locator("#job-bar").get_by_role("button", name="Cancel").click()
    expect(page.locator("#job-bar")).to_contain_text("Cancelled")
    assert state(job) == "cancelled"


def test_the_page_of_a_job_follows_it_to_the_download(
    celery_worker_process: WorkerProcess, person: User, page: Page, live_server: Any, sign_in: SignIn, tmp_path: Path
) -> None:
    sign_in(page, person.username)
    celery_worker_process.pause()
    job = start(person, tmp_path / "unused", "test.file")
    page.goto(live_server.url + job.get_absolute_url())
    expect(page.locator("#job-now")).to_contain_text("Waits for its turn")
    celery_worker_process.listen()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "清单 2026.txt"


@pytest.mark.parametrize("viewport", [None, PHONE])
def test_axe_finds_nothing_serious(
    person: User, page: Page, live_server: Any, sign_in: SignIn, tmp_path: Path, viewport: Any
) -> None:
    if viewport:
        page.set_viewport_size(viewport)
    notify("job.done", to=[person], title="Excel: Deliveries: done", text="Open it.", url="/jobs/")
    notify("approval.waiting", to=[person], title="DL-1 waits", url="/approvals/")
    send_due_mails()
    sign_in(page, person.username)
    job = start(person, tmp_path / "never")  # waits: nothing takes the message
    start(person, tmp_path / "never")  # and another, for the bar on the first one's page
    names = ["jobs:list", "notify:list", "notify:settings", "notify:outbox"]
    pages = [reverse(name) for name in names]
    pages += [job.get_absolute_url(), OutgoingMail.objects.get().get_absolute_url()]
    faults = {}
    for url in pages:
        page.goto(live_server.url + url)
        expect(page.locator("#job-bar")).to_contain_text("Waits for its turn")
        faults[url] = serious_faults(page)
    assert {url: found for url, found in faults.items() if found} == {}
