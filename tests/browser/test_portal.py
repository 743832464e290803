"""An agent's portal on a phone: the link of an invitation, the home, an order, a statement that is confirmed.

And the way of an agent's order: who is invited through the page orders, the representative sees it before anybody else.
"""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from customers.portal.services import invite_person
from orders.models import Delivery, Reconciliation
from orders.reconciliation.models import ReconciliationState, Round
from orders.reconciliation.statements import issue_statement
from salesops.approvals.models import Request, Verdict
from salesops.kernel.periods import Period
from salesops.notify.models import OutgoingMail
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.axe import serious_faults
from tests.support.browser import SignIn
from tests.support.build import make_sales

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

DESK: Any = {"width": 1280, "height": 800}
PHONE: Any = {"width": 390, "height": 844}
PASSWORD = "a long first one"


def test_an_agents_person_comes_by_the_link_and_confirms_on_a_phone(page: Page, live_server: Any) -> None:
    sales = make_sales()
    customer = sales.customer("Suzhou Ruifeng Trading")
    sales.ship(sales.approved(customer, 3), 2)
    month = Period.last_months(1, timezone.localdate()).previous
    days: dict[str, Any] = {"first_day": month.start, "last_day": month.last_day}
    one = Reconciliation.objects.create(
        number="RC-1",
        round=Round.objects.create(number="RR-1", answer_by=timezone.localdate(), opened_by=sales.finance, **days),
        customer=customer,
        statement=issue_statement(by=sales.finance, customer_id=customer.pk, **days),
        state=ReconciliationState.SENT,
        sent_at=timezone.now(),
    )
    invite_person(customer.pk, by=sales.representative, email="fang@example.com", full_name="Wang Fang")
    word = OutgoingMail.objects.latest("pk").secret

    # The link leads to a password, and then home
    page.set_viewport_size(PHONE)
    page.goto(live_server.url + reverse("customers:join", args=[word]))
    for name in ("new_password1", "new_password2"):
        page.locator(f"input[name={name}]").fill(PASSWORD)
    page.get_by_role("button", name="Choose password and sign in").click()
    expect(page.get_by_role("heading", name="Wang Fang")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert serious_faults(page) == []

    # The statement is confirmed there
    page.get_by_role("button", name="Confirm 0.00").click()
    page.locator("dialog button.btn-primary, dialog button[type=submit]").last.click()
    expect(page.locator("#card-asks")).to_have_count(0)
    one.refresh_from_db()
    assert one.their_signer == User.objects.get(username="fang@example.com")

    # Order is at the thumb, on every page
    page.locator(".so-tabbar").get_by_role("link", name="Order goods").click()
    page.wait_for_url(f"**{reverse('orders:delivery_new')}")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


BESIDE = """() => [
    ...(document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("main *")]
        .filter(one => one.getBoundingClientRect().right > innerWidth)),
    ...[...document.querySelectorAll("main .btn")].filter(one => one.scrollWidth > one.clientWidth + 1),
].map(one => one.outerHTML.slice(0, 120))"""


def beside(page: Page) -> list[str]:
    """What lies beside the screen, where the page scrolls sideways, and buttons whose words are cut."""
    found: list[str] = page.evaluate(BESIDE)
    return found


def leave(page: Page) -> None:
    """Nobody is signed in any more, as in another browser; nothing of the page asks on."""
    page.goto("about:blank")
    page.context.clear_cookies()


def test_who_is_invited_through_the_page_orders_and_the_representative_sees_it_first(
    page: Page, live_server: Any, sign_in: SignIn
) -> None:
    sales = make_sales()
    customer = sales.customer("Suzhou Ruifeng Trading", code="A-1")

    # The representative invites on the customer's page
    sign_in(page, sales.representative.username)
    page.goto(live_server.url + customer.get_absolute_url())
    page.locator("#panel-people").evaluate("panel => panel.scrollIntoView()")
    page.locator("#panel-people").get_by_role("link", name="Invite").click()
    page.get_by_label("Name", exact=True).fill("Wang Fang")
    page.get_by_label("E-mail").fill("fang@example.com")
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_text("The invitation is on its way.")).to_be_visible()
    page.locator("#panel-people").evaluate("panel => panel.scrollIntoView()")
    expect(page.locator("#panel-people")).to_contain_text("fang@example.com")
    mail = OutgoingMail.objects.get(to="fang@example.com")
    assert mail.secret not in page.content(), "the link is in the mail alone"

    # The invitee answers on a phone, and orders there
    leave(page)
    page.set_viewport_size(PHONE)
    page.goto(live_server.url + reverse("customers:join", args=[mail.secret]))
    for name in ("new_password1", "new_password2"):
        page.locator(f"input[name={name}]").fill(PASSWORD)
    page.get_by_role("button", name="Choose password and sign in").click()
    page.locator(".so-tabbar").get_by_role("link", name="Order goods").click()
    line = page.locator("[data-one-row]").first
    line.locator("input[id$='-ts-control']").focus()
    page.keyboard.type(sales.product.sku)
    page.keyboard.press("Enter")  # before the answer is there: the first that is found is meant
    quantity = line.locator("input[name$='-quantity']")
    expect(quantity).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("7")
    expect(page.locator("#preview")).to_contain_text("700")
    assert beside(page) == [] and serious_faults(page) == []
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url("**/deliveries/DL-*/")
    assert beside(page) == [] and serious_faults(page) == []
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.submitted_by) == ("submitted", User.objects.get(username="fang@example.com"))
    expect(page.locator("main")).to_contain_text("Sales representative")

    # The supervisor is not asked yet; the representative finds it at home and passes it on with a tap
    leave(page)
    page.set_viewport_size(DESK)
    sign_in(page, sales.supervisor.username)
    page.goto(live_server.url + reverse("approvals:inbox"))
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    leave(page)
    page.set_viewport_size(PHONE)
    sign_in(page, sales.representative.username)
    card = page.locator("#card-waiting")
    expect(card).to_contain_text(delivery.number)
    card.get_by_role("link", name="Suzhou Ruifeng Trading").click()
    case = page.locator("#case")
    expect(case).to_contain_text("After you: Sales supervisor")
    assert beside(page) == [] and serious_faults(page) == []
    page.get_by_role("button", name="Approve and pass on").click()
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    request = Request.objects.get()
    assert (request.role, request.is_waiting) == (Role.SUPERVISOR, True)
    assert request.decisions.get(verdict=Verdict.APPROVED).by == sales.representative

    # And then the supervisor
    leave(page)
    page.set_viewport_size(DESK)
    sign_in(page, sales.supervisor.username)
    page.goto(live_server.url + reverse("approvals:inbox"))
    expect(page.locator("#case")).to_contain_text("Wang Fang")
    page.keyboard.press("a")
    expect(page.get_by_text(f"{delivery.number} approved")).to_be_visible()
    delivery.refresh_from_db()
    assert delivery.state == "approved"
