"""The way in by which gunicorn calls us, without a server: what charset a request names does not matter."""

import json
from io import BytesIO
from typing import Any

import pytest
from django.test import RequestFactory

from salesops.wsgi import application
from tests.support.build import PASSWORD, make_user
from tests.support.database import one_connection

CHARSETS = ["hex", "rot13", "utf-16", "gbk", "no-such", '"hex"']


def answered(method: str, path: str, body: bytes = b"", content_type: str = "") -> tuple[str, bytes]:
    """The status and the body of the answer to a request."""
    environ = RequestFactory().generic(method, path).environ
    environ |= {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)}
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
