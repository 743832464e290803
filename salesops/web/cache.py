"""The cache makes things quick and is never needed: while its server does not answer, everything goes on without it."""

import logging
import time
from collections.abc import Callable
from typing import Any, ClassVar

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
LEFT_ALONE_SECONDS = 5
"""How long a server that did not answer is not asked again: nobody waits for it at every step of a page."""


class ForgivingClient(RedisCacheClient):
    """Answers as an empty cache does while its server is away; the log says so each time it was asked in vain."""

    away_until: ClassVar[float] = 0.0

    def get(self, key: Any, default: Any) -> Any:
        return self._without(default, super().get, key, default)

    def get_many(self, keys: Any) -> Any:
        return self._without({}, super().get_many, keys)

    def has_key(self, key: Any) -> Any:
        return self._without(False, super().has_key, key)

    def set(self, key: Any, value: Any, timeout: Any) -> Any:
        return self._without(None, super().set, key, value, timeout)

    def set_many(self, data: Any, timeout: Any) -> Any:
        return self._without(None, super().set_many, data, timeout)

    def add(self, key: Any, value: Any, timeout: Any) -> Any:
        return self._without(False, super().add, key, value, timeout)

    def touch(self, key: Any, timeout: Any) -> Any:
        return self._without(False, super().touch, key, timeout)

    def delete(self, key: Any) -> Any:
        return self._without(False, super().delete, key)

    def delete_many(self, keys: Any) -> Any:
        return self._without(None, super().delete_many, keys)

    def clear(self) -> Any:
        return self._without(False, super().clear)

    def incr(self, key: Any, delta: Any) -> Any:
        """Raises ValueError, as for a key that is not there."""
        counted = self._without(None, super().incr, key, delta)
        if counted is None:
            raise ValueError(f"Key {key!r} not found.")
        return counted

    def _without(self, otherwise: Any, ask: Callable[..., Any], *given: Any) -> Any:
        if time.monotonic() < ForgivingClient.away_until:
            return otherwise
        try:
            return ask(*given)
        except (RedisError, OSError) as failure:
            ForgivingClient.away_until = time.monotonic() + LEFT_ALONE_SECONDS
            logger.warning("the cache does not answer, we go on without it: %s", failure)
            return otherwise


class ForgivingRedisCache(RedisCache):
    """Django's cache on Redis with a client that fails open; for what may be forgotten at any time."""

    def __init__(self, server: Any, params: Any) -> None:
        super().__init__(server, params)
        self._class = ForgivingClient
