"""The way in, for a page as for the API: password, then code; each try is counted and written down."""

from django.contrib.auth import authenticate
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django_otp.plugins.otp_totp.models import TOTPDevice

from salesops.users.models import User
from salesops.users.secondfactor.codes import may_be_one
from salesops.users.secondfactor.services import is_of_the_app, use_code

from .events import where_of, write_event
from .models import Outcome
from .throttle import Barred, take_code_try, take_password_try


def try_password(request: HttpRequest, name: str, password: str) -> User | None:
    """Return who signs in by this pair, None for a wrong one. The person is not in yet: a code may be needed.

    Raises Barred where too many tries were made, also when this wrong one was the last. Nothing tells whether the name
    or the password was wrong.
    """
    where = where_of(request)
    try:
        attempt = take_password_try(name, where.address)
    except Barred:
        write_event(Outcome.BARRED, user=_named(name), name=name, where=where)
        raise
    user = _still_so(authenticate(request, username=name, password=password))
    if user is None:
        write_event(Outcome.WRONG_PASSWORD, user=_named(name), name=name, where=where)
        attempt.require_some_left()
        return None
    attempt.give_back()
    return user


def try_code(request: HttpRequest, user: User, code: str) -> TOTPDevice | None:
    """Return the device of somebody whose code, or recovery code, is right; None for a wrong one. Raises Barred."""
    where = where_of(request)
    try:
        attempt = take_code_try(user.username, where.address)
    except Barred:
        write_event(Outcome.BARRED, user=user, where=where)
        raise
    opened = use_code(user.pk, code)
    if opened is None:
        write_event(Outcome.WRONG_CODE, user=user, where=where)
        attempt.require_some_left()
        return None
    attempt.give_back()
    device, means = opened
    if means == "recovery":
        write_event(Outcome.RECOVERY_CODE, user=user, where=where)
    return device


def confirm_password(request: HttpRequest, user: User, password: str) -> bool:
    """Whether it is the password of somebody who is signed in; counted, for the session may be stolen."""
    where = where_of(request)
    attempt = take_password_try(user.username, where.address)
    if not user.check_password(password):
        write_event(Outcome.WRONG_PASSWORD, user=user, where=where)
        attempt.require_some_left()
        return False
    attempt.give_back()
    return True


def confirm_proof(request: HttpRequest, user: User, proof: str) -> bool:
    """Whether somebody who is signed in said their password, a code of the app, or a recovery code. Raises Barred.

    A code is used up, counted and written down as at sign-in. What may be a recovery code counts as a try of the
    password as well: which of the two was meant, only the right one tells.
    """
    if is_of_the_app(proof):
        return try_code(request, user, proof) is not None
    if not may_be_one(proof):
        return confirm_password(request, user, proof)
    attempt = take_password_try(user.username, where_of(request).address)
    if user.check_password(proof) or try_code(request, user, proof) is not None:
        attempt.give_back()
        return True
    attempt.require_some_left()
    return False


def _still_so(checked: AbstractBaseUser | None) -> User | None:
    """The person as they are now; None where the password was changed while the old one was being checked."""
    return User.objects.filter(pk=checked.pk, password=checked.password).first() if checked else None


def _named(name: str) -> User | None:
    return User.objects.filter(username=name).first()
