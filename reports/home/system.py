"""The product itself, for administrators: work that failed, mails, policies; and people, for personnel too."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from salesops.approvals.models import Policy, Request
from salesops.jobs.models import Job, JobState
from salesops.notify.models import MailState, OutgoingMail
from salesops.users.models import Delegation, User
from salesops.users.roles import Role
from salesops.web.figures import day_text, moment_text
from salesops.web.page import Action, Empty

from .parts import CardContext, Tile, Todo

DAYS = 7
MOST_SHOWN = 8


def administers(user: User) -> bool:
    """Whether somebody looks after the product."""
    return user.has_role(Role.ADMINISTRATOR)


def looks_after_people(user: User) -> bool:
    """Whether people are somebody's daily work."""
    return user.has_role(Role.PERSONNEL, Role.ADMINISTRATOR)


def system(user: User) -> dict[str, Any]:
    """Background work, mails, approvals and policies, each with what is wrong with it."""
    since = timezone.now() - timedelta(days=DAYS)
    jobs = Job.objects.aggregate(
        failed=Count("pk", filter=Q(state=JobState.FAILED, finished_at__gte=since)),
        live=Count("pk", filter=Q(state__in=[JobState.QUEUED, JobState.RUNNING])),
        done=Count("pk", filter=Q(state=JobState.DONE, finished_at__gte=since)),
    )
    mails = OutgoingMail.objects.aggregate(
        failed=Count("pk", filter=Q(state=MailState.FAILED, created_at__gte=since)),
        waiting=Count("pk", filter=Q(state=MailState.WAITING)),
        kept=Count("pk", filter=Q(state=MailState.KEPT, created_at__gte=since)),
        sent=Count("pk", filter=Q(state=MailState.SENT, created_at__gte=since)),
    )
    asked = Request.objects.on_desk().aggregate(
        count=Count("pk"), late=Count("pk", filter=Q(due_at__lt=timezone.now()))
    )
    policies = Policy.objects.aggregate(count=Count("pk", distinct=True), last=Max("versions__published_at"))
    wrong = jobs["failed"] + mails["failed"]
    rows = [_jobs(jobs), _mails(mails), _approvals(asked), _policies(policies)]
    words = ngettext("%(count)d thing failed this week.", "%(count)d things failed this week.", wrong) % {
        "count": wrong
    }
    return CardContext(
        rows=rows,
        note=_("the last seven days"),
        tiles=[
            Tile(
                _("Failed"),
                str(wrong),
                reverse("jobs:list") if jobs["failed"] else reverse("notify:outbox"),
                5,
                notes=[_("work and mails, seven days")],
                tone="bad" if wrong else "",
            )
        ],
        says=[words if wrong else _("Everything runs.")],
    ).as_dict()


def _jobs(found: dict[str, int]) -> Todo:
    return Todo(
        title=_("Background work"),
        url=reverse("jobs:list"),
        sub=_("%(live)d waiting or running, %(done)d done") % found,
        icon="clock",
        figure=_("%(failed)d failed") % found if found["failed"] else _("none failed"),
        is_bad=bool(found["failed"]),
    )


def _mails(found: dict[str, int]) -> Todo:
    sub = _("%(sent)d sent, %(waiting)d waiting") % found
    if not settings.EMAIL_URL:
        sub = _("No mail server is set: %(kept)d kept in the outbox") % found
    return Todo(
        title=_("Mails"),
        url=reverse("notify:outbox"),
        sub=sub,
        icon="mail",
        figure=_("%(failed)d not delivered") % found if found["failed"] else _("none failed"),
        is_bad=bool(found["failed"]),
    )


def _approvals(found: dict[str, int]) -> Todo:
    return Todo(
        title=_("Approvals"),
        url=f"{reverse('approvals:inbox')}?whose=team",
        sub=ngettext("%(count)d decision waits", "%(count)d decisions wait", found["count"]) % found,
        icon="inbox",
        figure=_("%(late)d late") % found if found["late"] else _("none late"),
        is_bad=bool(found["late"]),
    )


def _policies(found: dict[str, Any]) -> Todo:
    return Todo(
        title=_("Approval policies"),
        url=reverse("approvals:policies"),
        sub=_("last published %(when)s") % {"when": moment_text(found["last"])} if found["last"] else "",
        icon="check",
        figure=ngettext("%(count)d policy", "%(count)d policies", found["count"]) % {"count": found["count"]},
    )


# ---- people ----
def people(user: User) -> dict[str, Any]:
    """How many people have each role, who never signed in, who is away."""
    counts = User.objects.aggregate(
        active=Count("pk", filter=Q(is_active=True)),
        gone=Count("pk", filter=Q(is_active=False)),
        fresh=Count("pk", filter=Q(is_active=True, last_login=None)),
    )
    by_role = dict(
        Group.objects.filter(name__in=Role.values)
        .annotate(people=Count("user", filter=Q(user__is_active=True)))
        .values_list("name", "people")
    )
    url = reverse("users:people")
    new = Action(_("New person"), reverse("users:person_new"), "plus", permission="users.manage_users")
    return CardContext(
        rows=[
            Todo(title=str(role.label), url=f"{url}?role={role.value}", figure=str(by_role.get(role.value, 0)))
            for role in Role
        ],
        url=url,
        tiles=[
            Tile(
                _("People"),
                str(counts["active"]),
                f"{url}?access=yes",
                8,
                notes=[_("%(gone)d without access") % counts],
            ),
            Tile(_("Never signed in"), str(counts["fresh"]), url, 9, notes=[_("among those with access")]),
        ],
        actions=[new],
    ).as_dict()


def away(user: User) -> dict[str, Any]:
    """Who is away today or soon, and who decides in their place."""
    today = timezone.localdate()
    rows = (
        Delegation.objects.filter(revoked_at=None, last_day__gte=today)
        .select_related("giver", "taker")
        .order_by("first_day", "pk")
    )
    shown = list(rows[:MOST_SHOWN])
    gone = sum(one.first_day <= today for one in shown)
    words = ngettext("%(count)d person is away today.", "%(count)d people are away today.", gone) % {"count": gone}
    return CardContext(
        says=[words] if gone else [],
        rows=[
            Todo(
                title=str(one.giver),
                url=one.giver.get_absolute_url(),
                sub=_("%(name)s decides") % {"name": one.taker} + (f", {one.reason}" if one.reason else ""),
                icon="swap",
                figure=day_text(one.first_day) if one.first_day > today else _("today"),
                note=_("until %(day)s") % {"day": day_text(one.last_day)},
            )
            for one in shown
        ],
        empty=Empty(_("Nobody is away"), _("Delegations of decisions appear here."), icon="check"),
    ).as_dict()
