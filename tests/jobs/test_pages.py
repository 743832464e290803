"""The list of work, the page of a job, the bar over every page."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from salesops.jobs.models import Job
from salesops.jobs.running import claim, run_job
from salesops.jobs.services import cancel_job, start_job
from tests.support.build import make_user
from tests.support.signed_in import client_of, signed_in

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def client(owner):
    return signed_in(owner)


def start(by, title="Count to three", **params):
    return start_job("test.count", by=by, title=title, params=params)


def running(by, done=1, total=4):
    job = start(by)
    claim(job.pk)
    Job.objects.filter(pk=job.pk).update(done=done, total=total, saying="Counting", part_started_at=timezone.now())
    return Job.objects.get(pk=job.pk)


def text(response):
    assert response.status_code == 200
    return response.content.decode()


# ---- list ----
def test_the_list_shows_ones_own_work(client, owner):
    start(owner)
    start(make_user("finance"), "somebody else's")
    page = text(client.get(reverse("jobs:list")))
    assert "Count to three" in page
    assert "somebody else" not in page
    assert "Started by" not in page


def test_who_watches_over_all_work_sees_everybodys(owner):
    start(owner)
    page = text(client_of("administrator").get(reverse("jobs:list")))
    assert "Count to three" in page
    assert str(owner) in page


def test_the_list_can_be_filtered_by_state(client, owner):
    start(owner, "waits")
    cancel_job(start(owner, "was stopped").pk, by=owner)
    page = text(client.get(reverse("jobs:list"), {"state": "cancelled"}))
    assert "was stopped" in page
    assert ">waits<" not in page


def test_an_empty_list_says_what_will_stand_there(client):
    assert "Nothing has run yet" in text(client.get(reverse("jobs:list")))


def test_the_list_costs_the_same_for_few_and_for_many(django_assert_max_num_queries, owner):
    client = client_of("administrator")
    url = reverse("jobs:list")
    client.get(url)
    for _round in range(2):
        for _number in range(15):
            start(make_user("finance"))
        with django_assert_max_num_queries(9):
            client.get(url)


# ---- record ----
def test_the_page_of_a_running_job_shows_a_bar_that_fetches_itself_again(client, owner):
    job = running(owner)
    page = text(client.get(job.get_absolute_url()))
    assert 'value="25"' in page
    assert "Counting · 1 of 4" in page
    assert f'hx-get="{reverse("jobs:progress", args=[job.pk])}"' in page
    assert 'hx-trigger="every 1s"' in page
    part = text(client.get(reverse("jobs:progress", args=[job.pk]), **HTMX))
    assert "<html" not in part
    assert 'hx-trigger="every 1s"' in part


def test_at_its_end_the_page_is_loaded_once_more_and_asks_no_more(client, owner):
    job = start(owner)
    run_job(job.pk)
    assert client.get(reverse("jobs:progress", args=[job.pk]), **HTMX)["HX-Refresh"] == "true"
    page = text(client.get(job.get_absolute_url()))
    assert "every 1s" not in page
    assert "What came of it" in page


def test_a_failed_job_says_why_and_can_be_tried_again_by_its_owner(client, owner, run_tasks):
    job = start_job("test.refuse", by=owner, title="x", params={})
    run_job(job.pk)
    page = text(client.get(job.get_absolute_url()))
    assert "The file has no rows." in page
    assert "Try again" in page
    with run_tasks() as done:
        assert client.post(reverse("jobs:retry", args=[job.pk])).status_code == 302
    assert done.names[0] == "salesops.jobs.tasks.run_job"


def test_who_only_watches_is_not_offered_to_try_again(owner):
    job = start_job("test.refuse", by=owner, title="x", params={})
    run_job(job.pk)
    client = client_of("administrator")
    assert "Try again" not in text(client.get(job.get_absolute_url()))
    assert client.post(reverse("jobs:retry", args=[job.pk])).status_code == 409
    job.refresh_from_db()
    assert job.state == "failed"


def test_a_result_is_offered_to_download(client, owner):
    job = start_job("test.file", by=owner, title="x", params={})
    run_job(job.pk)
    assert reverse("jobs:result", args=[job.pk]) in text(client.get(job.get_absolute_url()))


def test_an_owner_who_lost_the_right_reads_why_there_is_no_download(owner):
    job = start_job("test.file", by=owner, title="x", params={})
    run_job(job.pk)
    owner.groups.clear()
    page = text(signed_in(owner).get(job.get_absolute_url()))
    assert "You no longer have the right to it." in page
    assert f'href="{reverse("jobs:result", args=[job.pk])}"' not in page


def test_cancel_stops_a_job_and_says_so(client, owner):
    job = running(owner)
    page = text(client.post(reverse("jobs:cancel", args=[job.pk]), {"next": job.get_absolute_url()}, follow=True))
    assert "It stops as soon as it can." in page
    assert "Stopping…" in page
    job.refresh_from_db()
    assert job.cancel_requested_at


def test_cancelling_what_has_ended_is_refused(client, owner):
    job = start(owner)
    run_job(job.pk)
    assert client.post(reverse("jobs:cancel", args=[job.pk])).status_code == 409


PARTS = ["record", "progress", "cancel", "retry", "result"]
POSTED = {"cancel", "retry"}


@pytest.mark.parametrize("part", PARTS)
def test_anothers_job_is_not_there(client, part):
    job = start(make_user("finance"))
    url = reverse(f"jobs:{part}", args=[job.pk])
    assert (client.post(url) if part in POSTED else client.get(url)).status_code == 404
    job.refresh_from_db()
    assert (job.state, job.cancel_requested_at) == ("queued", None)


@pytest.mark.parametrize("part", PARTS)
def test_a_visitor_is_sent_to_sign_in(owner, part):
    url = reverse(f"jobs:{part}", args=[start(owner).pk])
    response = Client().post(url) if part in POSTED else Client().get(url)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("users:sign_in"))


@pytest.mark.parametrize("part", sorted(POSTED))
def test_a_link_changes_nothing(client, owner, part):
    assert client.get(reverse(f"jobs:{part}", args=[start(owner).pk])).status_code == 405


# ---- bar ----
def bar(client, **more):
    return client.get(reverse("jobs:current"), more, **HTMX).content.decode()


def test_every_page_asks_for_the_bar_while_work_of_ones_own_lives_and_not_otherwise(client, owner):
    asks = f'hx-get="{reverse("jobs:current")}"'
    assert asks not in text(client.get(reverse("notify:list")))
    job = start(owner)
    assert asks in text(client.get(reverse("notify:list")))
    assert asks not in text(client_of("finance").get(reverse("notify:list")))
    run_job(job.pk)
    assert asks not in text(client.get(reverse("notify:list")))


def test_the_bar_shows_how_far_and_fetches_itself_again(client, owner):
    job = running(owner)
    part = bar(client)
    assert "Counting · 1 of 4" in part
    assert f"was={job.pk}" in part


def test_the_bar_shows_the_newest_and_how_many_more(client, owner):
    start(owner, "first")
    start(owner, "second")
    start(owner, "third")
    part = bar(client)
    assert "third" in part
    assert "2 more" in part


def test_the_bar_shows_nothing_of_others(client):
    job = start(make_user("finance"))
    assert bar(client) == ""
    assert bar(client, was=str(job.pk)) == ""


def test_the_bar_offers_the_result_when_the_job_it_showed_is_done_and_asks_no_more(client, owner):
    job = start_job("test.file", by=owner, title="File", params={})
    run_job(job.pk)
    assert bar(client) == ""
    part = bar(client, was=str(job.pk))
    assert reverse("jobs:result", args=[job.pk]) in part
    assert "every 1s" not in part


def test_the_bar_says_why_the_job_it_showed_failed(client, owner):
    job = start_job("test.refuse", by=owner, title="x", params={})
    run_job(job.pk)
    assert "Failed: The file has no rows." in bar(client, was=str(job.pk))


def test_the_bar_survives_nonsense_in_its_address(client):
    assert bar(client, was="../../etc") == ""


def test_the_page_of_a_job_has_no_second_bar_for_it(client, owner):
    job = running(owner)
    response = client.get(
        reverse("jobs:current"), **HTMX, HTTP_HX_CURRENT_URL=f"http://testserver{job.get_absolute_url()}"
    )
    assert response.content == b""


def test_a_bar_that_was_put_away_stays_away_but_other_work_shows_it(client, owner):
    start(owner, "first")
    assert client.post(reverse("jobs:hide"), **HTMX).content == b""
    assert bar(client) == ""
    start(owner, "second")
    part = bar(client)
    assert "second" in part
    assert "more" not in part


def test_cancel_in_the_bar_answers_with_the_bar(client, owner):
    job = running(owner)
    part = client.post(reverse("jobs:cancel", args=[job.pk]), **HTMX).content.decode()
    assert "Stopping…" in part
    assert 'id="job-bar"' in part


@pytest.mark.parametrize("around", ["http://[", "//[::1", ""])
def test_the_bar_comes_whatever_page_is_said_to_be_around_it(around: str) -> None:
    client = signed_in(make_user())
    assert client.get("/jobs/current/", headers={"HX-Request": "true", "HX-Current-URL": around}).status_code == 200
