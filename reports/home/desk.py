"""What waits for somebody's decision: the first of the queue, with why each deserves a look."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from salesops.approvals.documents import Flag, document_types
from salesops.approvals.models import Request
from salesops.approvals.queries import waiting_for
from salesops.users.models import User
from salesops.users.roles import Role
from salesops.web.page import Action, Empty

from .parts import CardContext, Tile, Todo

MOST_SHOWN = 6


def decides(user: User) -> bool:
    """Whether deciding is somebody's daily work, or a colleague has asked them to, or something waits for them now.

    A representative who is asked now and then has the card with the first case, and no empty one before.
    """
    if user.has_role(Role.SUPERVISOR, Role.REGIONAL_MANAGER, Role.SALES_MANAGER):
        return True
    return bool(user.givers) or waiting_for(user).exists()


def waiting(user: User) -> dict[str, Any]:
    """The oldest due first; how many there are, until when, and how many are late."""
    inbox = reverse("approvals:inbox")
    queue = waiting_for(user)
    now = timezone.now()
    midnight = _midnight(now)
    found = queue.aggregate(
        count=Count("pk"), late=Count("pk", filter=Q(due_at__lt=now)), today=Count("pk", filter=Q(due_at__lt=midnight))
    )
    count, late, today = found["count"], found["late"], found["today"] - found["late"]
    shown = list(queue.order_by("due_at", "pk")[:MOST_SHOWN])
    flags = _flags(shown)
    return CardContext(
        rows=[_todo(request, flags.get(request.pk, []), now) for request in shown],
        empty=Empty(
            _("Nothing waits for you"), _("What is submitted to you appears here and in the bell."), icon="check"
        ),
        note=_("oldest due first") if count else "",
        url=inbox if count else "",
        link=_("All %(count)d") % {"count": count},
        tiles=[
            Tile(
                _("Waits for me"),
                f"{count:,}",
                inbox,
                50,
                notes=[_in_words(late, today) or _("nothing until tomorrow")],
                tone="bad" if late else "",
            )
        ],
        says=[_sentence(count, late, today)],
        actions=[Action(_("Decide %(count)d") % {"count": count}, inbox, "inbox", primary=True)] if count else [],
    ).as_dict()


def _midnight(now: datetime) -> datetime:
    today = timezone.localtime(now)
    return datetime.combine(today.date() + timedelta(days=1), time(), today.tzinfo)


def _flags(requests: list[Request]) -> dict[int, list[Flag]]:
    found: dict[int, list[Flag]] = {}
    for known in document_types():
        of_type = [request for request in requests if request.document_type == known.key]
        if of_type:
            found |= known.flags(of_type)
    return found


def _todo(request: Request, flags: list[Flag], now: datetime) -> Todo:
    due, is_late = _due(request.due_at, now)
    return Todo(
        title=request.title,
        title_zh=request.title_zh,
        url=request.get_absolute_url(),
        sub=f"{due}, {request.number}",
        money=request.amount,
        flags=flags[:3],
        is_bad=is_late,
    )


def _due(due_at: datetime | None, now: datetime) -> tuple[str, bool]:
    """Until when, in words, and whether it is late."""
    if due_at is None:
        return _("No time limit"), False
    due = timezone.localtime(due_at)
    days = (due.date() - timezone.localdate(now)).days
    if due_at < now:
        return _("Late since %(when)s") % {"when": f"{due:%H:%M}" if days == 0 else f"{due:%Y-%m-%d}"}, True
    if days == 0:
        return _("Due today %(time)s") % {"time": f"{due:%H:%M}"}, False
    if days == 1:
        return _("Due tomorrow %(time)s") % {"time": f"{due:%H:%M}"}, False
    return _("Due %(day)s") % {"day": f"{due:%Y-%m-%d}"}, False


def _in_words(late: int, today: int) -> str:
    parts = []
    if late:
        parts.append(_("%(count)d late") % {"count": late})
    if today:
        parts.append(_("%(count)d due today") % {"count": today})
    return ", ".join(parts)


def _sentence(count: int, late: int, today: int) -> str:
    if not count:
        return _("No decision waits for you.")
    text = ngettext("%(count)d decision waits", "%(count)d decisions wait", count) % {"count": count}
    more = _in_words(late, today)
    return f"{text}: {more}." if more else f"{text}."
