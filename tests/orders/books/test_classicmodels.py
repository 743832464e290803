"""ClassicModels, a real-shaped B2B book: loaded as its owner would, and the books say what its files add up to."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.models import Count, Sum

from customers.models import CreditAccount
from orders.deliveries.models import State
from orders.models import (
    Delivery,
    DeliveryLine,
    OpenItem,
    Payment,
    Price,
    Product,
    ReceivableEntry,
    Shipment,
    Stock,
    StockMovement,
)
from salesops.approvals.models import Request
from salesops.imports.models import SourceKey
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.books import load
from tests.support.build import make_user

BOOKS = Path(settings.BASE_DIR).parent / "shared/data/classicmodels"
MAPPING = (Path(__file__).parent / "classicmodels.toml").read_text()

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not BOOKS.is_dir(), reason="the folder of ClassicModels is not here"),
]


@pytest.fixture
def finance():
    return make_user((Role.FINANCE, Role.ADMINISTRATOR))


def amounts(**condition: object) -> tuple[int, Decimal]:
    found = Delivery.objects.filter(**condition).aggregate(count=Count("pk"), amount=Sum("amount"))
    return found["count"], found["amount"]


def test_the_books_say_what_the_files_add_up_to(finance):
    counts, errors = load(BOOKS, MAPPING, by=finance)

    assert not errors
    assert {key: count.new for key, count in counts.items()} == {
        "regions": 5 + 27 + 7,
        "teams": 4,
        "people": 23,
        "customers": 122,
        "categories": 7,
        "products": 110,
        "price_lists": 1,
        "prices": 110,
        "warehouses": 1,
        "stock": 110,
        "deliveries": 326,
        "delivery_lines": 2996,
        "payments": 273,
    }

    assert amounts(state=State.SHIPPED) == (310, Decimal("9060489.30"))
    assert amounts(state=State.SHIPPED, is_disputed=True) == (3, Decimal("61158.78"))
    assert amounts(state=State.APPROVED) == (6, Decimal("135271.52"))
    assert amounts(state=State.SUBMITTED) == (4, Decimal("169575.61"))
    assert amounts(state=State.CANCELLED) == (6, Decimal("238854.18"))
    assert amounts() == (326, Decimal("9604190.61"))

    by_year = Shipment.objects.values("shipped_on__year").order_by("shipped_on__year").annotate(amount=Sum("amount"))
    assert [(row["shipped_on__year"], row["amount"]) for row in by_year] == [
        (2003, Decimal("3250217.70")),
        (2004, Decimal("4321167.85")),
        (2005, Decimal("1489103.75")),
    ]
    payments = Payment.objects.aggregate(count=Count("pk"), amount=Sum("amount"))
    assert payments == {"count": 273, "amount": Decimal("8853839.23")}
    accounts = CreditAccount.objects.aggregate(
        balance=Sum("balance"), committed=Sum("committed"), limits=Sum("limit"), count=Count("pk")
    )
    assert accounts == {
        "balance": Decimal("206650.07"),
        "committed": Decimal("135271.52"),
        "limits": Decimal("8254400.00"),
        "count": 122,
    }

    assert customer_by_customer() == expected_by_customer()
    assert_ledger_is_sound()
    assert_stock_is_sound()
    assert_people_stand_in_their_places()
    assert_waiting_ones_lie_on_a_desk()


def customer_by_customer() -> dict[str, tuple[Decimal, Decimal]]:
    rows = CreditAccount.objects.values_list("customer__code", "balance", "committed")
    return {code: (balance, committed) for code, balance, committed in rows}


def expected_by_customer() -> dict[str, tuple[Decimal, Decimal]]:
    """Worked out of the files themselves, without any of our code."""
    orders = {row["orderNumber"]: row for row in rows_of("orders.csv")}
    owed = {row["customerNumber"]: Decimal(0) for row in rows_of("customers.csv")}
    committed = dict.fromkeys(owed, Decimal(0))
    for line in rows_of("orderdetails.csv"):
        order = orders[line["orderNumber"]]
        amount = int(line["quantityOrdered"]) * Decimal(line["priceEach"])
        if order["status"] in {"Shipped", "Resolved", "Disputed"}:
            owed[order["customerNumber"]] += amount
        if order["status"] == "In Process":
            committed[order["customerNumber"]] += amount
    for payment in rows_of("payments.csv"):
        owed[payment["customerNumber"]] -= Decimal(payment["amount"])
    return {code: (owed[code], committed[code]) for code in owed}


def rows_of(name: str) -> list[dict[str, str]]:
    with (BOOKS / name).open(newline="") as file:
        return list(csv.DictReader(file))


def assert_ledger_is_sound() -> None:
    """Every entry on its historical day, every account the sum of its entries, open items the same once more."""
    assert ReceivableEntry.objects.count() == 310 + 273
    dates = {row["orderNumber"]: row["shippedDate"] for row in rows_of("orders.csv")}
    for shipment in Shipment.objects.select_related("delivery"):
        key = shipment.delivery.source_key.rsplit("/", 1)[1]
        assert shipment.shipped_on.isoformat() == dates[key]
    entries = ReceivableEntry.objects.values_list("customer").annotate(balance=Sum("debit") - Sum("credit"))
    items = OpenItem.objects.values_list("customer", "is_debit").annotate(open=Sum("open_amount"))
    balances = dict(entries)
    open_items = {customer: Decimal(0) for customer in balances}
    for customer, is_debit, amount in items:
        open_items[customer] += amount if is_debit else -amount
    assert balances == open_items
    assert dict(CreditAccount.objects.exclude(balance=0).values_list("pk", "balance")) == {
        customer: balance for customer, balance in balances.items() if balance
    }
    sides = OpenItem.objects.open().values_list("customer").annotate(sides=Count("is_debit", distinct=True))
    assert all(count == 1 for _customer, count in sides), "what is open stands on one side only"


def assert_stock_is_sound() -> None:
    """History takes nothing from today's stock; what is approved and not shipped is reserved."""
    stock = Stock.objects.aggregate(on_hand=Sum("on_hand"), reserved=Sum("reserved"))
    assert stock["on_hand"] == 555_131 == StockMovement.objects.aggregate(total=Sum("quantity"))["total"]
    open_lines = DeliveryLine.objects.filter(delivery__state=State.APPROVED)
    figures = open_lines.aggregate(asked=Sum("quantity"), reserved=Sum("reserved_quantity"))
    assert stock["reserved"] == figures["reserved"] > 0
    for line in open_lines.select_related("product"):
        free = Stock.objects.get(product=line.product)
        assert line.reserved_quantity == line.quantity or free.free == 0


def assert_people_stand_in_their_places() -> None:
    """Representatives have their customers, leaders their teams."""
    rep = User.objects.select_related("team", "region").get(username="e1370")
    assert rep.team
    assert rep.region
    assert (str(rep), rep.team.name, rep.region.name, rep.role_names) == (
        "Gerard Hernandez",
        "Sales EMEA",
        "Paris",
        "Sales representative",
    )
    assert not rep.has_usable_password()
    shipped = Delivery.objects.filter(state=State.SHIPPED, representative=rep, is_disputed=False)
    assert shipped.exclude(source_key__in=resolved()).aggregate(total=Sum("amount"))["total"] == Decimal("1065035.29")
    leader = User.objects.get(username="e1102")
    assert leader.roles == {"supervisor"}
    assert Delivery.objects.visible_to(leader).filter(representative=rep).count() == rep.deliveries.count()


def resolved() -> list[str]:
    return [
        f"classicmodels/deliveries/{row['orderNumber']}" for row in rows_of("orders.csv") if row["status"] == "Resolved"
    ]


def assert_waiting_ones_lie_on_a_desk() -> None:
    """What is on hold waits for somebody who may decide."""
    requests = Request.objects.waiting()
    assert requests.count() == 4
    assert sum(request.amount for request in requests) == Decimal("169575.61")


def test_loading_the_same_books_again_changes_nothing(finance):
    load(BOOKS, MAPPING, by=finance)
    before = everything()

    counts, errors = load(BOOKS, MAPPING, by=finance)

    assert not errors
    assert {(count.new, count.changed, count.left_out) for count in counts.values()} == {(0, 0, 0)}
    assert counts["deliveries"].there == 326
    assert everything() == before


def everything() -> list[object]:
    models: list[Any] = [
        Delivery,
        DeliveryLine,
        Shipment,
        Payment,
        ReceivableEntry,
        OpenItem,
        Stock,
        StockMovement,
        Product,
        Price,
    ]
    counted: list[object] = [model.objects.count() for model in (*models, User, SourceKey, Request)]
    return [*counted, list(CreditAccount.objects.order_by("pk").values_list("balance", "committed"))]


REGIONS = Path(settings.BASE_DIR).parent / "shared/data/china_divisions"
REGION_MAPPING = """
name = "china"
[[table]]
kind = "regions"
file = "region_tree.csv"
[table.columns]
code = "code"
parent = "parentCode"
name = "name"
name_zh = "name"
"""


@pytest.mark.skipif(not REGIONS.is_dir(), reason="the folder of China's divisions is not here")
def test_a_real_region_tree_of_3351_nodes(finance):
    from salesops.users.models import Region

    counts, errors = load(REGIONS, REGION_MAPPING, by=finance)

    assert not errors
    assert counts["regions"].new == 3351
    levels = dict(Region.objects.values_list("level").annotate(count=Count("pk")).order_by("level"))
    assert levels == {1: 31, 2: 342, 3: 2978}
    suzhou = Region.objects.get(code="3205")
    assert (suzhou.name_zh, suzhou.parent.name) == ("苏州市", "江苏省")
    assert Region.objects.descendants(suzhou.parent_id).filter(level=2).count() == 13
