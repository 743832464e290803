"""What happened on a day of the past, posted now: services let nobody ship before the approval."""

from datetime import date, timedelta
from decimal import Decimal

import pgtrigger
from django.db import transaction

from customers.models import CreditAccount, Customer
from orders.models import Delivery, DeliveryLine, Product, Shipment, ShipmentLine
from orders.receivables.models import Source
from orders.receivables.services import post_entry
from tests.support.build import Sales, next_int


def shipped_on(
    sales: Sales,
    customer: Customer,
    product: Product,
    day: date,
    *,
    pieces: int,
    amount: Decimal | int,
    due_days: int = 30,
) -> Shipment:
    """Goods that left on a day, at the customer's region and representative of now."""
    with pgtrigger.ignore("orders.Delivery:starts_as_a_draft", "orders.DeliveryLine:decided_lines_stay"):
        delivery = Delivery.objects.create(
            number=f"D{next_int()}",
            customer=customer,
            warehouse=sales.warehouse,
            state="shipped",
            ordered_on=day,
            region=customer.region,
            representative=customer.representative,
            net=amount,
            amount=amount,
            approved_amount=amount,
            shipped_amount=amount,
        )
        line = DeliveryLine.objects.create(
            delivery=delivery,
            product=product,
            quantity=pieces,
            unit_price=1,
            net=amount,
            tax=0,
            amount=amount,
            approved_quantity=pieces,
            shipped_quantity=pieces,
        )
    shipment = Shipment.objects.create(
        number=f"S{next_int()}",
        delivery=delivery,
        customer=customer,
        warehouse=sales.warehouse,
        shipped_on=day,
        amount=amount,
    )
    ShipmentLine.objects.create(shipment=shipment, line=line, quantity=pieces, amount=amount)
    with transaction.atomic():
        post_entry(
            CreditAccount.objects.locked(customer.pk),
            source=Source.SHIPMENT,
            source_id=shipment.pk,
            document=shipment.number,
            posted_on=day,
            due=day + timedelta(days=due_days),
            debit=Decimal(amount),
            by=None,
        )
    return shipment
