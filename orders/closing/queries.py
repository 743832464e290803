"""Reads about months: which are closed, which is next, what happened to each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Min
from django.utils import timezone

from orders.receivables.models import ReceivableEntry
from salesops.kernel.periods import Period

from .days import closed_through, month_of
from .models import ClosingStep, Reopening, ReopeningState

MOST_MONTHS = 120


@dataclass(frozen=True)
class Month:
    """A month of the books, with what happened to it, the latest last. `is_next` is the one that is closed next."""

    period: Period
    is_closed: bool
    is_next: bool
    has_ended: bool
    steps: Sequence[ClosingStep] = field(default_factory=tuple)

    @property
    def key(self) -> str:
        """What addresses call it: 2026-10."""
        return str(self.period)

    @property
    def last_step(self) -> ClosingStep | None:
        """Who closed or reopened it last; a month before the first that was closed has none of its own."""
        return self.steps[-1] if self.steps else None

    @property
    def was_reopened(self) -> bool:
        """Whether it is open again after it was closed."""
        return not self.is_closed and bool(self.steps)


def month_called(key: str) -> Period | None:
    """Return the month that an address names, 2026-10; None where it names none."""
    try:
        day = date.fromisoformat(f"{key}-01")
    except ValueError:
        return None
    period = month_of(day)
    return period if key == str(period) else None


def months_of_the_books(today: date | None = None) -> list[Month]:
    """Return the months from the first entry to the running one, the latest first; at most ten years of them."""
    day = today or timezone.localdate()
    running = month_of(day)
    first = ReceivableEntry.objects.aggregate(first=Min("posted_on"))["first"] or running.start
    first = max(first, running.shifted(1 - MOST_MONTHS).start)
    return _described(Period(min(first, running.start), running.end).months()[::-1], day)


def month_described(period: Period, today: date | None = None) -> Month:
    """Return one month with what happened to it."""
    return _described([period], today or timezone.localdate())[0]


def next_to_close(today: date | None = None) -> Period | None:
    """Return the month that is closed next, if it has ended; before any is closed, the last one that has ended."""
    day = today or timezone.localdate()
    closed = closed_through()
    period = month_of(closed).shifted(1) if closed else month_of(day).previous
    return period if period.end <= day else None


def _described(periods: Sequence[Period], day: date) -> list[Month]:
    closed = closed_through()
    following = month_of(closed).shifted(1) if closed else None
    steps: dict[date, list[ClosingStep]] = {}
    rows = ClosingStep.objects.filter(month__in=[period.start for period in periods])
    for step in rows.select_related("by", "reopening__created_by"):
        steps.setdefault(step.month, []).append(step)
    return [
        Month(
            period=period,
            is_closed=closed is not None and period.last_day <= closed,
            is_next=period.end <= day and following in (None, period),
            has_ended=period.end <= day,
            steps=tuple(steps.get(period.start, ())),
        )
        for period in periods
    ]


def last_closed_month() -> Period | None:
    """Return the month that was closed last, the only one that may be reopened."""
    closed = closed_through()
    return month_of(closed) if closed else None


def waiting_reopening() -> Reopening | None:
    """Return the request to reopen a month that waits for a decision, if there is one."""
    return Reopening.objects.filter(state=ReopeningState.SUBMITTED).first()
