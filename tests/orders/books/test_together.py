"""Books loaded while others work: nothing twice, nobody waits in a ring, balances stay what the ledger says."""

from datetime import date
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from bench.one_import import Silent
from customers.models import CreditAccount, Customer
from orders.models import Delivery, OpenItem, Payment, ReceivableEntry, Stock
from orders.payments.services import record_payment
from orders.stock.services import receive_goods
from salesops.imports.books import open_books
from salesops.imports.mapping import read_mapping
from salesops.users.roles import Role
from tests.support.at_once import at_once
from tests.support.books import CUSTOMERS, HISTORY, company, company_files, load
from tests.support.build import make_user

pytestmark = pytest.mark.django_db(transaction=True)

MAPPING = company(stock=10)


@pytest.fixture
def folder(tmp_path):
    for name, text in company_files().items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_same_books_loaded_twice_at_once_enter_once(folder):
    by = make_user(Role.ADMINISTRATOR)
    ready = Barrier(2)

    def load_when_both_have_checked() -> None:
        with open_books(read_mapping(MAPPING + HISTORY), folder) as books:
            books.read(Silent())
            books.check(Silent())
            ready.wait()
            with transaction.atomic():
                books.load(by=by, progress=Silent())

    outcomes = at_once(load_when_both_have_checked, load_when_both_have_checked, refusal=IntegrityError)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["IntegrityError", "NoneType"]
    assert (Customer.objects.count(), Delivery.objects.count(), Payment.objects.count()) == (CUSTOMERS, 60, CUSTOMERS)
    assert_balances_are_right()


def test_others_go_on_working_while_books_are_loaded(folder):
    by = make_user(Role.ADMINISTRATOR)
    finance, supply = make_user(Role.FINANCE), make_user(Role.SUPPLY)
    load(folder, MAPPING, by=by)
    ids = list(Customer.objects.order_by("-pk").values_list("pk", flat=True))
    stock = Stock.objects.get(product__sku="KT")

    def pay() -> None:
        for customer_id in ids:
            record_payment(by=finance, customer_id=customer_id, received_on=date(2025, 3, 1), amount=Decimal(1))

    def receive() -> None:
        for _ in range(20):
            receive_goods(by=supply, warehouse_id=stock.warehouse_id, product_id=stock.product_id, quantity=1)

    def load_history() -> None:
        load(folder, MAPPING + HISTORY, by=by)

    outcomes = at_once(load_history, pay, receive, refusal=IntegrityError)

    assert outcomes == [None, None, None]
    assert Payment.objects.count() == 2 * CUSTOMERS
    stock.refresh_from_db()
    assert (stock.on_hand, stock.reserved) == (30, 30)
    assert_balances_are_right()


def assert_balances_are_right() -> None:
    posted = ReceivableEntry.objects.values_list("customer").annotate(balance=Sum("debit") - Sum("credit"))
    assert dict(CreditAccount.objects.values_list("pk", "balance")) == dict(posted)
    items = OpenItem.objects.values_list("customer", "is_debit").annotate(open=Sum("open_amount"))
    owed: dict[int, Decimal] = {}
    for customer, is_debit, amount in items:
        owed[customer] = owed.get(customer, Decimal(0)) + (amount if is_debit else -amount)
    assert owed == dict(posted)
