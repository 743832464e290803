"""Signs of life of the processes that answer nobody: workers and beat. They lie in Redis, which all hosts reach."""

import logging
import time
from functools import lru_cache

import redis
from django.conf import settings

logger = logging.getLogger(__name__)
KEY = "salesops:signs-of-life"
EVERY_SECONDS = 10
LATE_SECONDS = 90
"""After so long without a sign a process is taken to be gone; beat has something to send four times a minute."""
FORGOTTEN_SECONDS = 24 * 60 * 60
"""After so long a host is taken to have been put out of service."""
WAIT_SECONDS = 3

WORKER, BEAT = "worker", "beat"
_given: dict[tuple[str, str], float] = {}


def give_sign(process: str, host: str) -> None:
    """Write down that a process on a host lives, once in EVERY_SECONDS; nothing happens while Redis is away."""
    now = time.time()
    if now - _given.get((process, host), 0) < EVERY_SECONDS:
        return
    _given[process, host] = now
    try:
        _server(settings.REDIS_URL).hset(KEY, f"{process} {host}", str(now))
    except redis.RedisError as failure:
        logger.warning("no sign of life of %s on %s this time: %s", process, host, failure)


def signs() -> dict[tuple[str, str], float]:
    """Return the moment of the last sign by process and host, in seconds since 1970; raises RedisError."""
    server = _server(settings.REDIS_URL)
    found = {name.decode(): float(moment) for name, moment in server.hgetall(KEY).items()}  # type: ignore[union-attr]
    old = [name for name, moment in found.items() if time.time() - moment > FORGOTTEN_SECONDS]
    if old:
        server.hdel(KEY, *old)
    return {_names(name): moment for name, moment in found.items() if name not in old}


def silent() -> list[str]:
    """Return which of worker and beat gives no sign of life on any host; raises RedisError."""
    late = time.time() - LATE_SECONDS
    living = {process for (process, _host), moment in signs().items() if moment > late}
    return [process for process in (WORKER, BEAT) if process not in living]


def _names(name: str) -> tuple[str, str]:
    process, _space, host = name.partition(" ")
    return process, host


@lru_cache(maxsize=4)
def _server(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=WAIT_SECONDS, socket_connect_timeout=WAIT_SECONDS)
