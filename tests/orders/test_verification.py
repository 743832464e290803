"""The books are proved by comparing every kept figure with its rows; each kind of difference is said."""

from collections.abc import Callable

import pytest
from django.db import connection

from customers.models import CreditAccount
from orders.models import Delivery, DeliveryLine, OpenItem, Stock
from orders.verification import differences
from tests.support.build import Sales, make_sales

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    """Goods shipped in part, paid in part, some payment taken back."""
    made = make_sales()
    customer = made.customer(code="C-1")
    delivery = made.approved(customer, 10)
    made.ship(delivery, 6)
    made.pay(customer, 250)
    made.approved(made.customer(code="C-2"), 5)
    return made


def test_books_made_by_the_services_add_up(sales: Sales) -> None:
    assert differences() == []


def wrong_balance() -> None:
    CreditAccount.objects.filter(customer__code="C-1").update(balance=1)


def wrong_committed() -> None:
    CreditAccount.objects.filter(customer__code="C-1").update(committed=1)


def wrong_open_item() -> None:
    OpenItem.objects.filter(is_debit=True).update(open_amount=1)


def wrong_shipped() -> None:
    Delivery.objects.filter(customer__code="C-2").update(shipped_amount=100)


def wrong_pieces() -> None:
    DeliveryLine.objects.filter(delivery__customer__code="C-2").update(reserved_quantity=0, shipped_quantity=1)


def wrong_reserved() -> None:
    Stock.objects.update(reserved=1)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (wrong_balance, "C-1: the balance is 1.00, its entries add up to 350.00"),
        (wrong_committed, "C-1: committed is 1.00, approved and not shipped is 400.00"),
        (wrong_open_item, "C-1: the balance is 350.00, its open items add up to 1.00"),
        (wrong_shipped, "shipped is 100.00, its shipments add up to 0"),
        (wrong_pieces, "1 pieces are shipped, the shipments have 0"),
        (wrong_reserved, "1 pieces are reserved, for lines 9"),
    ],
)
def test_a_figure_that_is_not_the_sum_of_its_rows_is_said(sales: Sales, spoil: Callable[[], None], said: str) -> None:
    spoil()
    assert any(said in line for line in differences()), differences()


def test_a_document_without_its_entry_is_said(sales: Sales) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orders_payment"
            " (number, customer_id, received_on, amount, method, reference, note, recorded_at)"
            " SELECT 'PM-1', customer_id, received_on, 99, 'cash', '', '', now() FROM orders_payment LIMIT 1"
        )
    assert differences() == ["PM-1: the document says 99.00, its entry 0"]


def test_no_more_differences_than_asked_for_are_said_of_one_kind(sales: Sales) -> None:
    CreditAccount.objects.update(balance=1)
    assert len([line for line in differences(most=1) if "entries" in line]) == 1
