"""Tokens: made with a password, kept as a digest, ended by their owner, by a new password, by the end of access."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from salesops.api.models import Token
from salesops.api.services import MOST_TOKENS, create_token, token_of
from salesops.kernel.errors import RuleBroken
from salesops.users.models import User
from salesops.users.people.services import deactivate_person, reactivate_person, set_password
from salesops.users.roles import Role
from tests.support.build import PASSWORD, make_user
from tests.support.program import Program, made
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db
OWN = "quite a long one"


@pytest.fixture
def gao() -> User:
    return make_user(username="gao", raw_password=OWN)


def ask(username: str = "gao", password: str = OWN, **more: str):
    return Program().post("tokens/", {"username": username, "password": password, **more})


def test_user_name_and_password_give_a_token_that_opens(gao: User) -> None:
    answer = made(ask(name="scanner"), 201)
    found = made(Program(Authorization=f"Token {answer['token']}").get("tokens/"))
    assert [(one["prefix"], one["name"]) for one in found["results"]] == [(answer["prefix"], "scanner")]
    assert "token" not in found["results"][0]


def test_nothing_in_the_database_is_the_secret(gao: User) -> None:
    secret = made(ask(), 201)["token"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(t::text) FROM api_token t")
        (rows,) = cursor.fetchone()
    assert len(rows) == 1
    assert secret.removeprefix(Token.objects.get().prefix) not in rows[0]


@pytest.mark.parametrize(("username", "password"), [("gao", "wrong"), ("nobody", OWN), ("gone", OWN)])
def test_a_wrong_pair_gives_none_and_says_the_same(gao: User, username: str, password: str) -> None:
    make_user(username="gone", raw_password=OWN, is_active=False)
    answer = made(ask(username, password), 401)
    assert answer["message"] == "User name and password do not fit together."
    assert not Token.objects.exists()


def test_after_five_wrong_ones_even_the_right_one_must_wait_here_and_on_the_page(gao: User) -> None:
    assert [ask(password="wrong").status_code for _ in range(5)] == [401, 401, 401, 401, 429]
    response = ask()
    assert made(response, 429)["code"] == "too_many_requests"
    assert int(response["Retry-After"]) > 60
    assert Client().post("/sign-in/", {"username": "gao", "password": OWN}).status_code == 429
    assert not Token.objects.exists()


def test_tries_on_the_page_count_for_tokens(gao: User) -> None:
    for _ in range(5):
        Client().post("/sign-in/", {"username": "gao", "password": "wrong"})
    assert ask().status_code == 429


def test_a_success_begins_the_count_anew(gao: User) -> None:
    for _ in range(4):
        ask(password="wrong")
    made(ask(), 201)
    assert ask(password="wrong").status_code == 401


@pytest.mark.parametrize("header", ["Token wrong", "Token", "Bearer x", "Token a b", "Token \u00ff", ""])
def test_nothing_else_opens(gao: User, header: str) -> None:
    response = Program(Authorization=header).get("tokens/")
    assert made(response, 401)["code"] == "unauthenticated"
    assert response["WWW-Authenticate"] == "Token"


def test_a_browsers_session_opens_nothing_here(gao: User) -> None:
    assert signed_in(gao).get("/api/v1/tokens/").status_code == 401


def test_a_revoked_token_opens_nothing(gao: User) -> None:
    first, second = Program(gao), Program(gao)
    prefix = Token.objects.order_by("pk")[0].prefix
    assert second.delete(f"tokens/{prefix}/").status_code == 204
    assert first.get("tokens/").status_code == 401
    assert second.get("tokens/").status_code == 200
    assert second.delete(f"tokens/{prefix}/").status_code == 404


def test_nobody_sees_or_revokes_anothers_token(gao: User) -> None:
    theirs = create_token(by=make_user(), name="theirs").token
    mine = Program(gao)
    assert mine.delete(f"tokens/{theirs.prefix}/").status_code == 404
    theirs.refresh_from_db()
    assert theirs.revoked_at is None
    assert theirs.prefix not in mine.get("tokens/").content.decode()


def test_a_new_password_ends_all_tokens(gao: User) -> None:
    program = Program(gao)
    browser = signed_in(gao)
    new = "another quite long one"
    browser.post("/password/", {"old_password": OWN, "new_password1": new, "new_password2": new})
    gao.refresh_from_db()
    assert gao.check_password(new)
    assert program.get("tokens/").status_code == 401


def test_a_password_set_by_an_administrator_ends_them_too(gao: User) -> None:
    program = Program(gao)
    set_password(gao.pk, by=make_user(Role.ADMINISTRATOR), password="another quite long one")
    assert program.get("tokens/").status_code == 401


def test_the_end_of_access_ends_them_for_good(gao: User) -> None:
    program, administrator = Program(gao), make_user(Role.ADMINISTRATOR)
    make_user(Role.ADMINISTRATOR)
    deactivate_person(gao.pk, by=administrator)
    assert program.get("tokens/").status_code == 401
    reactivate_person(gao.pk, by=administrator)
    assert program.get("tokens/").status_code == 401


def test_somebody_without_access_is_refused_whatever_ended_it(gao: User) -> None:
    program = Program(gao)
    User.objects.filter(pk=gao.pk).update(is_active=False)
    assert program.get("tokens/").status_code == 401


def test_the_use_is_noted_at_most_every_few_minutes(gao: User) -> None:
    secret = create_token(by=gao, name="x").secret
    token_of(secret)
    first = Token.objects.get().last_used_at
    assert first is not None
    token_of(secret)
    assert Token.objects.get().last_used_at == first
    Token.objects.update(last_used_at=timezone.now() - timedelta(minutes=6))
    token_of(secret)
    assert Token.objects.filter(last_used_at__gt=first).exists()


def test_nobody_piles_up_tokens(gao: User) -> None:
    for _ in range(MOST_TOKENS):
        create_token(by=gao)
    with pytest.raises(RuleBroken):
        create_token(by=gao)
    assert made(ask(), 409)["rule"] == "tokens"


def test_the_page_shows_the_secret_once(gao: User) -> None:
    browser = signed_in(gao)
    response = browser.post("/tokens/new/", {"name": "scanner"})
    token = Token.objects.get()
    shown = response.content.decode()
    secret = shown.split("data-secret")[0].rsplit('value="', 1)[1].split('"')[0]
    assert token_of(secret) == token
    assert "no-store" in response["Cache-Control"]
    listed = browser.get("/tokens/").content.decode()
    assert token.prefix in listed
    assert secret not in listed


def test_the_page_revokes_ones_own_only(gao: User) -> None:
    mine, theirs = create_token(by=gao).token, create_token(by=make_user()).token
    browser = signed_in(gao)
    assert browser.post(f"/tokens/{mine.prefix}/revocation/").status_code == 302
    assert browser.post(f"/tokens/{theirs.prefix}/revocation/").status_code == 404
    assert list(Token.objects.live()) == [theirs]


def test_the_demo_password_is_known_here_too(gao: User) -> None:
    make_user(username="demo")
    made(ask("demo", PASSWORD), 201)


def test_a_password_set_by_command_ends_the_tokens(gao: User) -> None:
    program = Program(Authorization=f"Token {made(ask(), 201)['token']}")
    gao.full_name = "Gao again"
    gao.save()
    made(program.get("tokens/"))
    gao.set_password("something new and long")  # as manage.py changepassword does
    gao.save()
    made(program.get("tokens/"), 401)


def test_whoever_came_in_by_the_password_before_gets_no_token(gao: User) -> None:
    set_password(gao.pk, by=make_user(Role.ADMINISTRATOR), password="another quite long one")
    with pytest.raises(RuleBroken) as refused:
        create_token(by=gao)
    assert refused.value.rule == "password"
    assert not Token.objects.exists()
