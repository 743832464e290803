"""Past deliveries: drafts with lines, taken through their states as the database asks, and their history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from pghistory.models import Context

from orders.deliveries.models import State
from orders.models import Delivery, DeliveryLine
from salesops.demo.plan import PlannedDelivery
from salesops.kernel.money import ZERO
from salesops.users.roles import Role

from .copying import Numbers, copy_in, execute
from .past import Past, local

SILENT = [
    "orders.Delivery:insert_insert",
    "orders.Delivery:update_update",
    "orders.DeliveryLine:insert_insert",
    "orders.DeliveryLine:update_update",
]
"""The history's triggers: one row at a time they would take longer than all the rest. `write_events` says the same."""

UNDECIDED = {"approved_at": "NULL", "approved_amount": "0", "cancelled_amount": "0", "shipped_amount": "0"}


@dataclass(frozen=True)
class EventStep:
    """One step of every delivery as its history shows it: SQL for the columns that were other then, when, by whom."""

    label: str
    before: dict[str, str]
    moment: str
    actor: str
    condition: str = "TRUE"


EVENTS = (
    EventStep(
        "insert",
        {**UNDECIDED, "state": "'draft'", "submitted_at": "NULL", "submitted_by_id": "NULL"},
        "delivery.created_at",
        "delivery.created_by_id",
    ),
    EventStep("update", {**UNDECIDED, "state": "'submitted'"}, "delivery.submitted_at", "delivery.submitted_by_id"),
    EventStep(
        "update",
        {"state": "'approved'", "cancelled_amount": "0", "shipped_amount": "0"},
        "delivery.approved_at",
        "decided.decider",
        "delivery.approved_at IS NOT NULL",
    ),
    EventStep(
        "update",
        {},
        "COALESCE((SELECT MAX(recorded_at) FROM orders_shipment sent WHERE sent.delivery_id = delivery.id),"
        " delivery.approved_at, delivery.submitted_at + interval '2 hours')",
        "COALESCE((SELECT MAX(recorded_by_id) FROM orders_shipment sent WHERE sent.delivery_id = delivery.id),"
        " CASE delivery.state WHEN 'withdrawn' THEN delivery.submitted_by_id ELSE decided.decider END)",
        "delivery.state <> 'approved'",
    ),
)


def write_drafts(past: Past) -> None:
    """Write every delivery as a draft, with its lines."""
    numbers = Numbers("DL", (local(one.submitted).year for one in past.planned))
    past.deliveries = [_delivery(past, one, numbers.take(local(one.submitted).year)) for one in past.planned]
    copy_in(Delivery, past.deliveries)
    past.lines = [_lines(past, one, written) for one, written in zip(past.planned, past.deliveries, strict=True)]
    copy_in(DeliveryLine, [line for lines in past.lines for line in lines])


def _delivery(past: Past, one: PlannedDelivery, number: str) -> Delivery:
    customer = past.cast.customers[one.agent.code]
    writer = past.cast.people[one.agent.row.representative]
    return Delivery(
        number=number,
        customer=customer,
        warehouse=past.cast.warehouses[one.agent.warehouse],
        ordered_on=local(one.submitted).date(),
        wanted_on=one.wanted,
        address=past.cast.address_of(customer),
        representative=writer,
        region=customer.region,
        created_by=writer,
        created_at=one.submitted - timedelta(minutes=past.rng.randint(4, 25)),
        net=sum((line.net for line in one.lines), ZERO),
        tax=sum((line.tax for line in one.lines), ZERO),
        amount=one.amount,
    )


def _lines(past: Past, one: PlannedDelivery, delivery: Delivery) -> list[DeliveryLine]:
    return [
        DeliveryLine(
            delivery=delivery,
            position=position,
            product=past.cast.products[line.sku],
            quantity=line.quantity,
            unit_price=line.price,
            discount_percent=line.discount,
            tax_rate=past.cast.products[line.sku].tax_rate,
            net=line.net,
            tax=line.tax,
            amount=line.amount,
        )
        for position, line in enumerate(one.lines, start=1)
    ]


def move_states(past: Past) -> None:
    """Take the drafts through their states, one after another; call it with the shipments written."""
    pairs = list(zip(past.planned, past.deliveries, strict=True))
    _update(
        "state = 'submitted', submitted_at = given.at, submitted_by_id = created_by_id",
        [(delivery.pk, one.submitted) for one, delivery in pairs],
    )
    for fate in (State.REJECTED, State.WITHDRAWN):
        _update(f"state = '{fate.value}'", [(d.pk, one.decided) for one, d in pairs if one.fate == fate])
    approved = [(d.pk, one.decided) for one, d in pairs if one.fate in {State.SHIPPED, State.CANCELLED}]
    _update("state = 'approved', approved_amount = amount, approved_at = given.at", approved)
    cancelled = [(d.pk, one.decided) for one, d in pairs if one.fate == State.CANCELLED]
    _update("state = 'cancelled', cancelled_amount = amount", cancelled)
    _update_lines([pk for pk, _at in approved], [pk for pk, _at in cancelled])
    execute(
        "UPDATE orders_delivery delivery SET shipped_amount = sent.amount,"
        " state = CASE WHEN sent.amount = delivery.amount THEN 'shipped' ELSE 'partly_shipped' END"
        " FROM (SELECT delivery_id, SUM(amount) AS amount FROM orders_shipment GROUP BY delivery_id) sent"
        " WHERE sent.delivery_id = delivery.id"
    )


def _update(assignments: str, rows: Sequence[tuple[int, datetime]]) -> None:
    execute(
        f"UPDATE orders_delivery SET {assignments}"  # noqa: S608  the words are ours
        " FROM unnest(%s::bigint[], %s::timestamptz[]) AS given(id, at)"
        " WHERE orders_delivery.id = given.id",
        [[pk for pk, _at in rows], [at for _pk, at in rows]],
    )


def _update_lines(approved: list[int], cancelled: list[int]) -> None:
    """What is approved, cancelled and shipped of each line, at once."""
    execute(
        "UPDATE orders_deliveryline line SET approved_quantity = quantity,"
        " cancelled_quantity = CASE WHEN line.delivery_id = ANY(%s) THEN quantity ELSE 0 END,"
        " shipped_quantity = COALESCE((SELECT SUM(part.quantity) FROM orders_shipmentline part"
        " WHERE part.line_id = line.id), 0) WHERE line.delivery_id = ANY(%s)",
        [cancelled, approved],
    )


def write_events(past: Past) -> None:
    """Write what the history's triggers would have written: each state of each delivery, by whom and when."""
    contexts = [Context(id=uuid4(), metadata={"user": person.pk}) for person in past.cast.people.values()]
    Context.objects.bulk_create(contexts)
    actors = [[context.metadata["user"] for context in contexts], [context.pk for context in contexts]]
    deciders = [
        [delivery.pk for delivery in past.deliveries],
        [past.decider(Role.SUPERVISOR, one).pk for one in past.planned],
    ]
    event: Any = Delivery.pgh_event_model  # type: ignore[attr-defined]
    tracked = {field.column for field in event._meta.concrete_fields}
    columns = [str(field.column) for field in Delivery._meta.concrete_fields if field.column in tracked]
    for step in EVENTS:
        values = ", ".join(step.before.get(column, f'delivery."{column}"') for column in columns)
        execute(
            f'INSERT INTO "{event._meta.db_table}" ({", ".join(columns)},'  # noqa: S608  the names are our own tables'
            " pgh_label, pgh_created_at, pgh_obj_id, pgh_context_id)"
            f" SELECT {values}, %s, {step.moment}, delivery.id, actor.context FROM orders_delivery delivery"
            " JOIN unnest(%s::bigint[], %s::bigint[]) AS decided(delivery, decider)"
            " ON decided.delivery = delivery.id"
            f" JOIN unnest(%s::bigint[], %s::uuid[]) AS actor(person, context) ON actor.person = {step.actor}"
            f" WHERE {step.condition} ORDER BY delivery.id",
            [step.label, *deciders, *actors],
        )
