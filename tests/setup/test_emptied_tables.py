"""Tests that commit leave the database as the migrations made it."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import TransactionTestCase

from salesops.approvals.models import Policy
from salesops.users.models import User
from tests.support.build import make_sales
from tests.support.emptying import MAY_PASS_OVER_TRIGGERS, filled_tables, rows_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def way_of_the_run() -> None:
    """The servers let the tests' account pass over triggers."""
    with connection.cursor() as cursor:
        cursor.execute(MAY_PASS_OVER_TRIGGERS)
        if not cursor.fetchone()[0]:
            pytest.skip("the account of DATABASE_URL may not set session_replication_role: Django's flush it is")


def content() -> dict[str, list[bytes]]:
    """What the database holds, in no order."""
    return {table: sorted(rows.splitlines()) for table, rows in rows_of(filled_tables()).items()}


def end_test() -> None:
    """What Django does to the database behind a test that commits."""
    TransactionTestCase()._fixture_teardown()  # type: ignore[attr-defined]


def test_a_test_that_commits_leaves_what_the_migrations_wrote(way_of_the_run: None) -> None:
    before = content()
    sales = make_sales()
    sales.ship(sales.approved(sales.customer()))
    Group.objects.all().delete()
    assert len(content()) > len(before) and User.objects.exists() and Policy.objects.exists()
    end_test()
    assert content() == before and not User.objects.exists() and Group.objects.exists()


def test_the_ledger_is_guarded_again_afterwards(way_of_the_run: None) -> None:
    end_test()
    with connection.cursor() as cursor:
        cursor.execute("SHOW session_replication_role")
        assert cursor.fetchone() == ("origin",)
