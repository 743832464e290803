"""Two people at the same document at once: one comes first, the other is told or builds on it, and the books add up."""

# ruff: noqa: B023  each round waits for what it has started

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from customers.accounts.services import put_on_hold, set_credit_terms
from customers.files.services import CustomerInput, change_customer
from customers.models import CreditAccount, Customer
from orders.deliveries.services import LineInput, cancel_rest, change_delivery, submit_delivery, withdraw_delivery
from orders.models import Delivery, Payment, Stock, StockMovement
from orders.payments.services import reverse_payment
from orders.proof.verification import differences, one_moment
from orders.shipments.services import ship_delivery
from orders.stock.services import count_stock
from salesops.approvals.models import Decision, Request, Verdict
from salesops.approvals.services import approve
from salesops.notify.models import Notice
from salesops.notify.reading import read_all_notices, settle_notices
from salesops.users.delegation.services import give_delegation
from salesops.users.models import Delegation
from salesops.users.people.services import set_password
from salesops.users.roles import Role
from tests.support.at_once import at_once, begun, on_its_own, refusals
from tests.support.build import Sales, make_product, make_sales, make_user, open_stock

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 12


@pytest.fixture
def sales() -> Sales:
    return make_sales()


@pytest.fixture(autouse=True)
def the_books_add_up(transactional_db: None) -> Iterator[None]:
    """After each test of this file."""
    yield
    with one_moment():
        assert differences() == []


def rule_of(result: object) -> str:
    """What refused it; empty where nothing did."""
    (refused,) = refusals([result]) or [None]  # type: ignore[list-item]
    return refused.rule if refused else ""


def test_an_approval_against_a_change_approves_what_the_approver_saw(sales: Sales) -> None:
    """What is submitted cannot be changed, and what was withdrawn to be changed cannot be approved."""
    for _round in range(ROUNDS):
        request = sales.submitted(sales.customer(), 10)

        def change(request: Request = request) -> Delivery:
            withdraw_delivery(request.object_id, by=sales.representative)
            version = Delivery.objects.get(pk=request.object_id).version
            return change_delivery(
                request.object_id,
                by=sales.representative,
                version=version,
                warehouse_id=sales.warehouse.pk,
                lines=[LineInput(sales.product.pk, 3, Decimal(0))],
            )

        results = at_once(partial(approve, request.pk, by=sales.supervisor), change)
        assert len(refusals(results)) == 1
        delivery = Delivery.objects.get(pk=request.object_id)
        assert (delivery.state, delivery.amount, delivery.approved_amount) in [
            ("approved", Decimal(1_000), Decimal(1_000)),
            ("withdrawn", Decimal(300), Decimal(0)),
        ]


def test_of_two_changes_at_once_one_counts_and_the_other_is_told(sales: Sales) -> None:
    for _round in range(ROUNDS):
        draft = sales.draft(sales.customer(), 10)

        def change(pieces: int, draft: Delivery = draft) -> Callable[[], Delivery]:
            return lambda: change_delivery(
                draft.pk,
                by=sales.representative,
                version=draft.version,
                warehouse_id=sales.warehouse.pk,
                lines=[LineInput(sales.product.pk, pieces, Decimal(0))],
            )

        results = at_once(change(1), change(2), partial(submit_delivery, draft.pk, by=sales.representative))
        assert {rule_of(result) for result in results[:2]} <= {"", "version", "state"}
        delivery = Delivery.objects.get(pk=draft.pk)
        assert delivery.state == "submitted"
        kept = [pieces for pieces, result in zip((1, 2), results, strict=False) if not rule_of(result)]
        assert len(kept) <= 1
        assert delivery.lines.get().quantity == (kept[0] if kept else 10)
        assert delivery.amount == 100 * delivery.lines.get().quantity


def test_an_approval_against_a_cancellation_leaves_nothing_promised(sales: Sales) -> None:
    """Whoever comes first: a cancellation before the approval is refused, after it takes all of it back."""
    for _round in range(ROUNDS):
        customer = sales.customer()
        request = sales.submitted(customer, 10)
        results = at_once(
            partial(approve, request.pk, by=sales.supervisor),
            partial(cancel_rest, request.object_id, by=sales.supervisor, reason="x"),
        )
        assert rule_of(results[0]) == ""
        cancelled = rule_of(results[1]) == ""
        delivery = Delivery.objects.get(pk=request.object_id)
        assert delivery.state == ("cancelled" if cancelled else "approved")
        assert CreditAccount.objects.get(customer=customer).committed == (0 if cancelled else 1_000)


def test_a_lower_limit_against_an_approval_is_accepted_by_somebody_or_asked_about(sales: Sales) -> None:
    """An approval beyond the new limit says so in its decision, or goes on to whoever has the right."""
    for _round in range(ROUNDS):
        customer = sales.customer(limit=1_000)
        request = sales.submitted(customer, 10)

        def lower(customer_id: int = customer.pk) -> CreditAccount:
            return set_credit_terms(
                customer_id,
                by=sales.sales_manager,
                limit=Decimal(100),
                due_rule="shipment",
                due_days=30,
                tolerance_days=15,
            )

        results = at_once(partial(approve, request.pk, by=sales.supervisor), lower)
        assert refusals(results) == []
        decision = Decision.objects.get(request=request, verdict=Verdict.APPROVED)
        seen = Decimal(decision.facts["limit"])
        request.refresh_from_db()
        assert (seen, request.is_waiting) in [(Decimal(1_000), False), (Decimal(100), True)]
        assert CreditAccount.objects.get(customer=customer).committed == (0 if request.is_waiting else 1_000)


def test_a_count_against_a_shipment_never_leaves_less_than_nothing(sales: Sales) -> None:
    """The count says 12: before the shipment of 10 that takes 8 away from 20, after it that adds 2."""
    for _round in range(ROUNDS):
        product = make_product(price="100.00")
        open_stock(sales.warehouse, product, 20)
        there = Sales(**{**vars(sales), "product": product})
        delivery = there.approved(there.customer(), 10)
        results = at_once(
            lambda: there.ship(delivery),
            lambda: count_stock(by=sales.supply, warehouse_id=sales.warehouse.pk, product_id=product.pk, counted=12),
        )
        assert refusals(results) == []
        stock = Stock.objects.get(product=product)
        counted = StockMovement.objects.get(product=product, kind="count").quantity
        assert (counted, stock.on_hand, stock.reserved) in [(-8, 2, 0), (2, 12, 0)]


def test_deliveries_that_name_their_products_in_opposite_order_do_not_wait_in_a_ring(sales: Sales) -> None:
    products = [sales.product, *(make_product(price="10.00") for _number in range(4))]
    for product in products[1:]:
        open_stock(sales.warehouse, product, 1_000)
    for _round in range(ROUNDS):
        requests = []
        for order in (products, products[::-1]) * 2:
            draft = sales.draft(sales.customer(), 1)
            lines = [LineInput(product.pk, 2, Decimal(0)) for product in order]
            version, place = draft.version, sales.warehouse.pk
            change_delivery(draft.pk, by=sales.representative, version=version, warehouse_id=place, lines=lines)
            submit_delivery(draft.pk, by=sales.representative)
            requests.append(Request.objects.get(document_type="delivery", object_id=draft.pk))
        assert refusals(at_once(*[partial(approve, one.pk, by=sales.supervisor) for one in requests])) == []

        def ship(delivery_id: int) -> object:
            lines = Delivery.objects.get(pk=delivery_id).lines.all()
            today = timezone.localdate()
            pieces = {line.pk: 1 for line in lines}
            return ship_delivery(delivery_id, by=sales.supply, shipped_on=today, quantities=pieces)

        deeds: list[Callable[[], object]] = [partial(ship, one.object_id) for one in requests]
        deeds += [partial(cancel_rest, one.object_id, by=sales.supervisor, reason="x") for one in requests[:2]]
        assert {rule_of(result) for result in at_once(*deeds)} <= {"", "state"}


def test_the_reversal_of_a_payment_against_payments_settles_each_amount_once(sales: Sales) -> None:
    for _round in range(ROUNDS):
        customer = sales.customer()
        sales.ship(sales.approved(customer, 10))
        wrong = sales.pay(customer, 400)
        results = at_once(
            lambda: reverse_payment(wrong.pk, by=sales.finance, reason="x"),
            lambda: reverse_payment(wrong.pk, by=sales.finance, reason="y"),
            lambda: sales.pay(customer, 250),
            lambda: sales.pay(customer, 50),
        )
        assert [rule_of(refusal) for refusal in refusals(results)] == ["reversed"]
        assert CreditAccount.objects.get(customer=customer).balance == 1_000 - 250 - 50
        assert Payment.objects.filter(customer=customer).count() == 3


def test_a_hold_against_those_who_read_all_their_notices(sales: Sales) -> None:
    """A hold puts everything of a customer aside and settles its notices, one request after another."""
    for _round in range(ROUNDS):
        customer = sales.customer()
        for _number in range(6):
            sales.submitted(customer, 1)
        results = at_once(
            lambda: put_on_hold(customer.pk, by=sales.finance, reason="x"),
            *[lambda: read_all_notices(by=sales.supervisor)] * 3,
        )
        assert refusals(results) == []
        assert Request.objects.waiting().filter(customer=customer, parked_at=None).count() == 0


def test_two_who_delegate_to_each_other_at_once_both_may() -> None:
    today = timezone.localdate()
    for _round in range(ROUNDS):
        one, other = make_user(Role.SUPERVISOR), make_user(Role.SUPERVISOR)

        def give(giver: int, taker: int) -> Delegation:
            first, last = today, today + timedelta(3)
            by = one if one.pk == giver else other
            return give_delegation(by=by, giver_id=giver, taker_id=taker, first_day=first, last_day=last)

        results = at_once(lambda: give(one.pk, other.pk), lambda: give(other.pk, one.pk))
        assert refusals(results) == []


def test_two_administrators_who_set_each_others_password_at_once_both_may() -> None:
    for _round in range(ROUNDS):
        one, other = make_user(Role.ADMINISTRATOR), make_user(Role.ADMINISTRATOR)
        results = at_once(
            lambda: set_password(one.pk, by=other, password="long-enough-4711"),
            lambda: set_password(other.pk, by=one, password="long-enough-4712"),
        )
        assert refusals(results) == []


def test_two_customers_that_are_put_below_each_other_make_no_circle(sales: Sales) -> None:
    """Of both changes the first holds and the second is told; neither locks the other out."""
    for _round in range(ROUNDS):
        pair = sales.customer(), sales.customer()

        def below(lower: Customer, upper: Customer) -> Customer:
            given = CustomerInput(name=lower.name, region_id=lower.region_id, parent_id=upper.pk)
            return change_customer(lower.pk, given, by=sales.sales_manager, despite_duplicates=True)

        results = at_once(partial(below, *pair), partial(below, *reversed(pair)))
        assert [refused.rule for refused in refusals(results)] == ["circle"]


def test_what_is_submitted_while_it_is_withdrawn_waits_for_nobody(sales: Sales) -> None:
    """The withdrawal meets a draft that is being submitted, and takes its request back with it."""
    delivery = sales.draft(sales.customer(), 1)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            CreditAccount.objects.locked(delivery.customer_id)
            Delivery.objects.locked(delivery.pk)
            withdrawing = begun(pool, partial(withdraw_delivery, delivery.pk, by=sales.representative))
            submit_delivery(delivery.pk, by=sales.representative)
        assert withdrawing.result(timeout=20).state == "withdrawn"
    assert Request.objects.get(object_id=delivery.pk).state == "withdrawn"


def test_marking_all_as_read_waits_for_no_decision() -> None:
    """Several decisions in one transaction settle notices in an order of their own: there is no ring with it."""
    reader = make_user(Role.SUPERVISOR)
    for number in range(20):
        Notice.objects.create(user=reader, kind="approval.waiting", title="x", url="/", dedupe=f"request {number} 1")
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        settle_notices("request 7 1")
        reading = pool.submit(on_its_own, partial(read_all_notices, by=reader))
        assert reading.result(timeout=20) == 19
    assert not Notice.objects.of(reader).unread().exists()
