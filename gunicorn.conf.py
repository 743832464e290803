"""What gunicorn does besides its command line, which reads this file from the folder that it starts in.

The figures of all its processes are added up in a folder; it must be named before --preload imports what counts.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
made = ""

if os.environ.get("METRICS_TOKEN") and FOLDER not in os.environ:
    # systemd's folder for what runs is never tidied up under us, and gone with the unit
    os.environ[FOLDER] = made = tempfile.mkdtemp(prefix="salesops-metrics-", dir=os.environ.get("RUNTIME_DIRECTORY"))

if os.environ.get("LOG_FORMAT") == "json":
    logconfig_dict = {
        "formatters": {"generic": {"()": "salesops.watch.logs.JsonLines"}},
        "root": {"level": "WARNING", "handlers": []},
        "loggers": {"gunicorn.error": {"level": "WARNING", "handlers": ["error_console"], "propagate": False}},
    }


def when_ready(server: Any) -> None:
    """The product is loaded, no process is forked yet."""
    from salesops.wsgi import settle

    settle()


def child_exit(server: Any, worker: Any) -> None:
    """A process has ended: what it counted still counts, what it was does not."""
    if os.environ.get(FOLDER):
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    """Leave nothing behind."""
    if made:
        shutil.rmtree(made, ignore_errors=True)
