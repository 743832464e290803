"""The way in by which gunicorn calls us, without a server: a request's headers may name any charset and type."""

import json
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from salesops.wsgi import application
from tests.support.build import PASSWORD, make_user
from tests.support.database import one_connection
from tests.support.program import Program

CHARSETS = ["hex", "rot13", "utf-16", "gbk", "no-such", '"hex"']
UNREADABLE = ["a*=no-such''x", "a*=undefined''x", "a*=idna''%FF", "a*=x; a*0=y", f"a*{'9' * 5000}=x"]


def answered(method: str, path: str, body: bytes = b"", content_type: str = "", **headers: str) -> tuple[str, bytes]:
    """The status and the body of the answer to a request."""
    environ = RequestFactory().generic(method, path).environ
    environ |= {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)}
    environ |= headers
    said: list[str] = []

    def start(status: str, _headers: Any, _exc_info: Any = None) -> Any:
        said.append(status)

    with one_connection():
        answer = b"".join(application(environ, start))
    return said[0], answer


@pytest.mark.django_db
@pytest.mark.parametrize("parameter", ["charset=", "charset*=utf-8''"])
@pytest.mark.parametrize("charset", CHARSETS)
def test_a_page_answers(charset: str, parameter: str) -> None:
    address = "/sign-in/?next=/%E6%B9%96"
    status, text = answered("GET", address, content_type=f"text/plain; {parameter}{charset}")
    assert status == "200 OK"
    assert "/湖" in text.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("charset", CHARSETS)
def test_a_program_signs_in(charset: str) -> None:
    make_user(username="高")
    body = json.dumps({"username": "高", "password": PASSWORD}, ensure_ascii=False).encode()
    status, text = answered("POST", "/api/v1/tokens/?q=%E6%B9%96", body, f"application/json; charset={charset}")
    assert (status, "token" in json.loads(text)) == ("201 Created", True)


@pytest.mark.django_db
@pytest.mark.parametrize("parameters", UNREADABLE)
def test_a_type_that_nobody_can_read_is_none(parameters: str) -> None:
    assert answered("GET", "/sign-in/", content_type=f"text/plain; {parameters}")[0] == "200 OK"
    status, text = answered("POST", "/api/v1/tokens/", b"{}", f"application/json; {parameters}")
    assert (status, json.loads(text)["code"]) == ("415 Unsupported Media Type", "unsupported_media_type")


@pytest.mark.django_db
@pytest.mark.parametrize("parameters", UNREADABLE)
def test_of_what_is_accepted_the_readable_counts(parameters: str) -> None:
    token = f"Token {Program(make_user('finance')).secret}"
    unreadable = f"application/json; {parameters}"
    for accepted, answer in ((unreadable, "406 Not Acceptable"), (f"{unreadable}, application/json", "200 OK")):
        assert answered("GET", "/api/v1/tokens/", HTTP_AUTHORIZATION=token, HTTP_ACCEPT=accepted)[0] == answer


@pytest.mark.django_db
def test_a_form_of_which_a_part_is_unreadable_is_malformed() -> None:
    part = b'Content-Disposition: form-data; name="username"; a*=x; a*0=y'
    body = b"--x\r\n" + part + b"\r\n\r\n1\r\n--x--\r\n"
    assert answered("POST", "/sign-in/", body, "multipart/form-data; boundary=x")[0] == "400 Bad Request"


ONLY_READ = [
    "/api/docs/",
    "/api/schema/",
    "/live/",
    "/ready/",
    "/metrics",
    "/deliveries/",
    "/nowhere/",
    "/api/nowhere/",
]
NAMED = b"Content-Disposition: form-data; name=a"
FORMS = {
    "a part that nobody can read": ("multipart/form-data; boundary=x", NAMED + b"; a*=x; a*0=y"),
    "no boundary": ("multipart/form-data", NAMED),
    "a boundary of none": ('multipart/form-data; boundary=""', NAMED),
    "a charset that is none": ("multipart/form-data; boundary=x; charset=no-such", NAMED),
    "a name in no charset": ("multipart/form-data; boundary=x", NAMED.replace(b"name=a", b"name*=no-such''x")),
    "a head without an end": ("multipart/form-data; boundary=x", NAMED + b"\r\nX: " + b"a" * 70_000),
}


@pytest.mark.django_db
@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_nobody_can_read_is_no_fault_of_ours_wherever_it_is_sent(form: str) -> None:
    kind, head = FORMS[form]
    body = b"--x\r\n" + head + b"\r\n\r\n1\r\n--x--\r\n"
    for path in (*ONLY_READ, "/sign-in/"):
        status, _text = answered("POST", path, body, kind)
        assert status[0] in "34" or (path, status[:3]) == ("/sign-in/", "200"), (path, status)


@pytest.mark.django_db
def test_nor_where_somebody_signed_in_sends_it(client: Client) -> None:
    client.force_login(make_user())
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    body = b"--x\r\n" + NAMED + b"; a*=x; a*0=y\r\n\r\n1\r\n--x--\r\n"
    for path in ONLY_READ:
        status, _text = answered("POST", path, body, "multipart/form-data; boundary=x", HTTP_COOKIE=cookie)
        assert status[0] in "34", (path, status)


@pytest.mark.django_db
def test_fields_without_number_are_too_many() -> None:
    body = b"&".join(b"a=1" for _field in range(5_001))
    for path in ("/sign-in/", "/api/docs/"):
        status, _text = answered("POST", path, body, "application/x-www-form-urlencoded")
        assert status[0] == "4", (path, status)
