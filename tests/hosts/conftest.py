"""Three hosts with the product on them, where this machine lets us make them."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .installation import ThreeHosts
from .network import remove_abandoned, why_not


@pytest.fixture
def hosts(django_db_setup: None, kept_dump: Path | None) -> Iterator[ThreeHosts]:
    """The network with PostgreSQL and Valkey at work; no unit of the product yet."""
    if reason := why_not():
        pytest.skip(reason)
    if kept_dump is None:
        pytest.skip("needs the embedded servers")
    remove_abandoned()
    folder = Path(tempfile.mkdtemp(prefix="salesops-hosts-"))
    made = ThreeHosts(folder, kept_dump)
    try:
        made.network.build()
        made.start_servers()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)
