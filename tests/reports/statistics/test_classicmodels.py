"""ClassicModels: what was shipped and paid by year, quarter and territory, against a sum over its files."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from orders.facts.services import bring_facts_along
from reports.statistics.answers import answer
from reports.statistics.questions import Question, read_period
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.books import load
from tests.support.build import make_user

BOOKS = Path(settings.BASE_DIR).parent / "shared/data/classicmodels"
MAPPING = (Path(settings.BASE_DIR) / "tests/orders/books/classicmodels.toml").read_text()
LEFT = {"Shipped", "Resolved", "Disputed"}

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not BOOKS.is_dir(), reason="the folder of ClassicModels is not here"),
]


def rows_of(name: str) -> Iterator[dict[str, str]]:
    with (BOOKS / name).open() as lines:
        yield from csv.DictReader(lines)


def shipped() -> Iterator[tuple[date, str, str, Decimal]]:
    """Every shipped line of the files: its day, customer, product, amount."""
    orders = {row["orderNumber"]: row for row in rows_of("orders.csv")}
    for line in rows_of("orderdetails.csv"):
        order = orders[line["orderNumber"]]
        if order["status"] in LEFT and order["shippedDate"] not in ("", "NULL"):
            amount = int(line["quantityOrdered"]) * Decimal(line["priceEach"])
            yield date.fromisoformat(order["shippedDate"][:10]), order["customerNumber"], line["productCode"], amount


@pytest.fixture
def manager(db: None) -> User:
    finance = make_user((Role.FINANCE, Role.ADMINISTRATOR))
    _counts, errors = load(BOOKS, MAPPING, by=finance)
    assert not errors
    bring_facts_along()
    return make_user(Role.SALES_MANAGER)


def test_years_quarters_and_territories_are_what_the_files_say(manager: User) -> None:
    found = answer(Question(read_period("2003-01..2005-12"), by="year"), manager)
    assert [(row.head.label, str(row.cells["delivered"].now)) for row in found.rows] == [
        ("2003", "3250217.70"),
        ("2004", "4321167.85"),
        ("2005", "1489103.75"),
    ]
    quarters = answer(Question(read_period("2003"), by="quarter"), manager)
    assert [(row.head.label, str(row.cells["delivered"].now)) for row in quarters.rows] == [
        ("2003-Q1", "405613.55"),
        ("2003-Q2", "493388.87"),
        ("2003-Q3", "584500.19"),
        ("2003-Q4", "1766715.09"),
    ]
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows_of("payments.csv"):
        paid[row["paymentDate"][:4]] += Decimal(row["amount"])
    assert {row.head.label: row.cells["payments"].now for row in found.rows} == paid
    territories = answer(Question(read_period("2003-01..2005-12"), by="team"), manager)
    assert {row.head.label: str(row.cells["delivered"].now) for row in territories.rows} == {
        "Sales EMEA": "4281490.65",
        "Sales NA": "3277696.72",
        "Sales APAC": "1044191.86",
        "Sales Japan": "457110.07",
    }
    assert_cuts_add_up(manager)
    assert_products_are_those_of_the_files(manager)


def assert_cuts_add_up(manager: User) -> None:
    """The parts of every cut make the whole, which is what the files say."""
    whole = sum(amount for _day, _customer, _product, amount in shipped())
    period = read_period("2003-01..2005-12")
    for by in (
        "month",
        "quarter",
        "year",
        "region",
        "team",
        "representative",
        "customer",
        "grade",
        "category",
        "product",
    ):
        found = answer(Question(period, by=by, measures=("delivered", "pieces", "payments")), manager)
        for measure in found.measures:
            assert sum(row.cells[measure.key].now for row in found.rows) == found.total.cells[measure.key].now
        assert found.total.cells["delivered"].now == whole


def assert_products_are_those_of_the_files(manager: User) -> None:
    expected: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for day, _customer, product, amount in shipped():
        expected[product, day.year] += amount
    found = answer(Question(read_period("2003-01..2005-12"), by="product", across="year"), manager)
    figures: dict[tuple[str, int], Any] = {
        (row.head.code, column.key.year): row.across[column.key]["delivered"].now
        for row in found.rows
        for column in found.columns
    }
    assert {key: amount for key, amount in figures.items() if amount} == expected
