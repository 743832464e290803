"""What notices add to the shell: the bell, the person's settings, the outbox for administrators."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from salesops.users.models import User
from salesops.web import registry

from .models import Notice


@dataclass(frozen=True)
class BellLine:
    """A notice as the bell shows it; its link marks it as read."""

    title: str
    text: str
    url: str
    created_at: datetime
    read_at: datetime | None


def unread(user: User) -> QuerySet[Notice]:
    """The person's new notices, to be counted."""
    return Notice.objects.of(user).unread()


def latest(user: User, limit: int) -> list[BellLine]:
    """The person's latest notices."""
    notices = Notice.objects.of(user)[:limit]
    return [BellLine(one.title, one.text, one.get_absolute_url(), one.created_at, one.read_at) for one in notices]


registry.bell.set(count=unread, url_name="notify:list", recent=latest, read_url_name="notify:read_all")
registry.account.add(
    registry.AccountLink("notices", _("What reaches you, and how"), "notify:settings", "bell", order=30)
)
registry.menu.add(
    registry.MenuEntry(
        "outbox", _("Outgoing mail"), "notify:outbox", "mail", "settings", permission="notify.view_outbox", order=80
    )
)
