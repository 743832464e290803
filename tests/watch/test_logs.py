"""Lines of the log: one JSON object each where programs read them, and no secret in any."""

import io
import json
import logging
import os
import subprocess
import sys

import pytest
from django.test import Client

from salesops.watch.logs import JsonLines, Lines, NoFaults, without_secrets
from salesops.web.request_ids import belonging_to


def record(message: str, *arguments: object, failed: bool = False, **more: object) -> logging.LogRecord:
    made = logging.LogRecord(
        "salesops.x", logging.ERROR, __file__, 1, message, arguments, sys.exc_info() if failed else None
    )
    vars(made).update(more)
    return made


def test_a_record_is_one_line_of_json_also_with_an_exception():
    try:
        raise ValueError("postgresql://salesops:geheim@database/x\nsecond line")
    except ValueError:
        line = JsonLines().format(record("It broke: %s", "库存", failed=True))
    assert "\n" not in line
    said = json.loads(line)
    assert (said["level"], said["logger"], said["message"]) == ("ERROR", "salesops.x", "It broke: 库存")
    assert said["time"].endswith("+00:00")
    assert "ValueError: postgresql://salesops:***@database/x\nsecond line" in said["exception"]
    assert "request_id" not in said


def test_it_names_the_request_and_the_fields_of_the_record():
    with belonging_to("request-1"):
        said = json.loads(JsonLines().format(record("Answered", fields={"status": 200, "view": "live"})))
    assert (said["request_id"], said["status"], said["view"]) == ("request-1", 200, "live")


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("redis://:geheim@redis/0 is away", "redis://:***@redis/0 is away"),
        ("postgresql://salesops:ge%40heim@db/s", "postgresql://salesops:***@db/s"),
        ("host=db password=geheim user=s", "host=db password=*** user=s"),
        ("Authorization: Bearer abcdefgh12345", "Authorization: Bearer ***"),
        ("Authorization: Token so_abc-DEF_123", "Authorization: Token so_***"),
        ("of token so_abc-DEF_123.", "of token so_***."),
        ("key so_abc-DEF_123 used", "key so_*** used"),
        ("the token is kept, basic rules apply", "the token is kept, basic rules apply"),
    ],
)
def test_passwords_and_tokens_are_not_told(told, kept):
    assert without_secrets(told) == kept
    assert Lines("{message}", style="{").format(record(told)) == kept


@pytest.mark.django_db
def test_a_foreign_host_and_a_missing_server_are_no_faults_of_ours(monkeypatch):
    (console,) = (one for one in logging.getLogger().handlers if any(isinstance(f, NoFaults) for f in one.filters))
    spoken = io.StringIO()
    monkeypatch.setattr(console, "stream", spoken)
    assert Client().get("/live/", headers={"host": "evil.example"}).status_code == 400
    logging.getLogger("django.request").error("Service Unavailable: /ready/", extra={"status_code": 503})
    logging.getLogger("django.request").error("Internal Server Error: /", extra={"status_code": 500})
    lines = spoken.getvalue().splitlines()
    assert [line.split()[2] for line in lines] == ["WARNING", "WARNING", "ERROR"]
    assert "evil.example" in lines[0]


def test_a_form_that_is_not_known_is_said_at_the_start():
    env = os.environ | {"LOG_FORMAT": "xml"}
    done = subprocess.run([sys.executable, "manage.py", "check"], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "LOG_FORMAT is line or json, not 'xml'" in done.stderr
