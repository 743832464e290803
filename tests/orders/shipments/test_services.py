"""Goods leave: stock, receivable and committed move together or not at all."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from customers.accounts.services import put_on_hold
from customers.models import CreditAccount
from orders.models import Delivery, ReceivableEntry, Shipment, Stock, StockMovement
from orders.shipments.services import ship_delivery
from salesops.kernel.errors import RuleBroken
from tests.support.build import Sales, make_sales

pytestmark = pytest.mark.django_db


def refused(rule: str, sales: Sales, delivery: Delivery, pieces: int, **more: Any) -> None:
    before = (Shipment.objects.count(), Stock.objects.get().on_hand, ReceivableEntry.objects.count())
    with pytest.raises(RuleBroken) as caught, transaction.atomic():
        line = delivery.lines.get()
        ship_delivery(
            delivery.pk,
            **{
                "by": sales.supply,
                "shipped_on": timezone.localdate(),
                "quantities": {line.pk: pieces},
                **more,
            },
        )
    assert caught.value.rule == rule
    assert before == (Shipment.objects.count(), Stock.objects.get().on_hand, ReceivableEntry.objects.count())


def test_a_shipment_moves_stock_and_turns_committed_into_receivable() -> None:
    sales = make_sales(stock=50)
    customer = sales.customer(due_days=45)
    delivery = sales.approved(customer, 10)
    shipment = sales.ship(delivery, 4)
    account = CreditAccount.objects.get(customer=customer)
    assert (account.balance, account.committed) == (Decimal("400.00"), Decimal("600.00"))
    stock = Stock.objects.get()
    assert (stock.on_hand, stock.reserved) == (46, 6)
    entry = ReceivableEntry.objects.get()
    assert (entry.debit, entry.document) == (Decimal("400.00"), shipment.number)
    assert entry.due_on == shipment.shipped_on + timedelta(days=45)
    assert StockMovement.objects.get(document=shipment.number).quantity == -4
    delivery.refresh_from_db()
    assert delivery.state == "partly_shipped"
    sales.ship(delivery)
    delivery.refresh_from_db()
    assert delivery.state == "shipped"
    account.refresh_from_db()
    assert (account.balance, account.committed) == (Decimal("1000.00"), Decimal(0))


def test_parts_of_a_line_add_up_to_the_cent() -> None:
    from orders.models import Price

    sales = make_sales()
    Price.objects.update(amount=Decimal("33.33"))
    customer = sales.customer()
    from orders.deliveries.services import LineInput, submit_delivery, write_delivery
    from salesops.approvals.models import Request
    from salesops.approvals.services import approve

    draft = write_delivery(
        by=sales.representative,
        customer_id=customer.pk,
        warehouse_id=sales.warehouse.pk,
        lines=[LineInput(sales.product.pk, 7, Decimal("3.5"))],
    )
    submit_delivery(draft.pk, by=sales.representative)
    from orders.models import DiscountRight

    DiscountRight.objects.create(role="representative", percent=5)
    approve(Request.objects.get().pk, by=sales.supervisor)
    draft.refresh_from_db()
    for _piece in range(7):
        sales.ship(draft, 1)
        account = CreditAccount.objects.get(customer=customer)
        assert account.balance + account.committed == draft.amount
    assert account.committed == 0


def test_never_more_than_approved() -> None:
    sales = make_sales()
    delivery = sales.approved(sales.customer(), 10)
    refused("more than approved", sales, delivery, 11)
    refused("more than approved", sales, delivery, -1)
    refused("quantity", sales, delivery, 0)


def test_never_more_than_is_in_stock_for_it() -> None:
    sales = make_sales(stock=4)
    delivery = sales.approved(sales.customer(), 10)
    refused("stock", sales, delivery, 5)


def test_goods_reserved_for_others_do_not_leave() -> None:
    sales = make_sales(stock=10)
    first = sales.approved(sales.customer(), 8)
    second = sales.approved(sales.customer(), 8)
    refused("stock", sales, second, 3)
    sales.ship(first)
    assert Stock.objects.get().on_hand == 2


def test_only_approved_deliveries_are_shipped_and_none_on_hold() -> None:
    sales = make_sales()
    customer = sales.customer()
    draft = sales.draft(customer)
    refused("state", sales, draft, 1)
    delivery = sales.approved(customer)
    put_on_hold(customer.pk, by=sales.finance, reason="Cheque bounced")
    refused("hold", sales, delivery, 1)


def test_the_day_lies_between_the_approval_and_today() -> None:
    sales = make_sales()
    delivery = sales.approved(sales.customer())
    today = timezone.localdate()
    delivery.__class__.objects.filter(pk=delivery.pk).update(ordered_on=today - timedelta(9))
    refused("date", sales, delivery, 1, shipped_on=today + timedelta(1))
    refused("date", sales, delivery, 1, shipped_on=today - timedelta(1))


def test_a_line_of_another_delivery_is_refused() -> None:
    sales = make_sales()
    delivery, other = sales.approved(sales.customer()), sales.approved(sales.customer())
    refused("scope", sales, delivery, 0, quantities={other.lines.get().pk: 1})


def test_a_batch_is_kept_with_the_line() -> None:
    sales = make_sales()
    delivery = sales.approved(sales.customer())
    line = delivery.lines.get()
    shipment = ship_delivery(
        delivery.pk,
        by=sales.supply,
        shipped_on=timezone.localdate(),
        quantities={line.pk: 2},
        batches={line.pk: " B-7 "},
    )
    assert shipment.lines.get().batch == "B-7"
