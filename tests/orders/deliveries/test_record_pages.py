"""The page of a delivery: its next step by state and right, its actions, what each reader sees of it."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.credit.services import ask_temporary_limit
from orders.models import Delivery, ExpectedGoods, Price, Stock
from salesops.approvals.models import Request
from salesops.approvals.services import approve, reject, send_back
from salesops.users.models import User
from salesops.users.roles import Role
from salesops.web.once import new_key
from tests.support.build import Sales, make_sales, make_user
from tests.support.queries import queries_of
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


def page(user: User, delivery: Delivery) -> Any:
    response = signed_in(user).get(delivery.get_absolute_url())
    assert response.status_code == 200
    return response


def buttons(user: User, delivery: Delivery) -> list[str]:
    return [str(action.label) for action in page(user, delivery).context["actions"]]


def primary(user: User, delivery: Delivery) -> str:
    """The label of the next step; empty where there is none for the reader."""
    return next((str(action.label) for action in page(user, delivery).context["actions"] if action.primary), "")


def delivery_of(request: Request) -> Delivery:
    return Delivery.objects.get(pk=request.object_id)


def act(user: User, delivery: Delivery, name: str, **data: Any) -> Any:
    return signed_in(user).post(reverse(f"orders:delivery_{name}", args=[delivery.number]), data)


# ---- the next step ----
def test_the_next_step_follows_state_and_right(sales: Sales) -> None:
    customer = sales.customer()
    draft = sales.draft(customer)
    assert primary(sales.representative, draft) == "Submit 1,000.00"
    assert primary(sales.finance, draft) == ""
    waiting = delivery_of(sales.submitted(customer))
    assert primary(sales.supervisor, waiting) == "Decide"
    assert primary(sales.representative, waiting) == ""
    approved = sales.approved(customer)
    assert primary(sales.supply, approved) == "Ship"
    assert primary(sales.representative, approved) == ""
    sales.ship(approved)
    assert primary(sales.supply, Delivery.objects.get(pk=approved.pk)) == ""


def test_what_may_be_taken_back_is_offered_to_those_who_may(sales: Sales) -> None:
    customer = sales.customer()
    waiting = delivery_of(sales.submitted(customer))
    assert "Withdraw" in buttons(sales.representative, waiting)
    assert "Withdraw" not in buttons(sales.supervisor, waiting)
    approved = sales.approved(customer)
    assert {"Reopen", "Cancel"} <= set(buttons(sales.supervisor, approved))
    assert not {"Reopen", "Cancel"} & set(buttons(sales.representative, approved))
    sales.ship(approved, 3)
    assert "Cancel the rest" in buttons(sales.supervisor, approved)
    assert "Reopen" not in buttons(sales.supervisor, approved)


def test_a_hold_explains_why_nothing_is_shipped(sales: Sales) -> None:
    customer = sales.customer()
    approved = sales.approved(customer)
    customer.account.is_on_hold, customer.account.hold_reason = True, "Cheque"
    customer.account.save()
    ship = next(action for action in page(sales.supply, approved).context["actions"] if action.primary)
    assert "hold" in str(ship.refused)


# ---- actions ----
def test_submitting_twice_submits_once(sales: Sales) -> None:
    draft = sales.draft(sales.customer())
    assert act(sales.representative, draft, "submission")["Location"] == draft.get_absolute_url()
    assert act(sales.representative, draft, "submission").status_code == 409
    assert Request.objects.count() == 1


def test_withdrawing_makes_it_editable_again(sales: Sales) -> None:
    delivery = delivery_of(sales.submitted(sales.customer()))
    act(sales.representative, delivery, "withdrawal")
    assert Delivery.objects.get(pk=delivery.pk).state == "withdrawn"
    assert "Change" in buttons(sales.representative, delivery)


def test_only_who_submitted_it_withdraws_it(sales: Sales) -> None:
    delivery = delivery_of(sales.submitted(sales.customer()))
    assert act(sales.supervisor, delivery, "withdrawal").status_code == 409
    assert Delivery.objects.get(pk=delivery.pk).state == "submitted"


@pytest.mark.parametrize(("name", "state"), [("reopening", "returned"), ("cancellation", "cancelled")])
def test_taking_back_asks_for_a_reason_and_keeps_it(sales: Sales, name: str, state: str) -> None:
    delivery = sales.approved(sales.customer())
    refused = act(sales.supervisor, delivery, name, reason=" ")
    assert refused.status_code == 422
    assert Delivery.objects.get(pk=delivery.pk).state == "approved"
    act(sales.supervisor, delivery, name, reason="Shop burnt down")
    delivery.refresh_from_db()
    assert delivery.state == state
    assert "Shop burnt down" in page(sales.supervisor, delivery).content.decode()


def test_what_has_left_cannot_be_reopened(sales: Sales) -> None:
    delivery = sales.approved(sales.customer())
    sales.ship(delivery, 1)
    response = act(sales.supervisor, delivery, "reopening", reason="No")
    assert response.status_code == 422
    assert "not reopened any more" in response.content.decode()


def test_a_copy_opens_for_change_at_todays_prices(sales: Sales) -> None:
    delivery = sales.approved(sales.customer(), 4)
    response = act(sales.representative, delivery, "copy")
    copy = Delivery.objects.get(state="draft")
    assert response["Location"] == reverse("orders:delivery_change", args=[copy.number])
    assert copy.amount == Decimal("400.00")


def test_a_second_click_on_copy_goes_to_the_copy_of_the_first(sales: Sales) -> None:
    delivery = sales.approved(sales.customer(), 4)
    text = page(sales.representative, delivery).content.decode()
    form = text.split(reverse("orders:delivery_copy", args=[delivery.number]))[1].split("</form>")[0]
    key = form.split('name="once_key" value="')[1].split('"')[0]
    first, second = (act(sales.representative, delivery, "copy", once_key=key) for _click in range(2))
    copy = Delivery.objects.get(state="draft")
    assert first["Location"] == second["Location"] == reverse("orders:delivery_change", args=[copy.number])


def test_a_refused_action_may_be_sent_again_with_the_same_key(sales: Sales) -> None:
    draft = sales.draft(sales.customer())
    key = new_key()
    Price.objects.update(amount=Decimal("110.00"))
    assert act(sales.representative, draft, "submission", once_key=key).status_code == 409
    Price.objects.update(amount=Decimal("100.00"))
    assert act(sales.representative, draft, "submission", once_key=key).status_code == 302
    assert Delivery.objects.get(pk=draft.pk).state == "submitted"


def test_actions_take_no_get(sales: Sales) -> None:
    draft = sales.draft(sales.customer())
    client = signed_in(sales.representative)
    for name in ("submission", "withdrawal", "copy"):
        assert client.get(reverse(f"orders:delivery_{name}", args=[draft.number])).status_code == 405


# ---- what it shows ----
def test_lines_show_what_is_short_and_when_it_comes(sales: Sales) -> None:
    Stock.objects.update(on_hand=4)
    delivery = sales.approved(sales.customer(), 10)
    ExpectedGoods.objects.create(
        warehouse=sales.warehouse, product=sales.product, quantity=50, expected_on="2031-02-03"
    )
    text = page(sales.representative, delivery).content.decode()
    assert "50 on 2031-02-03" in text
    line = delivery.lines.get()
    assert (line.reserved_quantity, line.back_order) == (4, 6)


def test_a_draft_shows_the_credit_picture_and_who_would_decide(sales: Sales) -> None:
    draft = sales.draft(sales.customer(limit=500), 10)
    text = page(sales.representative, draft).content.decode()
    assert "Over the limit by" in text
    assert "Decided by" in text


def test_a_returned_delivery_says_what_is_wanted(sales: Sales) -> None:
    request = sales.submitted(sales.customer())
    send_back(request.pk, by=sales.supervisor, note="Full packs only")
    assert page(sales.representative, delivery_of(request)).context["said"].note == "Full packs only"


def test_the_timeline_tells_decisions_and_what_would_come(sales: Sales) -> None:
    request = sales.submitted(sales.customer(limit=1_000), 20)
    text = page(sales.representative, delivery_of(request)).content.decode()
    assert "submitted" in text
    assert f"Sales supervisor, {sales.supervisor}" in text
    approve(request.pk, by=sales.supervisor, note="He pays")
    text = page(sales.representative, delivery_of(request)).content.decode()
    assert "He pays" in text
    assert f"Regional manager, {sales.regional_manager}" in text


def test_an_agent_sees_no_figures_of_the_policy_and_no_notes_between_deciders(sales: Sales) -> None:
    customer = sales.customer(limit=1_000, is_on_hold=False)
    agent = make_user(Role.AGENT, customer=customer)
    request = sales.submitted(customer, 20)
    approve(request.pk, by=sales.supervisor, note="His brother is a risk")
    text = page(agent, delivery_of(request)).content.decode()
    assert "His brother is a risk" not in text
    assert "percent above" not in text
    assert "not needed" not in text
    assert "Free" not in text


def test_an_agent_reads_why_it_was_rejected(sales: Sales) -> None:
    customer = sales.customer()
    request = sales.submitted(customer)
    reject(request.pk, by=sales.supervisor, note="Pay the September items first")
    agent = make_user(Role.AGENT, customer=customer)
    assert "Pay the September items first" in page(agent, delivery_of(request)).content.decode()


def test_an_agent_does_not_read_why_its_account_is_on_hold(sales: Sales) -> None:
    customer = sales.customer(is_on_hold=True, hold_reason="We fear a fraud")
    agent = make_user(Role.AGENT, customer=customer)
    draft = sales.draft(customer)
    account = reverse("orders:account", args=[customer.code])
    for url in (draft.get_absolute_url(), account, customer.get_absolute_url(), reverse("orders:delivery_new")):
        assert "We fear a fraud" not in signed_in(agent).get(url).content.decode(), url
        inside = signed_in(sales.representative).get(url, {"customer": customer.code})
        assert "We fear a fraud" in inside.content.decode(), url


def test_the_page_asks_as_often_for_many_lines_as_for_few(sales: Sales) -> None:
    from orders.deliveries.services import LineInput, change_delivery
    from tests.support.build import make_product

    customer = sales.customer()
    draft = sales.draft(customer)
    client = signed_in(sales.representative)
    client.get(draft.get_absolute_url())
    few = queries_of(client, draft.get_absolute_url())
    lines = [LineInput(make_product(price=5).pk, 2) for _ in range(20)]
    change_delivery(draft.pk, by=sales.representative, version=1, warehouse_id=sales.warehouse.pk, lines=lines)
    assert queries_of(client, draft.get_absolute_url()) == few


def test_the_credit_shown_is_that_of_the_decision_not_of_todays_prices(sales: Sales) -> None:
    request = sales.submitted(sales.customer(), 10)
    Price.objects.filter(product=sales.product).update(amount=Decimal("90"))
    delivery = delivery_of(request)
    url = reverse("web:panel", args=["delivery", "credit", delivery.number])
    text = signed_in(sales.representative).get(url).content.decode()
    assert "1,000" in text
    assert "900" not in text.replace("9,000", "")


def test_a_temporary_limit_shows_its_history(sales: Sales) -> None:
    limit = ask_temporary_limit(
        by=sales.representative,
        customer_id=sales.customer().pk,
        amount=Decimal(500),
        first_day=timezone.localdate(),
        last_day=timezone.localdate(),
        reason="Season",
    )
    url = reverse("web:panel", args=["temporary_limit", "history", limit.number])
    assert str(sales.representative) in signed_in(sales.representative).get(url).content.decode()
