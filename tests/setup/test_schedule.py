"""The clock of the company: nightly work runs by its own time of day, not by that of Greenwich."""

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError


def test_limits_that_start_today_count_five_minutes_after_midnight() -> None:
    schedule = settings.CELERY_BEAT_SCHEDULE["reconsider limits"]["schedule"]
    assert (settings.CELERY_TIMEZONE, schedule.hour, schedule.minute) == (settings.TIME_ZONE, {0}, {5})


def test_a_password_of_digits_alone_is_refused() -> None:
    with pytest.raises(ValidationError) as caught:
        validate_password("83920174650192")
    assert "password_entirely_numeric" in {error.code for error in caught.value.error_list}


def test_missing_statistics_are_looked_for_every_hour() -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["issue statistics"]
    assert entry["task"] == "reports.tasks.issue_due_statistics"
    assert (entry["schedule"].hour, entry["schedule"].minute) == (set(range(24)), {5})
