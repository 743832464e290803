"""Folders and servers of the tests about starting."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from salesops.embedded import Postgres, Valkey


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder that, like root's own folders, is closed to every other account."""
    folder = Path(tempfile.mkdtemp(prefix="salesops-setup-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def postgres(data: Path) -> Iterator[Postgres]:
    """A server that is not started yet, and is stopped afterwards."""
    server = Postgres(data / "postgresql", throwaway=True)
    yield server
    server.stop()


@pytest.fixture
def valkey(data: Path) -> Iterator[Valkey]:
    """A server that is not started yet, and is stopped afterwards."""
    server = Valkey(data / "valkey")
    yield server
    server.stop()
