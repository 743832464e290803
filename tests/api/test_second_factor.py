"""The second factor over the API: asked for with the password, and required of tokens that are there already."""

import pytest

from salesops.api.models import Token
from salesops.users.models import User
from salesops.users.roles import Role
from salesops.users.secondfactor.services import end_second_factor, require_second_factor, reset_second_factor
from salesops.users.signin.models import Outcome
from tests.support.build import PASSWORD, make_user
from tests.support.program import Program, made
from tests.support.signed_in import signed_in
from tests.users.test_second_factor import code_of, with_factor

pytestmark = pytest.mark.django_db
SHAPE = {"code", "message", "rule", "facts", "fields"}


@pytest.fixture
def gao() -> User:
    return make_user(Role.FINANCE, username="gao")


def ask(**more: str):
    return Program().post("tokens/", {"username": "gao", "password": PASSWORD, **more})


def require_it() -> None:
    require_second_factor(by=make_user(Role.ADMINISTRATOR), of=[Role.FINANCE])


def test_the_password_alone_gives_no_token(gao: User) -> None:
    with_factor(gao)
    assert set(made(ask(), 400)["fields"]) == {"otp"}
    assert set(made(ask(otp=" "), 400)["fields"]) == {"otp"}
    assert not Token.objects.exists()


def test_a_wrong_code_gives_none_and_is_written_down(gao: User) -> None:
    with_factor(gao)
    made(ask(otp="not one"), 401)
    assert not Token.objects.exists()
    assert gao.sign_in_events.filter(outcome=Outcome.WRONG_CODE).count() == 1


def test_a_code_of_the_app_gives_one_token_and_no_second(gao: User) -> None:
    device, _codes = with_factor(gao)
    code = code_of(device)
    secret = made(ask(otp=code), 201)["token"]
    made(Program(Authorization=f"Token {secret}").get("payments/"))
    made(ask(otp=code), 401)


def test_a_recovery_code_gives_one_token_and_no_second(gao: User) -> None:
    _device, codes = with_factor(gao)
    made(ask(otp=codes[0]), 201)
    made(ask(otp=codes[0]), 401)
    assert gao.sign_in_events.filter(outcome=Outcome.RECOVERY_CODE).count() == 1


def test_whoever_must_set_one_up_first_gets_no_token(gao: User) -> None:
    require_it()
    answer = made(ask(), 403)
    assert answer["code"] == "second_factor_required"
    assert set(answer) == SHAPE


def test_a_token_opens_nothing_while_its_owner_lacks_the_factor_that_the_role_requires(gao: User) -> None:
    program, other = Program(gao), Program(make_user(Role.SUPPLY))
    made(program.get("payments/"))
    require_it()
    answer = made(program.get("payments/"), 403)
    assert answer["code"] == "second_factor_required"
    assert set(answer) == SHAPE
    assert made(program.post("payments/", {}), 403)["code"] == "second_factor_required"
    made(other.get("products/"))
    with_factor(gao)
    made(program.get("payments/"), 401)
    made(Program(gao).get("payments/"))


@pytest.mark.parametrize("what", ["set up", "ended", "reset"])
def test_a_token_from_before_the_factor_changed_opens_nothing(gao: User, what: str) -> None:
    if what != "set up":
        with_factor(gao)
    program, other = Program(gao), Program(make_user(Role.FINANCE))
    if what == "set up":
        with_factor(gao)
    elif what == "ended":
        end_second_factor(gao.pk)
    else:
        reset_second_factor(gao.pk, by=make_user(Role.ADMINISTRATOR), reason="Lost the phone")
    made(program.get("payments/"), 401)
    made(other.get("payments/"))


def test_a_session_without_it_is_told_in_the_shape_of_every_error(gao: User) -> None:
    require_it()
    response = signed_in(gao).get("/api/schema/")
    assert made(response, 403)["code"] == "second_factor_required"
    assert set(response.json()) == SHAPE
