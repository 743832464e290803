"""A day in a year that nobody means is refused by whatever writes it, at its field, and nothing is written."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import models, transaction
from django.utils import timezone

from customers.attachments.services import PaperInput, add_attachment
from customers.models import Attachment
from orders.catalogue.services import PriceListData, change_price_list, open_price_list
from orders.credit.services import ask_again, ask_temporary_limit
from orders.deliveries.services import LineInput, write_delivery
from orders.models import Delivery, ExpectedGoods, Payment, PriceList, Shipment, StockMovement, TemporaryLimit
from orders.payments.services import record_payment
from orders.shipments.services import ship_delivery
from orders.stock.services import change_expected, count_stock, expect_goods, receive_expected, receive_goods
from salesops.approvals.models import Request
from salesops.approvals.services import send_back
from salesops.kernel.errors import RuleBroken
from salesops.users.delegation.services import give_delegation
from salesops.users.models import Delegation
from salesops.users.roles import Role
from tests.support.build import Sales, make_sales, make_user

pytestmark = pytest.mark.django_db
MISTYPED, FAR = date(202, 6, 1), date(2101, 1, 1)

Act = Callable[..., Any]
People = dict[str, Any]
Case = tuple[Act, dict[str, Any], type[models.Model], tuple[str, ...]]
"""What writes, with days that are meant, what it writes, and the names of its days."""


def today() -> date:
    return timezone.localdate()


def payment(sales: Sales) -> Case:
    asked = partial(record_payment, by=sales.finance, customer_id=sales.customer().pk, amount=Decimal(10))
    return asked, {"received_on": today()}, Payment, ("received_on",)


def delivery(sales: Sales) -> Case:
    lines = [LineInput(sales.product.pk, 1)]
    people: People = {"by": sales.representative, "customer_id": sales.customer().pk}
    asked = partial(write_delivery, **people, warehouse_id=sales.warehouse.pk, lines=lines)
    return asked, {"wanted_on": today()}, Delivery, ("wanted_on",)


def shipment(sales: Sales) -> Case:
    approved = sales.approved(sales.customer())
    asked = partial(ship_delivery, approved.pk, by=sales.supply, quantities={approved.lines.get().pk: 1})
    return asked, {"shipped_on": today()}, Shipment, ("shipped_on",)


def _goods(sales: Sales) -> dict[str, Any]:
    return {"by": sales.supply, "warehouse_id": sales.warehouse.pk, "product_id": sales.product.pk}


def receipt(sales: Sales) -> Case:
    return partial(receive_goods, **_goods(sales), quantity=1), {"on": today()}, StockMovement, ("on",)


def count(sales: Sales) -> Case:
    return partial(count_stock, **_goods(sales), counted=7), {"on": today()}, StockMovement, ("on",)


def expected(sales: Sales) -> Case:
    return partial(expect_goods, **_goods(sales), quantity=1), {"expected_on": today()}, ExpectedGoods, ("expected_on",)


def changed_expected(sales: Sales) -> Case:
    there = expect_goods(**_goods(sales), quantity=1, expected_on=today() + timedelta(days=1))
    asked = partial(change_expected, there.pk, by=sales.supply, quantity=1)
    return asked, {"expected_on": today()}, ExpectedGoods, ("expected_on",)


def received_expected(sales: Sales) -> Case:
    there = expect_goods(**_goods(sales), quantity=1, expected_on=today())
    return partial(receive_expected, there.pk, by=sales.supply), {"on": today()}, StockMovement, ("on",)


def temporary_limit(sales: Sales) -> Case:
    people: People = {"by": sales.representative, "customer_id": sales.customer(limit=100).pk}
    asked = partial(ask_temporary_limit, **people, amount=Decimal(10), reason="Season")
    return asked, {"first_day": today(), "last_day": today()}, TemporaryLimit, ("first_day", "last_day")


def returned_limit(sales: Sales) -> Case:
    asked, days, _rows, _names = temporary_limit(sales)
    limit = asked(**days)
    send_back(Request.objects.get(document_type="temporary_limit").pk, by=sales.regional_manager, note="Less")
    again = partial(ask_again, limit.pk, by=sales.representative, amount=Decimal(5), reason="Season")
    return again, days, TemporaryLimit, ("first_day", "last_day")


def price_list(sales: Sales) -> Case:
    def asked(**days: Any) -> PriceList:
        return open_price_list(PriceListData("Summer", **days), by=sales.finance)

    return asked, {"valid_from": today(), "valid_until": today()}, PriceList, ("valid_from", "valid_until")


def changed_price_list(sales: Sales) -> Case:
    there = open_price_list(PriceListData("Winter", valid_from=today()), by=sales.finance)

    def asked(**days: Any) -> PriceList:
        return change_price_list(there.pk, PriceListData("Winter", **days), by=sales.finance)

    return asked, {"valid_from": today(), "valid_until": today()}, PriceList, ("valid_from", "valid_until")


def paper(sales: Sales) -> Case:
    customer = sales.customer()

    def asked(**days: Any) -> Attachment:
        return add_attachment(customer.pk, PaperInput("Licence", **days), by=sales.representative)

    return asked, {"valid_from": today(), "valid_until": today()}, Attachment, ("valid_from", "valid_until")


def delegation(sales: Sales) -> Case:
    giver, taker = make_user(Role.SUPERVISOR), make_user(Role.SUPERVISOR)
    asked = partial(give_delegation, by=giver, giver_id=giver.pk, taker_id=taker.pk)
    return asked, {"first_day": today(), "last_day": today()}, Delegation, ("first_day", "last_day")


CASES = (
    payment,
    delivery,
    shipment,
    receipt,
    count,
    expected,
    changed_expected,
    received_expected,
    temporary_limit,
    returned_limit,
    price_list,
    changed_price_list,
    paper,
    delegation,
)


@pytest.mark.parametrize("day", [MISTYPED, FAR])
@pytest.mark.parametrize("case", CASES)
def test_a_year_that_nobody_means_is_refused_at_its_field(case: Callable[[Sales], Case], day: date) -> None:
    asked, days, rows, names = case(make_sales())
    before = list(rows.objects.order_by("pk").values())  # type: ignore[attr-defined]
    for name in names:
        with pytest.raises(RuleBroken) as caught, transaction.atomic():
            asked(**days | {name: day})
        assert (caught.value.rule, caught.value.field) == ("year", name)
    assert list(rows.objects.order_by("pk").values()) == before  # type: ignore[attr-defined]
    asked(**days)
    assert list(rows.objects.order_by("pk").values()) != before  # type: ignore[attr-defined]


def test_a_licence_may_be_older_than_the_books() -> None:
    asked, _days, _rows, _names = paper(make_sales())
    assert asked(valid_from=date(1978, 12, 18)).valid_from == date(1978, 12, 18)
