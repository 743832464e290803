"""What beat calls; each task is a shell around a service."""

from celery import shared_task

from .attachments.services import warn_of_expiring


@shared_task
def warn_of_expiring_attachments() -> int:
    """Warn representatives of papers that expire soon; running twice warns nobody twice."""
    return warn_of_expiring()
