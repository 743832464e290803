"""What an approval asks of the database: as little as its locks and rows need."""

import pytest
from pytest_django import DjangoAssertNumQueries

from orders.models import DeliveryLine
from salesops.approvals.services import approve
from salesops.users.models import User
from tests.support.build import make_sales

pytestmark = pytest.mark.django_db

STATEMENTS = 22


def test_an_approval_takes_few_statements_however_many_lines(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    sales = make_sales()
    approve(sales.submitted(sales.customer(), 1).pk, by=sales.supervisor)  # the policy is read once in a process
    request = sales.submitted(sales.customer(limit=1_000_000), 3)
    with django_assert_max_num_queries(STATEMENTS):
        approve(request.pk, by=User.objects.get(pk=sales.supervisor.pk))


def test_an_approval_writes_each_line_once_into_the_history() -> None:
    sales = make_sales()
    request = sales.submitted(sales.customer(limit=1_000_000), 3)
    events = DeliveryLine.pgh_event_model.objects.filter(pgh_label="update")  # type: ignore[attr-defined]
    before = events.count()

    approve(request.pk, by=sales.supervisor)

    lines = DeliveryLine.objects.filter(delivery=request.object_id)
    assert events.count() - before == lines.count()
    assert all(line.approved_quantity == line.quantity for line in lines)
