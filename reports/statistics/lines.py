"""The lines of shipments behind a statistic's deliveries: on the page that a figure opens, and in its file."""

from django.db.models import QuerySet

from orders.shipments.models import ShipmentLine
from salesops.users.models import User
from salesops.users.scope import scope_condition

from .answers import conditions
from .questions import Question

PATHS = {
    "region": "shipment__delivery__region",
    "representative": "shipment__delivery__representative",
    "customer": "shipment__customer",
    "product": "line__product",
}
"""Where a line of a shipment has what a fact has."""


def document_path(path: str) -> str:
    """Return the path from a line of a shipment to what a path of a fact leads to."""
    name = next(name for name in PATHS if path == f"{name}_id" or path.startswith(f"{name}__"))
    return f"{PATHS[name]}{path.removeprefix(name)}"


def lines_behind(question: Question, user: User) -> QuerySet[ShipmentLine]:
    """Return the lines that the delivered amount and pieces of a question are the sums of, in the reader's scope."""
    scope = scope_condition(
        user,
        owner="shipment__customer__representative",
        region="shipment__customer__region",
        account="shipment__customer",
    )
    return ShipmentLine.objects.filter(
        scope, conditions(question, user, document_path), **question.counted.lookup("shipment__shipped_on")
    )
