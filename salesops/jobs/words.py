"""How far, how long still, how long it took: in words."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from salesops.web.figures import quantity_text

from .models import Job, JobState

A_MINUTE = 60
AN_HOUR = 3600


def progress_in_words(job: Job, now: datetime | None = None) -> str:
    """Return what a live job is doing: what, how far, how long still."""
    if job.state == JobState.QUEUED:
        return _("Waits for its turn")
    if job.is_stopping:
        return _("Stopping…")
    left = job.time_left(now or timezone.now())
    parts = [
        job.saying or _("Running"),
        _count(job),
        _("about %(time)s left") % {"time": in_words(left)} if left else "",
    ]
    return " · ".join(part for part in parts if part)


def _count(job: Job) -> str:
    if job.total:
        return _("%(done)s of %(total)s") % {"done": quantity_text(job.done), "total": quantity_text(job.total)}
    return quantity_text(job.done) if job.done else ""


def in_words(span: timedelta) -> str:
    """Return a span as people say it: 20 s, 3 min, 2 h."""
    seconds = max(round(span.total_seconds()), 1)
    if seconds < A_MINUTE:
        return _("%(n)s s") % {"n": seconds}
    if seconds < AN_HOUR:
        return _("%(n)s min") % {"n": round(seconds / A_MINUTE)}
    return _("%(n)s h") % {"n": round(seconds / AN_HOUR)}
