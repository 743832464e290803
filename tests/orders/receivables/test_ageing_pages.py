"""The pages of ageing: rows of every kind, each figure opens what it is made of, the proof, the file."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer
from orders.models import Allocation
from orders.receivables.settlement import take_back
from salesops.jobs.models import Job
from salesops.users.models import User
from salesops.users.roles import Role
from salesops.web import exports
from tests.support.build import Sales, make_region, make_sales, make_user
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    """A company that owes in every column, with a credit beside debits, two levels of regions, and three grades."""
    sales = make_sales()
    below = make_region("Below", parent=sales.region)
    for at, late in enumerate([0, 10, 40, 70, 100, 200]):
        customer = sales.customer(f"Customer {at}", code=f"AG{at}", grade="ABC"[at % 3])
        if at % 2:
            Customer.objects.filter(pk=customer.pk).update(region=below)
        sales.overdue(customer, 10**at, late)
    Customer.objects.filter(code="AG5").update(representative=None)
    credited = Customer.objects.get(code="AG1")
    sales.pay(credited, 7)
    take_back(Allocation.objects.get(credit__customer=credited).pk, by=sales.finance)
    return sales


def page_of(user: User, **query: Any) -> Any:
    response = signed_in(user).get(reverse("orders:ageing"), query)
    assert response.status_code == 200
    return response


def shown(response: Any) -> dict[str, tuple[list[int], int, int]]:
    """Each row: debits by age, credits, outstanding."""
    return {
        line.name: ([int(one) for one in line.debits], int(line.less_credits), int(line.outstanding))
        for line in (row.record for row in response.context["table"].paginated_rows)
    }


def figures_of(response: Any) -> list[tuple[str, Decimal]]:
    """Each figure of the table that leads to items: the address, and the amount on the page."""
    links = re.findall(
        r'<a class="so-quiet" href="(/ageing/items/[^"]*)"><span[^>]*>([^<]*)<small>([^<]*)</small>',
        response.content.decode(),
    )
    return [
        (unescape(url), Decimal(f"{whole}{cents}".replace(",", "").replace("−", "-"))) for url, whole, cents in links
    ]


def test_a_row_for_each_customer_adds_up_to_the_ledger(sales: Sales) -> None:
    response = page_of(sales.finance)
    rows = shown(response)
    assert rows["Customer 0"] == ([1, 0, 0, 0, 0, 0], 0, 1)
    assert rows["Customer 1"] == ([0, 10, 0, 0, 0, 0], -7, 3)
    assert rows["Customer 5"] == ([0, 0, 0, 0, 0, 100_000], 0, 100_000)
    text = response.content.decode()
    assert "Adds up to the ledger" in text
    assert "111,104" in text
    headers = [str(column.header) for column in response.context["table"].columns]
    assert headers[2:] == [
        *("Not due", "1–30 days", "31–60 days", "61–90 days", "91–120 days", "Over 120 days"),
        *("Unallocated credits", "Outstanding"),
    ]


def test_a_ledger_that_differs_is_said(sales: Sales) -> None:
    with connection.cursor() as cursor:  # nobody else can: entries and items are written together
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE orders_receivableentry SET debit = debit + 1 WHERE debit = 100")
        cursor.execute("SET LOCAL session_replication_role = origin")
    text = page_of(sales.finance).content.decode()
    assert "Does not add up to the ledger" in text
    assert "Adds up to the ledger" not in text


@pytest.mark.parametrize("group", ["customer", "region", "representative", "grade"])
@pytest.mark.parametrize("query", [{}, {"edges": "15,200", "by": "posted_on"}, {"day": "ago"}])
def test_each_figure_opens_the_items_that_it_is_made_of(sales: Sales, group: str, query: dict[str, str]) -> None:
    asked = {name: str(timezone.localdate() - timedelta(days=50)) if name == "day" else q for name, q in query.items()}
    figures = figures_of(page_of(sales.finance, group=group, **asked))
    assert len(figures) > 5
    client = signed_in(sales.finance)
    for url, amount in figures:
        response = client.get(url)
        assert response.context["table"].totals["open_then"] == amount, url


def test_the_tree_of_regions_opens_level_by_level_and_no_row_counts_twice(sales: Sales) -> None:
    other = make_sales()
    other.overdue(other.customer(), 5, 1)
    top = shown(page_of(sales.finance, group="region"))
    assert top[sales.region.name] == ([1, 10, 100, 1_000, 10_000, 100_000], -7, 111_104)
    assert top[other.region.name][2] == 5
    within = shown(page_of(sales.finance, group="region", region=sales.region.pk))
    assert within == {
        "Below": ([0, 10, 0, 1_000, 0, 100_000], -7, 101_003),
        "Customer 0": ([1, 0, 0, 0, 0, 0], 0, 1),
        "Customer 2": ([0, 0, 100, 0, 0, 0], 0, 100),
        "Customer 4": ([0, 0, 0, 0, 10_000, 0], 0, 10_000),
    }
    names = {line.name: line.url for line in page_of(sales.finance, group="region").context["table"].data.data}
    assert names[sales.region.name] == f"/ageing/?group=region&region={sales.region.pk}"


def test_representatives_and_grades_lead_to_their_customers(sales: Sales) -> None:
    lines = page_of(sales.finance, group="representative", day=timezone.localdate()).context["table"].data.data
    assert {line.name: int(line.outstanding) for line in lines} == {
        str(sales.representative.full_name): 11_104,
        "No representative": 100_000,
    }
    client = signed_in(sales.finance)
    for line in lines:
        assert sum(one.outstanding for one in client.get(line.url).context["table"].data.data) == line.outstanding
    grades = page_of(sales.finance, group="grade").context["table"].data.data
    assert [int(line.outstanding) for line in grades] == [1_001, 10_003, 100_100]


def test_a_past_day_knows_nothing_of_what_came_later(sales: Sales) -> None:
    day = timezone.localdate() - timedelta(days=50)
    assert shown(page_of(sales.finance, day=day)) == {
        "Customer 3": ([0, 1_000, 0, 0, 0, 0], 0, 1_000),
        "Customer 4": ([0, 0, 10_000, 0, 0, 0], 0, 10_000),
        "Customer 5": ([0, 0, 0, 0, 0, 100_000], 0, 100_000),
    }


def test_it_is_narrowed_searched_and_sorted(sales: Sales) -> None:
    assert set(shown(page_of(sales.finance, q="AG3"))) == {"Customer 3"}
    assert set(shown(page_of(sales.finance, grade="A"))) == {"Customer 0", "Customer 3"}
    below = sales.region.children.get()
    assert set(shown(page_of(sales.finance, region=below.pk))) == {"Customer 1", "Customer 3", "Customer 5"}
    assert len(shown(page_of(sales.finance, representative=sales.representative.pk))) == 5
    for name in ("code", "name", "age_0", "age_5", "credits", "outstanding"):
        there = list(shown(page_of(sales.finance, sort=name)))
        assert set(there) == {f"Customer {at}" for at in range(6)}, name
    assert next(iter(shown(page_of(sales.finance, sort="-age_2")))) == "Customer 2"
    assert next(iter(shown(page_of(sales.finance, sort="credits")))) == "Customer 1"


@pytest.mark.parametrize(
    "query",
    [
        {"day": "2999-01-01"},
        {"day": "0001-01-01"},
        {"day": "x"},
        {"edges": "x"},
        {"edges": "30,30"},
        {"edges": "60,30"},
        {"edges": "0"},
        {"edges": ","},
        {"edges": "9999999999999999999999"},
        {"edges": ",".join(str(at) for at in range(1, 30))},
        {"group": "colour"},
        {"by": "mood"},
        {"region": "none"},
        {"age": "99"},
    ],
)
def test_what_makes_no_sense_shows_what_is_usual(sales: Sales, query: dict[str, str]) -> None:
    assert len(shown(page_of(sales.finance, **query))) == 6
    response = signed_in(sales.finance).get(reverse("orders:ageing_items"), query)
    assert response.context["table"].totals["open_then"] == 111_104


def test_everybody_sees_the_accounts_in_scope_and_an_agent_its_own_items(sales: Sales) -> None:
    elsewhere = make_sales()
    elsewhere.overdue(elsewhere.customer("Foreign"), 5, 1)
    assert set(shown(page_of(elsewhere.representative))) == {"Foreign"}
    assert len(shown(page_of(sales.supervisor))) == 5  # one customer has no representative, so no team
    foreign = signed_in(elsewhere.representative).get(reverse("orders:ageing_items"), {"customer": "AG3"})
    assert not list(foreign.context["table"].rows)
    agent = make_user(Role.AGENT, customer=Customer.objects.get(code="AG3"))
    client = signed_in(agent)
    assert client.get(reverse("orders:ageing")).status_code == 403
    own = client.get(reverse("orders:ageing_items"))
    assert [row.record.customer.code for row in own.context["table"].rows] == ["AG3"]
    assert 'href="/ageing/"' not in own.content.decode()
    assert "/ageing/" not in client.get(reverse("reports:home")).content.decode()
    assert "/ageing/" in signed_in(sales.finance).get(reverse("reports:home")).content.decode()


def test_the_file_is_what_is_shown_with_sums_as_formulas(sales: Sales) -> None:
    response = signed_in(sales.finance).get(reverse("orders:ageing"), {"grade": "A", "export": "xlsx", "sort": "name"})
    sheet = openpyxl.load_workbook(BytesIO(response.content)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    at = next(number for number, row in enumerate(rows) if row[0] == "Code")
    assert [row[1] for row in rows[at + 1 : -1]] == ["Customer 0", "Customer 3"]
    assert rows[at + 2][3:] == [0, 0, 0, 1000, 0, 0, 0, 1000]
    assert all("SUM" in str(total).upper() or "SUBTOTAL" in str(total).upper() for total in rows[-1][3:])
    heads = [row[0] for row in rows[:at]]
    assert any("1,001.00 − 0.00 = 1,001.00 = ledger 1,001.00" in str(head) for head in heads)
    assert any(f"on {timezone.localdate()}, by due day" in str(head) for head in heads)


def test_a_long_file_is_made_in_the_background(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "SHORT", 3)
    response = signed_in(sales.finance).get(reverse("orders:ageing"), {"export": "xlsx"})
    assert response.status_code == 302
    job = Job.objects.get(kind="export")
    target = BytesIO()
    assert exports.write_list_export(exports.ListExport(**job.params), sales.finance, target) == 6


def test_pages_ask_as_often_for_many_rows_as_for_few(sales: Sales) -> None:
    client = signed_in(sales.finance)
    addresses = [reverse("orders:ageing"), f"{reverse('orders:ageing')}?group=region", reverse("orders:ageing_items")]
    for url in addresses:
        client.get(url)
    few = [queries_of(client, url) for url in addresses]
    for at in range(7):
        customer = sales.customer()
        sales.overdue(customer, 5, at)
        sales.pay(customer, 9)
    assert [queries_of(client, url) for url in addresses] == few
    assert max(few) <= 12


def test_a_day_on_which_nothing_was_open_says_so(sales: Sales) -> None:
    empty = page_of(sales.finance, day="2001-01-01")
    assert "Nothing" in empty.content.decode()
