"""What comes late is posted on the first open day, says which day it is of, and is due by its own."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import Customer
from orders.models import Allocation, OpenItem, ReceivableEntry
from orders.payments.services import reverse_payment
from orders.receivables.ageing import ageing_on
from orders.receivables.settlement import settle_by_hand, settle_customers, take_back
from salesops.kernel.errors import RuleBroken
from salesops.kernel.periods import Period
from tests.support.build import Sales, make_sales
from tests.support.closing import closed, day_in, ended_month

pytestmark = pytest.mark.django_db


def test_a_late_payment_is_posted_on_the_first_open_day_and_says_which_it_is_of() -> None:
    sales, month = make_sales(), ended_month()
    customer = sales.customer()
    closed(month, by=sales.finance)
    payment = sales.pay(customer, 100, on=day_in(month))
    entry = ReceivableEntry.objects.get(document=payment.number)
    assert payment.received_on == day_in(month)
    assert (entry.posted_on, entry.belongs_on, entry.due_on) == (month.end, day_in(month), day_in(month))
    assert OpenItem.objects.get(entry=entry).posted_on == month.end


def test_what_comes_in_time_says_nothing() -> None:
    sales, month = make_sales(), ended_month()
    customer = sales.customer()
    closed(month.previous, by=sales.finance)
    entry = ReceivableEntry.objects.get(document=sales.pay(customer, 100, on=day_in(month)).number)
    assert (entry.posted_on, entry.belongs_on) == (day_in(month), None)


def test_the_closed_months_ageing_stays_what_it_was() -> None:
    sales, month = make_sales(), ended_month()
    customer = sales.customer()
    sales.overdue(customer, 500, days=(timezone.localdate() - month.start).days + 20)
    closed(month, by=sales.finance)
    before = ageing_on(month.last_day, Customer.objects.all())
    sales.pay(customer, 200, on=day_in(month))
    assert ageing_on(month.last_day, Customer.objects.all()) == before
    assert Allocation.objects.get().allocated_on == month.end
    today = ageing_on(timezone.localdate(), Customer.objects.all())
    assert (today.total.outstanding, today.is_proved) == (Decimal(300), True)


def test_a_payment_of_a_closed_month_is_reversed_today() -> None:
    sales, month = make_sales(), ended_month()
    customer = sales.customer()
    sales.overdue(customer, 500, days=(timezone.localdate() - month.start).days + 20)
    payment = sales.pay(customer, 200, on=day_in(month))
    closed(month, by=sales.finance)
    reverse_payment(payment.pk, by=sales.finance, reason="Wrong account")
    assert set(Allocation.objects.filter(amount__lt=0).values_list("allocated_on", flat=True)) == {timezone.localdate()}


def test_old_credits_and_debts_are_settled_from_the_first_open_day() -> None:
    sales, month = make_sales(), ended_month()
    customer = sales.customer()
    debt, credit = _open_beside_each_other(sales, customer, month)
    closed(month, by=sales.finance)
    settle_customers([customer.pk], by=sales.finance)
    made = Allocation.objects.standing().get()
    assert (made.debit_id, made.credit_id, made.allocated_on) == (debit_of(debt), credit, month.end)


def debit_of(entry: ReceivableEntry) -> int:
    return OpenItem.objects.get(entry=entry).pk


def _open_beside_each_other(sales: Sales, customer: Customer, month: Period) -> tuple[ReceivableEntry, int]:
    """A debt and a payment of the month before that one, which somebody took apart on that day."""
    early = day_in(month, 2)
    debt = sales.overdue(customer, 100, days=(timezone.localdate() - early).days)
    sales.pay(customer, 100, on=early)
    made = Allocation.objects.get()
    take_back(made.pk, by=sales.finance, on=early)
    return debt, made.credit_id


def test_settling_by_hand_on_a_closed_day_is_refused_with_the_first_open_one() -> None:
    sales, month = make_sales(), ended_month()
    customer = sales.customer()
    debt, credit = _open_beside_each_other(sales, customer, month)
    closed(month, by=sales.finance)
    with pytest.raises(RuleBroken) as refused:
        settle_by_hand(credit, {debit_of(debt): Decimal(10)}, by=sales.finance, on=day_in(month))
    assert (refused.value.rule, refused.value.facts["first"]) == ("date", month.end)
    assert Allocation.objects.count() == 2
    (made,) = settle_by_hand(credit, {debit_of(debt): Decimal(10)}, by=sales.finance, on=month.end)
    assert made.allocated_on == month.end


def test_taking_back_on_a_closed_day_is_refused() -> None:
    sales, month = make_sales(), ended_month()
    customer = sales.customer()
    sales.overdue(customer, 100, days=(timezone.localdate() - month.start).days)
    sales.pay(customer, 100, on=day_in(month))
    closed(month, by=sales.finance)
    with pytest.raises(RuleBroken) as refused:
        take_back(Allocation.objects.get().pk, by=sales.finance, on=day_in(month, 20))
    assert refused.value.facts["first"] == month.end
    assert take_back(Allocation.objects.get().pk, by=sales.finance).allocated_on == timezone.localdate()


def asked_of_months(action: Callable[[], object]) -> list[str]:
    """The statements about closed months that the program sends."""
    with CaptureQueriesContext(connection) as captured:
        action()
    return [one["sql"] for one in captured if "orders_closingstep" in one["sql"] or "advisory" in one["sql"]]


def test_a_posting_of_the_running_month_costs_no_statement_more() -> None:
    sales = make_sales()
    customer = sales.customer()
    assert asked_of_months(lambda: sales.pay(customer, 1)) == []
    asked = asked_of_months(lambda: sales.pay(customer, 1, on=ended_month().last_day))
    assert len(asked) == 2  # the lock, and one look by the primary key
