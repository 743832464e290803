"""The main job, from application to what is owed, by people at a keyboard and with a phone, in a real browser."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from customers.models import CreditAccount, Customer
from orders.models import Delivery, Shipment
from tests.support.axe import serious_faults
from tests.support.browser import SignIn
from tests.support.build import Sales, make_sales

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def sales() -> Sales:
    """A corner of the company with one agent."""
    return make_sales(stock=500)


def agent_of(sales: Sales) -> Customer:
    return sales.customer("Suzhou Ruifeng Trading", name_zh="苏州瑞丰商贸", code="A-1042", limit=2_000)


def leave(page: Page, live_server: Any) -> None:
    """Sign out, as the next person takes the seat."""
    page.context.clear_cookies()
    page.goto(live_server.url)


def test_an_agents_delivery_goes_from_application_to_the_account_by_keyboard(
    sales: Sales, page: Page, live_server: Any, sign_in: SignIn
) -> None:
    customer = agent_of(sales)

    # The representative applies: product and quantity are typed, the credit picture answers
    sign_in(page, sales.representative.username)
    page.goto(f"{live_server.url}{reverse('orders:delivery_new')}?customer={customer.code}")
    line = page.locator("[data-one-row]").first
    line.locator("input[id$='-ts-control']").focus()
    page.keyboard.type(sales.product.sku)
    page.keyboard.press("Enter")  # before the answer is there: the first that is found is meant
    quantity = line.locator("input[name$='-quantity']")
    expect(quantity).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("12")
    expect(page.locator("#preview")).to_contain_text("1,200")
    submit = page.get_by_role("button", name="Submit")
    submit.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/deliveries/DL-*/")
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.amount) == ("submitted", Decimal("1200.00"))

    # The supervisor sees who asks, whether receivables allow it, and approves with one key
    leave(page, live_server)
    sign_in(page, sales.supervisor.username)
    page.goto(live_server.url + reverse("approvals:inbox"))
    expect(page.locator("#case")).to_contain_text("Suzhou Ruifeng Trading")
    expect(page.locator("#case")).to_contain_text("Within your right")
    page.keyboard.press("a")
    expect(page.get_by_text(f"{delivery.number} approved")).to_be_visible()
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()

    # Supply ships all that is ready
    leave(page, live_server)
    sign_in(page, sales.supply.username)
    page.goto(live_server.url + reverse("orders:shipment_new", args=[delivery.number]))
    page.get_by_role("button", name="Ship", exact=False).last.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/SH-*/")
    shipment = Shipment.objects.get()

    # The account shows what is owed, and by which document
    leave(page, live_server)
    sign_in(page, sales.finance.username)
    page.goto(live_server.url + reverse("orders:account", args=[customer.code]))
    expect(page.get_by_text(shipment.number).first).to_be_visible()
    expect(page.locator("main")).to_contain_text("1,200")
    account = CreditAccount.objects.get(customer=customer)
    assert (account.balance, account.committed) == (Decimal("1200.00"), Decimal(0))


def test_a_supervisor_walks_the_queue_by_keyboard_and_says_why_not(
    sales: Sales, page: Page, live_server: Any, sign_in: SignIn
) -> None:
    first, second = (sales.submitted(sales.customer(name), 5) for name in ("Early Home", "Later Home"))
    sign_in(page, sales.supervisor.username)
    page.goto(live_server.url + reverse("approvals:inbox"))
    expect(page.locator("#case")).to_contain_text("Early Home")
    page.keyboard.press("j")
    expect(page.locator("#case")).to_contain_text("Later Home")
    page.keyboard.press("k")
    expect(page.locator("#case")).to_contain_text("Early Home")
    page.keyboard.press("r")
    reason = page.get_by_label("Reason", exact=True)
    expect(reason).to_be_focused()
    page.keyboard.type("Stock is short")
    page.get_by_role("button", name="Reject").last.press("Enter")
    expect(page.locator("#case")).to_contain_text("Later Home")
    assert Delivery.objects.get(pk=first.object_id).state == "rejected"
    page.keyboard.press("x")
    expect(page.locator("[data-bulk-n]")).to_have_text("1")
    page.locator("[data-bulk-go]").press("Enter")
    expect(page.get_by_role("heading", name="1 approved, 0 not")).to_be_visible()
    assert Delivery.objects.get(pk=second.object_id).state == "approved"


def test_two_taps_approve_on_a_phone(sales: Sales, page: Page, live_server: Any, sign_in: SignIn) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    request = sales.submitted(agent_of(sales), 12)
    sign_in(page, sales.supervisor.username)
    page.goto(live_server.url + reverse("approvals:inbox"))
    expect(page.locator("#case")).not_to_be_visible()
    page.locator(".so-item__link").click()
    expect(page.locator("[data-case-title]")).to_be_focused()
    assert serious_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator("[data-approve]").click()
    expect(page.get_by_text(f"{request.number} approved")).to_be_visible()
    assert Delivery.objects.get(pk=request.object_id).state == "approved"


def test_a_double_click_approves_once(sales: Sales, page: Page, live_server: Any, sign_in: SignIn) -> None:
    request = sales.submitted(agent_of(sales), 12)
    sign_in(page, sales.supervisor.username)
    page.goto(live_server.url + reverse("approvals:inbox"))
    page.locator("[data-approve]").dblclick()
    expect(page.get_by_text(f"{request.number} approved")).to_be_visible()
    assert CreditAccount.objects.get(customer=request.customer_id).committed == Decimal("1200.00")


def test_the_case_can_be_trimmed_to_fit(sales: Sales, page: Page, live_server: Any, sign_in: SignIn) -> None:
    request = sales.submitted(agent_of(sales), 30)
    sign_in(page, sales.supervisor.username)
    page.goto(live_server.url + reverse("approvals:inbox"))
    expect(page.locator("#case")).to_contain_text("Over the limit by")
    page.keyboard.press("t")
    pieces = page.locator(".so-trim")
    expect(pieces).to_have_value("20")
    pieces.fill("15")
    pieces.blur()
    expect(page.locator("#case")).to_contain_text("1,500")
    page.get_by_role("button", name="Approve").last.click()
    expect(page.get_by_text(f"{request.number} approved")).to_be_visible()
    assert Delivery.objects.get(pk=request.object_id).approved_amount == Decimal("1500.00")
