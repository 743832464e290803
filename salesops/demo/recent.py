"""The last days, lived through the product's own services: written, submitted, decided, shipped, paid."""

from collections.abc import Iterator
from datetime import datetime
from random import Random
from typing import Any

from django.utils import timezone

from orders.deliveries.models import SHIPPABLE, State
from orders.deliveries.services import LineInput, cancel_rest, submit_delivery, withdraw_delivery, write_delivery
from orders.models import Delivery, Stock
from orders.payments.services import record_payment
from orders.shipments.services import ship_delivery
from salesops.approvals.models import Request
from salesops.approvals.queries import deciders
from salesops.approvals.services import approve, reject
from salesops.kernel.errors import RuleBroken
from salesops.users.models import User
from salesops.users.roles import Role

from .cast import Cast
from .clock import acting
from .plan import Plan, PlannedDelivery, PlannedLine, PlannedPayment
from .tables.people import AGENT_PEOPLE
from .tables.places import CARRIERS, SHIPS_FROM
from .tables.words import APPROVAL_NOTES, EXCESS_NOTES, REJECTION_NOTES

Event = tuple[datetime, int, str, Any]

FIRST_TO_DECIDE = (Role.REPRESENTATIVE, Role.SUPERVISOR)
"""Those who decide whatever the facts; whoever is asked after them is asked because of an excess."""


class Recent:
    """Lives what the plan has from a moment until now."""

    def __init__(self, cast: Cast, plan: Plan, since: datetime, known: dict[int, Delivery], rng: Random) -> None:
        self.cast, self.plan, self.since, self.rng = cast, plan, since, rng
        self.ids = {at: delivery.pk for at, delivery in known.items()}

    def live(self) -> None:
        """Do one thing after another."""
        for moment, at, what, thing in sorted(self._events(), key=lambda event: event[:3]):
            getattr(self, f"_{what}")(moment, at, thing)

    def _events(self) -> Iterator[Event]:
        for at, one in enumerate(self.plan.deliveries):
            if at not in self.ids:
                yield one.submitted, at, "submit", one
                yield one.decided, at, "decide", one
            if one.fate == State.SHIPPED:
                yield from (
                    (moment, at, "ship", one) for moment, _p in one.parts if self.since <= moment < self.plan.now
                )
        for at, payment in enumerate(self.plan.payments):
            if payment.at >= self.since:
                yield payment.at, at, "pay", payment

    def _submit(self, moment: datetime, at: int, one: PlannedDelivery) -> None:
        writer = self._writer(one)
        with acting(writer, moment):
            delivery = write_planned(self.cast, writer, one.agent.code, one.lines, wanted_on=one.wanted)
            submit_delivery(delivery.pk, by=writer)
        self.ids[at] = delivery.pk

    def _writer(self, one: PlannedDelivery) -> User:
        """The agent itself, where it signs in and asks for no discount; else its representative."""
        own = next((username for username, _n, _z, code in AGENT_PEOPLE if code == one.agent.code), "")
        return self.cast.people[own if own and not one.lines[0].discount else one.agent.row.representative]

    def _decide(self, moment: datetime, at: int, one: PlannedDelivery) -> None:
        delivery = Delivery.objects.select_related("submitted_by", "representative").get(pk=self.ids[at])
        request = Request.objects.waiting().get(document_type="delivery", object_id=delivery.pk)
        if one.fate == State.WITHDRAWN:
            assert delivery.submitted_by
            with acting(delivery.submitted_by, moment):
                withdraw_delivery(delivery.pk, by=delivery.submitted_by)
        elif one.fate == State.REJECTED:
            by = next_decider(request)
            with acting(by, moment):
                reject(request.pk, by=by, note=self.rng.choice(REJECTION_NOTES))
        else:
            approve_through(request, moment, self.rng)
            if one.fate == State.CANCELLED:
                by = self.cast.decider("supervisor", delivery.representative, one.agent.row.city[:2])
                with acting(by, moment):
                    cancel_rest(delivery.pk, by=by, reason="The agent's customer changed the order.")

    def _ship(self, moment: datetime, at: int, one: PlannedDelivery) -> None:
        """Ship what this part holds, as far as it is approved and lies there."""
        part = next(pieces for then, pieces in one.parts if then == moment)
        ship_what_is_there(self.cast, self.ids[at], moment, self.rng, wanted=part)

    def _pay(self, moment: datetime, at: int, payment: PlannedPayment) -> None:
        finance = self.cast.people["finance"]
        with acting(finance, moment):
            record_payment(
                by=finance,
                customer_id=self.cast.customers[payment.agent.code].pk,
                received_on=timezone.localdate(moment),
                amount=payment.amount,
                reference=f"TT{timezone.localtime(moment):%y%m%d}-{208_000 + at}",
            )


def write_planned(cast: Cast, by: User, code: str, lines: list[PlannedLine], **more: Any) -> Delivery:
    """Write an application for a customer with planned lines."""
    customer = cast.customers[code]
    return write_delivery(
        by=by,
        customer_id=customer.pk,
        warehouse_id=cast.warehouses[SHIPS_FROM[customer.region.code[:2]]].pk,
        lines=[LineInput(cast.products[line.sku].pk, line.quantity, line.discount) for line in lines],
        address=cast.address_of(customer),
        **more,
    )


def next_decider(request: Request) -> User:
    """Who decides a waiting request: the first of those who may."""
    assert request.stage is not None
    found = deciders(request.stage, request).order_by("pk").first()
    assert isinstance(found, User)
    return found


def approve_once(request: Request, moment: datetime, rng: Random, note: str | None = None) -> Request:
    """Approve at the stage where a request stands."""
    by = next_decider(request)
    given = rng.choice(APPROVAL_NOTES if request.role in FIRST_TO_DECIDE else EXCESS_NOTES)
    with acting(by, moment):
        return approve(request.pk, by=by, note=given if note is None else note)


def approve_through(request: Request, moment: datetime, rng: Random) -> None:
    """Approve at every stage that the facts ask for."""
    while request.is_waiting:
        request = approve_once(request, moment, rng)


def ship_what_is_there(
    cast: Cast, delivery_id: int, moment: datetime, rng: Random, wanted: list[int] | None = None
) -> None:
    """Ship the open pieces of a delivery (of each line at most what is wanted) that are in stock; nothing on a hold."""
    delivery = Delivery.objects.get(pk=delivery_id)
    if delivery.state not in SHIPPABLE:
        return
    lines = list(delivery.lines.order_by("position"))
    free = {
        stock.product_id: stock.free
        for stock in Stock.objects.filter(
            warehouse=delivery.warehouse_id, product__in=[line.product_id for line in lines]
        )
    }
    quantities = {}
    for at, line in enumerate(lines):
        most = line.reserved_quantity + max(free.get(line.product_id, 0), 0)
        quantities[line.pk] = min(line.open_quantity, most, wanted[at] if wanted else line.open_quantity)
    if not any(quantities.values()):
        return
    supply = cast.people["supply"]
    try:
        with acting(supply, moment):
            ship_delivery(
                delivery_id,
                by=supply,
                shipped_on=timezone.localdate(moment),
                quantities=quantities,
                batches={line.pk: f"{moment.year % 100}Q{(moment.month + 2) // 3}" for line in lines},
                carrier=rng.choice(CARRIERS),
                tracking=f"HY{rng.randint(10**9, 10**10 - 1)}",
            )
    except RuleBroken as refusal:
        if refusal.rule != "hold":
            raise
