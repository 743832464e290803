"""An upgrade of books with documents marks all of them, so that the first worker counts them."""

from importlib import import_module

import pytest
from django.db import connection

from orders.facts.services import bring_facts_along
from orders.models import AccountFact, FactMark, GoodsFact
from tests.support.build import make_sales

pytestmark = pytest.mark.django_db


def test_documents_that_were_there_before_are_counted_by_the_first_worker() -> None:
    sales = make_sales()
    for pieces in (2, 3):
        customer = sales.customer()
        sales.ship(sales.approved(customer, 10), pieces)
        sales.pay(customer, 50)
    FactMark.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(import_module("orders.migrations.0022_facts").MARK_ALL)

    assert bring_facts_along() == 2
    assert sorted(GoodsFact.objects.values_list("quantity", flat=True)) == [2, 3]
    assert sorted(AccountFact.objects.values_list("closing", flat=True)) == [150, 250]
