"""Shells for the worker."""

from celery import shared_task
from django.utils import timezone

from .bills.services import settle_due_bills
from .closing.notices import tell_what_can_be_closed
from .credit.services import reconsider_limits_of
from .proof.services import prove_tonight


@shared_task
def reconsider_limits() -> None:
    """Look at what waits for a temporary limit that starts today."""
    reconsider_limits_of(timezone.localdate())


@shared_task
def prove_books() -> None:
    """Prove the books for this night; runs daily."""
    prove_tonight(timezone.localdate())


@shared_task
def tell_of_closing() -> None:
    """Tell those who close months that the next one can be."""
    tell_what_can_be_closed(timezone.localdate())


@shared_task
def settle_bills() -> int:
    """Settle bills that have matured, those of days on which this did not run too; harmless when run twice."""
    return settle_due_bills(timezone.localdate())
