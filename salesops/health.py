"""Whether this process can do its work: asked by what sends requests to it. Says what fails, never why in detail."""

import logging
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from salesops.watch.signs import silent

logger = logging.getLogger(__name__)
SECONDS = 3


def database() -> bool:
    """Whether the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def migrations() -> bool:
    """Whether the database has every table and column that this code asks for; it may be ahead of us."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
        (applied,) = cursor.fetchone()
    return _is_complete(applied)


@lru_cache(maxsize=8)
def _is_complete(applied: int) -> bool:
    """Reading all migrations takes half a second: done again only when their number has changed."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def broker() -> bool:
    """Whether Redis answers."""
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS) as server:
        return bool(server.ping())


def files() -> bool:
    """Whether a file can be written into the folder that all hosts share."""
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        return file.write(b"ready") > 0


CHECKS: dict[str, Callable[[], bool]] = {check.__name__: check for check in (database, migrations, broker, files)}


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when requests can be served, else 503; the body names each check that failed.

    `silent` names what of worker and beat gives no sign of life: pages are served without them, work is not done.
    """
    failing = [name for name, check in CHECKS.items() if not _holds(name, check)]
    said = {"ready": not failing, "failing": failing, "silent": [] if "broker" in failing else silent()}
    return JsonResponse(said, status=503 if failing else 200)


def _holds(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (DatabaseError, redis.RedisError, OSError) as failure:
        logger.warning("not ready: %s: %s", name, failure)
        return False
