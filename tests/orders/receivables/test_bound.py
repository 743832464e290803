"""What a decision or a reversal settled is not taken back by itself: money that never came pays nothing."""

import pytest

from orders.models import Allocation, OpenItem
from orders.payments.services import reverse_payment
from orders.receivables.settlement import take_back
from salesops.kernel.errors import RuleBroken
from tests.support.adjusting import adjusted, open_item
from tests.support.build import Sales, make_sales

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def refused(made: Allocation, sales: Sales) -> None:
    """It is not taken back, and nothing changed."""
    before = Allocation.objects.count()
    with pytest.raises(RuleBroken, match="reverse that document") as caught:
        take_back(made.pk, by=sales.finance)
    assert caught.value.rule == "bound"
    assert Allocation.objects.count() == before


def test_a_reversed_payment_stays_settled_by_its_reversal(sales: Sales) -> None:
    customer = sales.customer()
    debt = sales.overdue(customer, 1_000, 9)
    reverse_payment(sales.pay(customer, 1_000).pk, by=sales.finance, reason="Bounced")
    refused(Allocation.objects.standing().get(debit__entry__source="payment_reversal"), sales)
    assert OpenItem.objects.get(entry=debt).open_amount == 1_000
    assert not OpenItem.objects.filter(customer=customer, is_debit=False).open().exists()


def test_a_write_off_stays_with_the_debt_it_was_approved_for(sales: Sales) -> None:
    customer = sales.customer()
    bad = sales.overdue(customer, 1_000, 200)
    adjusted(sales, customer, "write_off", items=[open_item(bad)])
    refused(Allocation.objects.standing().get(), sales)
    assert OpenItem.objects.get(entry=bad).open_amount == 0


def test_a_credit_that_was_paid_back_stays_paid_back(sales: Sales) -> None:
    customer = sales.customer()
    sales.pay(customer, 500)
    credit = OpenItem.objects.get(customer=customer)
    adjusted(sales, customer, "refund", items=[credit.pk], method="transfer")
    refused(Allocation.objects.standing().get(), sales)
    credit.refresh_from_db()
    assert credit.open_amount == 0
