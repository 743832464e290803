"""Which day the books are closed through, and where what comes late is posted: asked by whoever posts."""

from datetime import date, timedelta

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from salesops.kernel.errors import RuleBroken
from salesops.kernel.periods import Period

from .models import ClosingStep
from .triggers import LOCK


def closed_through() -> date | None:
    """Return the last day of the last closed month; None where nothing is closed."""
    return ClosingStep.objects.order_by("-pk").values_list("closed_through", flat=True).first()


def first_open_day() -> date | None:
    """Return the first day that may be posted to, fixed until the transaction ends; None where any day may."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])
    closed = closed_through()
    return closed + timedelta(days=1) if closed else None


def open_day(day: date) -> date:
    """Return the day on which a document of `day` is posted: its own, or the first open one where that is closed.

    A day of the running month asks nothing: no month is closed before it has ended.
    """
    if day >= timezone.localdate().replace(day=1):
        return day
    first = first_open_day()
    return max(day, first) if first else day


def lock_months() -> None:
    """Let nothing be posted until the transaction ends, once what is being posted now is committed.

    Raises OperationalError (lock not available) where that takes more than three seconds: postings wait meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', '3s', true)")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute("SELECT set_config('lock_timeout', '0', true)")


def refusal_of_closed_month(closed: str) -> RuleBroken:
    """Return what the database's no to a day in a closed month means; `closed` is the last closed day."""
    last = date.fromisoformat(closed)
    return RuleBroken(
        _("The books are closed through %(day)s; nothing is posted into closed months.") % {"day": last},
        rule="closed month",
        closed_through=last,
    )


def month_of(day: date) -> Period:
    """Return the month that a day lies in."""
    return Period.month(day.year, day.month)
