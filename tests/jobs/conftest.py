"""Somebody who starts jobs, and a deadline instead of a sleep."""

import time
from collections.abc import Callable
from typing import Any

import pytest

import tests.support.job_kinds  # noqa: F401  declares the kinds
from salesops.users.models import User
from tests.support.build import make_user

PATIENCE = 30.0


@pytest.fixture(autouse=True)
def media_folder(tmp_path_factory: pytest.TempPathFactory, settings: Any) -> None:
    """Results of these tests lie in a folder of their own."""
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("files")


@pytest.fixture
def owner(db: None) -> User:
    """Somebody in finance, who may see payments."""
    return make_user("finance", email="owner@example.com")


def until(holds: Callable[[], Any], what: str = "") -> Any:
    """Return what the condition answers as soon as it holds; fail when it does not in time."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := holds()):
        assert time.monotonic() < deadline, what or "it did not happen in time"
        time.sleep(0.02)
    return answer
