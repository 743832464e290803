"""The demo company, made once for the tests of this folder and taken back after them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from salesops.demo.company import Made, make_company


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[Made]:
    """The company as it looks now, in a transaction that is rolled back."""
    with django_db_blocker.unblock():
        try:
            with transaction.atomic():
                yield make_company()
                raise _TakeBackError
        except _TakeBackError:
            pass


class _TakeBackError(Exception):
    """Ends the transaction without keeping anything."""


@pytest.fixture
def zone() -> ZoneInfo:
    """Where the company is."""
    return ZoneInfo("Asia/Shanghai")


@pytest.fixture
def moment(zone: ZoneInfo) -> datetime:
    """A working day in the afternoon."""
    return datetime(2026, 11, 23, 14, 30, tzinfo=zone)
