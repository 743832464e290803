"""An agent's portal on a phone: the link of an invitation, the home, an order, a statement that is confirmed."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from customers.portal.services import invite_person
from orders.models import Reconciliation
from orders.reconciliation.models import ReconciliationState, Round
from orders.reconciliation.statements import issue_statement
from salesops.kernel.periods import Period
from salesops.notify.models import OutgoingMail
from salesops.users.models import User
from tests.support.axe import serious_faults
from tests.support.build import make_sales

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

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
