"""How often a list asks the database, however many rows it shows, and how it finds a page far down."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from customers.models import Customer
from orders.collections.reminding import remind
from orders.collections.services import open_dispute, record_promise
from orders.models import Delivery, OpenItem
from orders.reconciliation.rounds import open_round, send_all
from orders.reconciliation.statements import issue_statement
from reports.statistics.issuing.services import issue_statistic
from salesops.api.services import create_token
from salesops.api.views import ListApi
from salesops.jobs.models import Job
from tests.orders.bankfiles.files import kept, line
from tests.orders.matching.ledgers import make_ledger
from tests.support.adjusting import submitted
from tests.support.bills import registered
from tests.support.build import Sales, make_product, make_sales, make_team
from tests.support.closing import ended_month
from tests.support.program import Program, made
from tests.support.queries import plan_of, queries_of

pytestmark = pytest.mark.django_db


def disputed(sales: Sales) -> None:
    """A debt that is overdue, and disputed."""
    item = OpenItem.objects.get(entry=sales.overdue(sales.customer(), 2, 1))
    open_dispute(by=sales.finance, item_id=item.pk, kind="other", amount=Decimal(1), text="x")


def promised(sales: Sales) -> None:
    """A promise of a customer."""
    today = timezone.localdate()
    record_promise(by=sales.finance, customer_id=sales.customer().pk, amount=Decimal(1), promised_for=today)


def reminded(sales: Sales) -> None:
    """A letter, to print."""
    customer = sales.customer()
    sales.overdue(customer, 1, 1)
    assert remind(customer.pk, by=sales.finance)


FEW, MANY = 2, 20
MOST_QUERIES = 7
"""Of any list, with the token, its person and the rights."""
MAKERS: dict[str, tuple[str, Callable[[Sales], Any]]] = {
    "adjustments": ("finance", lambda sales: submitted(sales, sales.customer(), "credit", 1)),
    "approvals": ("supervisor", lambda sales: sales.submitted(sales.customer(), 1)),
    "bank_files": ("finance", lambda sales: kept(sales.finance, line(1, "X"))),
    "bills": ("finance", lambda sales: registered(sales, sales.customer())),
    "collections": ("finance", disputed),
    "customers": ("supervisor", lambda sales: sales.customer()),
    "deliveries": ("supervisor", lambda sales: sales.draft(sales.customer(), 1)),
    "disputes": ("finance", disputed),
    "issued_statistics": (
        "finance",
        lambda sales: issue_statistic("month", ended_month().start, team_id=make_team().pk),
    ),
    "jobs": ("finance", lambda sales: Job.objects.create(kind="export", title="x", owner=sales.finance)),
    "open_items": ("finance", lambda sales: sales.overdue(sales.customer(), 1, 1)),
    "payments": ("finance", lambda sales: sales.pay(sales.customer(), 1)),
    "products": ("supervisor", lambda sales: make_product(price=5)),
    "promises": ("finance", promised),
    "reconciliations": ("finance", lambda sales: a_round(sales)),
    "reminders": ("finance", reminded),
    "rounds": ("finance", lambda sales: a_round(sales)),
    "shipments": ("supply", lambda sales: sales.ship(sales.approved(sales.customer(), 1))),
    "their_ledgers": ("finance", lambda sales: make_ledger(sales.customer(), sales.finance, [(1, "A", 1)])),
    "statements": ("finance", lambda sales: a_statement(sales)),
    "tokens": ("finance", lambda sales: create_token(by=sales.finance)),
}
"""Of each list: who reads it, and what makes one row more."""


def a_round(sales: Sales) -> None:
    """A round over one account, whose statement is sent."""
    today, customer = timezone.localdate(), sales.customer()
    customers = Customer.objects.filter(pk=customer.pk)
    made, _job = open_round(by=sales.finance, customers=customers, first_day=today, last_day=today, answer_by=today)
    send_all(made, by=sales.finance)


def a_statement(sales: Sales) -> None:
    """One of an account."""
    today = timezone.localdate()
    issue_statement(by=sales.finance, customer_id=sales.customer().pk, first_day=today, last_day=today)


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def lists() -> Iterator[str]:
    """The names of all lists of the API."""
    entries = [entry for entry in get_resolver().url_patterns if isinstance(entry, URLResolver)]
    (v1,) = [entry for entry in entries if entry.namespace == "v1"]
    for pattern in v1.url_patterns:
        assert isinstance(pattern, URLPattern)
        is_of_one_record = "<" in str(pattern.pattern)
        if issubclass(pattern.callback.view_class, ListApi) and not is_of_one_record:  # type: ignore[attr-defined]
            yield str(pattern.name)


def test_every_list_is_counted() -> None:
    assert set(lists()) == set(MAKERS)


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_many_rows_cost_no_more_queries_than_a_few(name: str, sales: Sales) -> None:
    reader, make = MAKERS[name]
    program, address = Program(getattr(sales, reader)), f"{reverse(f'v1:{name}')}?page_size=50"

    def rows() -> int:
        return len(made(program.get(address))["results"])

    while rows() < FEW:
        make(sales)
    few = queries_of(program, address)
    before = rows()
    for _each in range(MANY - before):
        make(sales)
    assert (before, rows()) == (FEW, MANY)
    assert queries_of(program, address) == few <= MOST_QUERIES


def copies(delivery: Delivery, count: int, *, days: int, customers: Sequence[Customer] = ()) -> None:
    """Copies of a draft, spread over so many days from today backwards, and over the customers if any are given."""
    today = timezone.localdate()
    rows = [Delivery.objects.get(pk=delivery.pk) for _each in range(count)]
    for at, row in enumerate(rows):
        row.pk, row.number, row.ordered_on = None, f"DL-2019-{at:06d}", today - timedelta(days=at % days)
        if customers:
            row.customer = customers[at % len(customers)]
    Delivery.objects.bulk_create(rows)


def test_pages_over_many_of_one_day_show_each_once(sales: Sales) -> None:
    copies(sales.draft(sales.customer(), 1), 60, days=1)
    program, address, seen = Program(sales.supervisor), "deliveries/?page_size=7", []
    while address:
        page = made(program.get(address))
        seen += [row["number"] for row in page["results"]]
        address = page["next"]
    assert seen == list(Delivery.objects.order_by("-ordered_on", "-pk").values_list("number", flat=True))
    assert len(seen) == 61


def test_a_page_far_down_begins_where_the_index_says(sales: Sales) -> None:
    # Of many customers, whom the planner knows: were they one, its own index would do as well. And with much more to
    # come than a page holds: of few it may as well read all that are left and sort them
    many = [sales.customer() for _each in range(30)]
    copies(sales.draft(many[0], 1), 9_000, days=3, customers=many)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE orders_delivery, customers_customer")
    program, address = Program(sales.sales_manager), "deliveries/?page_size=200"
    for _page in range(12):
        address = made(program.get(address))["next"]
    with CaptureQueriesContext(connection) as captured:
        made(program.get(address))
    (asked,) = [one["sql"] for one in captured if 'FROM "orders_delivery"' in one["sql"]]
    nodes = plan_of(asked, analyze=True)
    (scan,) = [node for node in nodes if node.get("Relation Name") == "orders_delivery"]
    assert scan["Node Type"] == "Index Scan"
    assert scan["Index Name"].startswith("orders_deli_ordered")
    assert "ROW" in scan["Index Cond"]
    assert scan["Actual Rows"] <= 201
    assert not [node for node in nodes if node["Node Type"] == "Sort"]
