"""What every answer says to browsers and proxies, plain and behind TLS; the settings are those of a real process."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from tests.support.build import make_user
from tests.support.servers import url_of_database

ASK = """
import json, django
django.setup()
from django.conf import settings
from django.db import transaction
from django.test import Client
from tests.support.build import make_user
settings.ALLOWED_HOSTS = ["testserver"]
PROXIED = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_PROTO": "https"}
plain = Client().get("/nowhere/")
secure = Client().get("/nowhere/", **PROXIED)
speaker = Client()
with transaction.atomic():
    make_user(username="gao", raw_password="not that of the demo")
    speaker.post("/language/", {"language": "zh-hans"}, **PROXIED)
    entered = speaker.post("/sign-in/", {"username": "gao", "password": "not that of the demo"}, **PROXIED)
    transaction.set_rollback(True)
stranger = Client().get("/nowhere/", REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_PROTO="https")
print(json.dumps({
    "plain": plain.status_code, "to": plain.get("Location", ""), "secure": secure.status_code,
    "stranger": stranger.status_code, "headers": {name.lower(): value for name, value in secure.items()},
    "entered": entered.status_code,
    "given": {
        name: [bool(one["secure"]), bool(one["httponly"]), one["samesite"]] for name, one in speaker.cookies.items()
    },
}))
"""

COOKIES = {
    settings.LANGUAGE_COOKIE_NAME: [True, True, "Lax"],
    settings.SESSION_COOKIE_NAME: [True, True, "Lax"],
    settings.CSRF_COOKIE_NAME: [True, False, "Lax"],
}
"""What whoever chooses a language and signs in is given behind TLS: whether secure, whether HttpOnly, SameSite."""


def product(tls: str) -> dict[str, Any]:
    """What the product answers in a process of its own, with the settings that a server has. It leaves no row."""
    environment = {
        **os.environ,
        "DATABASE_URL": url_of_database(connection.settings_dict["NAME"]),
        "SALESOPS_TLS": tls,
        "DJANGO_SETTINGS_MODULE": "salesops.settings",
        "SECRET_KEY": "x" * 60,
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


@pytest.mark.django_db
def test_behind_tls_cookies_are_secure_and_plain_requests_are_sent_there() -> None:
    said = product("yes")
    assert (said["plain"], said["to"]) == (301, "https://testserver/nowhere/")
    assert said["secure"] == 404
    assert said["stranger"] == 301
    assert said["headers"]["strict-transport-security"] == "max-age=31536000; includeSubDomains; preload"
    assert said["entered"] == 302
    assert said["given"] == COOKIES


@pytest.mark.django_db
def test_without_tls_nothing_is_promised_that_would_lock_people_out() -> None:
    said = product("no")
    assert (said["plain"], said["stranger"]) == (404, 404)
    assert "strict-transport-security" not in said["headers"]
    assert said["entered"] == 302
    assert said["given"] == {name: [False, *rest] for name, (_secure, *rest) in COOKIES.items()}


@pytest.mark.django_db
def test_every_page_says_what_a_browser_may_do(client: Client) -> None:
    response = client.get("/sign-in/")
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]


@pytest.mark.django_db
def test_no_proxy_keeps_a_page_that_is_for_one_person(client: Client) -> None:
    client.force_login(make_user())
    assert "private" in client.get("/password/")["Cache-Control"]
