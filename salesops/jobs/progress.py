"""What a running job tells, and how it ends: progress, files, and the one transaction whose effects count."""

from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from . import results
from .models import Job, JobState
from .notices import tell_of_success

Item = TypeVar("Item")
SAYING_LENGTH = 200


class Stopped(Exception):
    """The work must stop here; the job's own code lets it pass."""


class Cancelled(Stopped):
    """Somebody cancelled the job."""


class TakenOver(Stopped):
    """This worker was thought dead and another one holds the job: whatever is done here no longer counts."""


@dataclass
class Result:
    """What a job leaves: a file to download (`filename` is what it is called there), a page of ours, figures."""

    file: Path | None = None
    filename: str = ""
    url: str = ""
    summary: dict[str, Any] = field(default_factory=dict)


class Progress:
    """The reins of one attempt at a job.

    Saying something costs nothing: a thread of its own writes it down, about three times a second. Every call
    raises Cancelled when the person wants it to stop.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.token = job.token
        self.done = 0
        self.total: int | None = None
        self.saying = ""
        self.part_started_at: datetime = timezone.now()
        self.is_cancelled = False
        self.is_taken_over = False
        self.is_finished = False

    # ---- saying ----
    def say(self, text: Any) -> None:
        """Say what is being done, in words for the person."""
        self.check()
        self.saying = str(text)[:SAYING_LENGTH]

    def step(self, done: int, total: int | None = None) -> None:
        """Say how far it is: so many of so many."""
        self.check()
        if total is not None:
            self.total = total
        self.done = done if self.total is None else min(done, self.total)

    def over(self, items: Iterable[Item], total: int | None = None, saying: Any = "") -> Iterator[Item]:
        """Yield the items and count them. A new part of the work: the time left is told anew."""
        if total is None and isinstance(items, Sized):
            total = len(items)
        self.start_part(saying, total)
        for number, item in enumerate(items, start=1):
            yield item
            self.step(number)

    def start_part(self, saying: Any, total: int | None = None) -> None:
        """Begin a part of the work, of so many steps."""
        self.say(saying)
        self.done, self.total, self.part_started_at = 0, total, timezone.now()

    def check(self) -> None:
        """Raise Cancelled or TakenOver when the work must stop; what is finished need not."""
        if self.is_finished:
            return
        if self.is_taken_over:
            raise TakenOver
        if self.is_cancelled:
            raise Cancelled

    def now_known(self) -> tuple[int, int | None, str, datetime]:
        """What the page shows: done, total, saying, start of this part."""
        total = self.total
        return (self.done if total is None else min(self.done, total), total, self.saying, self.part_started_at)

    # ---- files ----
    def place(self, filename: str) -> Path:
        """Return a path for a file of this attempt. The result's file stays, all others go when the attempt ends."""
        if Path(filename).name != filename or filename in ("", ".", ".."):
            raise ValueError("a plain file name")
        folder = results.folder_of(self.job.pk) / str(self.token)
        folder.mkdir(parents=True, exist_ok=True)
        return folder / filename

    # ---- ending ----
    @contextmanager
    def finishing(self) -> Iterator[Result]:
        """The last transaction: what the block does and "done" are committed together, or neither is.

        So the effects count once, though the message may be delivered twice and workers may die at any point: the
        commit happens only if the job still runs under this attempt's token and nobody cancelled it. The block fills
        in the result that it is given. Progress may be told and cancelling works inside as well.
        """
        if self.is_finished:
            raise RuntimeError("a job finishes once")
        self.check()
        result = Result()
        with transaction.atomic():
            yield result
            self._mark_done(result)
        self.is_finished = True

    def _mark_done(self, result: Result) -> None:
        """Mark the job as done as the last statement before the commit, under the fence; raise Stopped where it fails.

        The row is locked from here to the commit only, so that until then it can be watched and cancelled.
        """
        done, total, saying, part_started_at = self.now_known()
        now = timezone.now()
        marked = (
            Job.objects.held_by(self.token)
            .filter(cancel_requested_at=None)
            .update(
                state=JobState.DONE,
                finished_at=now,
                heartbeat_at=now,
                done=done,
                total=total,
                saying=saying,
                part_started_at=part_started_at,
                **results.fields_of(self.job, self.token, result),
            )
        )
        if not marked:
            raise Cancelled if Job.objects.held_by(self.token).exists() else TakenOver
        tell_of_success(self.job, result.url)
