"""Giving out tokens, taking them back, and finding whose a secret is."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from secrets import token_hex, token_urlsafe

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from salesops.kernel.errors import found, require
from salesops.users.models import User
from salesops.users.secondfactor.queries import with_second_factor
from salesops.users.signin.events import NOWHERE, Where, write_event
from salesops.users.signin.models import Outcome
from salesops.web.history import recorded

from .models import Token

MOST_TOKENS = 50
"""Live tokens of one person; more are forgotten ones."""
NOTED_EVERY = timedelta(minutes=5)
"""How exact `last_used_at` is: a busy program does not write on every request."""


@dataclass(frozen=True)
class NewToken:
    """A token that was just made, and its secret, which nobody can show again."""

    token: Token
    secret: str


@transaction.atomic
@recorded
def create_token(*, by: User, name: str = "", where: Where = NOWHERE) -> NewToken:
    """Give a person a token that acts as them; returns it with its secret, which is not kept.

    It stands in the record of sign-ins.

    Raises RuleBroken without access, where the person has MOST_TOKENS already, and where the password is no longer the
    one that `by` came in with: the tokens of that one have just been ended.
    """
    person = User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    require(person.is_active, _("You have no access any more."), rule="access")
    require(person.password == by.password, _("Your password is changed."), rule="password")
    require(
        person.tokens.live().count() < MOST_TOKENS,
        _("You have %(most)d tokens already. Revoke those that nobody uses.") % {"most": MOST_TOKENS},
        rule="tokens",
        allowed=MOST_TOKENS,
    )
    prefix = f"so_{token_hex(4)}"
    while person.tokens.filter(prefix=prefix).exists():
        prefix = f"so_{token_hex(4)}"
    secret = f"{prefix}_{token_urlsafe(32)}"
    token = Token.objects.create(
        user=person, name=name.strip()[:60] or _("Token"), prefix=prefix, digest=digest_of(secret)
    )
    write_event(Outcome.TOKEN_MADE, user=person, where=where, note=f"{token.prefix} {token.name}")
    return NewToken(token, secret)


@transaction.atomic
@recorded
def revoke_token(token_id: int, *, by: User, where: Where = NOWHERE) -> Token:
    """End one's own token at once; RuleBroken where it is somebody else's or revoked already."""
    rows = Token.objects.select_for_update(of=("self",)).filter(pk=token_id, user=by)
    token = found(rows.first(), _("This is not your token."))
    require(token.revoked_at is None, _("It is revoked already."), rule="state")
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    write_event(Outcome.TOKEN_REVOKED, user=by, where=where, note=f"{token.prefix} {token.name}")
    return token


def revoke_all_tokens(user_id: int) -> None:
    """End every token of a person: the password that vouched for them has changed, or the access has ended."""
    Token.objects.filter(user=user_id, revoked_at=None).update(revoked_at=timezone.now())


def token_of(secret: str) -> Token | None:
    """Return the live token with this secret, with its person; None where it opens nothing. Notes its use."""
    token = Token.objects.live().filter(digest=digest_of(secret)).first()
    if token is not None:
        token.user = with_second_factor(User.objects.all()).get(pk=token.user_id)
        _note_use(token)
    return token


def _note_use(token: Token) -> None:
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - NOTED_EVERY:
        before = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_EVERY)
        Token.objects.filter(before, pk=token.pk).update(last_used_at=now)


def digest_of(secret: str) -> str:
    """Return what is kept of a secret: it is long and random, so a plain SHA-256 cannot be guessed backwards."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
