"""Lists of agents to look after: who is on them, who may see them, as few queries for many."""

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.models import Shipment
from salesops.users.models import User
from tests.reports.insight.test_rhythm import bought
from tests.support.build import Sales, make_sales
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def page(user: User, name: str, query: str = "") -> str:
    return signed_in(user).get(f"{reverse(name)}{query}").content.decode()


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The builders of these tests count from a day of their own."""
    from tests.reports.insight import test_rhythm

    monkeypatch.setattr(test_rhythm, "TODAY", timezone.localdate())


def test_sleeping_agents_are_listed_with_their_last_goods(sales: Sales) -> None:
    asleep, awake = bought(sales, 70, amount=1234), bought(sales, 10)
    shown = page(sales.representative, "reports:sleeping")
    assert asleep.code in shown and awake.code not in shown
    assert "1,234" in shown
    assert asleep.code not in page(sales.representative, "reports:sleeping", "?days=90")
    assert asleep.code not in page(make_sales().representative, "reports:sleeping")


def test_who_is_behind_is_listed_with_the_usual_span(sales: Sales) -> None:
    late, in_time = bought(sales, 20, 30, 40, 50), bought(sales, 10, 20, 30, 40)
    shown = page(sales.supervisor, "reports:behind")
    assert late.code in shown and in_time.code not in shown


@pytest.mark.parametrize("name", ["reports:sleeping", "reports:behind"])
def test_empty_lists_say_that_all_is_well(sales: Sales, name: str) -> None:
    assert "so-empty" in page(sales.sales_manager, name)


@pytest.mark.parametrize("name", ["reports:sleeping", "reports:behind"])
def test_many_rows_ask_as_often_as_few(sales: Sales, name: str) -> None:
    client = signed_in(sales.sales_manager)
    for _number in range(2):
        bought(sales, 70), bought(sales, 20, 30, 40, 50)
    few = queries_of(client, reverse(name))
    for _number in range(12):
        bought(sales, 70), bought(sales, 20, 30, 40, 50)
    assert queries_of(client, reverse(name)) == few
    assert Shipment.objects.count() > 50
