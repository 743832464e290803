"""One mail a day with all notices that a person wants in the digest."""

from datetime import datetime

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from salesops.users.models import User

from .hours import last_digest_before
from .letters import digest_letter
from .models import DIGEST_HOUR, MailSettings, Notice
from .outbox import queue_mails
from .text import language_of


def make_digests(moment: datetime | None = None) -> int:
    """Queue a digest for each person whose hour has passed since the oldest waiting notice; return how many.

    A late run (the machine was off) sends what the hour missed; a second run finds nothing.
    """
    now = moment or timezone.now()
    oldest = dict(Notice.objects.for_digest().order_by().values_list("user").annotate(Min("created_at")))
    hours = dict(MailSettings.objects.filter(user__in=list(oldest)).values_list("user", "digest_hour"))
    limits = {pk: last_digest_before(now, hours.get(pk, DIGEST_HOUR)) for pk in oldest}
    due = [pk for pk, first in oldest.items() if first < limits[pk]]
    return sum(_make_digest(user, until=limits[user.pk]) for user in User.objects.filter(pk__in=due))


@transaction.atomic
def _make_digest(user: User, *, until: datetime) -> bool:
    """Put a person's waiting notices into one mail; what they have read meanwhile no longer waits."""
    waiting = user.notices.for_digest().filter(created_at__lt=until).order_by("created_at")
    notices = list(waiting.select_for_update(skip_locked=True))
    if not notices:
        return False
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(waits_for_digest=False)
    if user.is_active:
        queue_mails([(user, digest_letter(notices, language_of(user)))])
    return True
