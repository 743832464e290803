"""Shells for the worker."""

from celery import shared_task
from django.utils import timezone

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
