"""Between password and code: what the session remembers of somebody who is not in yet."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from salesops.users.models import User

KEY = "halfway_in"
KEPT = timedelta(minutes=10)


def remember(request: HttpRequest, user: User, next_url: str) -> None:
    """Remember who knew the password, in a session of a new key; for every page they are still a visitor."""
    request.session.flush()
    request.session[KEY] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "until": (timezone.now() + KEPT).timestamp(),
        "next": next_url,
    }


def person_of(request: HttpRequest) -> User | None:
    """Return who is halfway in; nobody after ten minutes, a change of the password, or the end of access."""
    kept = request.session.get(KEY)
    if not kept or kept["until"] < timezone.now().timestamp():
        return None
    person = User.objects.filter(pk=kept["user"], is_active=True).first()
    if person is None or not constant_time_compare(kept["hash"], person.get_session_auth_hash()):
        return None
    return person


def next_of(request: HttpRequest) -> str:
    """Return where the person was going."""
    return str(request.session.get(KEY, {}).get("next", "/"))


def forget(request: HttpRequest) -> None:
    """Let the person begin again with the password."""
    request.session.pop(KEY, None)
