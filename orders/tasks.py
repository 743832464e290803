"""Shells for the worker."""

from celery import shared_task
from django.utils import timezone

from .credit.services import reconsider_limits_of


@shared_task
def reconsider_limits() -> None:
    """Look at what waits for a temporary limit that starts today."""
    reconsider_limits_of(timezone.localdate())
