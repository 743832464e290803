"""What people have read."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from salesops.users.models import User

from .models import Notice


def open_notice(notice_id: UUID, *, by: User) -> Notice:
    """Mark one's own notice as read and return it; raises Notice.DoesNotExist for anybody else's."""
    notice = Notice.objects.of(by).get(pk=notice_id)
    Notice.objects.filter(pk=notice.pk).unread().update(read_at=timezone.now(), waits_for_digest=False)
    return notice


@transaction.atomic
def read_all_notices(*, by: User) -> int:
    """Mark all of one's own notices as read; return how many were not.

    It waits for nobody: who holds one of them at this moment, a decision or a second click, marks it as read as well.
    """
    unread = Notice.objects.of(by).unread().select_for_update(skip_locked=True)
    return Notice.objects.filter(pk__in=list(unread.values_list("pk", flat=True))).update(
        read_at=timezone.now(), waits_for_digest=False
    )


def settle_notices(dedupe: str) -> int:
    """Mark every unread notice of a key as read, whoever has it, for what it asked for is done; return how many."""
    if not dedupe:
        raise ValueError("only notices with a key can be settled")
    return Notice.objects.unread().filter(dedupe=dedupe).update(read_at=timezone.now(), waits_for_digest=False)
