"""The list of deliveries: filters, search, totals, order, file, and how often it asks."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from orders.models import Delivery, Stock
from salesops.users.roles import Role
from tests.support.build import Sales, make_region, make_sales, make_user
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def numbers(user: Any, **query: Any) -> list[str]:
    """The numbers that the list shows, in its order."""
    response = signed_in(user).get(reverse("orders:deliveries"), query)
    assert response.status_code == 200
    return [row.record.number for row in response.context["table"].paginated_rows]


def test_the_list_filters_by_state_and_by_what_is_to_ship(sales: Sales) -> None:
    customer = sales.customer()
    draft, approved, part = sales.draft(customer), sales.approved(customer), sales.approved(customer)
    sales.ship(part, 3)
    assert numbers(sales.supervisor, state="draft") == [draft.number]
    assert numbers(sales.supervisor, state="approved") == [approved.number]
    assert set(numbers(sales.supervisor, state="open")) == {approved.number, part.number}


def test_the_list_filters_by_region_with_all_below_it(sales: Sales) -> None:
    below = make_region(parent=sales.region)
    inside = sales.draft(sales.customer(), 1)
    deeper = sales.draft(sales.customer(), 1)
    Delivery.objects.filter(pk=deeper.pk).update(region=below)
    outside = sales.draft(sales.customer(), 1)
    Delivery.objects.filter(pk=outside.pk).update(region=make_region())
    assert set(numbers(sales.sales_manager, region=sales.region.pk)) == {inside.number, deeper.number}


def test_the_list_filters_by_representative_days_and_amount(sales: Sales) -> None:
    customer = sales.customer()
    small, large = sales.draft(customer, 1), sales.draft(customer, 50)
    today = timezone.localdate()
    Delivery.objects.filter(pk=small.pk).update(ordered_on=today - timedelta(days=40), wanted_on=today)
    assert numbers(sales.supervisor, ordered_after=today - timedelta(days=1)) == [large.number]
    assert numbers(sales.supervisor, ordered_before=today - timedelta(days=1)) == [small.number]
    assert numbers(sales.supervisor, wanted_after=today, wanted_before=today) == [small.number]
    assert numbers(sales.supervisor, amount_min=1000) == [large.number]
    assert numbers(sales.supervisor, amount_max="100.00") == [small.number]
    assert numbers(sales.supervisor, representative=sales.supervisor.pk) == []
    assert len(numbers(sales.supervisor, representative=sales.representative.pk)) == 2


def test_late_short_and_disputed_ones_are_found(sales: Sales) -> None:
    customer = sales.customer()
    late, fine = sales.approved(customer, 1), sales.approved(customer, 1)
    Delivery.objects.filter(pk=late.pk).update(wanted_on=timezone.localdate() - timedelta(days=1))
    Delivery.objects.filter(pk=fine.pk).update(is_disputed=True)
    Stock.objects.update(on_hand=2, reserved=2)
    short = sales.approved(customer, 1)
    assert numbers(sales.supervisor, only="late") == [late.number]
    assert numbers(sales.supervisor, only="disputed") == [fine.number]
    assert numbers(sales.supervisor, only="short") == [short.number]


def test_what_is_no_filter_filters_nothing_and_breaks_nothing(sales: Sales) -> None:
    sales.draft(sales.customer())
    assert numbers(sales.supervisor, region="x", state="nonsense", ordered_after="never", amount_min="many")


@pytest.mark.parametrize("text", ["ruifeng", "瑞丰", "a-1042"])
def test_the_list_finds_by_name_and_code(sales: Sales, text: str) -> None:
    sales.draft(sales.customer())
    found = sales.draft(sales.customer(name="Suzhou Ruifeng", name_zh="苏州瑞丰", code="A-1042"))
    assert numbers(sales.supervisor, q=text) == [found.number]
    assert numbers(sales.supervisor, q=found.number[-5:]) == [found.number]
    assert numbers(sales.supervisor, customer="A-1042") == [found.number]


def test_the_total_is_that_of_all_rows_that_filters_leave(sales: Sales) -> None:
    customer = sales.customer()
    sales.draft(customer, 1)
    sales.draft(customer, 2)
    other = sales.draft(sales.customer(), 40)
    response = signed_in(sales.supervisor).get(reverse("orders:deliveries"), {"customer": customer.code})
    assert response.context["table"].totals["amount"] == Decimal("300.00")
    assert other.number not in response.content.decode()


def test_the_list_sorts_by_any_of_its_columns(sales: Sales) -> None:
    customer = sales.customer()
    small, large = sales.draft(customer, 1), sales.draft(customer, 9)
    assert numbers(sales.supervisor, sort="amount") == [small.number, large.number]
    assert numbers(sales.supervisor, sort="-amount") == [large.number, small.number]
    for column in ("customer", "representative", "region", "state", "wanted_on", "approved_amount", "shipped_amount"):
        assert len(numbers(sales.supervisor, sort=column)) == 2


def test_the_file_holds_what_is_shown(sales: Sales) -> None:
    customer = sales.customer(name="=cmd()", name_zh="瑞丰")
    draft = sales.draft(customer, 3)
    sales.draft(sales.customer(), 1)
    query = {"customer": customer.code, "export": "xlsx"}
    response = signed_in(sales.supervisor).get(reverse("orders:deliveries"), query)
    sheet = openpyxl.load_workbook(BytesIO(response.content)).worksheets[0]
    cells = [cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert draft.number in cells
    assert "=cmd()" in cells
    assert sum(str(cell).startswith("DL-") for cell in cells) == 1


def test_an_agent_sees_its_own_without_columns_about_the_company(sales: Sales) -> None:
    customer = sales.customer()
    own = sales.draft(customer)
    sales.draft(sales.customer())
    agent = make_user(Role.AGENT, customer=customer)
    response = signed_in(agent).get(reverse("orders:deliveries"))
    table = response.context["table"]
    assert [row.record.number for row in table.paginated_rows] == [own.number]
    assert not {"customer", "representative", "region"} & {column.name for column in table.columns}
    assert not {"region", "representative"} & set(response.context["page"].filterset.form.fields)


def test_the_list_asks_as_often_for_many_rows_as_for_few(sales: Sales) -> None:
    client = signed_in(sales.supervisor)
    sales.draft(sales.customer())
    client.get(reverse("orders:deliveries"))
    few = queries_of(client, reverse("orders:deliveries"))
    for _ in range(8):
        sales.draft(sales.customer())
    assert queries_of(client, reverse("orders:deliveries")) == few <= 16


def test_the_lines_of_deliveries_are_a_list_with_a_file_of_the_same_rows() -> None:
    sales = make_sales()
    ours, foreign = sales.submitted(sales.customer(), 3), make_sales()
    foreign.submitted(foreign.customer(), 4)
    client = signed_in(sales.representative)

    response = client.get("/delivery-lines/", {"state": "submitted"})
    book = openpyxl.load_workbook(BytesIO(client.get("/delivery-lines/?state=submitted&export=xlsx").content))

    numbers = [row[0].value for row in book.active.iter_rows() if str(row[0].value).startswith("DL-")]
    assert numbers == [ours.number]
    assert ours.number in response.content.decode()
    assert foreign.customer().name not in response.content.decode()
    assert queries_of(client, "/delivery-lines/") <= 12
