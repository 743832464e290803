"""How each person wants to be told: by kind, with quiet hours and an hour for the digest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time

from django.db import transaction
from django.utils.translation import gettext as _

from salesops.kernel.errors import require
from salesops.users.models import User

from .models import Email, MailSettings, NoticePreference
from .registry import NoticeKind, notice_kinds


@dataclass(frozen=True)
class Wish:
    """How a person wants a kind of notice: in the bell or not, and how by e-mail."""

    in_app: bool
    email: str


@dataclass(frozen=True)
class QuietHours:
    """From when until when no mail is wanted, on the company's clock; may pass midnight."""

    start: time
    end: time


def usual_wish(kind: NoticeKind) -> Wish:
    """Return what holds for people who said nothing about a kind."""
    return Wish(in_app=True, email=Email.NOW if kind.email_by_default else Email.OFF)


def wishes_for(kind: NoticeKind, people: Iterable[User]) -> dict[int, Wish]:
    """Return how each person wants notices of a kind, by the person's id; nobody is mailed who has no address."""
    by_id = {user.pk: user for user in people}
    said = NoticePreference.objects.filter(kind=kind.key, user__in=list(by_id))
    wishes = dict.fromkeys(by_id, usual_wish(kind))
    wishes |= {user_id: Wish(in_app, email) for user_id, in_app, email in said.values_list("user", "in_app", "email")}
    return {pk: wish if by_id[pk].email else Wish(wish.in_app, Email.OFF) for pk, wish in wishes.items()}


def wishes_of(user: User) -> dict[str, Wish]:
    """Return how one person wants each kind that may concern them, by kind, in the order of the settings page."""
    said = NoticePreference.objects.filter(user=user).values_list("kind", "in_app", "email")
    chosen = {kind: Wish(in_app, email) for kind, in_app, email in said}
    return {kind.key: chosen.get(kind.key, usual_wish(kind)) for kind in notice_kinds.allowed(user)}


@transaction.atomic
def set_wishes(*, by: User, wishes: Mapping[str, Wish], quiet: QuietHours | None, digest_hour: int) -> None:
    """Keep how a person wants each kind of notice, and when mail may come. Holds for what is told from now on."""
    require(
        quiet is None or quiet.start != quiet.end,
        _("Quiet hours end at another time than they start. To have none, leave both empty."),
        field="quiet_until",
        rule="quiet hours",
    )
    require(0 <= digest_hour <= 23, _("Choose an hour from 0 to 23."), field="digest_hour", rule="hour")
    unknown = set(wishes) - {kind.key for kind in notice_kinds}
    if unknown:
        raise LookupError(f"no notice kinds {sorted(unknown)}")
    NoticePreference.objects.bulk_create(
        [NoticePreference(user=by, kind=kind, in_app=wish.in_app, email=wish.email) for kind, wish in wishes.items()],
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["in_app", "email"],
    )
    MailSettings.objects.update_or_create(
        user=by,
        defaults={
            "quiet_from": quiet.start if quiet else None,
            "quiet_until": quiet.end if quiet else None,
            "digest_hour": digest_hour,
        },
    )
