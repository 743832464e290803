"""An agent's people over the API: as the page, with the same rights, scope and refusals; no answer has a link."""

from typing import Any

import pytest
from django.test import Client

from customers.models import Customer, Invitation
from customers.portal.models import InvitationState
from customers.portal.services import invite_person, join
from salesops.notify.models import OutgoingMail
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.build import make_customer, make_user
from tests.support.program import Program, made
from tests.support.queries import queries_of

pytestmark = pytest.mark.django_db

PASSWORD = "a long first one"
LI = {"full_name": "Li Na", "email": "li@example.com"}


@pytest.fixture
def rep() -> User:
    return make_user(Role.REPRESENTATIVE)


@pytest.fixture
def customer(rep: User) -> Customer:
    return make_customer(representative=rep)


def joined(customer: Customer, by: User, email: str, **more: Any) -> User:
    """Somebody who was invited and has come."""
    invite_person(customer.pk, by=by, email=email, full_name=email.partition("@")[0], **more)
    return join(OutgoingMail.objects.latest("pk").secret, full_name=email, password=PASSWORD)


def of(customer: Customer, what: str) -> str:
    return f"customers/{customer.code}/{what}/"


def test_somebody_is_invited_listed_and_taken_back(customer: Customer, rep: User) -> None:
    program = Program(rep)
    response = program.post(of(customer, "invitations"), {**LI, "is_responsible": True}, key="li")
    invitation = made(response, 201)
    assert made(program.post(of(customer, "invitations"), {**LI, "is_responsible": True}, key="li"), 201) == invitation
    assert response["Location"].endswith(f"/api/v1/{of(customer, 'invitations')}")
    kept = Invitation.objects.get()
    assert (kept.email, kept.is_responsible, kept.customer, kept.language) == (LI["email"], True, customer, "en")
    assert (invitation["state"], invitation["invited_by"]["username"]) == ("open", rep.username)
    assert made(program.get(of(customer, "invitations")))["results"] == [invitation]
    assert OutgoingMail.objects.get().to == LI["email"]
    again = made(program.post(f"invitations/{invitation['id']}/sending/"))
    assert again["times_sent"] == 2
    assert made(program.post(f"invitations/{invitation['id']}/revocation/"))["state"] == "revoked"
    assert made(program.get(of(customer, "invitations")))["results"] == []
    refused = made(program.post(f"invitations/{invitation['id']}/revocation/"), 409)
    assert (refused["rule"], refused["facts"]) == ("state", {"state": "revoked"})


@pytest.mark.parametrize("who", ["representative", "administrator", "responsible"])
def test_no_answer_has_the_link(customer: Customer, rep: User, who: str) -> None:
    people = {
        "representative": lambda: rep,
        "administrator": lambda: make_user(Role.ADMINISTRATOR),
        "responsible": lambda: joined(customer, rep, "first@example.com", is_responsible=True),
    }
    program = Program(people[who]())
    sent = program.post(of(customer, "invitations"), LI)
    answers = [sent, program.post(f"invitations/{made(sent, 201)['id']}/sending/"), program.get(of(customer, "people"))]
    answers.append(program.get(of(customer, "invitations")))
    words = [mail.secret for mail in OutgoingMail.objects.filter(to=LI["email"])]
    assert len(words) == 2 and all(words)
    said = b"".join(answer.content for answer in answers).decode()
    assert not [word for word in words if word in said] and "join/" not in said


def test_people_are_listed_with_their_access(customer: Customer, rep: User) -> None:
    first = joined(customer, rep, "first@example.com", is_responsible=True)
    ended = make_user(Role.AGENT, customer=customer, full_name="wu", is_active=False)
    make_user(Role.AGENT, customer=make_customer())
    rows = made(Program(rep).get(of(customer, "people")))["results"]
    assert [(row["id"], row["is_active"], row["is_responsible"]) for row in rows] == [
        (first.pk, True, True),
        (ended.pk, False, False),
    ]
    assert set(rows[0]) == {"id", "username", "full_name", "email", "is_active", "is_responsible", "last_sign_in"}


def test_access_ends_with_session_and_token_and_is_given_again(customer: Customer, rep: User) -> None:
    make_user(Role.ADMINISTRATOR)
    person = joined(customer, rep, "first@example.com")
    theirs, ours, browser = Program(person), Program(rep), Client()
    browser.force_login(person)
    address = of(customer, f"people/{person.pk}/access-end")
    assert made(ours.post(address))["is_active"] is False
    assert theirs.get("deliveries/").status_code == 401
    assert browser.get("/").status_code == 302
    assert made(ours.post(address), 409)["facts"] == {"is_active": False}
    assert made(ours.post(of(customer, f"people/{person.pk}/access")))["is_active"] is True
    assert User.objects.get(pk=person.pk).is_active


def test_a_responsible_person_looks_after_the_own_account_only(customer: Customer, rep: User) -> None:
    make_user(Role.ADMINISTRATOR)
    first = joined(customer, rep, "first@example.com", is_responsible=True)
    second = joined(customer, rep, "second@example.com")
    far = make_customer(representative=rep)
    stranger = joined(far, rep, "far@example.com")
    program = Program(first)
    made(program.post(of(customer, "invitations"), LI), 201)
    assert made(program.post(of(customer, f"people/{second.pk}/access-end")))["is_active"] is False
    assert made(program.post(of(customer, f"people/{first.pk}/access-end")), 409)["rule"] == "own access"
    assert made(program.post(of(customer, f"people/{stranger.pk}/access-end")), 409)["rule"] == "person"
    made(program.post(of(far, "invitations"), {**LI, "email": "x@example.com"}), 404)
    made(program.post(of(far, f"people/{stranger.pk}/access-end")), 404)
    made(program.get(of(far, "people")), 404)
    first.refresh_from_db()
    stranger.refresh_from_db()
    assert (first.is_active, stranger.is_active) == (True, True)
    assert not Invitation.objects.filter(email="x@example.com").exists()


def test_other_people_of_the_agent_see_the_lists_only(customer: Customer, rep: User) -> None:
    first = joined(customer, rep, "first@example.com")
    invitation = invite_person(customer.pk, by=rep, email="wu@example.com", full_name="Wu")
    program = Program(joined(customer, rep, "second@example.com"))
    assert len(made(program.get(of(customer, "people")))["results"]) == 2
    assert len(made(program.get(of(customer, "invitations")))["results"]) == 1
    for address in (
        of(customer, "invitations"),
        of(customer, f"people/{first.pk}/access-end"),
        of(customer, f"people/{first.pk}/access"),
        f"invitations/{invitation.pk}/sending/",
        f"invitations/{invitation.pk}/revocation/",
    ):
        refused = made(program.post(address, LI if address.endswith("invitations/") else {}), 403)
        assert "responsible" in refused["message"], address
    first.refresh_from_db()
    invitation.refresh_from_db()
    assert (first.is_active, invitation.state, invitation.times_sent) == (True, InvitationState.OPEN, 1)
    assert Invitation.objects.count() == 3


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "x" * 150 + "@a.cn"}, "email"),
        ({"full_name": ""}, "full_name"),
        ({"language": "tlh"}, "language"),
        ({"roles": ["administrator"]}, "roles"),
        ({"customer": 1}, "customer"),
    ],
)
def test_what_is_malformed_is_named_and_nobody_invited(
    customer: Customer, rep: User, change: dict[str, Any], field: str
) -> None:
    assert field in made(Program(rep).post(of(customer, "invitations"), {**LI, **change}), 400)["fields"]
    assert not Invitation.objects.exists() and not OutgoingMail.objects.exists()


def test_an_address_that_is_invited_or_somebodys_is_refused_by_name(customer: Customer, rep: User) -> None:
    program, rows = Program(rep), of(customer, "invitations")
    made(program.post(rows, LI), 201)
    refused = made(program.post(rows, {**LI, "email": "LI@example.com"}), 409)
    assert (refused["rule"], refused["facts"]) == ("invited", {"email": "li@example.com"})
    make_user(Role.FINANCE, email="money@example.com")
    refused = made(program.post(rows, {**LI, "email": "money@example.com"}), 409)
    assert (refused["rule"], refused["facts"]) == ("address", {})
    assert Invitation.objects.count() == 1


def test_the_lists_ask_the_same_however_many_there_are(customer: Customer, rep: User) -> None:
    program = Program(rep)
    made(program.get(of(customer, "people")))  # the first time a token is used is written down
    asked = []
    for number in range(3):
        joined(customer, rep, f"n{number}@example.com")
        invite_person(customer.pk, by=rep, email=f"w{number}@example.com", full_name="W")
        asked.append([queries_of(program, f"/api/v1/{of(customer, what)}") for what in ("people", "invitations")])
    assert asked[0] == asked[-1]
