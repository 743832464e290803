"""Facts counted while others post, and by two at once: nothing is lost, nothing counts twice, nobody waits."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from threading import Event

import pytest
from django.db import transaction
from django.db.models import Sum

from orders.facts import building
from orders.facts.building import begin_count, count_next_part, finish_count
from orders.facts.services import bring_facts_along, lock_facts
from orders.models import AccountFact, FactBuild, FactMark, FactPart, GoodsFact
from tests.support.at_once import at_once, on_its_own
from tests.support.build import Sales, make_sales

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def delivered() -> Decimal:
    """What the facts in use say was delivered."""
    return GoodsFact.objects.current().aggregate(all=Sum("amount"))["all"] or Decimal(0)


def test_two_workers_at_once_count_everything_once(sales: Sales) -> None:
    for _round in range(5):
        for _number in range(4):
            sales.ship(sales.approved(sales.customer(), 10), 2)
        at_once(*[bring_facts_along] * 3)
    assert delivered() == Decimal(200 * 20)
    assert AccountFact.objects.current().aggregate(all=Sum("amount"))["all"] == Decimal(200 * 20)
    assert not FactMark.objects.exists()


def test_who_posts_does_not_wait_for_who_counts_and_is_counted_next(sales: Sales) -> None:
    customer = sales.customer()
    delivery = sales.approved(customer, 10)
    sales.ship(delivery, 2)
    posted, counted = Event(), Event()

    def post() -> None:
        with transaction.atomic():
            sales.ship(delivery, 3)
            posted.set()
            assert counted.wait(20)

    with ThreadPoolExecutor(1) as pool:
        posting = pool.submit(on_its_own, post)
        assert posted.wait(20)
        bring_facts_along()  # neither waits for the other
        assert delivered() == Decimal(200)
        counted.set()
        posting.result(20)
    bring_facts_along()
    assert delivered() == Decimal(500)


def test_several_workers_share_the_parts_of_a_full_count(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders.facts.building.CUSTOMERS_A_PART", 1)
    for _number in range(8):
        sales.ship(sales.approved(sales.customer(), 10), 2)
    bring_facts_along()
    build = begin_count()

    def work() -> int:
        done = 0
        while count_next_part(build.pk, wait=done > 2):
            done += 1
        return done

    shares = at_once(*[work] * 3)

    assert sum(share for share in shares if isinstance(share, int)) == FactPart.objects.count() == 9
    assert finish_count(build.pk).differences == 0


def test_two_who_finish_a_count_finish_it_once(sales: Sales) -> None:
    sales.ship(sales.approved(sales.customer(), 10), 2)  # counted by nobody yet: it differs from nothing
    build = begin_count()
    while count_next_part(build.pk):
        pass
    at_once(*[partial(finish_count, build.pk)] * 2)
    assert FactBuild.objects.get().state == "equal"
    assert delivered() == Decimal(200)


def test_two_counts_begun_at_once_are_one(sales: Sales) -> None:
    sales.ship(sales.approved(sales.customer(), 10), 2)
    builds = at_once(*[begin_count] * 3)
    assert {build.pk for build in builds if isinstance(build, FactBuild)} == {FactBuild.objects.get().pk}


def test_a_worker_that_dies_amid_a_part_leaves_it_to_another(sales: Sales) -> None:
    sales.ship(sales.approved(sales.customer(), 10), 2)
    build = begin_count()

    def die() -> None:
        with transaction.atomic():
            count_next_part(build.pk)
            raise ConnectionError("the worker is gone")

    at_once(die, refusal=ConnectionError)

    assert not FactPart.objects.filter(is_done=True).exists()
    assert not GoodsFact.objects.exists()
    while count_next_part(build.pk):
        pass
    finish_count(build.pk)
    assert delivered() == Decimal(200)


def test_what_commits_while_a_count_ends_keeps_its_mark(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = sales.customer()
    delivery = sales.approved(customer, 10)
    sales.ship(delivery, 2)
    bring_facts_along()
    build = begin_count()
    while count_next_part(build.pk):
        pass
    compare = building._compare

    def post_and_compare(**generations: int) -> object:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(on_its_own, sales.ship, delivery, 3).result(20)
        return compare(**generations)

    monkeypatch.setattr(building, "_compare", post_and_compare)
    assert finish_count(build.pk).differences == 0
    assert FactMark.objects.filter(is_counted=False).exists()
    bring_facts_along()
    assert delivered() == Decimal(500)


def test_the_worker_of_every_few_seconds_waits_for_nobody(sales: Sales) -> None:
    sales.ship(sales.approved(sales.customer(), 10), 2)
    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        lock_facts()
        assert pool.submit(on_its_own, partial(bring_facts_along, wait=False)).result(20) == 0
    assert bring_facts_along(wait=False) == 1
