"""The record of sign-ins: what is written, what never is, who reads it; and how tries are counted."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from salesops.users.models import SignInEvent, User
from salesops.users.people.services import deactivate_person, reactivate_person, set_password
from salesops.users.roles import Role
from salesops.users.signin.browsers import browser_in_words
from salesops.users.signin.models import Outcome
from salesops.users.tasks import forget_old_sign_ins
from tests.support.build import PASSWORD, make_user

pytestmark = pytest.mark.django_db
WRONG = "wrong"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)


def attempt(username: str, password: str = WRONG, address: str = "192.0.2.1") -> int:
    data = {"username": username, "password": password}
    return Client().post("/sign-in/", data, REMOTE_ADDR=address, HTTP_USER_AGENT=CHROME).status_code


def outcomes() -> list[str]:
    return list(SignInEvent.objects.order_by("pk").values_list("outcome", flat=True))


def is_in(client: Client) -> bool:
    return client.get("/password/").status_code == 200


# ---- what is written ----
def test_each_thing_at_the_door_is_written_with_address_and_browser(client: Client):
    person = make_user(username="gao")
    attempt("gao")
    client.post("/sign-in/", {"username": "gao", "password": PASSWORD}, REMOTE_ADDR="192.0.2.1", HTTP_USER_AGENT=CHROME)
    client.post("/sign-out/")
    assert outcomes() == [Outcome.WRONG_PASSWORD, Outcome.SIGNED_IN, Outcome.SIGNED_OUT]
    event = SignInEvent.objects.get(outcome=Outcome.SIGNED_IN)
    assert (event.user, event.name, event.address, event.browser) == (person, "gao", "192.0.2.1", CHROME)
    assert browser_in_words(event.browser) == "Chrome 142, Windows"


def test_what_administrators_do_to_an_account_names_both():
    admin, person = make_user(Role.ADMINISTRATOR), make_user()
    set_password(person.pk, by=admin, password="quite another one")
    deactivate_person(person.pk, by=admin)
    found = SignInEvent.objects.order_by("pk").values_list("outcome", "user", "by")
    assert list(found) == [("password_changed", person.pk, admin.pk), ("access_ended", person.pk, admin.pk)]


@pytest.mark.parametrize("typed", ["correct-horse-battery", "Xy9"])
def test_a_password_typed_into_the_field_of_the_name_is_never_kept(typed: str):
    attempt(typed, "whatever")
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT string_agg(e::text, '') FROM users_signinevent e)")
        kept = cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(t::text, '') FROM users_trycount t")
        kept += cursor.fetchone()[0]
    assert "wrong_password" in kept
    assert typed not in kept
    assert typed[: len(typed) // 2 + 2] not in kept


def test_nobody_changes_or_removes_what_was_written():
    attempt("gao")
    for change in ("UPDATE users_signinevent SET outcome = 'signed_in'", "DELETE FROM users_signinevent"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
    assert outcomes() == [Outcome.WRONG_PASSWORD]


def test_what_is_older_than_the_setting_is_forgotten_and_nothing_else(settings: Any):
    attempt("gao")
    settings.SIGN_INS_KEPT_DAYS = 30
    forget_old_sign_ins()
    assert SignInEvent.objects.count() == 1
    settings.SIGN_INS_KEPT_DAYS = -1
    forget_old_sign_ins()
    assert SignInEvent.objects.count() == 0
    attempt("gao")
    with pytest.raises(DatabaseError), transaction.atomic():
        SignInEvent.objects.all().delete()


# ---- who reads it ----
def test_administrators_filter_and_search_the_record(client: Client):
    client.force_login(make_user(Role.ADMINISTRATOR))
    gao = make_user(username="gao", full_name="Gao Lei")
    make_user(username="lin", full_name="Lin Yue")
    attempt("gao", PASSWORD)
    attempt("lin", "wrong", "198.51.100.7")
    today = timezone.localdate()
    for query, expected in {
        f"person={gao.pk}": {"Gao Lei"},
        "outcome=wrong_password": {"Lin Yue"},
        "address=198.51.100.7": {"Lin Yue"},
        "address=nonsense": set(),
        f"at_after={today}": {"Gao Lei", "Lin Yue"},
        f"at_after={today + timedelta(1)}": set(),
        "q=lei": {"Gao Lei"},
    }.items():
        text = client.get(f"/sign-ins/?{query}").content.decode().split('id="list"')[1].split("so-table")[-1]
        assert {name for name in ("Gao Lei", "Lin Yue") if f">{name}<" in text} == expected, query
    assert client.get("/sign-ins/?export=xlsx").content[:2] == b"PK"


def test_everybody_sees_their_own_and_nobody_elses(client: Client):
    person = make_user(username="gao")
    make_user(username="lin")
    attempt("lin", PASSWORD, "198.51.100.7")
    attempt("gao", PASSWORD, "192.0.2.9")
    client.force_login(person)
    page = client.get("/sign-ins/mine/").content.decode()
    assert "192.0.2.9" in page
    assert "198.51.100.7" not in page


@pytest.mark.parametrize("url", ["/sign-ins/", "/sign-ins/mine/"])
def test_a_long_record_asks_as_often_as_a_short_one(client: Client, url: str):
    admin = make_user(Role.ADMINISTRATOR, username="admin")
    client.force_login(admin)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url).status_code == 200
        return len(asked)

    SignInEvent.objects.create(outcome="signed_in", user=admin, by=make_user(), name="admin")
    queries()
    few = queries()
    for _ in range(12):
        SignInEvent.objects.create(outcome="signed_in", user=admin, by=make_user(), name="admin")
    assert queries() == few


# ---- tries ----
def test_whoever_changes_the_address_is_slowed_but_the_person_still_comes_in_from_where_they_always_do():
    make_user(username="gao")
    assert attempt("gao", PASSWORD, "192.0.2.50") == 302
    for at in range(19):
        assert attempt("gao", address=f"198.51.100.{at}") == 200
    assert attempt("gao", address="198.51.100.100") == 429
    assert attempt("gao", PASSWORD, "198.51.100.101") == 429
    assert attempt("gao", PASSWORD, "192.0.2.50") == 302
    assert Outcome.BARRED in outcomes()


def test_whoever_changes_the_name_is_slowed_and_others_elsewhere_are_not():
    make_user(username="gao")
    statuses = [attempt(f"name-{at}") for at in range(50)]
    assert statuses == [*[200] * 49, 429]
    assert attempt("gao", PASSWORD) == 429
    assert attempt("gao", PASSWORD, "198.51.100.1") == 302


def test_an_ipv6_client_is_counted_by_its_network():
    make_user(username="gao")
    statuses = [attempt("gao", address=f"2001:db8:1:2::{at}") for at in range(1, 6)]
    assert statuses[-1] == 429
    assert attempt("gao", PASSWORD, "2001:db8:1:3::1") == 302


def test_the_window_passes(client: Client):
    make_user(username="gao")
    for _ in range(5):
        attempt("gao")
    assert attempt("gao", PASSWORD) == 429
    with connection.cursor() as cursor:
        cursor.execute("UPDATE users_trycount SET ends_at = now() - interval '1 second'")
    assert attempt("gao", PASSWORD) == 302


def test_the_old_password_is_not_guessed_at_an_open_screen(client: Client):
    client.force_login(make_user())
    data = {"old_password": "wrong", "new_password1": "an even longer one", "new_password2": "an even longer one"}
    assert [client.post("/password/", data).status_code for _ in range(5)] == [422, 422, 422, 422, 429]
    data["old_password"] = PASSWORD
    assert client.post("/password/", data).status_code == 429


# ---- behind a proxy ----
@pytest.mark.parametrize(
    ("trusted", "said", "expected"),
    [
        ([], "203.0.113.9", "10.0.0.1"),
        (["10.0.0.0/8"], "203.0.113.9", "203.0.113.9"),
        (["10.0.0.0/8"], "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (["10.0.0.0/8"], "nonsense", "10.0.0.1"),
        (["192.168.0.0/16"], "203.0.113.9", "10.0.0.1"),
    ],
)
def test_only_a_trusted_proxy_says_for_whom_it_asks(settings: Any, trusted: list[str], said: str, expected: str):
    settings.TRUSTED_PROXIES = trusted
    data = {"username": "nobody", "password": "wrong"}
    Client().post("/sign-in/", data, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=said)
    assert SignInEvent.objects.get().address == expected


# ---- sessions ----
def test_a_password_set_by_an_administrator_ends_every_session(client: Client):
    person = make_user()
    client.force_login(person)
    set_password(person.pk, by=make_user(Role.ADMINISTRATOR), password="quite another one")
    assert not is_in(client)


def test_access_that_comes_back_brings_no_old_session_back(client: Client):
    admin, person = make_user(Role.ADMINISTRATOR), make_user()
    client.force_login(person)
    deactivate_person(person.pk, by=admin)
    reactivate_person(person.pk, by=admin)
    assert User.objects.get(pk=person.pk).is_active
    assert not is_in(client)
