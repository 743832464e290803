"""Open credits of one account or of all, shown before they are settled; several people at once."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from customers.models import Customer
from orders.models import Allocation, OpenItem
from orders.payments.services import reverse_payment
from orders.proof.verification import differences
from orders.receivables import open_credits_views
from orders.receivables.jobs import start_settlement
from orders.receivables.models import Source
from orders.receivables.settlement import settle_accounts, settle_by_hand, take_back
from salesops.jobs.models import Job, JobState
from salesops.jobs.running import run_job
from salesops.kernel.errors import RuleBroken
from tests.support.at_once import at_once, refusals
from tests.support.build import Sales, make_sales, next_int
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db
LIST, NEW = "/open-credits/", "/open-credits/settlement/"


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def left_open(sales: Sales, code: str = "") -> Customer:
    """A customer with debits of 100 and 70 and a payment of 90 beside them that names the second."""
    customer = sales.customer(code=code or f"LEFT{next_int()}")
    sales.overdue(customer, 100, 50)
    named = sales.overdue(customer, 70, 5)
    sales.pay(customer, 90, reference=f"for {named.document}")
    for made in Allocation.objects.filter(credit__customer=customer):
        take_back(made.pk, by=sales.finance)
    return customer


def open_of(customer: Customer) -> tuple[int, int]:
    """What is open: debits and credits."""
    items = list(OpenItem.objects.filter(customer=customer).open())
    debits, credits_ = (sum(int(item.open_amount) for item in items if item.is_debit is side) for side in (True, False))
    return debits, credits_


def half_of(customer: Customer) -> tuple[int, dict[int, Decimal]]:
    """Half of the customer's credit for the oldest debit."""
    items = OpenItem.objects.filter(customer=customer)
    return items.get(is_debit=False).pk, {items.filter(is_debit=True).earliest("due_on").pk: Decimal(45)}


def differing() -> list[str]:
    """What the books differ in, but that the debits of these tests come from no document."""
    return [str(one) for one in differences() if one.claim != "entry without document"]


# ---- the pages ----
def test_accounts_with_credits_beside_debits_are_listed_the_largest_credit_first(sales: Sales) -> None:
    small, large = left_open(sales, "SMALL"), left_open(sales, "LARGE")
    settle_by_hand(*half_of(small), by=sales.finance)
    sales.overdue(sales.customer(code="OWES"), 10, 5)
    sales.pay(sales.customer(code="AHEAD"), 10)
    sales.pay(left_open(sales, "PAID"), 500)
    response = signed_in(sales.finance).get(LIST)
    rows = [row.record for row in response.context["table"].paginated_rows]
    assert [(row.customer.code, int(row.open_credits), int(row.open_debits)) for row in rows] == [
        ("LARGE", 90, 170),
        ("SMALL", 45, 125),
    ]
    assert response.context["table"].totals["can_settle"] == Decimal(135)
    assert f'href="{NEW}"' in response.content.decode()
    assert open_of(large) == (170, 90)


def test_what_settles_what_is_shown_before_and_nothing_is_written(sales: Sales) -> None:
    customer = left_open(sales)
    other = left_open(sales)
    before = Allocation.objects.count()
    response = signed_in(sales.finance).get(NEW, {"customer": customer.code})
    assert [(row.debit.customer_id, row.planned.is_named, row.planned.amount) for row in response.context["rows"]] == [
        (customer.pk, True, Decimal(70)),
        (customer.pk, False, Decimal(20)),
    ]
    assert (response.context["amount"], response.context["credit_count"]) == (90, 1)
    assert len(signed_in(sales.finance).get(NEW).context["rows"]) == 4
    assert Allocation.objects.count() == before
    assert open_of(other) == (170, 90)


def test_one_account_is_settled_and_the_others_are_left(sales: Sales) -> None:
    customer, other = left_open(sales), left_open(sales)
    client = signed_in(sales.finance)
    page = client.get(NEW, {"customer": customer.code})
    sent = {"once_key": page.context["once_key"]}
    for _click in range(2):
        assert client.post(f"{NEW}?customer={customer.code}", sent)["Location"] == LIST
    assert open_of(customer) == (80, 0)
    assert open_of(other) == (170, 90)
    assert {one.made_by for one in Allocation.objects.standing()} == {sales.finance}
    assert differing() == []


def test_all_of_them_are_settled_in_the_background(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    customers = [left_open(sales) for _ in range(3)]
    monkeypatch.setattr(open_credits_views, "FEW", 2)
    response = signed_in(sales.finance).post(NEW, {})
    job = Job.objects.get()
    assert response["Location"] == job.get_absolute_url()
    assert job.params == {"customers": sorted(customer.pk for customer in customers)}
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (JobState.DONE, 3, 3)
    assert job.summary == {"Credits": 3, "Allocations": 6, "Amount": "270.00"}
    assert {open_of(customer) for customer in customers} == {(80, 0)}
    assert differing() == []


def test_of_two_who_start_it_the_second_is_told_of_the_first(sales: Sales) -> None:
    customer = left_open(sales)
    start_settlement([customer.pk], by=sales.finance)
    other = make_sales().finance
    with pytest.raises(RuleBroken) as caught:
        start_settlement([customer.pk], by=other)
    assert caught.value.rule == "busy"
    assert Job.objects.count() == 1


def test_nobody_settles_out_of_scope_or_without_the_right(sales: Sales) -> None:
    customer = left_open(sales)
    stranger = make_sales().representative
    assert settle_accounts([customer.pk], by=stranger).allocations == 0
    assert open_of(customer) == (170, 90)
    for person in (sales.representative, sales.supervisor, stranger):
        assert signed_in(person).post(NEW, {}).status_code == 403
        with pytest.raises(RuleBroken) as caught:
            start_settlement([customer.pk], by=person)
        assert caught.value.rule == "permission"


def test_an_account_offers_to_settle_all_only_where_there_is_something(sales: Sales) -> None:
    customer = left_open(sales)
    client, url = signed_in(sales.finance), reverse("orders:account", args=[customer.code])
    link = f'href="{NEW}?customer={customer.code}"'
    assert link in client.get(url).content.decode()
    assert link not in signed_in(sales.representative).get(url).content.decode()
    settle_accounts([customer.pk], by=sales.finance)
    assert link not in client.get(url).content.decode()
    assert "Nothing to settle" in client.get(LIST).content.decode()
    assert "Nothing to settle" in client.get(NEW).content.decode()


def test_pages_ask_as_often_for_many_accounts_as_for_few(sales: Sales) -> None:
    client = signed_in(sales.finance)
    left_open(sales)
    for url in (LIST, NEW):
        client.get(url)
    few = [queries_of(client, url) for url in (LIST, NEW)]
    for _ in range(4):
        left_open(sales)
    assert [queries_of(client, url) for url in (LIST, NEW)] == few
    assert max(few) <= 12


# ---- at once ----
@pytest.mark.django_db(transaction=True)
def test_two_who_settle_the_same_accounts_settle_them_once(sales: Sales) -> None:
    customers = [left_open(sales).pk for _ in range(6)]
    results: list[Any] = at_once(
        lambda: settle_accounts(customers, by=sales.finance),
        lambda: settle_accounts(list(reversed(customers)), by=sales.finance),
    )
    assert refusals(results) == []
    assert sum(one.amount for one in results) == 540
    assert sorted(one.credits for one in results) == [0, 6]
    assert differing() == []


@pytest.mark.django_db(transaction=True)
def test_settling_all_meets_somebody_who_settles_by_hand(sales: Sales) -> None:
    customer = left_open(sales)
    credit = OpenItem.objects.get(customer=customer, is_debit=False)
    old = OpenItem.objects.filter(customer=customer, is_debit=True).earliest("due_on")
    results = at_once(
        lambda: settle_by_hand(credit.pk, {old.pk: Decimal(90)}, by=sales.finance),
        lambda: settle_accounts([customer.pk], by=sales.finance),
    )
    told = refusals(results)
    assert [one.rule for one in told] in ([], ["more than open"])
    assert open_of(customer) == (80, 0)
    assert sum(Allocation.objects.standing().values_list("amount", flat=True)) == 90
    assert differing() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["by hand", "by the rule"])
def test_a_payment_is_reversed_while_it_is_settled_and_no_debt_is_lost(sales: Sales, way: str) -> None:
    customer = left_open(sales)
    credit = OpenItem.objects.get(customer=customer, is_debit=False)
    old = OpenItem.objects.filter(customer=customer, is_debit=True).earliest("due_on")

    def settle() -> object:
        if way == "by hand":
            return settle_by_hand(credit.pk, {old.pk: Decimal(90)}, by=sales.finance)
        return settle_accounts([customer.pk], by=sales.finance)

    results = at_once(
        settle, lambda: reverse_payment(credit.entry.source_id, by=sales.finance, reason="Of another customer")
    )
    told = refusals(results)
    assert [one.rule for one in told] in ([], ["more than open"])
    if told:  # the payment was reversed before: nothing of it was open
        assert told[0].facts["open"] == 0
    debits = OpenItem.objects.filter(customer=customer, is_debit=True, entry__source=Source.OPENING).order_by("due_on")
    assert [item.open_amount for item in debits] == [100, 70]
    assert open_of(customer) == (170, 0)
    assert differing() == []
