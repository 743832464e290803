"""The home of each role: what waits, what is late, how we stand; in scope, in few queries, figures with their rows."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from customers.accounts.services import put_on_hold
from orders.models import Delivery, ExpectedGoods
from orders.payments.services import reverse_payment
from orders.shipments.models import Shipment
from orders.stock.models import Stock
from salesops.approvals.models import Request
from salesops.approvals.services import approve, send_back
from salesops.jobs.models import Job, JobState
from salesops.users.delegation.services import give_delegation
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.build import Sales, make_sales, make_user
from tests.support.signed_in import signed_in

pytestmark = pytest.mark.django_db

HOME = "/"
MOST_QUERIES = 26


@pytest.fixture
def sales() -> Sales:
    return make_sales()


@pytest.fixture
def today() -> date:
    return timezone.localdate()


def home_of(user: User) -> Any:
    """What the page of somebody's home got to show."""
    response = signed_in(user).get(HOME)
    assert response.status_code == 200
    return response


def text_of(user: User) -> str:
    return str(home_of(user).content.decode())


def tile(user: User, label: str) -> Any:
    """The figure of that label on somebody's home."""
    from reports.home.views import HomePage

    page = HomePage()
    page.setup(_request_of(user))
    return next(one for one in page.tiles if str(one.label) == label)


def rows_of(user: User, key: str) -> list[Any]:
    """What a card of somebody's home lists."""
    from salesops.web.registry import home_cards

    card = home_cards.get(key)
    assert card is not None
    return list(card.context(user)["rows"])


def _request_of(user: User) -> Any:
    from django.test import RequestFactory

    request = RequestFactory().get(HOME)
    request.user = user
    return request


# ---- who sees it ----
@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.AGENT])
def test_each_role_has_a_home_also_with_nothing_on_it(role: str) -> None:
    assert "<h1" in text_of(make_user(role))


def test_an_agent_has_a_home(sales: Sales) -> None:
    assert "Order goods" in text_of(make_user(Role.AGENT, customer=sales.customer()))


def test_somebody_without_a_role_is_told_whom_to_ask() -> None:
    assert "Ask an administrator" in text_of(make_user(()))


def test_a_visitor_is_sent_to_sign_in() -> None:
    response = Client().get(HOME)
    assert response.status_code == 302 and reverse("users:sign_in") in response["Location"]


@pytest.mark.parametrize(
    ("key", "role", "status"),
    [
        ("pace", Role.SUPERVISOR, 200),
        ("account", Role.SUPERVISOR, 404),
        ("system", Role.SUPERVISOR, 403),
        ("to_ship", Role.REPRESENTATIVE, 403),
        ("waiting", Role.AGENT, 403),
    ],
)
def test_a_card_alone_asks_for_the_same_rights(sales: Sales, key: str, role: str, status: int) -> None:
    customer = sales.customer() if role == Role.AGENT else None
    client = signed_in(make_user(role, customer=customer, team=sales.team))
    assert client.get(reverse("web:card", args=[key])).status_code == status


# ---- figures ----
def test_delivered_is_what_left_this_month_in_scope(sales: Sales, today: date) -> None:
    customer = sales.customer(limit=None)
    sales.ship(sales.approved(customer, 30))
    other = make_sales()
    other.ship(other.approved(other.customer(limit=None), 500))
    assert tile(sales.supervisor, "Delivered").value == "3.0"
    assert tile(other.supervisor, "Delivered").value == "50.0"
    assert tile(make_user(Role.SALES_MANAGER), "Delivered").value == "53.0"


def test_last_year_counts_up_to_the_same_day(sales: Sales, today: date) -> None:
    delivery = sales.approved(sales.customer(limit=None), 30)
    sales.ship(delivery, 20)
    for number, day in enumerate((_year_before(today), _year_before(today) + timedelta(days=1)), start=1):
        _old_shipment(sales, delivery.pk, day, 1000, f"SH-OLD-{number}")
    delta = tile(sales.supervisor, "Delivered").delta
    assert delta is not None and delta.rises and delta.text == "100.0%"


def test_collected_leaves_out_what_was_reversed(sales: Sales) -> None:
    customer = sales.customer()
    sales.pay(customer, 4000)
    reverse_payment(sales.pay(customer, 3000).pk, by=sales.finance, reason="Wrong customer")
    assert tile(sales.supervisor, "Collected").value == "4.0"
    assert tile(make_sales().supervisor, "Collected").value == "0.0"


def test_overdue_is_money_past_its_day_as_a_share_of_what_is_owed(sales: Sales) -> None:
    sales.overdue(sales.customer(), 2500, days=10)
    sales.overdue(sales.customer(), 7500, days=-10)
    found = tile(sales.supervisor, "Overdue")
    assert found.value == "2.5" and found.tone == "bad"
    assert list(found.notes) == ["1 account", "25.0% of receivables"]


def test_every_figure_leads_to_its_rows(sales: Sales) -> None:
    from reports.home.views import HomePage

    customer = sales.customer()
    sales.ship(sales.approved(customer, 3), 2)
    sales.pay(customer, 100)
    agent = make_user(Role.AGENT, customer=customer)
    everybody = [sales.supervisor, sales.representative, sales.finance, sales.supply, agent]
    for user in [*everybody, make_user(Role.ADMINISTRATOR), make_user(Role.MARKETING), make_user(Role.PERSONNEL)]:
        page = HomePage()
        page.setup(_request_of(user))
        for one in page.tiles:
            assert signed_in(user).get(one.url).status_code == 200, one


def test_delivered_leads_to_exactly_these_shipments(sales: Sales) -> None:
    sales.ship(sales.approved(sales.customer(), 3))
    page = signed_in(sales.supervisor).get(tile(sales.supervisor, "Delivered").url)
    assert "300" in page.content.decode()


# ---- what waits ----
def test_the_oldest_due_comes_first_and_late_ones_are_said(sales: Sales) -> None:
    now = timezone.now()
    first, second = (sales.submitted(sales.customer(), 5) for _n in range(2))
    Request.objects.filter(pk=second.pk).update(due_at=now - timedelta(minutes=5))
    rows = rows_of(sales.supervisor, "waiting")
    assert [row.url for row in rows] == [second.get_absolute_url(), first.get_absolute_url()]
    assert rows[0].is_bad and "Late since" in rows[0].sub
    assert tile(sales.supervisor, "Waits for me").value == "2"
    text = text_of(sales.supervisor)
    assert "2 decisions wait: 1 late" in text and "Decide 2" in text


def test_why_a_case_deserves_a_look_stands_beside_it(sales: Sales) -> None:
    sales.submitted(sales.customer(limit=100), 5)
    assert [str(flag.text) for flag in rows_of(sales.supervisor, "waiting")[0].flags] == ["Limit"]


def test_others_cases_do_not_wait_for_me_unless_i_stand_in(sales: Sales, today: date) -> None:
    other = make_sales()
    other.submitted(other.customer())
    assert rows_of(sales.supervisor, "waiting") == []
    give_delegation(
        by=other.supervisor,
        giver_id=other.supervisor.pk,
        taker_id=sales.supervisor.pk,
        first_day=today,
        last_day=today,
    )
    assert len(rows_of(User.objects.get(pk=sales.supervisor.pk), "waiting")) == 1


def test_a_representative_has_no_empty_queue(sales: Sales) -> None:
    assert "Waits for me" not in text_of(sales.representative)


def test_nothing_waiting_says_what_will_come(sales: Sales) -> None:
    text = text_of(sales.supervisor)
    assert "Nothing waits for you" in text and "No decision waits for you." in text


# ---- what is late ----
def test_the_most_overdue_money_comes_first(sales: Sales) -> None:
    small, large = sales.customer(name="Small"), sales.customer(name="Large")
    sales.overdue(small, 100, days=90)
    sales.overdue(large, 9000, days=3)
    rows = rows_of(sales.supervisor, "late")
    assert [row.title for row in rows] == ["Large owes", "Small owes"]
    assert rows[0].note == "3 days"


def test_goods_that_have_not_left_say_what_they_wait_for(sales: Sales, today: date) -> None:
    Stock.objects.update(on_hand=0)
    delivery = sales.approved(sales.customer(limit=None), 30)
    type(delivery).objects.filter(pk=delivery.pk).update(wanted_on=today - timedelta(days=6))
    ExpectedGoods.objects.create(
        warehouse=sales.warehouse, product=sales.product, quantity=240, expected_on=today + timedelta(days=2)
    )
    late, short = rows_of(sales.supervisor, "late")
    assert late.title == f"{delivery.number} has not shipped" and late.note == "6 days"
    assert sales.product.name in late.sub
    assert "30 pieces are waited for; 240 arrive" in short.sub and short.note == "in 2 days"


def test_nobody_sees_what_is_late_elsewhere(sales: Sales) -> None:
    other = make_sales()
    other.overdue(other.customer(name="Far away"), 5000, days=40)
    assert "Far away" not in text_of(sales.supervisor)
    assert "Far away" in text_of(make_user(Role.SALES_MANAGER))
    assert "Nothing is late" in text_of(sales.supervisor)


# ---- a representative ----
def test_what_came_back_stands_before_what_was_begun(sales: Sales) -> None:
    sales.draft(sales.customer(name="Begun"))
    returned = sales.submitted(sales.customer(name="Came back"))
    send_back(returned.pk, by=sales.supervisor, note="Which store?")
    assert [row.title for row in rows_of(sales.representative, "applications")] == ["Came back", "Begun"]
    assert "1 application came back." in text_of(sales.representative)


def test_others_drafts_are_not_mine(sales: Sales) -> None:
    sales.draft(sales.customer(), by=sales.supervisor)
    assert rows_of(sales.representative, "applications") == []


def test_customers_on_hold_and_over_the_limit_are_named(sales: Sales) -> None:
    held, over = sales.customer(name="Held"), sales.customer(name="Over", limit=1000)
    put_on_hold(held.pk, by=sales.finance, reason="No payment")
    sales.overdue(over, 1500, days=-5)
    sales.customer(name="Calm")
    rows = rows_of(sales.representative, "watched")
    assert [(row.title, str(row.money)) for row in rows] == [("Held", "0.00"), ("Over", "500.00")]
    assert rows_of(make_sales().representative, "watched") == []


# ---- supply, finance ----
def test_supply_sees_what_is_to_leave_the_earliest_wanted_first(sales: Sales, today: date) -> None:
    later, sooner = sales.approved(sales.customer(), 5), sales.approved(sales.customer(), 5)
    type(later).objects.filter(pk=later.pk).update(wanted_on=today + timedelta(days=3))
    type(later).objects.filter(pk=sooner.pk).update(wanted_on=today - timedelta(days=1))
    rows = rows_of(sales.supply, "to_ship")
    assert [row.figure for row in rows] == ["1 day late", (today + timedelta(days=3)).isoformat()]
    assert rows[0].note == "Ready in full"
    assert "2 deliveries are to leave: 1 late." in text_of(sales.supply)


def test_supply_sees_what_is_short_and_when_it_comes(sales: Sales, today: date) -> None:
    Stock.objects.update(on_hand=4)
    sales.approved(sales.customer(limit=None), 10)
    assert rows_of(sales.supply, "short")[0].note == "none expected"
    ExpectedGoods.objects.create(
        warehouse=sales.warehouse, product=sales.product, quantity=50, expected_on=today + timedelta(days=1)
    )
    row = rows_of(sales.supply, "short")[0]
    assert row.figure == "6 short" and row.note == f"50 come {today + timedelta(days=1)}"
    assert tile(sales.supply, "Back-ordered").value == "6"


def test_finance_sees_what_came_today(sales: Sales, today: date) -> None:
    customer = sales.customer(name="Payer")
    sales.pay(customer, 1200)
    sales.pay(customer, 800, on=today - timedelta(days=1))
    assert tile(sales.finance, "Came today").value == "1.2"
    assert [str(row.money) for row in rows_of(sales.finance, "payments")] == ["1200.00", "800.00"]


# ---- an agent ----
def test_an_agent_sees_its_own_account_only(sales: Sales) -> None:
    customer, other = sales.customer(limit=5000), sales.customer(name="Somebody else")
    agent = make_user(Role.AGENT, customer=customer)
    sales.overdue(customer, 1500, days=4)
    sales.overdue(other, 9000, days=4)
    sales.submitted(customer, 2, by=agent)
    text = text_of(agent)
    assert "1,500.00" in text and "Somebody else" not in text and "9,000.00" not in text
    assert tile(agent, "Limit left").value == "3,500.00"
    assert tile(agent, "Overdue").notes == ["4 days"]
    assert [row.sub for row in rows_of(agent, "under_way")] == ["Waits for approval"]


def test_an_agent_does_not_see_what_its_representative_has_begun(sales: Sales) -> None:
    customer = sales.customer()
    sales.draft(customer)
    assert rows_of(make_user(Role.AGENT, customer=customer), "under_way") == []


def test_a_held_agent_is_told_without_the_reason(sales: Sales) -> None:
    customer = sales.customer()
    put_on_hold(customer.pk, by=sales.finance, reason="Lawyer asked")
    text = text_of(make_user(Role.AGENT, customer=customer))
    assert "on hold" in text and "Lawyer asked" not in text


# ---- administrators and personnel ----
def test_an_administrator_sees_what_failed(sales: Sales) -> None:
    admin = make_user(Role.ADMINISTRATOR)
    assert "Everything runs." in text_of(admin)
    Job.objects.create(kind="export", title="x", owner=admin, state=JobState.FAILED, finished_at=timezone.now())
    assert tile(admin, "Failed").value == "1"
    assert "1 thing failed this week." in text_of(admin)


def test_personnel_sees_people_and_who_is_away(sales: Sales, today: date) -> None:
    other = make_sales().supervisor
    give_delegation(
        by=sales.supervisor, giver_id=sales.supervisor.pk, taker_id=other.pk, first_day=today, last_day=today
    )
    personnel = make_user(Role.PERSONNEL)
    assert [row.title for row in rows_of(personnel, "away")] == [str(sales.supervisor)]
    by_role = {row.title: row.figure for row in rows_of(personnel, "people")}
    assert by_role["Sales supervisor"] == "2"


def test_marketing_sees_what_sells_best(sales: Sales) -> None:
    sales.ship(sales.approved(sales.customer(), 10))
    text = text_of(make_user(Role.MARKETING))
    assert "Best sellers" in text and sales.product.name in text


# ---- by person ----
def test_the_team_table_has_the_teams_people_only(sales: Sales) -> None:
    colleague = make_user(Role.REPRESENTATIVE, team=sales.team, full_name="Second Person")
    sales.ship(sales.approved(sales.customer(), 10))
    theirs = sales.submitted(sales.customer(representative=colleague), 30, by=colleague)
    approve(theirs.pk, by=sales.supervisor)
    sales.ship(Delivery.objects.get(pk=theirs.object_id))
    other = make_sales()
    other.ship(other.approved(other.customer(limit=None), 50))
    context = next(context for card, context in home_of(sales.supervisor).context["cards"] if card.key == "team")
    assert [(one.name, one.now_text) for one in context["standings"]] == [
        ("Second Person", "3.0"),
        (sales.representative.full_name, "1.0"),
    ]
    assert context["total"] == "4.0"


# ---- how much it asks ----
@pytest.mark.parametrize("role", ["supervisor", "representative", "finance", "supply", "sales_manager"])
def test_a_home_asks_the_same_however_much_there_is(
    sales: Sales, role: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    user = getattr(sales, role)
    for _number in range(4):
        customer = sales.customer(limit=2000)
        sales.overdue(customer, 100, days=5)
        sales.draft(customer)
        sales.submitted(customer, 5)
        sales.pay(customer, 10)
        sales.ship(sales.approved(customer, 4), 2)
    client = signed_in(user)
    client.get(HOME)
    with django_assert_max_num_queries(MOST_QUERIES):
        assert client.get(HOME).status_code == 200


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _old_shipment(sales: Sales, delivery_id: int, day: date, amount: int, number: str) -> None:
    """A shipment of another year, only for the statistics."""
    delivery = Shipment.objects.filter(delivery=delivery_id)[0]
    Shipment.objects.create(
        number=number,
        delivery_id=delivery_id,
        customer_id=delivery.customer_id,
        warehouse=sales.warehouse,
        shipped_on=day,
        amount=amount,
    )


def test_a_chinese_page_says_a_sentence_in_one_language(sales: Sales) -> None:
    sales.overdue(sales.customer(name="Large", name_zh="大客户"), 9000, days=3)
    with translation.override("zh-hans"):
        row = rows_of(sales.supervisor, "late")[0]
    assert "大客户" in row.title and "Large" not in row.title and row.title_zh == ""
