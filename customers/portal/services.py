"""Every change to an agent's people: invite, send again, revoke, join, end access and give it again."""

import secrets
from datetime import timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.files.models import Customer
from salesops.kernel.errors import found, require
from salesops.notify.outbox import queue_letter
from salesops.users.models import User
from salesops.users.people.services import PersonInput, create_person, deactivate_person, reactivate_person
from salesops.users.roles import Role
from salesops.users.signin.events import NOWHERE, Where
from salesops.web.history import recorded

from .letters import invitation_letter
from .models import Invitation, InvitationState
from .queries import may_look_after

VALID_FOR = timedelta(days=7)
MOST_AN_HOUR = 20
"""So many mails of invitation one person may cause within an hour."""
MOST_TIMES_SENT = 5


@transaction.atomic
@recorded
def invite_person(
    customer_id: int,
    *,
    by: User,
    email: str,
    full_name: str,
    language: str = "en",
    is_responsible: bool = False,
) -> Invitation:
    """Invite somebody to sign in for a customer: a mail leaves with a link that works once, for seven days.

    Raises RuleBroken for an address that signs in already or is invited, and for too many invitations in an hour. An
    address is refused in the same words whoever has it.
    """
    customer = Customer.objects.select_for_update(of=("self",), no_key=True).get(pk=customer_id)
    _require_may(by, customer)
    require(customer.is_active, _("%(name)s is not active any more.") % {"name": customer}, rule="inactive customer")
    email = email.strip().lower()
    Invitation.objects.filter(email__iexact=email).expired(timezone.now()).update(revoked_at=timezone.now())
    own = Invitation.objects.filter(customer=customer, email__iexact=email).unanswered()
    require(
        not own.exists(),
        _("%(email)s is invited already; send that invitation again.") % {"email": email},
        rule="invited",
        field="email",
        email=email,
    )
    _require_free(email)
    _require_not_too_many(by)
    word = _new_word()
    invitation = Invitation.objects.create(
        customer=customer,
        email=email,
        full_name=full_name.strip(),
        language=language,
        is_responsible=is_responsible,
        digest=digest_of(word),
        made_by=by,
        expires_at=timezone.now() + VALID_FOR,
    )
    _send(invitation, word)
    return invitation


@transaction.atomic
@recorded
def send_again(invitation_id: int, *, by: User) -> Invitation:
    """Send an unanswered invitation with a new link for seven days; the link before it opens nothing any more."""
    invitation = _locked(invitation_id, by)
    _require_unanswered(invitation)
    require(
        invitation.times_sent < MOST_TIMES_SENT,
        _("It was sent %(times)d times; revoke it and ask for the right address.") % {"times": invitation.times_sent},
        rule="times sent",
        most=MOST_TIMES_SENT,
    )
    _require_not_too_many(by)
    word = _new_word()
    invitation.digest = digest_of(word)
    invitation.expires_at = timezone.now() + VALID_FOR
    invitation.times_sent += 1
    invitation.save(update_fields=["digest", "expires_at", "times_sent"])
    _send(invitation, word)
    return invitation


@transaction.atomic
@recorded
def revoke_invitation(invitation_id: int, *, by: User) -> Invitation:
    """Let the link of an unanswered invitation open nothing any more."""
    invitation = _locked(invitation_id, by)
    _require_unanswered(invitation)
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    return invitation


@transaction.atomic
def join(word: str, *, full_name: str, password: str) -> User:
    """Make the account that a link invites to: role agent, that customer, never anything else. The link is used up.

    Raises RuleBroken where it was used, revoked or has expired, where who sent it or the customer is not active any
    more, and for a password that is too weak.
    """
    known = found(invitation_called(word), _("This link opens nothing."), rule="invitation")
    customer = Customer.objects.select_for_update(of=("self",), no_key=True).get(pk=known.customer_id)
    invitation = Invitation.objects.select_for_update(of=("self",)).select_related("made_by").get(pk=known.pk)
    require(invitation.digest == digest_of(word), _("This link opens nothing."), rule="invitation")
    require(invitation.state == InvitationState.OPEN, why_not(invitation), rule="invitation")
    require(
        customer.is_active and may_look_after(invitation.made_by, customer),
        _("This invitation does not hold any more; ask for another one."),
        rule="invitation",
    )
    _require_free(invitation.email, besides=invitation)
    given = PersonInput(
        username=invitation.email,
        full_name=full_name,
        email=invitation.email,
        customer_id=customer.pk,
        language=invitation.language,
        roles=frozenset({Role.AGENT}),
    )
    person = create_person(given, by=invitation.made_by, password=password)
    invitation.person, invitation.used_at = person, timezone.now()
    invitation.save(update_fields=["person", "used_at"])
    return person


@transaction.atomic
def end_access_of(customer_id: int, user_id: int, *, by: User, where: Where = NOWHERE) -> User:
    """End the access, sessions and tokens of one of a customer's people. Nobody does it to themselves."""
    return deactivate_person(_person_of(customer_id, user_id, by).pk, by=by, where=where)


@transaction.atomic
def give_access_again(customer_id: int, user_id: int, *, by: User) -> User:
    """Let one of a customer's people sign in again."""
    return reactivate_person(_person_of(customer_id, user_id, by).pk, by=by)


def invitation_called(word: str) -> Invitation | None:
    """Return the invitation whose latest link has this word; None for a word that opens nothing."""
    return Invitation.objects.select_related("customer").filter(digest=digest_of(word)).first()


def why_not(invitation: Invitation) -> str:
    """Say why a link does not open; empty for one that does."""
    return {
        InvitationState.OPEN: "",
        InvitationState.USED: _("This link was used already: sign in with the password that you chose."),
        InvitationState.REVOKED: _("This invitation was taken back; ask for another one."),
        InvitationState.EXPIRED: _("This link was valid for seven days; ask for another one."),
    }[invitation.state]


def digest_of(word: str) -> str:
    """Return what is kept of a link: its word has 256 random bits and needs no salt."""
    return sha256(word.encode()).hexdigest()


def _new_word() -> str:
    return secrets.token_urlsafe(32)


def _send(invitation: Invitation, word: str) -> None:
    letter = invitation_letter(invitation, word)
    queue_letter(invitation.email, letter.subject, letter.body, secret=word)


def _locked(invitation_id: int, by: User) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("customer")
    invitation: Invitation = rows.get(pk=invitation_id)
    _require_may(by, invitation.customer)
    return invitation


def _person_of(customer_id: int, user_id: int, by: User) -> User:
    customer = Customer.objects.get(pk=customer_id)
    _require_may(by, customer)
    return found(
        User.objects.filter(pk=user_id, customer=customer).first(),
        _("Nobody of %(customer)s is called that.") % {"customer": customer},
        rule="person",
    )


def _require_may(by: User, customer: Customer) -> None:
    require(
        may_look_after(by, customer),
        _("Only the responsible person of %(customer)s looks after its people.") % {"customer": customer},
        rule="responsible",
    )


def _require_unanswered(invitation: Invitation) -> None:
    require(
        invitation.used_at is None and invitation.revoked_at is None,
        _("This invitation is answered or taken back already."),
        rule="state",
        state=invitation.state,
    )


def _require_free(email: str, besides: Invitation | None = None) -> None:
    """Refuse an address that is somebody's, in words that do not tell whose or whether it is."""
    others = Invitation.objects.filter(email__iexact=email).unanswered()
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    taken = User.objects.filter(email__iexact=email) | User.objects.filter(username__iexact=email)
    require(
        not taken.exists() and not others.exists(),
        _("This address cannot be invited; use another one."),
        rule="address",
        field="email",
    )


def _require_not_too_many(by: User) -> None:
    """Count the mails that somebody caused within the hour; who sends is locked, so that two at once are counted."""
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    since = timezone.now() - timedelta(hours=1)
    sent = Invitation.pgh_event_model.objects.filter(  # type: ignore[attr-defined]
        pgh_created_at__gte=since, pgh_context__metadata__user=by.pk, used_at=None, revoked_at=None
    ).count()
    require(
        sent < MOST_AN_HOUR,
        ngettext(
            "%(count)d invitation was sent within the hour; wait a little.",
            "%(count)d invitations were sent within the hour; wait a little.",
            sent,
        )
        % {"count": sent},
        rule="too many",
        most=MOST_AN_HOUR,
    )
