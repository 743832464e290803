"""How often one may ask, in which language the answer is, how long answers are kept, and what the record says."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from salesops.api.idempotency import KEPT
from salesops.api.models import KeptAnswer
from salesops.api.tasks import forget_old_answers
from salesops.users.models import User
from salesops.users.signin.models import Outcome
from tests.support.build import PASSWORD, make_user
from tests.support.program import V1, Program, made

pytestmark = pytest.mark.django_db


@pytest.fixture
def gao() -> User:
    return make_user(username="gao")


def test_too_many_requests_are_told_when_to_come_again(gao: User, settings: Any) -> None:
    settings.API_REQUESTS_A_MINUTE = {"person": 2, "address": 10**6}
    program, other = Program(gao), Program(make_user())
    answers = [program.get("tokens/") for _ in range(6)]  # the minute may turn once on the way
    late = [answer for answer in answers if answer.status_code == 429]
    assert late
    assert made(late[0], 429)["code"] == "too_many_requests"
    assert 1 <= int(late[0]["Retry-After"]) <= 60
    made(other.get("tokens/"))


def test_addresses_of_one_network_count_as_one(gao: User, settings: Any) -> None:
    settings.API_REQUESTS_A_MINUTE = {"person": 10**6, "address": 2}
    program = Program(gao)

    def statuses(network: str) -> set[int]:
        address = V1 + "tokens/"
        return {
            program.client.get(address, headers=program.headers, REMOTE_ADDR=f"{network}::{at:x}").status_code
            for at in range(1, 7)  # the minute may turn once on the way
        }

    assert statuses("2001:db8:1:2") == {200, 429}
    assert program.client.get(V1 + "tokens/", headers=program.headers, REMOTE_ADDR="2001:db8:1:3::1").status_code == 200


def test_who_asks_too_often_is_turned_away(gao: User, settings: Any) -> None:
    settings.API_REQUESTS_A_MINUTE = {"person": 0, "address": 10**6}
    made(Program(gao).get("tokens/"), 429)


@pytest.mark.usefixtures("dead_cache")
def test_nobody_is_turned_away_while_the_cache_is_down(gao: User, settings: Any) -> None:
    settings.API_REQUESTS_A_MINUTE = {"person": 0, "address": 0}
    made(Program(gao).get("tokens/"))


def test_words_follow_the_request_else_the_person(gao: User) -> None:
    User.objects.filter(pk=gao.pk).update(language="zh-hans")
    program = Program(gao)
    own = program.get("deliveries/none/")["Content-Language"]
    asked = program.get("deliveries/none/", **{"Accept-Language": "en"})["Content-Language"]
    assert (own, asked) == ("zh-hans", "en")


def test_only_old_answers_are_forgotten(gao: User) -> None:
    for key in ("old", "new"):
        KeptAnswer.objects.create(user=gao, key=key, fingerprint="x")
    KeptAnswer.objects.filter(key="old").update(created_at=timezone.now() - KEPT - timedelta(minutes=1))
    KeptAnswer.objects.filter(key="new").update(created_at=timezone.now() - KEPT + timedelta(minutes=1))
    assert forget_old_answers() == 1
    assert [kept.key for kept in KeptAnswer.objects.all()] == ["new"]


def test_the_record_says_which_token_was_made_and_revoked_and_from_where(gao: User) -> None:
    answer = made(Program().post("tokens/", {"username": "gao", "password": PASSWORD, "name": "scanner"}), 201)
    program = Program(Authorization=f"Token {answer['token']}")
    assert program.delete(f"tokens/{answer['prefix']}/").status_code == 204
    for outcome in (Outcome.TOKEN_MADE, Outcome.TOKEN_REVOKED):
        event = gao.sign_in_events.get(outcome=outcome)
        assert (event.note, event.address) == (f"{answer['prefix']} scanner", "127.0.0.1")
