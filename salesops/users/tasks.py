"""What beat calls; each task is a shell around a service."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore

from .signin.events import forget_old_events
from .signin.throttle import forget_ended_counts


@shared_task
def forget_old_sign_ins() -> int:
    """Forget sign-ins past the time that they are kept, and counters and sessions that have ended; harmless twice."""
    forget_ended_counts()
    SessionStore.clear_expired()
    return forget_old_events()
