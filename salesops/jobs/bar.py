"""The bar that floats over every page while work of one's own runs: one job, and how many more."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from salesops.users.models import User
from salesops.web.back import page_around

from .models import Job
from .words import progress_in_words

HIDDEN = "hidden_jobs"
MOST_HIDDEN = 20


@dataclass(frozen=True)
class Bar:
    """What the bar shows: a job that lives, or the one that it showed and that has just ended."""

    job: Job
    more: int = 0

    @property
    def says(self) -> str:
        """What the job is doing, or why it failed."""
        return progress_in_words(self.job) if self.job.is_live else self.job.error

    @property
    def next_url(self) -> str:
        """Where the bar is fetched from again."""
        return f"{reverse('jobs:current')}?was={self.job.pk}"


def live_jobs_of(user: User) -> QuerySet[Job]:
    """A person's own work that waits or runs."""
    return Job.objects.live().filter(owner=user)


def shown_on(request: Any) -> Bar | None:
    """Return what the bar shows on the page that asks, None for no bar: the newest job that was not put away.

    A job's own page shows it already. The one that the bar was showing stays there once when it has ended.
    """
    live = list(live_jobs_of(request.user).exclude(pk__in=_not_shown(request)).select_related("owner"))
    was = _as_uuid(request.GET.get("was", ""))
    same = next((job for job in live if job.pk == was), None)
    ended = Job.objects.filter(pk=was, owner=request.user).first() if was and same is None else None
    job = same or (ended if ended and not ended.is_live else None) or next(iter(live), None)
    return Bar(job, more=sum(one.pk != job.pk for one in live)) if job else None


def hide(request: Any) -> None:
    """Put away the bar for the work that runs now, for this session."""
    hidden = [str(pk) for pk in live_jobs_of(request.user).values_list("pk", flat=True)]
    request.session[HIDDEN] = [*request.session.get(HIDDEN, []), *hidden][-MOST_HIDDEN:]


def _not_shown(request: HttpRequest) -> list[UUID]:
    path = re.split("[?#]", page_around(request))[0]
    current = path.rstrip("/").rsplit("/", 1)[-1]
    names = [*request.session.get(HIDDEN, []), current]
    return [pk for pk in map(_as_uuid, names) if pk]


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
