"""ClassicModels: payments settle the oldest due first, and the ageing of four days is the ledger out of its files."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from customers.models import Customer
from orders.models import Allocation, OpenItem, ReceivableEntry
from orders.receivables.ageing import AgeingReport, ageing_on, items_on
from orders.receivables.queries import accounts_to_settle
from orders.receivables.settlement import settle_accounts, take_back_entry
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.books import load
from tests.support.build import make_user

BOOKS = Path(settings.BASE_DIR).parent / "shared/data/classicmodels"
MAPPING = (Path(__file__).parent / "classicmodels.toml").read_text()
TOTALS = {
    date(2003, 9, 30): "71073.19",
    date(2004, 6, 30): "33588.56",
    date(2004, 12, 31): "7839.60",
    date(2005, 5, 31): "265739.33",
}
"""What was owed at the end of four days: delivered less paid."""
DAYS = tuple(TOTALS)
DELIVERED = {"Shipped", "Resolved", "Disputed"}

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not BOOKS.is_dir(), reason="the folder of ClassicModels is not here"),
]


def test_the_ageing_of_four_days_is_what_the_files_say_before_and_after_settling() -> None:
    finance = make_user((Role.FINANCE, Role.ADMINISTRATOR))
    _counts, errors = load(BOOKS, MAPPING, by=finance)
    assert not errors
    expected = {day: balances_on(day) for day in DAYS}
    assert {day: str(sum(balances.values())) for day, balances in expected.items()} == TOTALS
    assert {day: balances_of(day) for day in DAYS} == expected
    assert_the_controls_agree()

    opened = take_all_back(finance)
    assert {day: balances_of(day) for day in DAYS} == expected  # each day knows what was settled then
    settled = settle_accounts(Customer.objects.values_list("pk", flat=True), by=finance)
    assert settled.amount == opened
    assert not accounts_to_settle(finance).exists()
    assert {day: balances_of(day) for day in DAYS} == expected
    assert_the_oldest_are_settled_first()


def balances_on(day: date) -> dict[str, Decimal]:
    """What each customer owed at the end of a day, worked out of the files without any of our code."""
    orders = {row["orderNumber"]: row for row in rows_of("orders.csv")}
    owed: dict[str, Decimal] = {}
    for line in rows_of("orderdetails.csv"):
        order = orders[line["orderNumber"]]
        if order["status"] in DELIVERED and date.fromisoformat(order["shippedDate"]) <= day:
            amount = int(line["quantityOrdered"]) * Decimal(line["priceEach"])
            owed[order["customerNumber"]] = owed.get(order["customerNumber"], Decimal(0)) + amount
    for payment in rows_of("payments.csv"):
        if date.fromisoformat(payment["paymentDate"]) <= day:
            owed.setdefault(payment["customerNumber"], Decimal(0))
            owed[payment["customerNumber"]] -= Decimal(payment["amount"])
    return {code: amount for code, amount in owed.items() if amount}


def balances_of(day: date) -> dict[str, Decimal]:
    """What the ageing of the day says, which is proved by every group, and made of the items of that day."""
    reports: dict[str, AgeingReport] = {
        group: ageing_on(day, Customer.objects.all(), group=group)
        for group in ("customer", "region", "representative", "grade")
    }
    assert all(report.is_proved for report in reports.values())
    assert len({report.total.outstanding for report in reports.values()}) == 1
    items: dict[int, Any] = {}
    for item in items_on(day, Customer.objects.all()):
        items[item.customer_id] = items.get(item.customer_id, Decimal(0)) + item.open_then
    rows = {row.key: row.outstanding for row in reports["customer"].rows}
    assert rows == items
    codes = dict(Customer.objects.values_list("pk", "code"))
    return {codes[key]: amount for key, amount in rows.items() if amount}


def assert_the_controls_agree() -> None:
    """control_customer_balances.csv counts orders that are Shipped; here Resolved and Disputed ones are owed too."""
    orders = {row["orderNumber"]: row for row in rows_of("orders.csv")}
    others: dict[str, Decimal] = {}
    for line in rows_of("orderdetails.csv"):
        order = orders[line["orderNumber"]]
        if order["status"] in DELIVERED - {"Shipped"}:
            amount = int(line["quantityOrdered"]) * Decimal(line["priceEach"])
            others[order["customerNumber"]] = others.get(order["customerNumber"], Decimal(0)) + amount
    owed = balances_of(date(2005, 12, 31))
    controls = rows_of("control_customer_balances.csv")
    assert len(controls) == 122
    for control in controls:
        code = control["customerNumber"]
        assert owed.get(code, 0) == Decimal(control["balance_shipped"]) + others.get(code, 0), code


def take_all_back(finance: User) -> Decimal:
    """Open again all that was settled while the books were loaded; returns how much that was."""
    standing = Allocation.objects.standing()
    amount = sum(standing.values_list("amount", flat=True), Decimal(0))
    for entry in ReceivableEntry.objects.filter(credit__gt=0):
        take_back_entry(entry, by=finance)
    assert not Allocation.objects.standing().exists()
    assert amount > 8_000_000
    return amount


def assert_the_oldest_are_settled_first() -> None:
    """Of each customer nothing that is due later is settled while something due before is open."""
    for customer in Customer.objects.all():
        items = list(OpenItem.objects.filter(customer=customer, is_debit=True).order_by("due_on", "pk"))
        touched = [item.open_amount < item.amount for item in items]
        wholly = [not item.open_amount for item in items]
        assert touched == sorted(touched, reverse=True)
        assert all(wholly[at] for at, later in enumerate(touched[1:]) if later)


def rows_of(name: str) -> list[dict[str, str]]:
    with (BOOKS / name).open(newline="") as file:
        return list(csv.DictReader(file))
