"""When mail may reach a person: quiet hours and the hour of the digest, on the company's clock."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from .models import MailSettings

A_DAY = timedelta(days=1)


def allowed_from(moment: datetime, settings: MailSettings | None) -> datetime:
    """Return the first moment, from the given one on, that does not lie in the person's quiet hours."""
    if settings is None or settings.quiet_from is None or settings.quiet_until is None:
        return moment
    local = timezone.localtime(moment)
    if not is_quiet(local.time(), settings.quiet_from, settings.quiet_until):
        return moment
    end = _at(local, settings.quiet_until)
    return end if end > local else _at(local + A_DAY, settings.quiet_until)


def is_quiet(clock: time, start: time, end: time) -> bool:
    """Whether a time of day lies between two others; the span may pass midnight. The end is no longer quiet."""
    if start < end:
        return start <= clock < end
    return clock >= start or clock < end


def last_digest_before(moment: datetime, hour: int) -> datetime:
    """Return the latest moment, not after the given one, at which a digest of that hour was due."""
    local = timezone.localtime(moment)
    today = _at(local, time(hour))
    return today if today <= local else _at(local - A_DAY, time(hour))


def _at(day: datetime, clock: time) -> datetime:
    return timezone.make_aware(datetime.combine(day.date(), clock))
