"""What beat calls; each task is a shell around a service."""

from celery import shared_task

from . import idempotency


@shared_task
def forget_old_answers() -> int:
    """Forget answers that were kept long enough."""
    return idempotency.forget_old_answers()
