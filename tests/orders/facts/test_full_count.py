"""A full count: in parts, by several, broken off and gone on with; nobody reads half of it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from customers.models import Customer
from orders.facts import building, jobs
from orders.facts.building import begin_count, count_next_part, drop_left_facts, finish_count
from orders.facts.services import bring_facts_along, generation_in_use
from orders.models import AccountFact, FactBuild, FactMark, FactPart, GoodsFact
from orders.tasks import count_all_facts, help_count_facts
from salesops.jobs.models import JobState
from salesops.jobs.services import cancel_job
from salesops.kernel.errors import RuleBroken
from salesops.notify.models import Notice
from salesops.users.roles import Role
from tests.support.build import Sales, make_sales, make_user
from tests.support.tasks import RunTasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    """A company in which two customers got goods, counted."""
    sales = make_sales()
    for pieces in (4, 6):
        customer = sales.customer()
        sales.ship(sales.approved(customer, 10), pieces)
        sales.pay(customer, "50")
    bring_facts_along()
    return sales


def delivered() -> Decimal:
    """What the facts in use say was delivered."""
    return GoodsFact.objects.current().aggregate(all=Sum("amount"))["all"]


def spoil() -> None:
    """Make a kept figure wrong, as nothing of ours would."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_goodsfact SET amount = amount + 1 WHERE quantity = 4")


def test_a_count_that_finds_the_same_leaves_what_is_in_use(sales: Sales) -> None:
    build = begin_count(by=sales.finance)
    while count_next_part(build.pk):
        pass
    finished = finish_count(build.pk)

    assert (finished.state, finished.differences, finished.found) == ("equal", 0, [])
    assert generation_in_use() == 0
    assert GoodsFact.objects.count() == 4  # both generations
    assert drop_left_facts() == 4
    assert delivered() == Decimal(1000)


def test_what_differs_is_used_from_then_on_and_administrators_are_told(sales: Sales) -> None:
    administrator = make_user(Role.ADMINISTRATOR)
    spoil()
    assert delivered() == Decimal(1001)
    build = begin_count(by=sales.finance)
    while count_next_part(build.pk):
        pass
    assert delivered() == Decimal(1001)  # until it is complete, everybody reads the old

    finished = finish_count(build.pk)

    assert (finished.state, finished.differences) == ("in_use", 1)
    assert [(one["what"], one["kept"], one["counted"]) for one in finished.found] == [("goods", "401.00", "400.00")]
    assert delivered() == Decimal(1000)
    assert generation_in_use() == build.pk
    assert Notice.objects.filter(kind="facts.differ", user=administrator).count() == 1
    drop_left_facts()
    assert set(GoodsFact.objects.values_list("generation", flat=True)) == {build.pk}


def test_what_posts_while_the_count_goes_on_is_in_it(sales: Sales) -> None:
    spoil()
    build = begin_count(by=sales.finance)
    while count_next_part(build.pk):
        pass
    customer = sales.customer()
    sales.ship(sales.approved(customer, 10), 3)
    bring_facts_along()  # counted into what is in use: the mark is kept for the end
    assert FactMark.objects.filter(is_counted=True).exists()
    other = sales.customer()
    sales.ship(sales.approved(other, 10), 2)

    finished = finish_count(build.pk)

    assert (finished.state, finished.differences) == ("in_use", 1)
    assert delivered() == Decimal(1500)
    assert not FactMark.objects.exists()
    sales.ship(sales.approved(other, 10), 1)
    bring_facts_along()
    assert delivered() == Decimal(1600)


def test_it_is_not_used_while_parts_are_missing(sales: Sales) -> None:
    spoil()
    build = begin_count(by=sales.finance)
    count_next_part(build.pk)

    with pytest.raises(RuleBroken, match="Not everything"):
        finish_count(build.pk)

    assert delivered() == Decimal(1001)
    assert FactBuild.objects.get().state == "counting"


def test_what_was_broken_off_goes_on_and_other_statements_begin_anew(
    sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = begin_count(by=sales.finance)
    count_next_part(build.pk)
    assert begin_count(by=sales.supply).pk == build.pk
    assert FactPart.objects.filter(build=build, is_done=True).count() == 1

    monkeypatch.setattr(building, "DEFINITION", "other")
    anew = begin_count(by=sales.finance)

    assert anew.pk != build.pk
    assert FactBuild.objects.get(pk=build.pk).state == "replaced"
    assert not count_next_part(build.pk)


def test_parts_cover_each_month_and_each_customer_once(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "CUSTOMERS_A_PART", 1)
    sales.customer()
    parts = begin_count(by=sales.finance).parts

    customers = list(parts.exclude(first_customer=None).values_list("first_customer", "last_customer"))
    assert len(customers) == 3
    assert all(first == last for first, last in customers)
    month = timezone.localdate().replace(day=1)
    following = (month + timedelta(days=31)).replace(day=1)
    assert list(parts.exclude(months_from=None).values_list("months_from", "months_until")) == [(month, following)]


def test_a_job_counts_with_helpers_and_opens_what_it_found(sales: Sales, run_tasks: RunTasks) -> None:
    overseer = make_user(Role.ADMINISTRATOR)
    spoil()
    with run_tasks() as done:
        job = jobs.start_count(by=overseer)
    job.refresh_from_db()

    build = FactBuild.objects.get()
    assert (job.state, job.result_url) == (JobState.DONE, build.get_absolute_url())
    assert (build.asked_by, build.state) == (overseer, "in_use")
    assert done.names.count("orders.tasks.help_count_facts") == jobs.HELPERS
    assert set(GoodsFact.objects.values_list("generation", flat=True)) == {build.pk}


def test_a_cancelled_job_leaves_what_is_in_use_and_its_parts_for_the_next(sales: Sales, run_tasks: RunTasks) -> None:
    overseer = make_user(Role.ADMINISTRATOR)
    spoil()
    with run_tasks():
        job = jobs.start_count(by=overseer)
        cancel_job(job.pk, by=overseer)
    assert delivered() == Decimal(1001)

    with run_tasks():
        jobs.start_count(by=overseer)
    assert delivered() == Decimal(1000)


def test_only_who_verifies_the_books_counts(sales: Sales) -> None:
    with pytest.raises(RuleBroken):
        jobs.start_count(by=sales.representative)
    assert not FactBuild.objects.exists()


def test_a_night_counts_once_however_often_it_is_asked(sales: Sales, run_tasks: RunTasks) -> None:
    with run_tasks():
        count_all_facts()
        count_all_facts()
    build = FactBuild.objects.get()
    assert (build.night, build.state, build.differences) == (timezone.localdate(), "equal", 0)


def test_helping_with_what_has_ended_does_nothing(sales: Sales, run_tasks: RunTasks) -> None:
    with run_tasks():
        count_all_facts()
    facts = AccountFact.objects.count()
    help_count_facts(FactBuild.objects.get().pk)
    assert AccountFact.objects.count() == facts


def test_a_customer_that_moved_today_is_no_difference(sales: Sales) -> None:
    customer = Customer.objects.filter(pk__in=AccountFact.objects.values("customer")).first()
    assert customer is not None
    customer.representative = make_user()
    customer.save()
    build = begin_count(by=sales.finance)
    while count_next_part(build.pk):
        pass
    assert finish_count(build.pk).differences == 0


def test_a_night_that_a_new_version_took_over_is_counted_by_it(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    night = timezone.localdate()
    begin_count(night=night)
    monkeypatch.setattr(building, "DEFINITION", "other")
    jobs.count_tonight(night)
    assert list(FactBuild.objects.order_by("pk").values_list("state", "night")) == [
        ("replaced", None),
        ("equal", night),
    ]
