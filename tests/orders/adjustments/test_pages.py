"""Adjustments in the browser: the list, asking beside the account, the record, what each reader is offered."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.adjustments.services import reverse_adjustment
from orders.models import Adjustment, OpenItem
from salesops.approvals.models import Request
from salesops.approvals.services import send_back
from salesops.users.roles import Role
from tests.support.adjusting import adjusted, decide, open_item, submitted
from tests.support.build import Sales, make_sales, make_user
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def asked(sales: Sales, url: str = "", **given: Any) -> Any:
    data = {"kind": "credit", "amount": "", "reason": "other", "concerns": timezone.localdate(), "text": "Agreed"}
    return signed_in(sales.finance).post(url or reverse("orders:adjustment_new"), data | given)


def text_of(user: Any, url: str, **query: Any) -> str:
    content: str = signed_in(user).get(url, query).content.decode()
    return content


def labels(user: Any, adjustment: Adjustment) -> list[str]:
    actions = signed_in(user).get(adjustment.get_absolute_url()).context["actions"]
    return [str(action.label) for action in actions if str(action.label) != "Open the account"]


def test_a_write_off_is_asked_for_from_the_open_item(sales: Sales) -> None:
    customer = sales.customer()
    debt, other = sales.overdue(customer, 100, 9), sales.overdue(customer, 30, 9)
    page = text_of(sales.finance, reverse("orders:account", args=[customer.code]))
    link = f"?customer={customer.code}&amp;kind=write_off&amp;item={open_item(debt)}"
    assert link in page
    form = text_of(sales.finance, reverse("orders:adjustment_new") + link.replace("&amp;", "&"))
    assert f'value="{open_item(debt)}" checked' in form
    assert f'value="{open_item(other)}"' in form
    response = asked(sales, customer=customer.pk, kind="write_off", items=[open_item(debt)])
    written = Adjustment.objects.get()
    assert response["Location"] == written.get_absolute_url()
    assert (written.kind, int(written.amount), written.state) == ("write_off", 100, "submitted")


def test_a_refund_is_asked_for_from_the_credit_and_others_see_no_such_link(sales: Sales) -> None:
    customer = sales.customer()
    sales.pay(customer, 80)
    credit = OpenItem.objects.get(customer=customer).pk
    url = reverse("orders:account", args=[customer.code])
    assert f"kind=refund&amp;item={credit}" in text_of(sales.finance, url)
    assert "kind=refund" not in text_of(sales.representative, url)
    asked(sales, customer=customer.pk, kind="refund", items=[credit], method="transfer", reference="R-1")
    assert (Adjustment.objects.get().method, int(Adjustment.objects.get().amount)) == ("transfer", 80)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({}, "amount"),
        ({"amount": "5", "reason": ""}, "reason"),
        ({"amount": "5", "text": " "}, "text"),
        ({"amount": "5", "concerns": "2999-01-01"}, "concerns"),
        ({"amount": "5", "customer": "999999"}, "customer"),
        ({"kind": "write_off"}, "items"),
        ({"kind": "refund", "items": ["x"]}, "items"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(sales: Sales, given: dict[str, Any], field: str) -> None:
    response = asked(sales, **{"customer": sales.customer().pk, **given})
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert str(response.context["form"].errors[field][0]) in response.content.decode()
    assert not Adjustment.objects.exists()


def test_a_second_click_asks_once(sales: Sales) -> None:
    customer = sales.customer()
    key: dict[str, Any] = {"once_key": "0123456789abcdef0123456789abcdef", "customer": customer.pk, "amount": "5"}
    assert {asked(sales, **key)["Location"] for _click in range(2)} == {Adjustment.objects.get().get_absolute_url()}


def test_the_account_beside_the_form_shows_what_the_kind_can_be_raised_against(sales: Sales) -> None:
    customer = sales.customer()
    debt = sales.overdue(customer, 100, 9)
    url = reverse("orders:adjusted_account")
    assert debt.document in text_of(sales.finance, url, customer=customer.pk, kind="write_off")
    assert debt.document not in text_of(sales.finance, url, customer=customer.pk, kind="refund")
    foreign = make_sales().customer()
    inside = make_user([Role.REPRESENTATIVE, Role.FINANCE])
    assert "Choose the customer" in text_of(inside, url, customer="x")
    assert foreign.code in text_of(inside, url, customer=foreign.pk, kind="nonsense")


def test_the_record_offers_what_the_reader_may_do(sales: Sales) -> None:
    customer = sales.customer()
    waiting = submitted(sales, customer, "credit", 5)
    assert labels(sales.finance, waiting) == ["Withdraw"]
    assert labels(sales.sales_manager, waiting) == ["Decide"]
    assert labels(sales.representative, waiting) == []
    assert labels(make_user(Role.FINANCE), waiting) == []
    decide(sales, waiting)
    assert labels(sales.finance, waiting) == ["Reverse"]
    assert labels(sales.sales_manager, waiting) == []


def test_what_was_returned_is_changed_and_submitted_again(sales: Sales) -> None:
    customer = sales.customer()
    debt = sales.overdue(customer, 100, 9)
    written = submitted(sales, customer, "write_off", items=[open_item(debt)])
    sales.pay(customer, 40)
    request = Request.objects.get(document_type="adjustment", object_id=written.pk)
    send_back(request.pk, by=sales.sales_manager, note="Paid in part")
    url = f"{reverse('orders:adjustment_new')}?again={written.number}"
    assert f'value="{open_item(debt)}" checked' in text_of(sales.finance, url)
    asked(sales, url, items=[open_item(debt)], text="The rest")
    written.refresh_from_db()
    assert (written.state, int(written.amount), written.text, written.kind) == (
        "submitted",
        60,
        "The rest",
        "write_off",
    )


def test_a_reversal_is_asked_for_and_shown_on_both(sales: Sales) -> None:
    posted = adjusted(sales, sales.customer(), "credit", 5)
    url = reverse("orders:adjustment_reversal", args=[posted.number])
    assert signed_in(sales.finance).post(url, {"reason": "mistake", "text": " "}).status_code == 422
    signed_in(sales.finance).post(url, {"reason": "mistake", "text": "Twice"})
    back = Adjustment.objects.get(kind="reversal")
    assert posted.number in text_of(sales.sales_manager, back.get_absolute_url())
    decide(sales, back)
    shown = text_of(sales.finance, posted.get_absolute_url())
    assert back.number in shown
    assert "Reversed" in shown
    assert labels(sales.finance, posted) == []


def test_withdrawing_is_for_who_asked(sales: Sales) -> None:
    waiting = submitted(sales, sales.customer(), "credit", 5)
    url = reverse("orders:adjustment_withdrawal", args=[waiting.number])
    assert signed_in(make_user(Role.FINANCE)).post(url).status_code == 409
    signed_in(sales.finance).post(url)
    waiting.refresh_from_db()
    assert waiting.state == "withdrawn"


def test_what_was_returned_can_be_withdrawn_on_its_page(sales: Sales) -> None:
    one = submitted(sales, sales.customer(), "credit", 5)
    send_back(Request.objects.get(object_id=one.pk).pk, by=sales.sales_manager, note="Which month?")
    one.refresh_from_db()
    assert labels(sales.finance, one) == ["Withdraw", "Change and submit again"]
    assert labels(make_user(Role.FINANCE), one) == []

    signed_in(sales.finance).post(reverse("orders:adjustment_withdrawal", args=[one.number]))

    one.refresh_from_db()
    assert one.state == "withdrawn"
    assert labels(sales.finance, one) == []


def test_whoever_decides_sees_account_and_items(sales: Sales) -> None:
    customer = sales.customer()
    debt = sales.overdue(customer, 100, 9)
    written = submitted(sales, customer, "write_off", items=[open_item(debt)], text="The shop burnt down")
    request = Request.objects.get(document_type="adjustment", object_id=written.pk)
    shown = text_of(sales.sales_manager, request.get_absolute_url())
    for words in (debt.document, "The shop burnt down", customer.code):
        assert words in shown


def test_an_agent_sees_what_is_posted_without_the_explanation(sales: Sales) -> None:
    customer = sales.customer()
    agent = make_user(Role.AGENT, customer=customer)
    posted = adjusted(sales, customer, "credit", 5, text="Between us")
    waiting = submitted(sales, customer, "credit", 6)
    asked_back = reverse_adjustment(posted.pk, by=sales.finance, text="x")
    shown = text_of(agent, posted.get_absolute_url())
    assert posted.number in shown
    assert "Between us" not in shown
    assert asked_back.number not in shown
    assert signed_in(agent).get(waiting.get_absolute_url()).status_code == 404
    listed = text_of(agent, reverse("orders:adjustments"))
    assert posted.number in listed
    assert waiting.number not in listed
    account = text_of(agent, reverse("orders:account", args=[customer.code]))
    assert "Between us" not in account
    assert posted.get_absolute_url() in account


def test_the_list_is_narrowed_and_searched(sales: Sales) -> None:
    customer, other = sales.customer("Lakeside"), sales.customer("Hilltop")
    credit, debit = adjusted(sales, customer, "credit", 5), submitted(sales, other, "debit", 500, reason="penalty")

    def numbers(**query: Any) -> list[str]:
        response = signed_in(sales.finance).get(reverse("orders:adjustments"), query)
        return [row.record.number for row in response.context["table"].paginated_rows]

    assert numbers() == [debit.number, credit.number]
    assert numbers(kind="credit") == numbers(state="approved") == numbers(q="lake") == [credit.number]
    assert numbers(reason="penalty") == numbers(amount_min="100") == numbers(q=debit.number) == [debit.number]
    assert numbers(customer=customer.code) == [credit.number]


def test_the_list_asks_as_often_for_many_rows_as_for_few(sales: Sales) -> None:
    client, url = signed_in(sales.finance), reverse("orders:adjustments")
    adjusted(sales, sales.customer(), "credit", 1)
    client.get(url)
    few = queries_of(client, url)
    for _ in range(4):
        back = adjusted(sales, sales.customer(), "credit", 1)
        reverse_adjustment(back.pk, by=sales.finance, text="x")
    assert queries_of(client, url) == few <= 14


def test_customer_and_account_show_the_latest(sales: Sales) -> None:
    customer = sales.customer()
    posted = adjusted(sales, customer, "credit", 5)
    for record in ("customer", "account"):
        panel = reverse("web:panel", args=[record, "adjustments", customer.code])
        assert posted.number in text_of(sales.finance, panel)
