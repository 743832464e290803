"""Temporary limits in the browser: asking, what became of it, ending it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.credit.queries import credit_picture
from orders.credit.services import ask_temporary_limit
from orders.models import TemporaryLimit
from salesops.approvals.models import Request
from salesops.approvals.services import approve
from tests.support.build import Sales, make_sales
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def today() -> date:
    return timezone.localdate()


def ask(sales: Sales, **given: Any) -> Any:
    data = {"amount": "500", "first_day": today(), "last_day": today() + timedelta(days=9), "reason": "Season"}
    return signed_in(sales.representative).post(reverse("orders:temporary_limit_new"), data | given)


def asked(sales: Sales, **given: Any) -> TemporaryLimit:
    values: dict[str, Any] = {
        "customer_id": sales.customer().pk,
        "amount": Decimal(500),
        "first_day": today(),
        "last_day": today() + timedelta(days=9),
        "reason": "Season",
    }
    return ask_temporary_limit(by=sales.representative, **values | given)


def approved(sales: Sales, **given: Any) -> TemporaryLimit:
    limit = asked(sales, **given)
    approve(Request.objects.get(document_type="temporary_limit", object_id=limit.pk).pk, by=sales.regional_manager)
    limit.refresh_from_db()
    return limit


def act(user: Any, limit: TemporaryLimit, name: str) -> Any:
    return signed_in(user).post(reverse(f"orders:temporary_limit_{name}", args=[limit.number]))


def test_asking_waits_for_a_decision_and_counts_nothing_yet(sales: Sales) -> None:
    customer = sales.customer(limit=1_000)
    response = ask(sales, customer=customer.pk)
    limit = TemporaryLimit.objects.get()
    assert response["Location"] == limit.get_absolute_url()
    assert limit.state == "submitted"
    assert credit_picture(customer.pk).limit == 1_000


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"last_day": "2020-01-01"}, "last_day"),
        ({"reason": " "}, "reason"),
        ({"customer": "999999"}, "customer"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(sales: Sales, given: dict[str, Any], field: str) -> None:
    response = ask(sales, **{"customer": sales.customer().pk, **given})
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not TemporaryLimit.objects.exists()


def test_an_account_without_a_limit_has_nothing_to_add_to(sales: Sales) -> None:
    response = ask(sales, customer=sales.customer(limit=None).pk)
    assert "no limit to add to" in str(response.context["form"].errors["customer"])


def test_the_record_offers_what_the_reader_may_do(sales: Sales) -> None:
    def labels(user: Any, limit: TemporaryLimit) -> list[str]:
        return [str(action.label) for action in signed_in(user).get(limit.get_absolute_url()).context["actions"]]

    waiting = asked(sales)
    assert labels(sales.representative, waiting) == ["Withdraw"]
    assert labels(sales.regional_manager, waiting) == ["Decide"]
    held = approved(sales)
    assert labels(sales.finance, held) == ["Revoke"]
    assert labels(sales.representative, held) == []


def test_withdrawing_ends_the_application(sales: Sales) -> None:
    limit = asked(sales)
    assert act(sales.supervisor, limit, "withdrawal").status_code == 409
    act(sales.representative, limit, "withdrawal")
    limit.refresh_from_db()
    assert limit.state == "withdrawn"


def test_revoking_ends_it_at_once(sales: Sales) -> None:
    limit = approved(sales)
    assert credit_picture(limit.customer_id).temporary == 500
    act(sales.finance, limit, "revocation")
    assert credit_picture(limit.customer_id).temporary == 0
    assert act(sales.finance, limit, "revocation").status_code == 409


def test_the_list_tells_what_holds_from_what_waits_and_what_is_over(sales: Sales) -> None:
    waiting, held = asked(sales), approved(sales)
    over = approved(sales)
    TemporaryLimit.objects.filter(pk=over.pk).update(first_day=today() - timedelta(9), last_day=today() - timedelta(1))

    def numbers(**query: Any) -> list[str]:
        response = signed_in(sales.finance).get(reverse("orders:temporary_limits"), query)
        return [row.record.number for row in response.context["table"].paginated_rows]

    assert numbers(only="now") == [held.number]
    assert numbers(only="waiting") == [waiting.number]
    assert numbers(only="over") == [over.number]
    assert len(numbers()) == 3


def test_a_temporary_limit_counts_wherever_the_limit_is_shown(sales: Sales) -> None:
    limit = approved(sales, customer_id=sales.customer(limit=10_000).pk)
    client, customer = signed_in(sales.finance), limit.customer
    for url in (reverse("orders:accounts"), reverse("orders:account", args=[customer.code])):
        assert "10,500<small>.00" in client.get(url).content.decode()
    panel = client.get(reverse("web:panel", args=["customer", "temporary_limits", customer.code]))
    assert limit.number in panel.content.decode()


def test_the_list_asks_as_often_for_many_rows_as_for_few(sales: Sales) -> None:
    client, url = signed_in(sales.finance), reverse("orders:temporary_limits")
    asked(sales)
    client.get(url)
    few = queries_of(client, url)
    for _ in range(5):
        asked(sales)
    assert queries_of(client, url) == few <= 14
