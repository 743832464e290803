"""What an approval found overdue is remembered for the day, and forgotten as soon as an open item changes."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from customers.models import CreditAccount, Customer
from orders.credit.queries import credit_picture
from orders.models import OpenItem
from tests.support.build import Sales, make_sales

pytestmark = pytest.mark.django_db


def remembered(customer: Customer) -> tuple[object, ...]:
    account = CreditAccount.objects.get(pk=customer.pk)
    return account.known_overdue_on, account.known_overdue_amount, account.known_overdue_days


def owing(sales: Sales) -> Customer:
    """A customer whose last approval found 300 overdue for 10 days."""
    customer = sales.customer(limit=100_000)
    sales.overdue(customer, 100, 10)
    sales.overdue(customer, 200, 4)
    sales.approved(customer, 1)
    assert remembered(customer) == (timezone.localdate(), Decimal(300), 10)
    return customer


def test_the_picture_of_the_day_takes_what_is_remembered() -> None:
    customer = owing(make_sales())
    CreditAccount.objects.filter(pk=customer.pk).update(known_overdue_amount=777, known_overdue_days=7)
    picture = credit_picture(customer.pk)
    assert (picture.overdue_amount, picture.overdue_days) == (Decimal(777), 7)


def test_what_another_day_found_is_not_taken() -> None:
    customer = owing(make_sales())
    yesterday = timezone.localdate() - timedelta(days=1)
    CreditAccount.objects.filter(pk=customer.pk).update(known_overdue_amount=777, known_overdue_on=yesterday)
    assert credit_picture(customer.pk).overdue_amount == Decimal(300)


def pay(sales: Sales, customer: Customer) -> None:
    sales.pay(customer, 150)


def owe_more(sales: Sales, customer: Customer) -> None:
    sales.overdue(customer, 50, 20)


def ship(sales: Sales, customer: Customer) -> None:
    sales.ship(sales.approved(customer, 2))


def lose_an_item(sales: Sales, customer: Customer) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM orders_openitem WHERE customer_id = %s AND open_amount = 200", [customer.pk])


@pytest.mark.parametrize("change", [pay, owe_more, ship, lose_an_item])
def test_a_change_of_any_open_item_is_seen_at_once(change: Callable[[Sales, Customer], None]) -> None:
    sales = make_sales()
    customer, other = owing(sales), owing(sales)
    change(sales, customer)
    assert remembered(customer)[0] is None
    assert remembered(other)[0] == timezone.localdate()
    today = timezone.localdate()
    items = OpenItem.objects.filter(customer=customer).overdue_on(today)
    picture = credit_picture(customer.pk)
    assert picture.overdue_amount == sum((item.open_amount for item in items), Decimal(0))
    assert picture.overdue_days == max((today - item.due_on).days for item in items)
