"""The sign of life of a running job, from a thread and over a connection of its own.

So a long silent step is not taken for death, progress is seen while the job's own transaction is open, and the job's
code pays nothing for telling it. The row is never locked for longer than one statement.
"""

import logging
import threading
import time
from contextvars import copy_context
from types import TracebackType
from typing import Self

from django.db import Error as DatabaseAway
from django.db import connection
from django.utils import timezone

from .models import Job
from .progress import Progress

logger = logging.getLogger(__name__)

PULSE_SECONDS = 0.35
SILENCE_SECONDS = 2.0
"""How often it beats while nothing new is said; cancelling is noticed as fast."""
FAREWELL_SECONDS = 5.0
"""How long the end of a job waits for a beat that hangs, as on a network that is gone; such a beat no longer counts."""
LOCK_TIMEOUT = "SET lock_timeout = '2s'"


class Heart:
    """Beats while the block runs: writes what the progress says, and tells it of cancelling and of being taken over."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.written = progress.now_known()
        self.beaten_at = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=copy_context().run, args=[self._beat_on], name=f"heart of {progress.job.pk}", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(FAREWELL_SECONDS)
        if self._thread.is_alive():
            logger.warning("the heart of job %s hangs in its last beat and is left behind", self.progress.job.pk)

    def _beat_on(self) -> None:
        try:
            while not self._stop.wait(PULSE_SECONDS):
                if self._is_due():
                    self._beat()
        finally:
            connection.close()  # the thread's own

    def _is_due(self) -> bool:
        return self.progress.now_known() != self.written or time.monotonic() - self.beaten_at >= SILENCE_SECONDS

    def _beat(self) -> None:
        known = self.progress.now_known()
        try:
            self._write(*known)
        except DatabaseAway as error:
            logger.warning("no sign of life of job %s this time: %s", self.progress.job.pk, error)
            connection.close()
        self.written, self.beaten_at = known, time.monotonic()

    def _write(self, done: int, total: int | None, saying: str, part_started_at: object) -> None:
        if connection.connection is None:
            with connection.cursor() as cursor:
                cursor.execute(LOCK_TIMEOUT)
        mine = Job.objects.held_by(self.progress.token)
        is_mine = mine.update(
            heartbeat_at=timezone.now(), done=done, total=total, saying=saying, part_started_at=part_started_at
        )
        if is_mine:
            self.progress.is_cancelled = mine.filter(cancel_requested_at__isnull=False).exists()
        elif not self.progress.is_finished:
            self.progress.is_taken_over = True
