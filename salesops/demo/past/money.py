"""Past payments, the entries of everything, balances, and what settles what."""

from itertools import count

from orders.models import OpenItem, Payment, ReceivableEntry, Shipment
from orders.payments.models import Method
from orders.receivables.models import Source
from orders.receivables.settlement import settle_customers
from salesops.demo.plan import Agent

from .copying import Numbers, copy_in, execute
from .past import Past, local

BALANCES = """
UPDATE customers_creditaccount account SET
    balance = COALESCE((SELECT SUM(debit - credit) FROM orders_receivableentry entry
                        WHERE entry.customer_id = account.customer_id), 0),
    committed = COALESCE((SELECT SUM(approved_amount - cancelled_amount - shipped_amount) FROM orders_delivery delivery
                          WHERE delivery.customer_id = account.customer_id), 0)
"""


def write_ledger(past: Past) -> None:
    """Write payments and the entries of everything by day, with open items and balances; then credits settle debits."""
    agents = {past.cast.customers[agent.code].pk: agent for agent in past.plan.agents}
    payments = _write_payments(past)
    shipped = [shipment for shipment, _parts in past.shipments if shipment.amount]
    entries = [_debit(one, agents[one.customer_id]) for one in shipped] + [_credit(one) for one in payments]
    entries.sort(key=lambda entry: entry.posted_at)
    copy_in(ReceivableEntry, entries)
    copy_in(OpenItem, [_open_item(entry) for entry in entries])
    execute(BALANCES)
    settle_customers(customer.pk for customer in past.cast.customers.values())


def _write_payments(past: Past) -> list[Payment]:
    numbers = Numbers("PM", (local(one.at).year for one in past.payments))
    references = count(104_211)
    payments = []
    for at, one in enumerate(past.payments):
        method = past.rng.choices([Method.TRANSFER, Method.BILL], [92, 8])[0]
        prefix = "TT" if method == Method.TRANSFER else "AB"
        payments.append(
            Payment(
                number=numbers.take(local(one.at).year),
                customer=past.cast.customers[one.agent.code],
                received_on=local(one.at).date(),
                amount=one.amount,
                method=method,
                reference=f"{prefix}{local(one.at):%y%m%d}-{next(references)}",
                recorded_by=past.cast.people["finance" if at % 2 else "fang.hua"],
                recorded_at=one.at,
            )
        )
    copy_in(Payment, payments)
    return payments


def _debit(shipment: Shipment, agent: Agent) -> ReceivableEntry:
    return ReceivableEntry(
        customer_id=shipment.customer_id,
        source=Source.SHIPMENT,
        source_id=shipment.pk,
        document=shipment.number,
        text=f"Shipment of {shipment.delivery.number}",
        posted_on=shipment.shipped_on,
        due_on=agent.due(shipment.shipped_on),
        debit=shipment.amount,
        posted_by=shipment.recorded_by,
        posted_at=shipment.recorded_at,
    )


def _credit(payment: Payment) -> ReceivableEntry:
    return ReceivableEntry(
        customer_id=payment.customer_id,
        source=Source.PAYMENT,
        source_id=payment.pk,
        document=payment.number,
        text=f"{payment.get_method_display()} {payment.reference}",
        posted_on=payment.received_on,
        due_on=payment.received_on,
        credit=payment.amount,
        posted_by=payment.recorded_by,
        posted_at=payment.recorded_at,
    )


def _open_item(entry: ReceivableEntry) -> OpenItem:
    amount = entry.debit or entry.credit
    return OpenItem(
        pk=entry.pk,
        entry=entry,
        customer_id=entry.customer_id,
        is_debit=bool(entry.debit),
        posted_on=entry.posted_on,
        due_on=entry.due_on,
        amount=amount,
        open_amount=amount,
    )
