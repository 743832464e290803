"""The second factor: set up, asked for at sign-in, each code once, required by a role, reset by an administrator."""

import re
import time
from base64 import b32decode
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from salesops.kernel.errors import RuleBroken
from salesops.notify.models import Notice
from salesops.users.models import RecoveryCode, SignInEvent, User
from salesops.users.roles import Role
from salesops.users.secondfactor import begun
from salesops.users.secondfactor.queries import codes_left
from salesops.users.secondfactor.services import confirm_set_up, require_second_factor, reset_second_factor, use_code
from salesops.users.signin.models import Outcome
from salesops.users.signin.services import confirm_password, confirm_proof
from salesops.users.signin.throttle import Barred
from tests.support.build import PASSWORD, make_user
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


def code_of(device: TOTPDevice, ahead: int = 0) -> str:
    """What the app shows, `ahead` half minutes from now."""
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = time.time() + ahead * device.step
    return f"{totp.token():06d}"


def with_factor(person: User) -> tuple[TOTPDevice, list[str]]:
    """Set up somebody's second factor with the code of half a minute ago, so that the one of now is still unused."""
    device = TOTPDevice(user=person, name="app")
    return device, confirm_set_up(person.pk, device, code_of(device, -1))


def shown_to(client: Client) -> TOTPDevice:
    """The device that somebody sets up in this session, as an app learns it from the page."""
    return device_on(client.get("/second-factor/new/"))


def device_on(page: Any) -> TOTPDevice:
    secret = re.search(r'id="secret">(([A-Z2-7]{4} ){7}[A-Z2-7]{4})<', page.content.decode())
    assert secret
    return TOTPDevice(key=b32decode(secret[1].replace(" ", "")).hex())


def confirm(client: Client, device: TOTPDevice) -> Any:
    return client.post("/second-factor/new/", {"code": code_of(device), "password": PASSWORD})


def say_password(client: Client, username: str, next_url: str = "") -> Any:
    return client.post("/sign-in/", {"username": username, "password": PASSWORD, "next": next_url})


def is_in(client: Client) -> bool:
    return client.get("/password/").status_code == 200


# ---- signing in ----
def test_the_password_alone_opens_nothing_and_the_code_leads_where_one_was_going(client: Client):
    person = make_user(username="gao")
    device, _codes = with_factor(person)
    assert say_password(client, "gao", "/delegation/")["Location"] == "/sign-in/code/"
    for url in ("/", "/password/", "/bell/", "/jobs/", "/second-factor/", "/deliveries/?export=xlsx"):
        response = client.get(url)
        assert (response.status_code, response["Location"].split("?")[0]) == (302, "/sign-in/")
    part = client.get("/bell/", headers={"HX-Request": "true"})
    assert part["HX-Redirect"].startswith("/sign-in/")
    assert client.post("/sign-in/code/", {"code": "000000"}).status_code == 200
    assert not is_in(client)
    response = client.post("/sign-in/code/", {"code": code_of(device)})
    assert response["Location"] == "/delegation/"
    assert is_in(client)


def test_a_code_opens_once(client: Client):
    person = make_user(username="gao")
    device, _codes = with_factor(person)
    code = code_of(device)
    say_password(client, "gao")
    assert client.post("/sign-in/code/", {"code": code}).status_code == 302
    other = Client()
    say_password(other, "gao")
    assert other.post("/sign-in/code/", {"code": code}).status_code == 200
    assert not is_in(other)


def test_a_recovery_code_opens_once_and_is_kept_as_a_digest_only(client: Client):
    person = make_user(username="gao")
    _device, codes = with_factor(person)
    kept = "".join(RecoveryCode.objects.values_list("digest", flat=True))
    assert len(codes) == 10
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]
    say_password(client, "gao")
    assert client.post("/sign-in/code/?with=recovery", {"code": codes[0].lower()}).status_code == 302
    assert is_in(client)
    assert codes_left(person) == 9
    other = Client()
    say_password(other, "gao")
    assert other.post("/sign-in/code/?with=recovery", {"code": codes[0]}).status_code == 200
    assert not is_in(other)
    assert SignInEvent.objects.filter(outcome=Outcome.RECOVERY_CODE, user=person).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_send_the_same_code_at_once_one_is_let_in():
    person = make_user()
    device, codes = with_factor(person)
    for code in (code_of(device), codes[0]):
        let_in: list[bool] = []

        def send(code: str = code, let_in: list[bool] = let_in) -> None:
            let_in.append(use_code(person.pk, code) is not None)
            connection.close()

        threads = [Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(let_in) == [False, False, False, True]


def test_after_five_wrong_codes_even_the_right_one_must_wait_and_the_password_is_asked_anew(client: Client):
    person = make_user(username="gao")
    device, _codes = with_factor(person)
    say_password(client, "gao")
    statuses = [client.post("/sign-in/code/", {"code": "000000"}).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]
    assert client.get("/sign-in/code/")["Location"] == "/sign-in/"
    say_password(client, "gao")
    assert client.post("/sign-in/code/", {"code": code_of(device)}).status_code == 429
    assert not is_in(client)


def test_who_is_halfway_in_is_out_when_the_password_or_access_changes(client: Client):
    person = make_user(username="gao")
    device, _codes = with_factor(person)
    say_password(client, "gao")
    person.set_password("quite another one")
    person.save(update_fields=["password"])
    assert client.post("/sign-in/code/", {"code": code_of(device)})["Location"] == "/sign-in/"
    assert not is_in(client)


def test_a_session_without_the_second_factor_of_its_person_is_none(client: Client):
    person = make_user()
    with_factor(person)
    client.force_login(User.objects.get(pk=person.pk))
    assert client.get("/password/")["Location"] == "/sign-in/?next=/password/"
    assert "_auth_user_id" not in client.session


# ---- one's own pages ----
def test_setting_up_shows_secret_and_codes_once_and_ends_other_sessions(client: Client):
    make_user(username="gao")
    other = Client()
    for one in (client, other):
        say_password(one, "gao")
    assert b'<svg class="so-qr"' in client.get("/second-factor/new/").content
    device = shown_to(client)
    wrong = client.post("/second-factor/new/", {"code": "000000", "password": PASSWORD})
    assert wrong.status_code == 422
    wrong = client.post("/second-factor/new/", {"code": code_of(device), "password": "wrong"})
    assert wrong.status_code == 422
    assert not TOTPDevice.objects.exists()
    shown = confirm(client, device)
    assert len(re.findall(r"<li>([A-Z2-9]{4}-){3}[A-Z2-9]{4}</li>", shown.content.decode())) == 10
    assert "no-store" in shown["Cache-Control"]
    assert is_in(client)
    assert not is_in(other)
    assert b"10 recovery codes are left" in client.get("/second-factor/").content


def test_the_secret_stays_the_same_when_the_page_is_asked_for_again_and_after_a_wrong_code(client: Client):
    client.force_login(make_user())
    device = shown_to(client)
    assert shown_to(client).key == device.key
    wrong = client.post("/second-factor/new/", {"code": "000000", "password": PASSWORD})
    assert device_on(wrong).key == device.key
    assert confirm(client, device).status_code == 200
    assert begun.KEY not in client.session


@pytest.mark.parametrize("begun_there_too", [False, True])
def test_what_one_session_begins_no_other_confirms(client: Client, begun_there_too: bool):
    person = make_user()
    stranger = signed_in(person)
    read_by_a_stranger = shown_to(stranger)
    client.force_login(person)
    if begun_there_too:
        assert shown_to(client).key != read_by_a_stranger.key
    refused = confirm(client, read_by_a_stranger)
    assert refused.status_code == 422
    assert (b"This was not begun here" in refused.content) is not begun_there_too
    assert device_on(refused).key != read_by_a_stranger.key
    assert not TOTPDevice.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert confirm(client, device_on(refused)).status_code == 200
    assert TOTPDevice.objects.get().user == person


@pytest.mark.parametrize("minutes", [59, 61])
def test_what_was_begun_is_confirmed_within_an_hour(client: Client, minutes: int):
    client.force_login(make_user())
    device = shown_to(client)
    let_pass(client, minutes)
    shown = confirm(client, device)
    assert TOTPDevice.objects.exists() is (minutes < 60)
    if minutes > 60:
        assert shown.status_code == 422
        assert b"more than an hour ago" in shown.content
        assert device_on(shown).key != device.key
        assert confirm(client, device_on(shown)).status_code == 200


def test_asking_for_the_page_again_makes_no_hour_longer(client: Client):
    client.force_login(make_user())
    device = shown_to(client)
    for _half in range(2):
        let_pass(client, 31)
        shown = shown_to(client)
    assert shown.key != device.key


def let_pass(client: Client, minutes: int) -> None:
    """Let what this session has begun be so much older."""
    session = client.session
    session[begun.KEY] = {**session[begun.KEY], "until": session[begun.KEY]["until"] - minutes * 60}
    session.save()


def signed_in_with_factor(client: Client, person: User) -> list[str]:
    device, codes = with_factor(person)
    say_password(client, person.username)
    client.post("/sign-in/code/", {"code": code_of(device)})
    assert is_in(client)
    return codes


def test_new_codes_take_the_place_of_the_old_and_ask_for_the_password(client: Client):
    person = make_user()
    codes = signed_in_with_factor(client, person)
    assert client.post("/second-factor/codes/", {"proof": "wrong"}).status_code == 422
    assert use_code(person.pk, codes[1]) is not None
    shown = client.post("/second-factor/codes/", {"proof": PASSWORD}).content.decode()
    assert codes[2] not in shown
    assert use_code(person.pk, codes[2]) is None
    assert codes_left(person) == 10


@pytest.mark.parametrize("by_code", [False, True])
def test_one_ends_it_with_password_or_code(client: Client, by_code: bool):
    person = make_user()
    codes = signed_in_with_factor(client, person)
    assert client.post("/second-factor/end/", {"proof": "wrong"}).status_code == 422
    assert TOTPDevice.objects.filter(user=person).exists()
    assert client.post("/second-factor/end/", {"proof": codes[0] if by_code else PASSWORD}).status_code == 302
    assert is_in(client)
    assert not TOTPDevice.objects.filter(user=person).exists()
    assert not RecoveryCode.objects.filter(user=person).exists()


@pytest.mark.parametrize("what", ["codes", "end"])
def test_a_recovery_code_as_a_proof_is_written_down_as_at_sign_in(client: Client, what: str):
    person = make_user()
    codes = signed_in_with_factor(client, person)
    before = person.sign_in_events.count()
    assert client.post(f"/second-factor/{what}/", {"proof": codes[0]}).status_code < 400
    written = [event.outcome for event in person.sign_in_events.order_by("pk")[before:]]
    assert written == [Outcome.RECOVERY_CODE, Outcome.CODES_RENEWED if what == "codes" else Outcome.FACTOR_ENDED]


def test_a_recovery_code_proves_once(rf: RequestFactory):
    person = make_user()
    _device, codes = with_factor(person)
    assert confirm_proof(rf.post("/"), person, codes[0])
    assert codes_left(person) == 9
    assert not confirm_proof(rf.post("/"), person, codes[0])
    assert person.sign_in_events.filter(outcome=Outcome.RECOVERY_CODE).count() == 1
    assert person.sign_in_events.filter(outcome=Outcome.WRONG_CODE).count() == 1


@pytest.mark.parametrize("code", ["000000", "AAAA-BBBB-CCCC-DDDD"])
def test_wrong_codes_count_together_at_sign_in_and_as_proofs(client: Client, code: str):
    person = make_user(username="gao")
    codes = signed_in_with_factor(client, person)
    other = Client()
    say_password(other, "gao")
    for _try in range(4):
        assert other.post("/sign-in/code/?with=recovery", {"code": code}).status_code == 200
    assert client.post("/second-factor/codes/", {"proof": code}).status_code == 429
    assert client.post("/second-factor/codes/", {"proof": codes[1]}).status_code == 429
    assert other.post("/sign-in/code/?with=recovery", {"code": codes[1]}).status_code == 429
    assert codes_left(person) == 10


def test_a_password_that_looks_like_a_recovery_code_proves_too_and_its_tries_are_counted(rf: RequestFactory):
    person = make_user()
    with_factor(person)
    person.set_password("Abcd-Efgh-Jkmn-Pqrs")
    for _try in range(6):
        assert confirm_proof(rf.post("/"), person, "Abcd-Efgh-Jkmn-Pqrs")
    assert not person.sign_in_events.filter(outcome=Outcome.WRONG_CODE).exists()
    for _try in range(4):
        assert not confirm_password(rf.post("/"), person, "wrong")
    with pytest.raises(Barred):
        confirm_proof(rf.post("/"), person, "Abcd-Efgh-Jkmn-Pqrt")


# ---- required by a role ----
def test_who_must_have_one_is_led_to_set_it_up_before_anything_else(client: Client):
    admin, person = make_user(Role.ADMINISTRATOR), make_user(Role.FINANCE, username="gao")
    client.force_login(person)
    assert is_in(client)
    require_second_factor(by=admin, of=["finance"])
    for url in ("/", "/password/", "/deliveries/?export=xlsx", "/jobs/"):
        assert client.get(url)["Location"] == "/second-factor/new/"
    assert client.post("/password/", {})["Location"] == "/second-factor/new/"
    assert client.get("/bell/", headers={"HX-Request": "true"})["HX-Redirect"] == "/second-factor/new/"
    confirm(client, shown_to(client))
    assert is_in(client)
    client.force_login(make_user(Role.SUPPLY))
    assert is_in(client)


def test_administrators_say_at_roles_who_must_and_the_history_shows_it(client: Client):
    client.force_login(make_user(Role.ADMINISTRATOR))
    finance = make_user(Role.FINANCE)
    was = ["administrator:users.manage_users"]
    client.post("/roles/", {"was": was, "right": was, "factor": ["finance"]})
    page = client.get("/roles/").content.decode()
    assert 'name="factor" value="finance" aria-label="Finance: Second factor required" checked' in page
    assert "added second factor required: Finance" in page
    assert User.objects.get(pk=finance.pk).needs_second_factor
    client.post("/roles/", {"was": was, "right": was, "factor_was": ["finance"]})
    assert not User.objects.get(pk=finance.pk).needs_second_factor
    assert "removed second factor required: Finance" in client.get("/roles/").content.decode()


def test_asking_for_it_costs_no_query_of_its_own(client: Client):
    client.force_login(make_user())
    client.get("/password/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/password/")
    about = [query["sql"] for query in asked if "otp_totp" in query["sql"] or "secondfactorrole" in query["sql"]]
    assert len(about) == 1
    assert 'FROM "users_user"' in about[0]


# ---- lost phones ----
def test_an_administrator_resets_it_with_a_reason_and_the_person_is_told(client: Client):
    admin, person = make_user(Role.ADMINISTRATOR, full_name="Wu Fang"), make_user(username="gao")
    open_elsewhere = Client()
    signed_in_with_factor(open_elsewhere, person)
    client.force_login(admin)
    assert client.post("/people/gao/second-factor-reset/", {"reason": " "}).status_code == 422
    assert TOTPDevice.objects.filter(user=person).exists()
    assert client.post("/people/gao/second-factor-reset/", {"reason": "Phone lost"})["Location"] == "/people/gao/"
    assert not TOTPDevice.objects.filter(user=person).exists()
    assert not is_in(open_elsewhere)
    event = SignInEvent.objects.get(outcome=Outcome.FACTOR_RESET)
    assert (event.user, event.by, event.note) == (person, admin, "Phone lost")
    notice = Notice.objects.get(user=person)
    assert "Wu Fang" in notice.title
    assert "Phone lost" in notice.text
    assert "Phone lost" in client.get("/panels/person/sign_ins/gao/").content.decode()


def test_nobody_resets_their_own_that_way():
    admin = make_user(Role.ADMINISTRATOR)
    with_factor(admin)
    with pytest.raises(RuleBroken):
        reset_second_factor(admin.pk, by=admin, reason="lazy")
    assert TOTPDevice.objects.filter(user=admin).exists()


def test_a_command_helps_the_last_administrator():
    admin = make_user(Role.ADMINISTRATOR, username="admin")
    with_factor(admin)
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "nobody", reason="phone lost")
    call_command("reset_second_factor", "admin", reason="phone lost")
    assert not TOTPDevice.objects.filter(user=admin).exists()
    event = SignInEvent.objects.get(outcome=Outcome.FACTOR_RESET)
    assert (event.user, event.by) == (admin, None)
