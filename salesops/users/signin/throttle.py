"""How often somebody may try: counted by name, by address, and by both together, in the database.

A try is taken before the password is looked at, so that a hundred at once are a hundred tries. What was typed is kept
as a keyed digest only. docs/security.md says what each limit is for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_network

from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from salesops.web.proxies import address_in

from .models import Outcome, SignInEvent, TryCount

QUARTER = timedelta(minutes=15)
KNOWN_FOR = timedelta(days=30)
"""So long an address from which somebody has signed in counts as one of theirs."""


@dataclass(frozen=True)
class Limit:
    """So many tries within a window that opens with the first."""

    kind: str
    most: int
    window: timedelta


PASSWORD_HERE = Limit("password here", 5, QUARTER)
PASSWORD_ANYWHERE = Limit("password anywhere", 20, QUARTER)
CODE_HERE = Limit("code here", 5, QUARTER)
CODE_ANYWHERE = Limit("code anywhere", 10, timedelta(hours=1))
FROM_ADDRESS = Limit("from address", 50, QUARTER)


class Barred(Exception):
    """Too many tries; `seconds` says for how long nothing is looked at any more."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(frozen=True)
class Try:
    """One try: the counters that it was added to, and until when the nearest of them is full, if one is."""

    here: str
    others: tuple[str, ...]
    full_until: datetime | None

    def require_some_left(self) -> None:
        """Raise Barred when this was the last try."""
        if self.full_until is not None:
            raise Barred(_seconds_until(self.full_until))

    def give_back(self) -> None:
        """It was the right one: the counter of this name from this address starts anew, the others forget this try."""
        TryCount.objects.filter(digest=self.here).delete()
        _give_back(self.others)


def take_password_try(name: str, address: str | None) -> Try:
    """Count a try of a password for a user name. Raises Barred where too many were made before."""
    return _take(PASSWORD_HERE, PASSWORD_ANYWHERE, name.strip().lower(), address)


def take_code_try(name: str, address: str | None) -> Try:
    """The same for a code of the second factor."""
    return _take(CODE_HERE, CODE_ANYWHERE, name.strip().lower(), address)


def _take(here: Limit, anywhere: Limit, name: str, address: str | None) -> Try:
    place = place_of(address)
    counters = {_digest(here, name, place): here, _digest(anywhere, name): anywhere}
    if place:
        counters[_digest(FROM_ADDRESS, place)] = FROM_ADDRESS
    counts = _count(counters)
    if counts[_digest(anywhere, name)][0] >= anywhere.most and _is_known(name, address):
        del counts[_digest(anywhere, name)]
    over = [ends for digest, (tries, ends) in counts.items() if tries > counters[digest].most]
    if over:
        raise Barred(_seconds_until(max(over)))
    full = [ends for digest, (tries, ends) in counts.items() if tries == counters[digest].most]
    own, *others = counters
    return Try(own, tuple(others), max(full, default=None))


def place_of(address: str | None) -> str:
    """Return what counts as one address: an IPv6 client owns a whole /64 and could change within it at will."""
    found = address_in(address or "")
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False))
    return str(found or "")


def forget_ended_counts() -> int:
    """Remove the counters whose window has passed; return how many."""
    return TryCount.objects.filter(ends_at__lt=timezone.now()).delete()[0]


def _is_known(name: str, address: str | None) -> bool:
    """Whether the person of that name has signed in from this very address lately: a stranger's tries bar strangers."""
    since = timezone.now() - KNOWN_FOR
    earlier = SignInEvent.objects.filter(outcome=Outcome.SIGNED_IN, address=address, at__gte=since)
    return bool(address) and earlier.filter(user__username__iexact=name).exists()


def _digest(limit: Limit, *parts: str) -> str:
    text = "\n".join((limit.kind, *parts))
    return salted_hmac("salesops.users.signin.throttle", text, algorithm="sha256").hexdigest()


def _count(counters: dict[str, Limit]) -> dict[str, tuple[int, datetime]]:
    """Add one to each counter, at once and in one order; return its tries and the end of its window."""
    now = timezone.now()
    rows = [(digest, now + limit.window) for digest, limit in sorted(counters.items())]
    values = ", ".join(["(%s, 1, %s)"] * len(rows))
    statement = f"""
        INSERT INTO users_trycount AS kept (digest, tries, ends_at) VALUES {values}
        ON CONFLICT (digest) DO UPDATE SET
            tries = CASE WHEN kept.ends_at <= %s THEN 1 ELSE kept.tries + 1 END,
            ends_at = CASE WHEN kept.ends_at <= %s THEN EXCLUDED.ends_at ELSE kept.ends_at END
        RETURNING digest, tries, ends_at
    """  # noqa: S608  nothing but placeholders is put in
    with connection.cursor() as cursor:
        cursor.execute(statement, [*(one for row in rows for one in row), now, now])
        return {digest: (tries, ends) for digest, tries, ends in cursor.fetchall()}


def _give_back(digests: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE users_trycount SET tries = tries - 1 WHERE tries > 0 AND digest IN"
            " (SELECT digest FROM users_trycount WHERE digest = ANY(%s) ORDER BY digest FOR UPDATE)",
            [list(digests)],
        )


def _seconds_until(moment: datetime) -> int:
    return max(int((moment - timezone.now()).total_seconds()) + 1, 1)
