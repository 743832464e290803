"""Quiet hours and the hour of the digest, on the company's clock (Shanghai, eight hours before UTC)."""

from datetime import UTC, datetime, time

import pytest

from salesops.notify.hours import allowed_from, last_digest_before
from salesops.notify.models import MailSettings


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NIGHT = MailSettings(quiet_from=time(22), quiet_until=time(7, 30))
NOON = MailSettings(quiet_from=time(12), quiet_until=time(14))


@pytest.mark.parametrize(
    ("settings", "moment", "allowed"),
    [
        (None, "2026-11-23 15:00", "2026-11-23 15:00"),
        (MailSettings(), "2026-11-23 15:00", "2026-11-23 15:00"),
        (NIGHT, "2026-11-23 13:59", "2026-11-23 13:59"),  # 21:59: not yet quiet
        (NIGHT, "2026-11-23 14:00", "2026-11-23 23:30"),  # 22:00: until half past seven of the next day
        (NIGHT, "2026-11-23 17:00", "2026-11-23 23:30"),  # 01:00 of the 24th
        (NIGHT, "2026-11-23 23:29", "2026-11-23 23:30"),
        (NIGHT, "2026-11-23 23:30", "2026-11-23 23:30"),  # 07:30: the end is no longer quiet
        (NOON, "2026-11-23 04:00", "2026-11-23 06:00"),
        (NOON, "2026-11-23 03:59", "2026-11-23 03:59"),
        (NOON, "2026-11-23 06:00", "2026-11-23 06:00"),
    ],
)
def test_mail_waits_for_the_end_of_quiet_hours(settings, moment, allowed):
    assert allowed_from(at(moment), settings) == at(allowed)


@pytest.mark.parametrize(
    ("moment", "hour", "due"),
    [
        ("2026-11-23 00:00", 8, "2026-11-23 00:00"),  # 08:00 sharp
        ("2026-11-22 23:59", 8, "2026-11-22 00:00"),  # 07:59: yesterday's
        ("2026-11-23 10:00", 8, "2026-11-23 00:00"),
        ("2026-11-23 16:30", 0, "2026-11-23 16:00"),  # half past midnight of the 24th
    ],
)
def test_the_digest_is_due_once_a_day_at_the_hour(moment, hour, due):
    assert last_digest_before(at(moment), hour) == at(due)
