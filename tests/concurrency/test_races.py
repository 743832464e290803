"""Real transactions at once: no interleaving lets exposure pass what was approved, and nothing waits for ever."""

from decimal import Decimal
from functools import partial

import pytest

from customers.models import CreditAccount
from orders.deliveries.services import cancel_rest
from orders.models import Delivery, ReceivableEntry, Shipment, Stock
from salesops.approvals.models import Decision, Request, Verdict
from salesops.approvals.policies import StageInput, publish_policy
from salesops.approvals.services import approve, reject
from salesops.users.roles import Role
from tests.support.at_once import at_once, refusals
from tests.support.build import Sales, make_sales, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_supervisors_deciding_at_once_the_first_counts() -> None:
    sales = make_sales()
    second = make_user(Role.SUPERVISOR, team=sales.team)
    customer = sales.customer()
    request = sales.submitted(customer)
    results = at_once(
        lambda: approve(request.pk, by=sales.supervisor), lambda: reject(request.pk, by=second, note="No")
    )
    (refusal,) = refusals(results)
    assert refusal.rule == "decided"
    assert Decision.objects.filter(request=request, verdict__in=[Verdict.APPROVED, Verdict.REJECTED]).count() == 1


def only_within_the_limit() -> None:
    """A policy in which nobody may pass the limit: what does not fit goes on to a stage that waits."""
    publish_policy(
        "delivery",
        stages=[
            StageInput(Role.SUPERVISOR),
            StageInput(Role.SALES_MANAGER, conditions=[{"fact": "over_amount", "op": "above", "value": "0"}]),
        ],
        by=None,
    )


def test_of_32_approvals_racing_for_credit_that_covers_5_exactly_5_pass() -> None:
    sales = make_sales()
    only_within_the_limit()
    customer = sales.customer(limit=5_000)
    requests = [sales.submitted(customer, 10) for _n in range(32)]
    at_once(*[lambda pk=request.pk: approve(pk, by=sales.supervisor) for request in requests])
    assert Delivery.objects.filter(state="approved").count() == 5
    account = CreditAccount.objects.get(customer=customer)
    assert account.committed == Decimal(5_000)
    assert Request.objects.waiting().filter(role=Role.SALES_MANAGER).count() == 27


def test_approvals_and_shipments_race_for_the_last_pieces() -> None:
    sales = make_sales(stock=50)
    ready = [sales.approved(sales.customer(), 10) for _n in range(3)]
    waiting = [sales.submitted(sales.customer(), 10) for _n in range(6)]
    results = at_once(
        *[lambda d=delivery: sales.ship(d) for delivery in ready],
        *[lambda pk=request.pk: approve(pk, by=sales.supervisor) for request in waiting],
    )
    assert refusals(results) == []
    stock = Stock.objects.get()
    assert (stock.on_hand, stock.reserved) == (20, 20)


def test_a_shipment_against_a_cancellation() -> None:
    for _round in range(5):
        sales = make_sales()
        customer = sales.customer()
        delivery = sales.approved(customer, 10)
        results = at_once(
            partial(sales.ship, delivery), partial(cancel_rest, delivery.pk, by=sales.supervisor, reason="x")
        )
        assert len(refusals(results)) == 1
        account = CreditAccount.objects.get(customer=customer)
        assert account.committed == 0
        delivery.refresh_from_db()
        assert account.balance == delivery.shipped_amount
        assert delivery.shipped_amount + delivery.cancelled_amount == delivery.approved_amount


def test_the_same_shipment_sent_twice_never_leaves_twice() -> None:
    sales = make_sales()
    delivery = sales.approved(sales.customer(), 10)
    line = delivery.lines.get()
    results = at_once(lambda: sales.ship(delivery), lambda: sales.ship(delivery))
    assert len(refusals(results)) == 1
    line.refresh_from_db()
    assert line.shipped_quantity == 10
    assert Shipment.objects.count() == 1


def test_two_payments_with_one_reference_at_once_post_once() -> None:
    sales = make_sales()
    customer = sales.customer()
    results = at_once(*[lambda: sales.pay(customer, 10, reference="TT-1")] * 4)
    assert len(refusals(results)) == 3
    assert ReceivableEntry.objects.count() == 1


def test_everything_at_once_on_one_account_ends_with_true_books() -> None:
    sales: Sales = make_sales()
    only_within_the_limit()
    customer = sales.customer(limit=3_000)
    approved = [sales.approved(customer, 10) for _n in range(3)]
    waiting = [sales.submitted(customer, 10) for _n in range(4)]
    results = at_once(
        *[lambda d=d: sales.ship(d, 4) for d in approved],
        *[lambda pk=r.pk: approve(pk, by=sales.supervisor) for r in waiting],
        lambda: sales.pay(customer, 1_000),
        lambda: sales.pay(customer, 500),
        lambda: cancel_rest(approved[0].pk, by=sales.supervisor, reason="x"),
    )
    assert {refusal.rule for refusal in refusals(results)} <= {"state"}  # the cancellation came before the shipment
    account = CreditAccount.objects.get(customer=customer)
    entries = ReceivableEntry.objects.filter(customer=customer)
    assert account.balance == sum((entry.amount for entry in entries), Decimal(0))
    assert account.committed == sum(
        (d.committed_amount for d in Delivery.objects.filter(customer=customer)), Decimal(0)
    )
    assert account.balance + account.committed <= Decimal(3_000)


def test_what_a_cancellation_frees_goes_to_the_next_back_order() -> None:
    sales = make_sales(stock=10)
    first = sales.approved(sales.customer(), 10)
    second = sales.approved(sales.customer(), 8)
    assert second.lines.get().back_order == 8
    cancel_rest(first.pk, by=sales.supervisor, reason="x")
    assert second.lines.get().reserved_quantity == 8
    stock = Stock.objects.get()
    assert (stock.on_hand, stock.reserved) == (10, 8)
