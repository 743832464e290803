"""What beat calls; each task is a shell around a service."""

from celery import shared_task

from .signin.events import forget_old_events
from .signin.throttle import forget_ended_counts


@shared_task
def forget_old_sign_ins() -> int:
    """Forget sign-ins past the time that they are kept, and counters whose window has passed; harmless twice."""
    forget_ended_counts()
    return forget_old_events()
