"""The Celery application; without it imported in the package, tasks would use a default broker."""

import logging
import os
import socket
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesops.settings")

app = Celery("salesops")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_our_log(loglevel: int | None = None, **_more: Any) -> None:
    """The log is set up by the settings: Celery adds no handlers, its command line may ask for more lines."""
    if loglevel is not None:
        root = logging.getLogger()
        root.setLevel(min(root.level, loglevel))


@signals.heartbeat_sent.connect
def worker_lives(sender: Any, **_more: Any) -> None:
    """The main process of a worker, which has time also while all its children work."""
    from salesops.watch.signs import WORKER, give_sign

    give_sign(WORKER, sender.eventer.hostname.rpartition("@")[2])


@signals.beat_init.connect
def watch_beat(**_more: Any) -> None:
    """From now on whatever beat has sent is its sign of life."""
    signals.after_task_publish.connect(beat_lives)


def beat_lives(**_more: Any) -> None:
    """Something due was handed to the broker."""
    from salesops.watch.signs import BEAT, give_sign

    give_sign(BEAT, socket.gethostname())
