"""A delivery from draft to cancelled: what each step leaves behind, and what it refuses."""

from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from customers.models import CreditAccount, Customer
from orders.deliveries.services import (
    LineInput,
    cancel_rest,
    change_delivery,
    copy_delivery,
    reopen_delivery,
    submit_delivery,
    withdraw_delivery,
    write_delivery,
)
from orders.models import Delivery, DeliveryLine, Price, Stock
from salesops.approvals.models import Request
from salesops.approvals.services import approve, send_back
from salesops.kernel.errors import RuleBroken
from salesops.users.roles import Role
from tests.support.build import make_product, make_sales, make_user

pytestmark = pytest.mark.django_db


def refused(rule: str, action: object, *args: object, **kwargs: object) -> RuleBroken:
    before = (Delivery.objects.count(), list(Delivery.objects.order_by("pk").values_list("state", "amount", "version")))
    with pytest.raises(RuleBroken) as caught, transaction.atomic():
        action(*args, **kwargs)  # type: ignore[operator]
    assert caught.value.rule == rule
    assert before == (
        Delivery.objects.count(),
        list(Delivery.objects.order_by("pk").values_list("state", "amount", "version")),
    )
    return caught.value


def committed(customer: Customer) -> Decimal:
    return CreditAccount.objects.get(customer=customer).committed


def test_a_draft_is_priced_from_the_list_with_tax_apart() -> None:
    sales = make_sales()
    draft = sales.draft(sales.customer(), 3)
    assert (draft.amount, draft.net, draft.tax) == (Decimal("300.00"), Decimal("265.49"), Decimal("34.51"))
    assert draft.state == "draft"
    assert draft.number.startswith("DL-")
    assert draft.representative == sales.representative


def test_a_product_without_a_price_is_a_clear_error() -> None:
    sales = make_sales()
    product = make_product()
    told = refused(
        "price",
        write_delivery,
        by=sales.representative,
        customer_id=sales.customer().pk,
        warehouse_id=sales.warehouse.pk,
        lines=[LineInput(product.pk, 1)],
    )
    assert product.sku in str(told)


@pytest.mark.parametrize(
    ("quantity", "discount", "rule"),
    [(0, "0", "quantity"), (-5, "0", "quantity"), (1, "-1", "discount"), (1, "101", "discount")],
)
def test_a_line_is_positive_and_its_discount_a_percentage(quantity: int, discount: str, rule: str) -> None:
    sales = make_sales()
    refused(
        rule,
        write_delivery,
        by=sales.representative,
        customer_id=sales.customer().pk,
        warehouse_id=sales.warehouse.pk,
        lines=[LineInput(sales.product.pk, quantity, Decimal(discount))],
    )


def test_who_gives_no_discounts_writes_none_and_leaves_those_that_are_there() -> None:
    sales = make_sales()
    customer = sales.customer()
    agent = make_user(Role.AGENT, customer=customer)
    draft = sales.draft(customer, 2, discount=10)
    told = refused("discount right", sales.draft, customer, by=agent, discount=5)
    assert told.field == "lines.0.discount_percent"
    change = partial(change_delivery, draft.pk, by=agent, version=1, warehouse_id=sales.warehouse.pk)
    kept = LineInput(sales.product.pk, 3, Decimal(10))
    for percent in (9, 11):
        more = LineInput(sales.product.pk, 1, Decimal(percent))
        assert refused("discount right", change, lines=[kept, more]).field == "lines.1.discount_percent"
    assert refused("discount right", change, lines=[kept, kept]).field == "lines.1.discount_percent"
    assert change(lines=[kept]).amount == Decimal("270.00")


@pytest.mark.parametrize(("wanted", "is_meant"), [("1999-12-31", False), ("2000-01-01", True), ("2101-01-01", False)])
def test_a_wanted_day_lies_in_a_year_that_people_mean(wanted: str, is_meant: bool) -> None:
    sales = make_sales()
    draft = sales.draft(sales.customer())
    write = partial(write_delivery, customer_id=draft.customer_id)
    change = partial(change_delivery, draft.pk, version=1)
    lines, day = [LineInput(sales.product.pk, 1)], date.fromisoformat(wanted)
    for action in (write, change):
        asked = partial(action, by=sales.representative, warehouse_id=sales.warehouse.pk, lines=lines, wanted_on=day)
        if is_meant:
            assert asked().wanted_on == day
        else:
            assert refused("year", asked).field == "wanted_on"


def test_nobody_orders_for_a_customer_outside_their_scope() -> None:
    sales, other = make_sales(), make_sales()
    refused("scope", other.draft, sales.customer())
    agent = make_user(Role.AGENT, customer=sales.customer())
    refused("scope", sales.draft, sales.customer(), by=agent)


def test_an_agent_orders_for_its_own_account() -> None:
    sales = make_sales()
    customer = sales.customer()
    agent = make_user(Role.AGENT, customer=customer)
    draft = sales.draft(customer, by=agent)
    submit_delivery(draft.pk, by=agent)
    assert Request.objects.get(object_id=draft.pk).role == Role.REPRESENTATIVE


def test_an_inactive_customer_orders_nothing() -> None:
    sales = make_sales()
    refused("inactive customer", sales.draft, sales.customer(is_active=False))


def test_who_writes_on_a_stale_page_is_told() -> None:
    sales = make_sales()
    draft = sales.draft(sales.customer())
    lines = [LineInput(sales.product.pk, 7)]
    change = partial(change_delivery, draft.pk, by=sales.representative, warehouse_id=sales.warehouse.pk, lines=lines)
    assert change(version=1).amount == Decimal("700.00")
    refused("version", change, version=1)


def test_what_is_submitted_is_not_changed() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer())
    refused(
        "state",
        change_delivery,
        request.object_id,
        by=sales.representative,
        version=1,
        warehouse_id=sales.warehouse.pk,
        lines=[LineInput(sales.product.pk, 1)],
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        DeliveryLine.objects.filter(delivery=request.object_id).update(quantity=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        DeliveryLine.objects.filter(delivery=request.object_id).delete()


def test_customer_and_amounts_of_what_was_submitted_stay_even_by_sql() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer())
    rows = Delivery.objects.filter(pk=request.object_id)
    lines = DeliveryLine.objects.filter(delivery=request.object_id)
    other = sales.customer()
    for change in (
        lambda: rows.update(customer=other),
        lambda: rows.update(amount=Decimal(1), net=Decimal(1), tax=0),
        lambda: lines.update(discount_percent=50),
        lambda: lines.update(net=Decimal(1000), tax=0),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_prices_that_changed_since_the_draft_are_said() -> None:
    sales = make_sales()
    draft = sales.draft(sales.customer())
    Price.objects.filter(product=sales.product).update(amount=Decimal("110"))
    refused("prices changed", submit_delivery, draft.pk, by=sales.representative)


def test_approval_commits_the_amount_and_reserves_the_goods() -> None:
    sales = make_sales(stock=25)
    customer = sales.customer()
    delivery = sales.approved(customer, 10)
    assert committed(customer) == Decimal("1000.00")
    assert Stock.objects.get().reserved == 10
    assert delivery.lines.get().reserved_quantity == 10


def test_what_is_not_there_becomes_a_back_order() -> None:
    sales = make_sales(stock=4)
    line = sales.approved(sales.customer(), 10).lines.get()
    assert (line.reserved_quantity, line.back_order) == (4, 6)


def test_a_discount_beyond_the_writers_right_is_decided_higher() -> None:
    from orders.models import DiscountRight

    sales = make_sales()
    DiscountRight.objects.create(role=Role.REPRESENTATIVE, percent=Decimal(5))
    within = approve(sales.submitted(sales.customer(), discount=5).pk, by=sales.supervisor)
    beyond = approve(sales.submitted(sales.customer(), discount=6).pk, by=sales.supervisor)
    assert not within.is_waiting
    assert beyond.role == Role.REGIONAL_MANAGER


def test_the_approver_trims_to_fit() -> None:
    sales = make_sales()
    customer = sales.customer(limit=10_000)
    request = sales.submitted(customer, 120)
    line = DeliveryLine.objects.get(delivery=request.object_id)
    decided = approve(request.pk, by=sales.supervisor, changes={str(line.pk): 100})
    assert decided.state == "approved"
    delivery = Delivery.objects.get(pk=request.object_id)
    assert (delivery.amount, delivery.approved_amount) == (Decimal("12000.00"), Decimal("10000.00"))
    assert committed(customer) == Decimal("10000.00")


@pytest.mark.parametrize("pieces", [-1, 121, "5"])
def test_trimming_only_takes_away(pieces: object) -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer(limit=10_000), 120)
    line = DeliveryLine.objects.get(delivery=request.object_id)
    refused("trim", approve, request.pk, by=sales.supervisor, changes={str(line.pk): pieces})
    refused("trim", approve, request.pk, by=sales.supervisor, changes={str(line.pk): 0})
    refused("trim", approve, request.pk, by=sales.supervisor, changes={"999999999": 1})


def test_a_trim_stays_for_the_next_stage_and_ends_with_a_return() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer(limit=10_000), 130)
    line = DeliveryLine.objects.get(delivery=request.object_id)
    request = approve(request.pk, by=sales.supervisor, changes={str(line.pk): 108})
    assert (request.role, request.amount) == (Role.REGIONAL_MANAGER, Decimal("10800.00"))
    send_back(request.pk, by=sales.regional_manager, note="Less")
    submit_delivery(request.object_id, by=sales.representative)
    assert Request.objects.waiting().get(object_id=request.object_id).amount == Decimal("13000.00")


def test_cancelling_frees_credit_and_stock() -> None:
    sales = make_sales()
    customer = sales.customer()
    delivery = sales.approved(customer, 10)
    cancelled = cancel_rest(delivery.pk, by=sales.supervisor, reason="Agent asks")
    assert (cancelled.state, cancelled.committed_amount) == ("cancelled", Decimal(0))
    assert committed(customer) == 0
    assert Stock.objects.get().reserved == 0


def test_cancelling_the_rest_of_a_partly_shipped_delivery_completes_it() -> None:
    sales = make_sales()
    customer = sales.customer()
    delivery = sales.approved(customer, 10)
    sales.ship(delivery, 4)
    done = cancel_rest(delivery.pk, by=sales.supervisor, reason="Enough")
    assert (done.state, done.shipped_amount, done.cancelled_amount) == ("shipped", Decimal("400.00"), Decimal("600.00"))
    assert committed(customer) == 0


def test_reopening_takes_the_commitment_back_and_the_check_is_made_again() -> None:
    sales = make_sales()
    customer = sales.customer(limit=10_000)
    delivery = sales.approved(customer, 100)
    reopen_delivery(delivery.pk, by=sales.supervisor, reason="More is wanted")
    assert committed(customer) == 0
    assert Stock.objects.get().reserved == 0
    change_delivery(
        delivery.pk,
        by=sales.representative,
        version=1,
        warehouse_id=sales.warehouse.pk,
        lines=[LineInput(sales.product.pk, 150)],
    )
    submit_delivery(delivery.pk, by=sales.representative)
    request = Request.objects.waiting().get(object_id=delivery.pk)
    assert approve(request.pk, by=sales.supervisor).role == Role.REGIONAL_MANAGER


def test_what_left_is_not_reopened_and_nothing_happens_without_a_reason() -> None:
    sales = make_sales()
    delivery = sales.approved(sales.customer(), 10)
    refused("reason", reopen_delivery, delivery.pk, by=sales.supervisor, reason=" ")
    refused("reason", cancel_rest, delivery.pk, by=sales.supervisor, reason="")
    sales.ship(delivery, 1)
    refused("state", reopen_delivery, delivery.pk, by=sales.supervisor, reason="x")


def test_a_shipped_delivery_is_not_cancelled() -> None:
    sales = make_sales()
    delivery = sales.approved(sales.customer(), 10)
    sales.ship(delivery)
    refused("state", cancel_rest, delivery.pk, by=sales.supervisor, reason="x")


def test_a_withdrawn_delivery_can_be_submitted_again() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer())
    assert withdraw_delivery(request.object_id, by=sales.representative).state == "withdrawn"
    assert submit_delivery(request.object_id, by=sales.representative).state == "submitted"


def test_a_reorder_is_a_draft_that_passes_the_same_check() -> None:
    sales = make_sales()
    delivery = sales.approved(sales.customer(), 10)
    copy = copy_delivery(delivery.pk, by=sales.representative)
    assert (copy.state, copy.amount) == ("draft", delivery.amount)
    assert not Request.objects.filter(object_id=copy.pk).exists()


def test_a_reorder_leaves_discounts_behind_where_the_person_gives_none() -> None:
    sales = make_sales()
    customer = sales.customer()
    draft = sales.draft(customer, 10, discount=20)
    assert copy_delivery(draft.pk, by=sales.representative).amount == Decimal("800.00")
    assert copy_delivery(draft.pk, by=make_user(Role.AGENT, customer=customer)).amount == Decimal("1000.00")


@pytest.mark.parametrize("state", ["approved", "shipped", "cancelled", "rejected"])
def test_no_state_is_skipped_even_by_sql(state: str) -> None:
    sales = make_sales()
    draft = sales.draft(sales.customer())
    with pytest.raises(DatabaseError), transaction.atomic():
        Delivery.objects.filter(pk=draft.pk).update(state=state)
    with pytest.raises(DatabaseError), transaction.atomic():
        Delivery.objects.create(
            number="DL-X", customer=draft.customer, warehouse=draft.warehouse, region=draft.region,
            ordered_on=draft.ordered_on, state=state,
        )  # fmt: skip
