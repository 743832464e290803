"""Two clerks and the night's run at the same bill: one of them wins, and the books hold."""

from typing import Any

import pytest

from orders.bills.services import dishonour_bill, return_bill, settle_bill
from orders.models import Bill, Payment, PaymentReversal
from orders.payments.services import reverse_payment
from orders.tasks import settle_bills
from tests.support.adjusting import wrong_in_the_books
from tests.support.at_once import at_once, refusals
from tests.support.bills import registered
from tests.support.build import Sales, make_sales

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sales() -> Sales:
    return make_sales()


@pytest.mark.parametrize("turn", range(3))
def test_of_settling_dishonouring_and_giving_back_one_happens(sales: Sales, turn: int) -> None:
    bill = registered(sales, sales.customer(), 50)
    results = at_once(
        lambda: settle_bill(bill.pk, by=sales.finance),
        lambda: dishonour_bill(bill.pk, by=sales.finance, reason="No cover", seen="held"),
        lambda: return_bill(bill.pk, by=sales.finance, reason="Swapped"),
    )
    bill.refresh_from_db()
    assert len(refusals(results)) == 2
    assert {refusal.rule for refusal in refusals(results)} <= {"state", "changed meanwhile"}
    assert Payment.objects.count() == (bill.state == "settled")
    assert wrong_in_the_books() == []


def test_runs_at_once_settle_each_bill_once(sales: Sales) -> None:
    customer = sales.customer()
    for _bill in range(4):
        registered(sales, customer, 5)
    assert sum(int(str(result)) for result in at_once(settle_bills, settle_bills, settle_bills)) == 4
    assert Payment.objects.count() == 4
    assert wrong_in_the_books() == []


def test_the_same_paper_of_two_customers_is_registered_once(sales: Sales) -> None:
    paper: dict[str, Any] = {"instrument": "AB1", "drawer": "D", "bank": "ICBC"}
    one, two = sales.customer(), sales.customer()
    results = at_once(*[lambda customer=customer: registered(sales, customer, **paper) for customer in (one, two)])
    (refusal,) = refusals(results)
    assert (refusal.rule, refusal.facts["number"]) == ("registered already", Bill.objects.get().number)


def test_a_bounce_and_a_reversal_by_hand_reverse_once(sales: Sales) -> None:
    bill = registered(sales, sales.customer(), 50)
    payment = settle_bill(bill.pk)
    results = at_once(
        lambda: dishonour_bill(bill.pk, by=sales.finance, reason="No cover"),
        lambda: reverse_payment(payment.pk, by=sales.finance, reason="Wrong"),
    )
    assert len(refusals(results)) == 1
    assert PaymentReversal.objects.count() == 1
    assert Bill.objects.get().state == "dishonoured"


def test_a_run_that_dies_midway_leaves_each_bill_wholly_settled_or_not(
    sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = sales.customer()
    bills = [registered(sales, customer, 5) for _bill in range(3)]
    real = Bill.save

    def dies(self: Bill, *args: object, **kwargs: object) -> None:
        if self.pk == bills[1].pk:
            raise SystemExit  # after its payment was posted
        real(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Bill, "save", dies)
    with pytest.raises(SystemExit):
        settle_bills()
    monkeypatch.undo()
    assert list(Bill.objects.order_by("pk").values_list("state", flat=True)) == ["settled", "held", "held"]
    assert Payment.objects.count() == 1
    assert wrong_in_the_books() == []
    assert settle_bills() == 2
