"""What the bell says of jobs."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.notify.registry import NoticeKind, notice_kinds
from salesops.notify.services import notify

from .models import Job

DONE = notice_kinds.add(NoticeKind("job.done", gettext_lazy("Background work is done"), order=90))
FAILED = notice_kinds.add(NoticeKind("job.failed", gettext_lazy("Background work failed"), order=91))


def tell_of_success(job: Job, url: str = "") -> None:
    """Tell the owner that the result is there; the notice leads to it."""
    notify(
        DONE.key,
        to=[job.owner],
        title=lambda: _("%(title)s: done") % {"title": job.title},
        text=lambda: _("Open it to see the result."),
        url=url or job.get_absolute_url(),
        dedupe=_key(job),
    )


def tell_of_failure(job: Job, error: str) -> None:
    """Tell the owner why it failed; the notice leads to the job, where it can be tried again."""
    notify(
        FAILED.key,
        to=[job.owner],
        title=lambda: _("%(title)s: failed") % {"title": job.title},
        text=lambda: error,
        url=job.get_absolute_url(),
        dedupe=_key(job),
    )


def _key(job: Job) -> str:
    return f"job:{job.pk}:{job.attempts}"
