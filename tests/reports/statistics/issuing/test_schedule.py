"""The schedule issues what has ended since it first looked, once, late where it was off, and nothing of old history."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from reports.models import IssuedStatistic, ScheduledPlace
from reports.statistics.issuing.schedule import Due, due_at, what_is_due
from reports.tasks import issue_due_statistics
from salesops.kernel.periods import Period
from salesops.users.models import User
from tests.support.build import Sales, make_sales, make_team, make_user
from tests.support.tasks import Executed, RunTasks, execute, next_message, purge_queues

from .builders import MONTH

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def at(day: date, hour: int = 12) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


def since(day: date) -> None:
    """Let the schedule have looked first on a day, which knows all places there are."""
    what_is_due(at(day))
    ScheduledPlace.objects.update(since=day)


def spans(due: Iterable[Due]) -> list[tuple[str, str]]:
    """What is due of the company."""
    return [(one.span, str(one.starts_on)) for one in due if not (one.region_id or one.team_id)]


def test_it_is_due_on_the_first_working_day_at_the_hour(settings: Any) -> None:
    settings.STATISTICS_HOUR = 6
    assert due_at(Period.month(2026, 9)) == at(date(2026, 10, 1), 6)  # a Thursday
    assert due_at(Period.month(2026, 7)) == at(date(2026, 8, 3), 6)  # 1 August is a Saturday
    assert due_at(Period.month(2026, 10)) == at(date(2026, 11, 2), 6)  # 1 November is a Sunday
    assert str(due_at(Period.month(2026, 9)).tzinfo) == settings.TIME_ZONE


def test_before_the_hour_nothing_is_due_after_it_the_month(settings: Any) -> None:
    settings.STATISTICS_HOUR = 7
    since(date(2026, 7, 20))
    assert what_is_due(at(date(2026, 8, 1))) == []
    assert what_is_due(at(date(2026, 8, 3), 6)) == []
    assert spans(what_is_due(at(date(2026, 8, 3), 7))) == [("month", "2026-07-01")]


def test_after_a_fiscal_year_all_three_are_due(settings: Any) -> None:
    settings.FISCAL_YEAR_FIRST_MONTH = 4
    since(date(2026, 3, 2))
    assert spans(what_is_due(at(date(2026, 4, 1)))) == [
        ("year", "2025-04-01"),
        ("quarter", "2026-01-01"),
        ("month", "2026-03-01"),
    ]


def test_what_was_missed_is_caught_up_the_oldest_first() -> None:
    since(date(2026, 3, 2))
    assert spans(what_is_due(at(date(2026, 5, 20)))) == [
        ("quarter", "2026-01-01"),
        ("month", "2026-03-01"),
        ("month", "2026-04-01"),
    ]


def test_a_fresh_installation_issues_nothing_of_the_time_before(sales: Sales) -> None:
    assert what_is_due(at(date(2026, 5, 20))) == []
    assert what_is_due(at(date(2026, 5, 31))) == []
    assert spans(what_is_due(at(date(2026, 6, 1)))) == [("month", "2026-05-01")]


def test_a_new_team_gets_nothing_of_the_time_before_it(sales: Sales) -> None:
    since(date(2026, 3, 2))
    newcomer = make_user(team=make_team())
    due = what_is_due(at(date(2026, 5, 20)))
    assert {one.team_id for one in due} == {None, sales.team.pk}
    due = what_is_due(at(date(2026, 6, 2)))
    assert [one.starts_on for one in due if one.team_id == newcomer.team_id] == [date(2026, 5, 1)]


def test_places_are_the_company_regions_with_a_manager_and_teams_with_people(sales: Sales) -> None:
    empty = make_team()
    gone = make_sales()
    User.objects.filter(pk=gone.regional_manager.pk).update(is_active=False)
    since(date(2026, 4, 2))
    due = what_is_due(at(date(2026, 5, 20)))
    assert {one.region_id for one in due} == {None, sales.region.pk}
    assert {one.team_id for one in due} == {None, sales.team.pk, gone.team.pk}
    assert empty.pk not in {one.team_id for one in due}


def test_the_schedule_issues_each_once_however_often_it_runs(sales: Sales, run_tasks: RunTasks) -> None:
    since(MONTH.previous.start)
    for _run in range(2):
        with run_tasks() as done:
            issue_due_statistics()
    assert done.names == []
    months = IssuedStatistic.objects.filter(span="month")
    assert {(one.region, one.team) for one in months} == {
        (None, None),
        (sales.region, None),
        (None, sales.team),
    }
    assert MONTH.previous.start in {one.starts_on for one in months}
    assert {one.issued_by for one in IssuedStatistic.objects.all()} == {None}


def test_a_run_that_ended_in_the_middle_goes_on_with_what_is_missing(sales: Sales, run_tasks: RunTasks) -> None:
    since(MONTH.previous.start)
    purge_queues()
    expected = set(what_is_due(timezone.now()))
    issue_due_statistics()
    for _message in range(2):  # two of them, then the worker is killed and the broker forgets the rest
        message = next_message()
        assert message is not None
        execute(message, Executed(), failing=False)
    purge_queues()
    first = dict(IssuedStatistic.objects.values_list("pk", "digest"))
    assert len(first) == 2

    with run_tasks() as done:
        issue_due_statistics()

    assert len(done.names) == len(expected) - 2
    made = {Due(one.starts_on, one.span, one.region_id, one.team_id) for one in IssuedStatistic.objects.all()}
    assert made == expected
    assert dict(IssuedStatistic.objects.filter(pk__in=first).values_list("pk", "digest")) == first
    assert what_is_due(timezone.now()) == []


def test_a_day_without_the_machine_changes_nothing(sales: Sales) -> None:
    since(date(2026, 7, 20))
    days = [what_is_due(at(date(2026, 8, 3) + timedelta(days=off))) for off in range(5)]
    assert days[0]
    assert all(each == days[0] for each in days)
