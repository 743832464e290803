"""An agent's people: invited by a link that works once, for a while; of that agent only; ended and given again."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer, Invitation
from customers.portal.models import InvitationState
from customers.portal.services import (
    MOST_AN_HOUR,
    MOST_TIMES_SENT,
    digest_of,
    end_access_of,
    invite_person,
    join,
    revoke_invitation,
    send_again,
)
from salesops.kernel.errors import RuleBroken
from salesops.notify.models import MailState, OutgoingMail
from salesops.notify.sending import send_due_mails
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.build import make_customer, make_user

pytestmark = pytest.mark.django_db

PASSWORD = "a long first one"


@pytest.fixture
def rep() -> User:
    return make_user(Role.REPRESENTATIVE)


@pytest.fixture
def customer(rep: User) -> Customer:
    return make_customer(representative=rep)


def invite(customer: Customer, by: User, email: str = "fang@example.com", **more: Any) -> tuple[Invitation, str]:
    """Invite somebody; return the word of the link as well."""
    invitation = invite_person(customer.pk, by=by, email=email, full_name="Wang Fang", **more)
    return invitation, OutgoingMail.objects.latest("pk").secret


def joined(customer: Customer, by: User, email: str = "fang@example.com", **more: Any) -> User:
    """Somebody who was invited and has come."""
    return join(invite(customer, by, email, **more)[1], full_name="Wang Fang", password=PASSWORD)


def url(name: str, *args: Any) -> str:
    return reverse(f"customers:{name}", args=args)


# ---- joining ----
def test_the_link_makes_an_agent_of_that_customer_and_nothing_else(client: Client, customer: Customer, rep: User):
    _invitation, word = invite(customer, rep)
    assert b"fang@example.com" in client.get(url("join", word)).content
    sent = {
        "full_name": "Wang Fang",
        "new_password1": PASSWORD,
        "new_password2": PASSWORD,
        "roles": "administrator",
        "customer": make_customer().pk,
        "is_superuser": "1",
    }
    response = client.post(url("join", word), sent)
    assert (response.status_code, response["Location"]) == (302, "/")
    person = User.objects.get(username="fang@example.com")
    assert (person.roles, person.customer_id, person.is_superuser) == (frozenset({"agent"}), customer.pk, False)
    assert client.get("/").status_code == 200
    assert client.get(customer.get_absolute_url()).status_code == 200


def test_the_second_click_is_told_and_makes_nobody(client: Client, customer: Customer, rep: User):
    _invitation, word = invite(customer, rep)
    join(word, full_name="Wang Fang", password=PASSWORD)
    people = User.objects.count()
    for answer in (client.get(url("join", word)), client.post(url("join", word), {"full_name": "x"})):
        assert (answer.status_code, b"used already" in answer.content) == (410, True)
    with pytest.raises(RuleBroken):
        join(word, full_name="Other", password=PASSWORD)
    assert User.objects.count() == people


def test_a_link_ends_after_seven_days(client: Client, customer: Customer, rep: User):
    invitation, word = invite(customer, rep)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(url("join", word)).status_code == 410
    with pytest.raises(RuleBroken):
        join(word, full_name="x", password=PASSWORD)
    assert not User.objects.filter(customer=customer).exists()
    invitation.refresh_from_db()
    assert invitation.state == InvitationState.EXPIRED


def test_a_revoked_link_opens_nothing(client: Client, customer: Customer, rep: User):
    invitation, word = invite(customer, rep)
    revoke_invitation(invitation.pk, by=rep)
    assert client.get(url("join", word)).status_code == 410
    with pytest.raises(RuleBroken):
        revoke_invitation(invitation.pk, by=rep)


def test_sent_again_the_link_before_is_not_there_any_more(client: Client, customer: Customer, rep: User):
    invitation, before = invite(customer, rep)
    send_again(invitation.pk, by=rep)
    assert client.get(url("join", before)).status_code == 404
    assert client.get(url("join", OutgoingMail.objects.latest("pk").secret)).status_code == 200
    Invitation.objects.update(times_sent=MOST_TIMES_SENT)
    with pytest.raises(RuleBroken, match="was sent"):
        send_again(invitation.pk, by=rep)


def test_only_the_hash_of_a_link_is_kept_once_the_mail_has_left(customer: Customer, rep: User, settings: Any):
    settings.EMAIL_URL = "memory://"
    invitation, word = invite(customer, rep)
    assert invitation.digest == digest_of(word)
    assert send_due_mails() == 1
    assert word in mail.outbox[0].body
    kept = OutgoingMail.objects.get()
    assert (kept.state, kept.secret, word in kept.body) == (MailState.SENT, "", False)
    assert not Invitation.objects.filter(digest__contains=word).exists()


def test_an_invitation_ends_with_the_access_of_who_sent_it(customer: Customer, rep: User):
    _invitation, word = invite(customer, rep)
    User.objects.filter(pk=rep.pk).update(is_active=False)
    with pytest.raises(RuleBroken):
        join(word, full_name="x", password=PASSWORD)


def test_a_weak_password_makes_nobody(client: Client, customer: Customer, rep: User):
    _invitation, word = invite(customer, rep)
    weak = {"full_name": "x", "new_password1": "12345", "new_password2": "12345"}
    assert client.post(url("join", word), weak).status_code == 422
    assert not User.objects.filter(customer=customer).exists()


# ---- inviting ----
def test_an_address_that_is_somebodys_is_refused_in_the_same_words_whoever_has_it(customer: Customer, rep: User):
    make_user(Role.FINANCE, email="money@example.com")
    another = make_user()
    invite(make_customer(representative=another), another, "elsewhere@example.com")
    words = set()
    for email in ("Money@example.com", "ELSEWHERE@example.com"):
        with pytest.raises(RuleBroken) as refused:
            invite(customer, rep, email)
        words.add(str(refused.value.message))
    assert len(words) == 1
    assert not Invitation.objects.filter(customer=customer).exists()


def test_an_expired_invitation_elsewhere_holds_no_address(customer: Customer, rep: User):
    another = make_user()
    invite(make_customer(representative=another), another)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert invite(customer, rep)[0].state == InvitationState.OPEN


def test_nobody_sends_more_than_so_many_within_an_hour(customer: Customer, rep: User):
    for number in range(MOST_AN_HOUR):
        invite(customer, rep, f"n{number}@example.com")
    with pytest.raises(RuleBroken, match="within the hour"):
        invite(customer, rep, "more@example.com")
    with pytest.raises(RuleBroken, match="within the hour"):
        send_again(Invitation.objects.latest("pk").pk, by=rep)
    assert OutgoingMail.objects.count() == MOST_AN_HOUR


def test_a_responsible_person_invites_colleagues_of_the_own_account_only(client: Client, customer: Customer, rep: User):
    first = joined(customer, rep, is_responsible=True)
    client.force_login(first)
    sent = {"full_name": "Li", "email": "li@example.com", "language": "en"}
    assert client.post(url("person_invitation", customer.code), sent).status_code == 302
    assert Invitation.objects.get(email="li@example.com").customer == customer
    other = make_customer()
    assert client.post(url("person_invitation", other.code), {**sent, "email": "x@example.com"}).status_code == 404
    with pytest.raises(RuleBroken):
        invite(other, first, "x@example.com")
    assert not Invitation.objects.filter(customer=other).exists()


def test_other_people_of_the_agent_invite_nobody(client: Client, customer: Customer, rep: User):
    second = joined(customer, rep)
    client.force_login(second)
    sent = {"full_name": "Li", "email": "li@example.com", "language": "en"}
    assert client.post(url("person_invitation", customer.code), sent).status_code == 403
    assert client.post(url("person_access_end", customer.code, second.pk)).status_code == 403
    with pytest.raises(RuleBroken):
        invite(customer, second, "li@example.com")
    assert not Invitation.objects.filter(email="li@example.com").exists()


# ---- access ----
def test_access_that_ends_ends_the_session_and_may_be_given_again(customer: Customer, rep: User):
    make_user(Role.ADMINISTRATOR)
    person = joined(customer, rep)
    theirs, ours = Client(), Client()
    theirs.force_login(person)
    ours.force_login(rep)
    assert theirs.get("/").status_code == 200
    assert ours.post(url("person_access_end", customer.code, person.pk)).status_code == 302
    assert theirs.get("/").status_code == 302
    assert not theirs.login(username=person.username, password=PASSWORD)
    assert ours.post(url("person_access", customer.code, person.pk)).status_code == 302
    person.refresh_from_db()
    assert person.is_active


def test_nobody_ends_the_access_of_people_who_are_not_the_customers(customer: Customer, rep: User):
    for person in (make_user(Role.FINANCE), make_user(Role.AGENT, customer=make_customer())):
        with pytest.raises(RuleBroken):
            end_access_of(customer.pk, person.pk, by=rep)
        person.refresh_from_db()
        assert person.is_active


@pytest.mark.parametrize("role", [Role.REPRESENTATIVE, Role.SUPERVISOR, Role.REGIONAL_MANAGER, Role.AGENT])
def test_people_out_of_scope_are_not_found_and_not_changed(client: Client, customer: Customer, rep: User, role: str):
    person = joined(customer, rep)
    invitation, _word = invite(customer, rep, "li@example.com")
    far = joined(make_customer(representative=rep), rep, "far@example.com", is_responsible=True)
    client.force_login(far if role == Role.AGENT else make_user(role))
    for address in (
        url("person_invitation", customer.code),
        url("person_access_end", customer.code, person.pk),
        url("person_access", customer.code, person.pk),
        url("invitation_sending", invitation.pk),
        url("invitation_revocation", invitation.pk),
        reverse("web:panel", args=["customer", "people", customer.code]),
    ):
        asked = [client.get(address)] if "panel" in address else [client.post(address, {"email": "x@example.com"})]
        assert [answer.status_code for answer in asked] == [404], address
    person.refresh_from_db()
    invitation.refresh_from_db()
    assert (person.is_active, invitation.state, invitation.times_sent) == (True, InvitationState.OPEN, 1)


# ---- the panel ----
def test_the_customers_page_shows_people_and_invitations(client: Client, customer: Customer, rep: User):
    joined(customer, rep)
    invite(customer, rep, "li@example.com")
    client.force_login(rep)
    shown = client.get(reverse("web:panel", args=["customer", "people", customer.code])).content.decode()
    for words in ("fang@example.com", "never signed in", "li@example.com", "Send again", "Revoke", "End access"):
        assert words in shown


def test_an_invitation_stands_in_the_customers_history(client: Client, customer: Customer, rep: User):
    invite(customer, rep, "li@example.com")
    client.force_login(rep)
    shown = client.get(reverse("web:panel", args=["customer", "history", customer.code])).content.decode()
    assert "li@example.com" in shown
