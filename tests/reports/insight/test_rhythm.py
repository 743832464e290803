"""Who sleeps, and who is behind its own rhythm."""

from datetime import date, timedelta

import pytest

from customers.models import Customer
from orders.models import Shipment
from reports.insight.rhythm import behind_rhythm, sleeping, with_rhythm
from tests.support.build import Sales, make_sales, next_int

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 30)


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def bought(sales: Sales, *days_ago: int, amount: int = 100) -> Customer:
    """A customer for which goods left on those days before TODAY."""
    customer = sales.customer()
    draft = sales.draft(customer)
    for days in days_ago:
        Shipment.objects.create(
            number=f"S{next_int()}",
            delivery=draft,
            customer=customer,
            warehouse=sales.warehouse,
            shipped_on=TODAY - timedelta(days=days),
            amount=amount,
        )
    return customer


def test_who_bought_before_and_got_nothing_for_sixty_days_sleeps(sales: Sales) -> None:
    awake, asleep, never = bought(sales, 59), bought(sales, 60, 90), bought(sales)
    larger = bought(sales, 61, amount=900)
    gone = bought(sales, 200)
    gone.is_active = False
    gone.save()

    found = sleeping(Customer.objects.all(), TODAY)

    assert list(found) == [larger, asleep]
    assert (found[1].silent, found[1].bought) == (60, 200)
    assert awake not in found and never not in found
    assert sleeping(Customer.objects.all(), TODAY, days=30).count() == 3


def test_who_is_silent_longer_than_usual_is_behind(sales: Sales) -> None:
    late = bought(sales, 20, 30, 40, 50)  # every ten days, silent for twenty
    bought(sales, 10, 20, 30, 40)  # in time
    bought(sales, 20, 30)  # no rhythm yet
    asleep = bought(sales, 70, 72, 74, 76)

    found = list(behind_rhythm(Customer.objects.all(), TODAY))

    assert found == [late]
    assert (found[0].usual, found[0].silent, found[0].behind) == (10.0, 20, 2.0)
    assert asleep in sleeping(Customer.objects.all(), TODAY)


def test_days_before_the_last_year_make_no_rhythm_but_a_last_day(sales: Sales) -> None:
    customer = bought(sales, 400, 410, 420, 430)
    found = with_rhythm(Customer.objects.all(), TODAY).get(pk=customer.pk)
    assert (found.silent, found.times, found.bought, found.usual) == (400, 0, 0, None)


def test_goods_of_one_day_count_once_in_a_rhythm(sales: Sales) -> None:
    customer = bought(sales, 20, 20, 30, 30, 40, 50)
    assert with_rhythm(Customer.objects.all(), TODAY).get(pk=customer.pk).times == 4


def test_only_customers_in_scope_are_looked_at(sales: Sales) -> None:
    stranger = make_sales()
    bought(stranger, 100)
    assert not sleeping(Customer.objects.visible_to(sales.representative), TODAY).exists()
