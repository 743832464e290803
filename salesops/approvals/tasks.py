"""Shells for the worker."""

from celery import shared_task
from django.utils import timezone

from .services import escalate_overdue


@shared_task
def escalate_overdue_requests() -> None:
    """Hand on what was not decided in time."""
    escalate_overdue(timezone.now())
