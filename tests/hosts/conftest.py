"""Three hosts with the product on them, where this machine lets us make them."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from salesops.embedded import SocketFolder

from .installation import ThreeHosts
from .network import remove_abandoned_networks, why_not

PREFIX = "salesops-hosts-"


@pytest.fixture
def hosts(django_db_setup: None, kept_dump: Path | None) -> Iterator[ThreeHosts]:
    """The network with PostgreSQL and Valkey at work; no unit of the product yet."""
    if reason := why_not():
        pytest.skip(reason)
    if kept_dump is None:
        pytest.skip("needs the embedded servers")
    remove_abandoned_networks()
    remove_abandoned_folders()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    made = ThreeHosts(folder, kept_dump)
    try:
        made.network.build()
        made.start_servers()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned_folders() -> None:
    """Remove what runs that were killed have left, the folders of their servers' sockets too."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
            for server in ("postgresql", "valkey"):
                SocketFolder(folder / server).remove()
            shutil.rmtree(folder, ignore_errors=True)
