"""Writing down what happened at the door."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone

from salesops.users.models import User
from salesops.web.proxies import address_in

from .models import LONGEST_BROWSER, Outcome, SignInEvent

SHOWN_OF_STRANGERS = 2


@dataclass(frozen=True)
class Where:
    """From where somebody came: the client's address and what its browser calls itself."""

    address: str | None = None
    browser: str = ""


NOWHERE = Where()
"""For what no request did: a command, a task."""


def where_of(request: HttpRequest | None) -> Where:
    """Return from where a request came."""
    if request is None:
        return NOWHERE
    address = address_in(request.META.get("REMOTE_ADDR", ""))
    browser = "".join(sign for sign in request.headers.get("User-Agent", "") if sign.isprintable())
    return Where(str(address) if address else None, browser[:LONGEST_BROWSER])


def write_event(
    outcome: Outcome,
    *,
    user: User | None = None,
    name: str = "",
    where: Where = NOWHERE,
    by: User | None = None,
    note: str = "",
) -> SignInEvent:
    """Write down what happened. `by` is who did it where it was not the person.

    A name that is nobody's may be a password in the wrong field: only its first signs are kept.
    """
    return SignInEvent.objects.create(
        outcome=outcome,
        user=user,
        name=user.username if user else shortened(name),
        by=by if by is not None and by.pk != getattr(user, "pk", None) else None,
        address=where.address,
        browser=where.browser,
        note=note[:200],
    )


def shortened(name: str) -> str:
    """Return so much of a stranger's name as tells two mistakes apart, and no more than half of it."""
    shown = min(SHOWN_OF_STRANGERS, len(name) // 2)
    return f"{name[:shown]}…" if name else ""


@transaction.atomic
def forget_old_events() -> int:
    """Remove what happened more than SIGN_INS_KEPT_DAYS ago; return how much."""
    limit = timezone.now() - timedelta(days=settings.SIGN_INS_KEPT_DAYS)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL salesops.forgetting = 'on'")
        removed = SignInEvent.objects.filter(at__lt=limit).delete()[0]
        cursor.execute("SET LOCAL salesops.forgetting = 'off'")
    return removed
