"""The credit picture: one function for screen and decision."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from customers.models import Customer
from orders.credit.queries import credit_picture, credit_pictures
from orders.credit.services import ask_again, ask_temporary_limit, revoke_temporary_limit
from orders.models import TemporaryLimit
from salesops.approvals.models import Request
from salesops.approvals.services import approve, reject, send_back
from salesops.kernel.errors import RuleBroken
from tests.support.build import Sales, make_sales

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def test_exposure_is_balance_committed_and_this_one() -> None:
    sales = make_sales()
    customer = sales.customer(limit=2_000)
    sales.ship(sales.approved(customer, 10), 4)
    picture = credit_picture(customer.pk, Decimal(1_044))
    assert (picture.balance, picture.committed, picture.exposure) == (Decimal(400), Decimal(600), Decimal(2044))
    assert (picture.over_amount, picture.over_percent) == (Decimal(44), Decimal("2.2"))
    assert picture.remains == 0


def test_shipping_moves_committed_to_balance_and_counts_nothing_twice() -> None:
    sales = make_sales()
    customer = sales.customer()
    delivery = sales.approved(customer, 10)
    before = credit_picture(customer.pk).exposure
    sales.ship(delivery, 3)
    sales.ship(delivery, 7)
    assert credit_picture(customer.pk).exposure == before


def test_no_limit_is_not_controlled_and_zero_is_prepaid_only() -> None:
    sales = make_sales()
    free = credit_picture(sales.customer(limit=None).pk, Decimal(1_000_000))
    assert free.limit is None and free.remains is None and free.over_amount == 0
    prepaid = sales.customer(limit=0)
    assert credit_picture(prepaid.pk, Decimal(1)).over_percent == 100
    sales.pay(prepaid, 100)
    assert credit_picture(prepaid.pk, Decimal(100)).over_amount == 0
    assert credit_picture(prepaid.pk, Decimal(101)).over_amount == 1


def test_overdue_is_what_is_open_after_its_due_day() -> None:
    sales = make_sales()
    customer = sales.customer()
    sales.overdue(customer, 300, 20)
    sales.overdue(customer, 100, 0)
    sales.overdue(customer, 50, 3)
    sales.pay(customer, 120)
    picture = credit_picture(customer.pk)
    assert (picture.overdue_amount, picture.overdue_days) == (Decimal(230), 20)
    sales.pay(customer, 180)
    picture = credit_picture(customer.pk)
    assert (picture.overdue_amount, picture.overdue_days) == (Decimal(50), 3)


def temporary(sales: Sales, customer: Customer, days: int = 5, **more: Any) -> TemporaryLimit:
    return ask_temporary_limit(
        **{
            "by": sales.representative,
            "customer_id": customer.pk,
            "amount": Decimal(500),
            "first_day": TODAY(),
            "last_day": TODAY() + timedelta(days),
            "reason": "Season",
            **more,
        }
    )


def test_a_temporary_limit_counts_once_it_is_approved_and_while_it_lasts() -> None:
    sales = make_sales()
    customer = sales.customer(limit=10_000)
    limit = temporary(sales, customer)
    assert limit.number.startswith("CL-")
    assert credit_picture(customer.pk).limit == 10_000
    approve(Request.objects.get(object_id=limit.pk, document_type="temporary_limit").pk, by=sales.regional_manager)
    assert credit_picture(customer.pk).limit == 10_500
    revoke_temporary_limit(limit.pk, by=sales.finance)
    assert credit_picture(customer.pk).limit == 10_000


def test_a_temporary_limit_outside_its_days_does_not_count() -> None:
    sales = make_sales()
    customer = sales.customer(limit=10_000)
    limit = temporary(sales, customer, first_day=TODAY() + timedelta(1))
    approve(Request.objects.get(object_id=limit.pk).pk, by=sales.regional_manager)
    assert credit_picture(customer.pk).limit == 10_000


def test_a_rejected_temporary_limit_never_counts() -> None:
    sales = make_sales()
    customer = sales.customer(limit=10_000)
    limit = temporary(sales, customer)
    reject(Request.objects.get(object_id=limit.pk).pk, by=sales.regional_manager, note="No")
    limit.refresh_from_db()
    assert limit.state == "rejected"
    with pytest.raises(RuleBroken):
        revoke_temporary_limit(limit.pk, by=sales.finance)


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"amount": Decimal(0)}, "amount"),
        ({"reason": " "}, "reason"),
        ({"last_day": timezone.localdate() - timedelta(1), "first_day": timezone.localdate() - timedelta(2)}, "date"),
        ({"first_day": timezone.localdate() + timedelta(9)}, "date"),
    ],
)
def test_a_temporary_limit_that_makes_no_sense_is_refused(more: dict[str, Any], rule: str) -> None:
    sales = make_sales()
    with pytest.raises(RuleBroken) as caught:
        temporary(sales, sales.customer(limit=10_000), **more)
    assert caught.value.rule == rule
    assert not TemporaryLimit.objects.exists()


def test_a_temporary_limit_makes_room_for_what_waits() -> None:
    from salesops.approvals.queries import waiting_for
    from salesops.approvals.services import put_aside

    sales = make_sales()
    customer = sales.customer(limit=1_000)
    waiting = sales.submitted(customer, 15)
    put_aside(waiting.pk, by=sales.supervisor)
    limit = temporary(sales, customer)
    approve(Request.objects.get(object_id=limit.pk, document_type="temporary_limit").pk, by=sales.regional_manager)
    if Request.objects.waiting().filter(document_type="temporary_limit").exists():
        approve(Request.objects.get(object_id=limit.pk, document_type="temporary_limit").pk, by=sales.sales_manager)
    assert waiting in waiting_for(sales.supervisor)


def test_many_pictures_cost_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    sales = make_sales()
    ids = [sales.customer().pk for _n in range(6)]
    with django_assert_num_queries(1):
        assert len(credit_pictures(ids)) == 6


def test_a_returned_temporary_limit_is_changed_and_submitted_again_by_who_asked() -> None:
    sales = make_sales()
    limit = temporary(sales, sales.customer(limit=10_000))
    first = Request.objects.get(object_id=limit.pk, document_type="temporary_limit")
    terms: dict[str, Any] = {"amount": Decimal(300), "first_day": TODAY(), "last_day": TODAY(), "reason": "Less"}
    with pytest.raises(RuleBroken):
        ask_again(limit.pk, by=sales.representative, **terms)
    send_back(first.pk, by=sales.regional_manager, note="Less, please")
    with pytest.raises(RuleBroken):
        ask_again(limit.pk, by=sales.supervisor, **terms)
    again = ask_again(limit.pk, by=sales.representative, **terms)
    assert (again.state, again.amount) == ("submitted", Decimal(300))
    assert Request.objects.waiting().filter(object_id=limit.pk, document_type="temporary_limit").count() == 1
