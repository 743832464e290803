"""Signing in, being throttled, the demo's password, one's own password, the language."""

from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.test import Client, RequestFactory
from django.utils import translation

from salesops.kernel.errors import RuleBroken
from salesops.users.models import User
from salesops.users.people.services import deactivate_person, set_password
from salesops.users.roles import Role
from salesops.users.signin.demo import NAMES, PASSWORD
from tests.support.build import make_user

pytestmark = pytest.mark.django_db
OWN = "quite a long one"


def try_to_enter(client: Client, username: str, password: str) -> int:
    return client.post("/sign-in/", {"username": username, "password": password}).status_code


def is_in(client: Client) -> bool:
    return client.get("/password/").status_code == 200


def test_the_right_pair_opens_and_leads_where_one_was_going(client: Client):
    make_user(username="gao", raw_password=OWN)
    response = client.post("/sign-in/", {"username": "gao", "password": OWN, "next": "/delegation/"})
    assert response["Location"] == "/delegation/"
    assert is_in(client)


class ChangedMeanwhile(MD5PasswordHasher):
    """Checks a password while somebody else sets another one."""

    def verify(self, password: str, encoded: str) -> bool:
        User.objects.filter(password=encoded).update(password=make_password("something new and long"))
        return super().verify(password, encoded)


@pytest.fixture
def changed_meanwhile(settings: Any) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.{ChangedMeanwhile.__name__}"]


def test_a_password_that_is_changed_while_it_is_checked_opens_nothing(client: Client, changed_meanwhile: None) -> None:
    make_user(username="gao", raw_password=OWN)
    assert try_to_enter(client, "gao", OWN) == 200
    assert not is_in(client)
    asked = {"username": "gao", "password": OWN}
    assert Client().post("/api/v1/tokens/", asked, content_type="application/json").status_code == 401


def test_it_never_leads_to_another_site(client: Client):
    make_user(username="gao", raw_password=OWN)
    response = client.post("/sign-in/", {"username": "gao", "password": OWN, "next": "https://evil.example/"})
    assert response["Location"] == "/"


@pytest.mark.parametrize(("username", "password"), [("gao", "wrong"), ("nobody", OWN), ("gone", OWN)])
def test_a_wrong_pair_opens_nothing_and_says_the_same(client: Client, username: str, password: str):
    make_user(username="gao", raw_password=OWN)
    make_user(username="gone", raw_password=OWN, is_active=False)
    response = client.post("/sign-in/", {"username": username, "password": password})
    assert response.status_code == 200
    assert b"User name and password do not fit together" in response.content
    assert not is_in(client)


def test_after_five_wrong_ones_even_the_right_one_must_wait(client: Client):
    make_user(username="gao", raw_password=OWN)
    make_user(username="other", raw_password=OWN)
    statuses = [try_to_enter(client, "gao", "wrong") for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]
    response = client.post("/sign-in/", {"username": "gao", "password": OWN})
    assert response.status_code == 429
    assert b"Too many tries" in response.content
    assert try_to_enter(client, "other", OWN) == 302


def test_signing_out_is_a_post(client: Client):
    client.force_login(make_user())
    assert client.get("/sign-out/").status_code == 405
    assert is_in(client)
    client.post("/sign-out/")
    assert not is_in(client)


def test_whoever_loses_access_is_out_at_once(client: Client):
    person = make_user()
    client.force_login(person)
    deactivate_person(person.pk, by=make_user(Role.ADMINISTRATOR))
    assert not is_in(client)


# ---- the demo ----
def test_the_demo_shows_its_people(client: Client, settings: Any):
    make_user(NAMES["supervisor"], username="supervisor")
    make_user(username="somebody-else")
    page = client.get("/sign-in/").content.decode()
    assert 'data-demo="supervisor"' in page
    assert PASSWORD in page
    assert "somebody-else" not in page
    settings.DEMO = False
    page = client.get("/sign-in/").content.decode()
    assert "supervisor" not in page
    assert PASSWORD not in page


def test_the_demo_password_opens_nothing_outside_the_demo(client: Client, settings: Any):
    person = make_user(username="gao", raw_password=PASSWORD)
    settings.DEMO = False
    assert person.check_password(PASSWORD)
    assert try_to_enter(client, "gao", PASSWORD) == 200
    assert not is_in(client)
    assert authenticate(RequestFactory().post("/"), username="gao", password=PASSWORD) is None
    settings.DEMO = True
    assert try_to_enter(client, "gao", PASSWORD) == 302


def test_nobody_chooses_the_demo_password_outside_the_demo(settings: Any):
    admin, person = make_user(Role.ADMINISTRATOR), make_user(raw_password=OWN)
    settings.DEMO = False
    with pytest.raises(RuleBroken):
        set_password(person.pk, by=admin, password=PASSWORD)
    assert User.objects.get(pk=person.pk).check_password(OWN)
    settings.DEMO = True
    set_password(person.pk, by=admin, password=PASSWORD)


# ---- one's own password and language ----
def test_a_changed_password_ends_the_sessions_on_other_devices(client: Client):
    make_user(username="gao", raw_password=OWN)
    other = Client()
    for one in (client, other):
        try_to_enter(one, "gao", OWN)
    data = {"old_password": OWN, "new_password1": "an even longer one", "new_password2": "an even longer one"}
    assert client.post("/password/", data).status_code == 302
    assert is_in(client)
    assert not is_in(other)


@pytest.mark.parametrize(
    "data",
    [
        {"old_password": "wrong", "new_password1": "an even longer one", "new_password2": "an even longer one"},
        {"old_password": OWN, "new_password1": "short", "new_password2": "short"},
        {"old_password": OWN, "new_password1": "an even longer one", "new_password2": "a different one"},
    ],
)
def test_a_password_is_not_changed_without_the_old_one_or_to_a_weak_one(client: Client, data: dict[str, str]):
    person = make_user(raw_password=OWN)
    client.force_login(person)
    assert client.post("/password/", data).status_code == 422
    assert User.objects.get(pk=person.pk).check_password(OWN)


def test_the_language_is_kept_with_the_person(client: Client):
    person = make_user()
    client.force_login(person)
    with translation.override("en"):
        client.post("/language/", {"language": "zh-hans", "next": "/password/"})
        assert User.objects.get(pk=person.pk).language == "zh-hans"
        assert client.get("/password/").headers["Content-Language"] == "zh-hans"
