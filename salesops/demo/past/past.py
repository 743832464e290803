"""What the writers of the past share: the plan, the part of it that lies before a moment, and what is written of it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random

from django.utils import timezone

from orders.models import Delivery, DeliveryLine, Shipment, ShipmentLine
from salesops.demo.cast import Cast
from salesops.demo.plan import Plan, PlannedDelivery, PlannedPayment
from salesops.users.models import User


@dataclass
class Past:
    """Everything decided before `until`. Goods that leave later stay open."""

    cast: Cast
    plan: Plan
    until: datetime
    rng: Random
    positions: list[int] = field(init=False)
    planned: list[PlannedDelivery] = field(init=False)
    payments: list[PlannedPayment] = field(init=False)
    deliveries: list[Delivery] = field(default_factory=list)
    lines: list[list[DeliveryLine]] = field(default_factory=list)
    shipments: list[tuple[Shipment, list[ShipmentLine]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.positions = [at for at, one in enumerate(self.plan.deliveries) if one.decided < self.until]
        self.planned = [self.plan.deliveries[at] for at in self.positions]
        self.payments = [one for one in self.plan.payments if one.at < self.until]

    def decider(self, role: str, one: PlannedDelivery) -> User:
        """Who decides on a planned delivery, by role."""
        return self.cast.decider(role, self.cast.people[one.agent.row.representative], one.agent.row.city[:2])


def local(moment: datetime) -> datetime:
    """The moment on the company's clock."""
    return timezone.localtime(moment)


def batch(day: date) -> str:
    """The batch of goods that came in the quarter of a day."""
    return f"{day.year % 100}Q{(day.month + 2) // 3}"
