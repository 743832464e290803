"""/ready/: what it says when something that a request needs is missing."""

import json
import socket
import time

import psycopg
import pytest
import redis
from django.conf import settings as configured
from django.db import connection
from django.test import Client

from salesops.watch import signs
from tests.support.servers import url_of_database


def ask():
    response = Client().get("/ready/")
    said = json.loads(response.content)
    said.pop("silent")
    return response.status_code, said


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.mark.django_db
def test_it_is_ready_when_everything_answers():
    assert ask() == (200, {"ready": True, "failing": []})


@pytest.mark.django_db
def test_it_is_not_ready_while_the_broker_does_not_answer(settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        settings.REDIS_URL = f"redis://:secret@127.0.0.1:{taken.getsockname()[1]}/0"
        assert ask() == (503, {"ready": False, "failing": ["broker"]})


@pytest.mark.django_db
def test_a_broker_that_takes_connections_and_says_nothing_is_given_up_soon(settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        started = time.monotonic()
        assert ask() == (503, {"ready": False, "failing": ["broker"]})
    assert time.monotonic() - started < 20


@pytest.mark.django_db
def test_it_is_not_ready_before_the_migrations_are_applied():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations)")
        assert cursor.rowcount == 1
    assert ask() == (503, {"ready": False, "failing": ["migrations"]})


@pytest.mark.django_db
def test_it_is_ready_while_the_database_is_ahead_of_the_code():
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('jobs', '9999_later', now())")
    assert ask() == (200, {"ready": True, "failing": []})


@pytest.mark.django_db
def test_it_is_not_ready_where_no_file_can_be_kept(settings, tmp_path):
    (tmp_path / "file").touch()
    settings.MEDIA_ROOT = tmp_path / "file"
    assert ask() == (503, {"ready": False, "failing": ["files"]})


@pytest.mark.django_db
def test_the_settings_that_find_a_lost_host_are_taken_by_the_driver():
    options = configured.DATABASES["default"]["OPTIONS"]
    kept = {name: options[name] for name in ("connect_timeout", "keepalives_idle", "tcp_user_timeout")}
    with psycopg.connect(url_of_database("postgres"), **kept) as plain:
        assert plain.info.get_parameters()["tcp_user_timeout"] == "30000"
    assert connection.connection.info.get_parameters()["tcp_user_timeout"] == "30000"


@pytest.mark.django_db
def test_it_names_what_gives_no_sign_of_life_and_is_ready_all_the_same(settings):
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.delete(signs.KEY)
        server.hset(signs.KEY, "worker b", str(time.time() - signs.LATE_SECONDS + 10))
        server.hset(signs.KEY, "beat b", str(time.time() - signs.LATE_SECONDS - 10))
        response = Client().get("/ready/")
        server.delete(signs.KEY)
    assert (response.status_code, json.loads(response.content)["silent"]) == (200, ["beat"])
