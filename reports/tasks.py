"""Shells for the worker."""

from datetime import date

from celery import shared_task
from django.utils import timezone

from .statistics.issuing.schedule import what_is_due
from .statistics.issuing.services import issue_statistic

AN_HOUR = 3_600


@shared_task
def issue_due_statistics() -> None:
    """Have what is due and missing issued, each by a task of its own; runs hourly, so that what was missed is made."""
    for one in what_is_due(timezone.now()):
        arguments = [one.span, one.starts_on.isoformat(), one.region_id, one.team_id]
        issue_scheduled.apply_async(args=arguments, expires=AN_HOUR)


@shared_task
def issue_scheduled(span: str, starts_on: str, region_id: int | None, team_id: int | None) -> None:
    """Issue one statistic, unless it is there."""
    issue_statistic(span, date.fromisoformat(starts_on), region_id=region_id, team_id=team_id)
