"""When statistics are due: on the first working day after a month, quarter or fiscal year, until they are there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone

from salesops.kernel.periods import Period

from ..models import IssuedStatistic, ScheduledPlace, Span, managed_regions, manned_teams
from ..spans import period_around
from .services import MONTHS

SATURDAY = 5


@dataclass(frozen=True, order=True)
class Due:
    """A statistic that is to be issued."""

    starts_on: date
    span: str
    region_id: int | None = None
    team_id: int | None = None


def due_at(period: Period) -> datetime:
    """Return when the statistic of a period is issued: on the first working day after it, at the hour of the settings.

    Working days are Monday to Friday, and time is the company's.
    """
    day = period.end
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time(settings.STATISTICS_HOUR)))


def note_places(today: date) -> None:
    """Note the places that the schedule issues for from today on, where it does not know them yet."""
    places: list[dict[str, int]] = [{}]
    places += [{"region_id": key} for key in managed_regions()]
    places += [{"team_id": key} for key in manned_teams()]
    known = set(ScheduledPlace.objects.values_list("region", "team"))
    ScheduledPlace.objects.bulk_create(
        [
            ScheduledPlace(since=today, **place)
            for place in places
            if (place.get("region_id"), place.get("team_id")) not in known
        ],
        ignore_conflicts=True,  # another one was faster
    )


def what_is_due(now: datetime) -> list[Due]:
    """Return what is due and not issued yet, the oldest first, the company before its parts.

    Of each place only periods that ended after the day on which the schedule first knew it: a fresh installation
    issues nothing of the history that it takes over, and a new team nothing of the time before it.
    """
    note_places(timezone.localdate(now))
    rows = ScheduledPlace.objects.current().values_list("region", "team", "since")
    wanted = {
        Due(period.start, span, region_id, team_id)
        for region_id, team_id, since in rows
        for span in Span.values
        for period in ended_after(span, since, now)
    }
    issued = IssuedStatistic.objects.filter(starts_on__in={one.starts_on for one in wanted}).order_by()
    done = {Due(*row) for row in issued.values_list("starts_on", "span", "region", "team")}
    return sorted(wanted - done, key=lambda one: (one.starts_on, MONTHS[Span(one.span)], *_place(one)))


def _place(one: Due) -> tuple[int, int]:
    return (0 if one.team_id is None else 1, one.team_id or one.region_id or 0)


def ended_after(span: str, since: date, now: datetime) -> Iterator[Period]:
    """Yield the periods of a span that ended after a day and whose statistics are due, the latest first."""
    period = running(span, timezone.localdate(now)).previous
    while period.end > since:
        if due_at(period) <= now:
            yield period
        period = period.previous


def running(span: str, day: date) -> Period:
    """Return the month, quarter or fiscal year that a day lies in."""
    return period_around(Period.month(day.year, day.month), MONTHS[Span(span)])
