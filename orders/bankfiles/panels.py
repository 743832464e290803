"""What a payment's page shows of the bank's line that it was."""

from typing import Any

from django.http import HttpRequest

from orders.payments.models import Payment

from .queries import line_of_payment
from .services import RECORD


def came_from_a_file(request: HttpRequest, payment: Payment) -> bool:
    """Whether a payment was a line of a bank file."""
    user: Any = request.user
    return bool(user.has_perm(RECORD)) and line_of_payment(payment) is not None


def of_payment(request: HttpRequest, payment: Payment) -> dict[str, Any]:
    """The line, and its file."""
    return {"receipt": line_of_payment(payment)}
