"""A statistic is issued: once for each span, period and place, and never changed afterwards."""

from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.facts.services import bring_facts_along, lock_facts
from salesops.kernel.errors import found, require
from salesops.kernel.numbering import next_number
from salesops.kernel.periods import Period, require_meant
from salesops.users.models import Region, Team, User

from ..models import IssuedStatistic, Span
from ..questions import spell_period
from .places import ISSUE, Place, sees
from .snapshot import digest_of, parameters_of, sheets_of
from .telling import tell_subscribers

MONTHS = {Span.MONTH: 1, Span.QUARTER: 3, Span.YEAR: 12}


def issue_statistic(
    span: str, starts_on: date, *, region_id: int | None = None, team_id: int | None = None, by: User | None = None
) -> IssuedStatistic:
    """Issue the statistic of a period that has ended, of the company, a region or a team; subscribers are told.

    A second call returns what was issued, as it was; two at once make one. Without `by` it is the schedule's. All that
    was posted before is in it. Raises RuleBroken where the period is none or has not ended, the place is not there or
    not one, or `by` may not issue or not see it.
    """
    period, place = ready_to_issue(span, starts_on, region_id=region_id, team_id=team_id, by=by)
    bring_facts_along()  # most of it before facts are locked
    return _issue(span, period, place, by)


@transaction.atomic
def _issue(span: str, period: Period, place: Place, by: User | None) -> IssuedStatistic:
    lock_facts()
    issued = find_issued(span, period, place)
    if issued is not None:
        return issued
    now, parameters = timezone.now(), parameters_of(place)
    bring_facts_along()
    statistic = IssuedStatistic(
        span=span,
        starts_on=period.start,
        ends_on=period.end,
        parameters=parameters,
        sheets=sheets_of(period, parameters),
        issued_by=by,
        issued_at=now,
        **place.columns,
    )
    statistic.number = next_number(IssuedStatistic.series, timezone.localdate(now).year)
    statistic.digest = digest_of(statistic)
    statistic.save(force_insert=True)
    tell_subscribers(statistic)
    return statistic


def ready_to_issue(
    span: str, starts_on: date, *, region_id: int | None = None, team_id: int | None = None, by: User | None = None
) -> tuple[Period, Place]:
    """Return what is to be issued; RuleBroken where it cannot be, as `issue_statistic` says."""
    period = period_of(span, starts_on)
    today = timezone.localdate()
    require(
        period.end <= today,
        _("%(period)s ends on %(day)s; its statistic is issued after that.")
        % {"period": spell_period(period), "day": period.last_day},
        rule="not over",
        field="period",
        last_day=period.last_day,
    )
    place = place_of(region_id, team_id)
    require(
        by is None or (by.has_perm(ISSUE) and sees(by, place)),
        _("You may not issue the statistics of %(place)s.") % {"place": place},
        rule="scope",
        field="region" if place.region else "team" if place.team else "",
    )
    return period, place


def period_of(span: str, starts_on: date) -> Period:
    """Return the month, quarter or fiscal year that begins on a day; RuleBroken where none does."""
    require_meant(starts_on, field="period")
    months = MONTHS.get(Span(span)) if span in Span.values else None
    months = found(months, _("Choose a month, a quarter or a year."), rule="span", field="period")
    since_year = (starts_on.month - settings.FISCAL_YEAR_FIRST_MONTH) % months
    require(
        starts_on.day == 1 and since_year == 0,
        _("No %(span)s begins on %(day)s.") % {"span": str(Span(span).label).lower(), "day": starts_on},
        rule="period",
        field="period",
    )
    first = Period.month(starts_on.year, starts_on.month)
    return Period(first.start, first.shifted(months).start)


def place_of(region_id: int | None, team_id: int | None) -> Place:
    """Return the place that keys name; RuleBroken where it is not there, or two are named."""
    require(
        region_id is None or team_id is None,
        _("A statistic is of a region or of a team, not of both."),
        rule="place",
        field="team",
    )
    gone = _("This is not there any more.")
    if region_id is not None:
        region = Region.objects.filter(pk=region_id).first()
        return Place(region=found(region, gone, rule="not there", field="region"))
    if team_id is not None:
        team = Team.objects.filter(pk=team_id).first()
        return Place(team=found(team, gone, rule="not there", field="team"))
    return Place()


def find_issued(span: str, period: Period, place: Place) -> IssuedStatistic | None:
    """Return what was issued of a period and place, if it was."""
    rows = IssuedStatistic.objects.of(place).filter(span=span, starts_on=period.start)
    issued: IssuedStatistic | None = rows.select_related("region", "team", "issued_by").first()
    return issued
