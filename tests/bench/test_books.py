"""Books made for measuring: they are books like any other, and lists stay quick on them."""

import pytest
from django.db import connection

from bench.books.making import make_books
from orders.models import Delivery
from orders.proof.verification import differences
from salesops.users.models import User
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LISTS = (
    "/deliveries/",
    "/deliveries/?page=9",
    "/deliveries/?state=shipped",
    "/deliveries/?sort=-amount",
    "/customers/",
)


def plan_of(rows) -> str:
    return rows.explain()


def test_generated_books_add_up_and_lists_stay_within_twelve_queries_and_their_indexes():
    made = make_books(3_000)

    assert Delivery.objects.count() == made.size.deliveries
    assert differences() == []
    _numbers_go_on_after_those_that_were_made()
    client = signed_in(User.objects.get(username="sales-manager"))
    for url in (*LISTS, "/deliveries/?q=Ruifeng", "/deliveries/?q=000123"):
        assert queries_of(client, url) <= 12, url
    _a_page_of_deliveries_reads_an_index()


def test_books_are_made_in_an_empty_database_only():
    User.objects.create(username="somebody", full_name="Somebody")

    with pytest.raises(ValueError, match="empty"):
        make_books(100)

    assert not Delivery.objects.exists()


def _numbers_go_on_after_those_that_were_made() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('orders_delivery', 'id'))")
        assert cursor.fetchone() == (Delivery.objects.count() + 1,)


def _a_page_of_deliveries_reads_an_index() -> None:
    for rows in (
        Delivery.objects.order_by("-ordered_on", "-pk")[:50],
        Delivery.objects.order_by("-amount", "-pk")[:50],
        Delivery.objects.to_ship().order_by("-ordered_on", "-pk")[:50],
        Delivery.objects.filter(customer=1).order_by("-ordered_on", "-pk")[:50],
    ):
        assert "Seq Scan" not in plan_of(rows)
