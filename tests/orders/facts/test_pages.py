"""Pages of the full counts: what was found, in words, and the button that counts now."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.facts.services import bring_facts_along
from orders.models import FactBuild
from salesops.jobs.models import Job
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.build import make_sales, make_user
from tests.support.signed_in import signed_in
from tests.support.tasks import RunTasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> User:
    return make_user(Role.ADMINISTRATOR)


@pytest.fixture
def overseer(administrator: User) -> Client:
    return signed_in(administrator)


def test_an_empty_list_offers_the_first_count(overseer: Client) -> None:
    answer = overseer.get(reverse("orders:fact_builds"))
    assert "not been counted anew yet" in answer.content.decode()


def test_the_button_counts_and_leads_to_what_was_found(overseer: Client, run_tasks: RunTasks) -> None:
    sales = make_sales()
    customer = sales.customer()
    sales.ship(sales.approved(customer, 10), 4)
    bring_facts_along()
    with run_tasks():
        started = overseer.post(reverse("orders:fact_build_new"))
    job = Job.objects.get(kind="orders.facts")
    assert started.status_code == 302
    assert started["Location"].endswith(job.get_absolute_url())

    page = overseer.get(job.result_url).content.decode()
    assert "As kept" in page
    assert "what its documents make" in page
    assert "As kept" in overseer.get(reverse("orders:fact_builds")).content.decode()


def test_what_differed_is_shown_with_both_figures_and_its_customer(overseer: Client) -> None:
    customer = make_sales().customer()
    build = FactBuild.objects.create(
        definition="x",
        state="in_use",
        finished_at=timezone.now(),
        differences=1,
        found=[{"what": "goods", "customer": customer.code, "month": "2026-01", "kept": "401.00", "counted": "400.00"}],
    )
    page = overseer.get(build.get_absolute_url()).content.decode()
    for text in ("1 month differed", "401.00", "400.00", reverse("customers:record", args=[customer.code])):
        assert text in page


def test_a_count_that_was_broken_off_says_so(overseer: Client) -> None:
    build = FactBuild.objects.create(definition="x")
    assert "goes on where it stopped" in overseer.get(build.get_absolute_url()).content.decode()
    assert overseer.get(reverse("orders:fact_build", args=[build.pk + 1])).status_code == 404
