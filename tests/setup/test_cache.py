"""The cache may be lost at any time: what answers without it, and how."""

import pytest
from django.core.cache import caches
from django.test import Client

from salesops.web.cache import LEFT_ALONE_SECONDS
from tests.support.build import PASSWORD, make_user


@pytest.mark.usefixtures("dead_cache")
def test_without_its_server_the_cache_is_an_empty_one() -> None:
    cache = caches["default"]
    cache.set("key", 1)
    assert cache.get("key", "otherwise") == "otherwise"
    assert cache.get_many(["key"]) == {}
    assert "key" not in cache
    assert not cache.delete("key")
    assert not cache.touch("key")
    assert not cache.add("key", 1)
    with pytest.raises(ValueError, match="key"):
        cache.incr("key")


@pytest.mark.usefixtures("dead_cache")
def test_a_server_that_did_not_answer_is_left_alone_for_a_while(monkeypatch, caplog) -> None:
    now = 1_000.0
    monkeypatch.setattr("salesops.web.cache.time.monotonic", lambda: now)
    for _page in range(3):
        caches["default"].get("key")
    assert caplog.text.count("the cache does not answer") == 1
    now += LEFT_ALONE_SECONDS + 1
    caches["default"].get("key")
    assert caplog.text.count("the cache does not answer") == 2


@pytest.mark.django_db
@pytest.mark.usefixtures("dead_cache")
def test_people_sign_in_work_and_sign_out_without_the_cache() -> None:
    person = make_user("supervisor")
    client = Client()
    entered = client.post("/sign-in/", {"username": person.username, "password": PASSWORD})
    assert entered.status_code == 302
    assert client.get("/").status_code == 200
    assert client.get("/deliveries/").status_code == 200
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/").status_code == 302
