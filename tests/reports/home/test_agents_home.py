"""An agent's home: what waits for its people on top, its statements and papers, its own menu; nobody else's."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.models import Attachment, Customer
from orders.models import Reconciliation
from orders.reconciliation.models import ReconciliationState, Round
from orders.reconciliation.queries import waits_for
from orders.reconciliation.services import accept_unexplained, explain_difference, sign, state_difference
from orders.reconciliation.statements import issue_statement
from orders.shipments.services import ship_delivery
from reports.home.portal import asks
from salesops.approvals.services import send_back
from salesops.kernel.periods import Period
from salesops.users.models import User
from salesops.users.roles import Role
from salesops.web.counts import count_rows
from salesops.web.registry import sections_for
from tests.support.build import Sales, make_sales, make_user
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return make_sales()


@pytest.fixture
def customer(sales: Sales) -> Customer:
    return sales.customer("Suzhou Ruifeng")


@pytest.fixture
def agent(customer: Customer) -> User:
    return make_user(Role.AGENT, customer=customer)


def text_of(user: User) -> str:
    response = signed_in(user).get("/")
    assert response.status_code == 200
    return str(response.content.decode())


def sent(sales: Sales, customer: Customer, back: int = 1) -> Reconciliation:
    """A statement of a month that is over, sent for confirmation."""
    month = Period.last_months(1, timezone.localdate())
    for _n in range(back):
        month = month.previous
    given: dict[str, Any] = {"first_day": month.start, "last_day": month.last_day}
    statement = issue_statement(by=sales.finance, customer_id=customer.pk, **given)
    number = f"RR-{customer.pk}-{back}"
    of = Round.objects.create(number=number, answer_by=timezone.localdate(), opened_by=sales.finance, **given)
    return Reconciliation.objects.create(
        number=f"RC-{customer.pk}-{back}",
        round=of,
        customer=customer,
        statement=statement,
        state=ReconciliationState.SENT,
        sent_at=timezone.now(),
    )


def test_a_statement_is_confirmed_from_the_home(sales: Sales, customer: Customer, agent: User) -> None:
    one = sent(sales, customer)
    text = text_of(agent)
    assert "Waits for you" in text and "Confirm 0.00" in text and "State a difference" in text
    assert "1 statement waits for your answer." in text
    url = reverse("orders:reconciliation_signature", args=[one.number])
    assert signed_in(agent).post(f"{url}?closing=0.00", {"next": "/"}).status_code == 302
    one.refresh_from_db()
    assert one.their_signer == agent
    assert "Waits for you" not in text_of(agent)


def test_what_the_company_has_to_explain_does_not_wait_for_the_agent(
    sales: Sales, customer: Customer, agent: User
) -> None:
    one = sent(sales, customer)
    state_difference(one.pk, by=agent, kind="payment", amount=Decimal(-50), document="FK-1")
    assert "Waits for you" not in text_of(agent)
    assert "Differing" in text_of(agent)


def test_an_application_that_came_back_says_why(sales: Sales, customer: Customer, agent: User) -> None:
    request = sales.submitted(customer, 2, by=agent)
    send_back(request.pk, by=sales.representative, note="Which of the two stores?")
    for person in (agent, make_user(Role.AGENT, customer=customer)):
        text = text_of(person)
        assert f"{request.number} came back" in text and "Which of the two stores?" in text


def test_what_came_back_to_the_company_is_not_the_agents(sales: Sales, customer: Customer, agent: User) -> None:
    request = sales.submitted(customer, 2)
    send_back(request.pk, by=sales.supervisor, note="Ask them again")
    assert "Ask them again" not in text_of(agent)


def test_statements_and_papers_are_the_own_ones(sales: Sales, customer: Customer, agent: User) -> None:
    other = sales.customer("Somebody else")
    for each, title in ((customer, "Business licence"), (other, "Their licence")):
        sent(sales, each)
        Attachment.objects.create(customer=each, title=title, valid_until=timezone.localdate() - timedelta(days=1))
    text = text_of(agent)
    own, theirs = (Reconciliation.objects.get(customer=each).statement for each in (customer, other))
    assert own and theirs
    assert reverse("orders:statement_paper", args=[own.number]) in text and theirs.number not in text
    assert "Business licence" in text and "Expired" in text and "Their licence" not in text


def test_a_new_agent_is_told_what_will_stand_there(agent: User) -> None:
    text = text_of(agent)
    for words in ("Nothing is under way", "No statements yet", "No papers yet", "Order goods"):
        assert words in text
    assert "Waits for you" not in text


def test_the_menu_is_in_the_agents_order_of_use(agent: User, sales: Sales) -> None:
    first, more = sections_for(agent)
    assert [entry.key for entry in first.entries] == [
        *("home", "order", "deliveries", "accounts", "reconciliation", "statements", "payments", "customers")
    ]
    assert [entry.key for entry in more.entries] == ["shipments", "products", "their_ledgers", "adjustments", "bills"]
    client = signed_in(agent)
    for entry in (*first.entries, *more.entries):
        assert client.get(entry.url, follow=True).status_code == 200, entry.key
    keys = {entry.key for section in sections_for(sales.finance) for entry in section.entries}
    assert not keys & {"order", "statements"}


@pytest.mark.parametrize("key", ["asks", "statements", "papers"])
def test_the_company_has_none_of_these_cards(sales: Sales, key: str) -> None:
    assert signed_in(sales.finance).get(reverse("web:card", args=[key])).status_code == 404


def test_the_home_asks_the_same_however_much_there_is(sales: Sales, customer: Customer, agent: User) -> None:
    def fill(back: int) -> None:
        sent(sales, customer, back)
        Attachment.objects.create(customer=customer, title=f"Paper {back}")
        send_back(sales.submitted(customer, 1, by=agent).pk, by=sales.representative, note="Why?")
        sales.ship(sales.approved(customer, 2), 1)

    def asked(client: Client) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get("/").status_code == 200
        return len(seen)

    client = signed_in(agent)
    fill(1)
    client.get("/")
    few = asked(client)
    for back in range(2, 6):
        fill(back)
    assert asked(client) == few


def test_what_has_left_says_when_by_whom_and_its_tracking_number(sales: Sales, customer: Customer, agent: User) -> None:
    delivery = sales.approved(customer, 2)
    ship_delivery(
        delivery.pk,
        by=sales.supply,
        shipped_on=timezone.localdate(),
        quantities={line.pk: line.open_quantity for line in delivery.lines.all()},
        carrier="SF Express",
        tracking="SF-4711",
    )
    text = text_of(agent)
    assert delivery.number in text and f"Shipped {timezone.localdate()}, SF Express SF-4711" in text
    assert "SF-4711" not in text_of(make_user(Role.AGENT, customer=sales.customer()))


def test_the_tab_bar_of_a_phone_has_order_in_it(agent: User) -> None:
    text = text_of(agent)
    tabs = text[text.index('class="so-tabbar"') :]
    assert reverse("orders:delivery_new") in tabs and reverse("orders:shipments") not in tabs


def test_the_menu_counts_what_the_home_asks_for(sales: Sales, customer: Customer, agent: User) -> None:
    """Not what waits for the company: it is asked of neither; once it is explained or accepted, of both."""
    first, second, third = (sent(sales, customer, back) for back in (1, 2, 3))
    assert told(agent) == (3, 3)
    for one in (second, third):
        state_difference(one.pk, by=agent, kind="payment", amount=Decimal(-50), document="FK-1")
    assert told(agent) == (1, 1)
    explain_difference(second.pk, 1, by=sales.finance, reason="timing")
    assert told(agent) == (2, 2)
    accept_unexplained(third.pk, by=sales.sales_manager, reason="Too small to look for")
    assert told(agent) == (3, 3)
    sign(first.pk, by=agent)
    assert told(agent) == (2, 2)
    assert told(make_user(Role.AGENT, customer=sales.customer())) == (0, 0)


def test_who_may_not_answer_is_asked_for_nothing(sales: Sales, customer: Customer, agent: User) -> None:
    sent(sales, customer)
    answering = Permission.objects.get(codename="answer_reconciliation")
    Group.objects.get(name=Role.AGENT).permissions.remove(answering)
    assert told(User.objects.get(pk=agent.pk)) == (0, 0)


def told(user: User) -> tuple[int, int]:
    """How many statements wait, by the menu and by the home."""
    waiting = waits_for(user)
    said = asks(user)["says"]
    assert waiting.count() == count_rows({"menu": waiting})["menu"]
    return waiting.count(), int(said[0].split()[0]) if said else 0
