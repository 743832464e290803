"""The embedded Valkey: starts, stops, and keeps what it took."""

import pytest
import redis

from salesops.embedded import CannotStart, Valkey, folders


def client(server: Valkey) -> redis.Redis:
    return redis.Redis.from_url(server.url())


def test_what_it_took_survives_a_kill(valkey: Valkey) -> None:
    valkey.start()
    for number in range(40):
        client(valkey).rpush("queue", number)
    assert valkey.process
    valkey.process.kill()
    valkey.process.wait()
    valkey.start()
    assert client(valkey).llen("queue") == 40


def test_it_listens_on_no_network_address(valkey: Valkey) -> None:
    valkey.start()
    assert client(valkey).config_get("port") == {"port": "0"}
    assert valkey.socket.stat().st_mode & 0o777 == 0o700


def test_it_never_drops_a_message_for_want_of_memory(valkey: Valkey) -> None:
    valkey.start()
    assert client(valkey).config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_stopping_ends_the_process_and_removes_the_socket(valkey: Valkey) -> None:
    valkey.start()
    process = valkey.process
    valkey.stop()
    assert process
    assert process.returncode == 0
    assert not valkey.sockets.path.exists()


def test_a_second_server_on_the_same_folder_is_refused(valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "SHUTDOWN_SECONDS", 0.1)
    valkey.start()
    second = Valkey(valkey.folder)
    with pytest.raises(CannotStart, match="in use by another copy"):
        second.start()
    second.stop()
    assert client(valkey).ping()
