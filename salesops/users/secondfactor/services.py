"""Every change to second factors."""

from collections.abc import Iterable
from typing import Literal

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from salesops.kernel.errors import found, require
from salesops.users.models import User
from salesops.users.people.hooks import tell_access_changed
from salesops.users.roles import Role
from salesops.users.signin.events import NOWHERE, Where, write_event
from salesops.users.signin.models import Outcome
from salesops.web.history import recorded

from .codes import digest_of, new_codes
from .hooks import after_reset
from .models import RecoveryCode, SecondFactorRole

DIGITS = 6
Means = Literal["app", "recovery"]


@transaction.atomic
def confirm_set_up(user_id: int, begun: TOTPDevice | None, code: str, *, where: Where = NOWHERE) -> list[str]:
    """Make the device that a session has begun somebody's second factor; return ten recovery codes, to be shown once.

    Every session and token of the person ends, for they were opened without it. Raises RuleBroken for a wrong code, and
    where the session has begun none; the device is not saved then.
    """
    person = _lock(user_id)
    require(_device(user_id) is None, _("You have a second factor. End it before you set up another."), rule="state")
    device = found(
        begun,
        _("This was not begun here, or more than an hour ago. Show the app the new picture, and type its code."),
        rule="state",
    )
    assert device.user_id == user_id
    device.save()
    require(
        device.verify_token(_figures(code)),
        _("This is not the code that the app shows now. Does the clock of your phone run right?"),
        field="code",
        rule="code",
    )
    codes = _give_codes(person)
    _end_what_was_open(person)
    write_event(Outcome.FACTOR_SET_UP, user=person, where=where)
    return codes


@transaction.atomic
def use_code(user_id: int, code: str) -> tuple[TOTPDevice, Means] | None:
    """Return somebody's device and by what means a code opened, None for a wrong one. Each code opens once.

    The person is locked: of two who send the same code at once, one is let in.
    """
    _lock(user_id)
    device = _device(user_id)
    if device is None:
        return None
    if is_of_the_app(code):
        return (device, "app") if device.verify_token(_figures(code)) else None
    used = RecoveryCode.objects.filter(user=user_id, digest=digest_of(code, user_id), used_at=None)
    return (device, "recovery") if used.update(used_at=timezone.now()) else None


def is_of_the_app(code: str) -> bool:
    """Whether a code is such as the app shows; every other could only be a recovery code."""
    return _figures(code).isdigit() and len(_figures(code)) == DIGITS


@transaction.atomic
def renew_codes(user_id: int, *, where: Where = NOWHERE) -> list[str]:
    """Return ten new recovery codes, to be shown once; the old ones open nothing any more."""
    person = _lock(user_id)
    require(_device(user_id), _("Set up a second factor first."), rule="state")
    codes = _give_codes(person)
    write_event(Outcome.CODES_RENEWED, user=person, where=where)
    return codes


@transaction.atomic
def end_second_factor(user_id: int, *, where: Where = NOWHERE) -> User:
    """Let somebody sign in without a second factor again; their sessions and tokens end. The caller asks who it is."""
    person = _lock(user_id)
    require(_device(user_id), _("You have no second factor."), rule="state")
    _remove(person)
    write_event(Outcome.FACTOR_ENDED, user=person, where=where)
    return person


@transaction.atomic
@recorded
def reset_second_factor(user_id: int, *, by: User | None, reason: str, where: Where = NOWHERE) -> User:
    """End the second factor of somebody who lost it, and tell them. Nobody does it to themselves; None is a command."""
    person = _lock(user_id)
    require(
        by is None or by.pk != user_id,
        _("Nobody resets their own second factor; end it under your own name, or ask another administrator."),
        rule="own second factor",
    )
    require(reason.strip(), _("Say why: it stands in the record."), field="reason", rule="reason")
    require(_device(user_id), _("%(name)s has no second factor.") % {"name": person}, rule="state")
    _remove(person)
    write_event(Outcome.FACTOR_RESET, user=person, where=where, by=by, note=reason.strip())
    for tell in after_reset:
        tell(person, by, reason.strip())
    return person


@transaction.atomic
@recorded
def require_second_factor(*, by: User, of: Iterable[str] = (), no_longer_of: Iterable[str] = ()) -> None:
    """Say which roles must sign in with a second factor; who has one of them and none is led to set it up at once."""
    required, released = set(of), set(no_longer_of)
    require(required | released <= set(Role.values), _("There is no such role or right."), rule="right")
    groups = {group.name: group for group in Group.objects.select_for_update().order_by("pk")}
    for name in sorted(required):
        SecondFactorRole.objects.get_or_create(group=groups[name])
    SecondFactorRole.objects.filter(group__name__in=released).delete()


def end_sessions(user_id: int) -> None:
    """End every session of somebody, wherever it is open; belongs into the transaction of what it follows from."""
    User.objects.filter(pk=user_id).update(session_round=F("session_round") + 1)


def _lock(user_id: int) -> User:
    return User.objects.select_for_update(of=("self",), no_key=True).get(pk=user_id)


def _device(user_id: int) -> TOTPDevice | None:
    return TOTPDevice.objects.select_for_update().filter(user=user_id, confirmed=True).first()


def _remove(person: User) -> None:
    TOTPDevice.objects.filter(user=person).delete()
    RecoveryCode.objects.filter(user=person).delete()
    _end_what_was_open(person)


def _end_what_was_open(person: User) -> None:
    """End sessions and whatever else was opened before: a token that the password alone has given, too."""
    end_sessions(person.pk)
    tell_access_changed(person.pk)
    person.refresh_from_db(fields=["session_round"])


def _give_codes(person: User) -> list[str]:
    RecoveryCode.objects.filter(user=person).delete()
    codes = new_codes()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=person, digest=digest_of(code, person.pk)) for code in codes)
    return codes


def _figures(code: str) -> str:
    """A code as the app means it: people type the gap that it shows."""
    return "".join(code.split())
