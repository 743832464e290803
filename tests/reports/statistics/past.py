"""Documents of months that are long over, as if they had been written then, and their facts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import connection, transaction

from customers.models import Customer
from orders.facts.services import bring_facts_along
from orders.models import FactMark, OpenItem, Payment, ReceivableEntry, Shipment
from tests.support.build import Sales


@contextmanager
def passing_over_triggers() -> Iterator[None]:
    """Within the block history can be written as it never is."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def ship_on(sales: Sales, customer: Customer, pieces: int, on: date) -> Shipment:
    """Pieces at 100.00 that left for a customer on a day of the past, posted on that day."""
    shipment = sales.ship(sales.approved(customer, pieces))
    with passing_over_triggers():
        Shipment.objects.filter(pk=shipment.pk).update(shipped_on=on)
    _post_on(shipment.number, customer, on)
    return shipment


def pay_on(sales: Sales, customer: Customer, amount: int, on: date) -> Payment:
    """Money that came on a day of the past, posted on that day."""
    payment = sales.pay(customer, amount)
    _post_on(payment.number, customer, on)
    return payment


def _post_on(document: str, customer: Customer, on: date) -> None:
    with passing_over_triggers():
        entries = ReceivableEntry.objects.filter(document=document)
        OpenItem.objects.filter(entry__in=entries).update(posted_on=on)
        entries.update(posted_on=on)
    FactMark.objects.create(customer=customer, month=on.replace(day=1))


def counted() -> None:
    """Bring the facts along."""
    bring_facts_along()
