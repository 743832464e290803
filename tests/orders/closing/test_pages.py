"""The pages of months: what stands there, what leads where, and that the button says what it means."""

import pytest
from django.urls import reverse

from orders.closing.days import closed_through
from orders.closing.services import ask_reopening
from orders.models import Reopening
from salesops.kernel.periods import Period
from tests.support.build import Sales, make_sales
from tests.support.closing import closed, day_in, ended_month, proved
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def page_of(month: Period) -> str:
    """The address of a month."""
    return reverse("orders:period", args=[month])


def test_a_new_company_sees_its_months_and_what_stops_the_last_one(sales: Sales) -> None:
    said = signed_in(sales.finance).get(reverse("orders:periods")).content.decode()
    assert f"Next to close: {ended_month()}" in said
    assert "never proved" in said
    assert "The first month that is closed closes all before it" in said


def test_each_point_leads_to_its_rows(sales: Sales) -> None:
    customer = sales.customer()
    sales.overdue(customer, 100, days=40)
    sales.submitted(customer)
    proved()
    client = signed_in(sales.finance)
    client.get(page_of(ended_month()))
    said = client.get(reverse("orders:periods")).content.decode()
    assert reverse("orders:open_credits") in said
    assert "state=open&amp;ordered_after=" in said


def test_who_only_looks_on_gets_no_addresses_that_are_closed_to_them(sales: Sales) -> None:
    said = signed_in(sales.sales_manager).get(page_of(ended_month())).content.decode()
    assert "The books add up" in said
    assert reverse("orders:proof_new") not in said
    assert f'"{reverse("orders:open_credits")}"' not in said


def test_a_month_is_closed_from_its_page_once(sales: Sales) -> None:
    proved()
    month, client = ended_month(), signed_in(sales.finance)
    assert reverse("orders:period_closing", args=[month]) in client.get(page_of(month)).content.decode()
    form = client.get(reverse("orders:period_closing", args=[month]))
    assert "says which month it belongs to" in form.content.decode()
    sent = {"once_key": form.context["once_key"], "note": "All in"}
    for _click in range(2):
        answer = client.post(reverse("orders:period_closing", args=[month]), sent)
        assert (answer.status_code, answer["Location"]) == (302, page_of(month))
    assert closed_through() == month.last_day
    said = client.get(page_of(month)).content.decode()
    assert "All in" in said
    assert "How it stood then" in said


def test_what_stops_it_is_said_on_the_form(sales: Sales) -> None:
    answer = signed_in(sales.finance).post(reverse("orders:period_closing", args=[ended_month()]), {"note": ""})
    assert answer.status_code == 422
    assert "cannot be closed yet" in answer.content.decode()
    assert closed_through() is None


def test_reopening_is_asked_for_and_seen_by_whoever_decides(sales: Sales) -> None:
    month = ended_month()
    closed(month, by=sales.finance)
    client = signed_in(sales.finance)
    answer = client.post(reverse("orders:period_reopening", args=[month]), {"reason": "A late note"})
    reopening = Reopening.objects.get()
    assert answer["Location"] == reopening.get_absolute_url()
    decider = signed_in(sales.sales_manager)
    assert "Decide" in decider.get(reopening.get_absolute_url()).content.decode()
    assert "A late note" in decider.get(reverse("approvals:inbox")).content.decode()
    client.post(reverse("orders:reopening_withdrawal", args=[reopening.number]))
    reopening.refresh_from_db()
    assert reopening.state == "withdrawn"


def test_late_documents_say_so_on_the_account_the_payment_and_in_the_file(sales: Sales) -> None:
    month, customer = ended_month(), sales.customer()
    closed(month, by=sales.finance)
    payment = sales.pay(customer, 100, on=day_in(month))
    client = signed_in(sales.finance)
    said = client.get(payment.get_absolute_url()).content.decode()
    assert f"Posted on {month.end}, belongs to {month}" in said
    assert f"belongs to {month}" in client.get(reverse("orders:account", args=[customer.code])).content.decode()


def test_a_month_that_no_address_names_is_not_there(sales: Sales) -> None:
    client = signed_in(sales.finance)
    for name in ("2026-13", "2026-1", "x", "2026-01-01"):
        assert client.get(f"/closing/{name}/").status_code == 404


def test_many_months_are_read_with_as_many_queries_as_one(sales: Sales) -> None:
    client = signed_in(sales.finance)
    closed(ended_month(12), by=sales.finance)
    before = queries_of(client, reverse("orders:periods"))
    for back in range(11, 1, -1):
        closed(ended_month(back), by=sales.finance)
    ask_reopening(ended_month(2), by=sales.finance, reason="x")
    assert queries_of(client, reverse("orders:periods")) <= before + 1
