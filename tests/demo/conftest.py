"""The demo company, made once for the tests of this folder and taken back after them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from salesops.demo.company import Made, make_company
from tests.support.database import taken_back


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[Made]:
    """The company as it looks now, in a transaction that is rolled back."""
    with taken_back(django_db_blocker):
        yield make_company()


@pytest.fixture
def zone() -> ZoneInfo:
    """Where the company is."""
    return ZoneInfo("Asia/Shanghai")


@pytest.fixture
def moment(zone: ZoneInfo) -> datetime:
    """A working day in the afternoon."""
    return datetime(2026, 11, 23, 14, 30, tzinfo=zone)
