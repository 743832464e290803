"""Months as tests need them: closed at once, whatever is left."""

from datetime import date, timedelta

from django.utils import timezone

from orders.closing.days import month_of
from orders.closing.services import close_month
from orders.models import ClosingStep
from orders.proof.services import record_proof
from salesops.kernel.periods import Period
from salesops.users.models import User


def ended_month(back: int = 1) -> Period:
    """The month that ended last, or one before it."""
    return month_of(timezone.localdate()).shifted(-back)


def day_in(period: Period, number: int = 10) -> date:
    """A day of a month."""
    return period.start + timedelta(days=number - 1)


def proved() -> None:
    """The books were proved today, and nothing differed."""
    record_proof([], started_at=timezone.now())


def closed(period: Period, *, by: User) -> ClosingStep:
    """A month closed as a person does it, who accepts what is left."""
    proved()
    return close_month(period, by=by, accepts_warnings=True)
