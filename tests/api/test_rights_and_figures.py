"""What a role reads and does over the API where its rights are unusual, and figures that are out of the ordinary."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from customers.accounts.services import put_on_hold
from orders.models import Delivery, DeliveryLine, Payment, Shipment, TemporaryLimit
from orders.payments.queries import reversal_of
from salesops.api.models import KeptAnswer
from salesops.users.models import User
from salesops.users.roles import Role
from tests.support.build import Sales, make_user
from tests.support.build import make_sales as made_sales
from tests.support.program import Program, made

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return made_sales()


def without(person: User, right: str) -> Program:
    """A program of somebody whose role lost a right."""
    name = right.split(".")[1]
    for group in person.groups.all():
        group.permissions.remove(*Permission.objects.filter(codename=name))
    return Program(User.objects.get(pk=person.pk))


def test_the_rest_is_cancelled_with_a_reason_and_once(sales: Sales) -> None:
    delivery = sales.approved(sales.customer(), 10)
    sales.ship(delivery, 4)
    program, address = Program(sales.supervisor), f"deliveries/{delivery.number}/cancellation/"
    assert "reason" in made(program.post(address), 400)["fields"]
    said = made(program.post(address, {"reason": "Out of season"}))
    assert (said["state"], said["lines"][0]["shipped_quantity"]) == ("shipped", 4)
    assert made(program.post(address, {"reason": "Again"}), 409)["rule"] == "state"
    credit = made(program.get(f"customers/{delivery.customer.code}/credit/"))
    assert (credit["balance"], credit["committed"]) == ("400.00", "0.00")
    made(Program(sales.supply).post(address, {"reason": "x"}), 403)


def test_an_approval_is_taken_back_while_nothing_has_left(sales: Sales) -> None:
    delivery = sales.approved(sales.customer(), 10)
    program, address = Program(sales.supervisor), f"deliveries/{delivery.number}/reopening/"
    assert "reason" in made(program.post(address), 400)["fields"]
    assert made(program.post(address, {"reason": "Wrong warehouse"}))["state"] == "returned"
    assert DeliveryLine.objects.get(delivery=delivery).reserved_quantity == 0
    left = sales.approved(sales.customer(), 10)
    sales.ship(left, 1)
    assert made(program.post(f"deliveries/{left.number}/reopening/", {"reason": "x"}), 409)["rule"] == "state"


def test_a_line_that_is_trimmed_twice_is_malformed(sales: Sales) -> None:
    request = sales.submitted(sales.customer(), 10)
    lines = [{"position": 1, "quantity": 0}, {"position": 1, "quantity": 9}]
    program, address = Program(sales.supervisor), f"deliveries/{request.number}/approval/"
    assert list(made(program.post(address, {"lines": lines}), 400)["fields"]) == ["lines.1.position"]
    assert Delivery.objects.get(number=request.number).state == "submitted"


def test_credit_counts_a_temporary_limit_in_and_tells_of_a_hold(sales: Sales) -> None:
    customer, today = sales.customer(limit=1_000), timezone.localdate()
    days = {"first_day": today, "last_day": today + timedelta(days=3)}
    limit = TemporaryLimit.objects.create(
        number="CL-2026-000001", customer=customer, amount=500, reason="Season", created_by=sales.finance, **days
    )
    TemporaryLimit.objects.filter(pk=limit.pk).update(state="approved")
    put_on_hold(customer.pk, by=sales.finance, reason="Cheque returned")
    address = f"customers/{customer.code}/credit/"
    found = made(Program(sales.finance).get(address))
    assert (found["limit"], found["available"], found["hold"]) == ("1000.00", "1500.00", {"reason": "Cheque returned"})
    assert [each["amount"] for each in found["temporary_limits"]] == ["500.00"]
    agent = Program(make_user(Role.AGENT, customer=customer))
    assert made(agent.get(address))["hold"] == {"reason": ""}


def test_prices_are_those_of_the_customer_that_is_named(sales: Sales) -> None:
    customer, other = sales.customer(), made_sales().customer()
    program = Program(sales.representative)
    (product,) = made(program.get(f"products/?q={sales.product.sku}&customer={customer.code}"))["results"]
    assert product["price"]["amount"] == "100.00"
    assert list(made(program.get(f"products/?customer={other.code}"), 400)["fields"]) == ["customer"]


def test_who_may_not_read_what_it_writes_writes_nothing(sales: Sales) -> None:
    delivery = sales.approved(sales.customer(), 2)
    body = {"customer": delivery.customer.code, "amount": "12.30"}
    made(without(sales.finance, "orders.view_payment").post("payments/", body), 403)
    goods = {"customer": delivery.customer.code, "lines": [{"sku": sales.product.sku, "quantity": 1}]}
    made(without(sales.representative, "orders.view_delivery").post("deliveries/", goods), 403)
    leaving = {"lines": [{"position": 1, "quantity": 1}]}
    made(without(sales.supply, "orders.view_shipment").post(f"deliveries/{delivery.number}/shipments/", leaving), 403)
    assert (Payment.objects.count(), Shipment.objects.count(), Delivery.objects.count()) == (0, 0, 1)


def test_who_may_not_read_what_it_takes_back_takes_nothing_back(sales: Sales) -> None:
    delivery = sales.approved(sales.customer(), 2)
    payment = sales.pay(delivery.customer, 5)
    why = {"reason": "A mistake"}
    made(without(sales.finance, "orders.view_payment").post(f"payments/{payment.number}/reversal/", why), 403)
    program = without(sales.supervisor, "orders.view_delivery")
    for action in ("cancellation", "reopening"):
        made(program.post(f"deliveries/{delivery.number}/{action}/", why), 403)
    assert reversal_of(payment) is None
    assert Delivery.objects.get().state == "approved"


def test_an_agent_names_no_discount_and_sends_back_the_one_that_it_read(sales: Sales) -> None:
    customer = sales.customer()
    agent, line = Program(make_user(Role.AGENT, customer=customer)), {"sku": sales.product.sku, "quantity": 3}
    answer = made(agent.post("deliveries/", {"lines": [line, {**line, "discount_percent": "5"}]}), 409)
    assert (answer["rule"], list(answer["fields"])) == ("discount right", ["lines.1.discount_percent"])
    assert not Delivery.objects.exists()
    read = made(agent.get(f"deliveries/{sales.draft(customer, 2, discount=10).number}/"))
    sent = {**line, "discount_percent": read["lines"][0]["discount_percent"]}
    body = {"version": read["version"], "lines": [sent]}
    assert made(agent.put(f"deliveries/{read['number']}/", body))["amount"] == "270.00"


def test_a_line_keeps_its_discount_unless_it_names_another(sales: Sales) -> None:
    customer = sales.customer()
    agent = Program(make_user(Role.AGENT, customer=customer))
    number, line = sales.draft(customer, 2, discount=10).number, {"sku": sales.product.sku, "quantity": 1}
    change = {"warehouse": sales.warehouse.code, "version": 1, "lines": [line, line]}
    lines = made(agent.put(f"deliveries/{number}/", change))["lines"]
    assert [one["discount_percent"] for one in lines] == ["10.00", "0.00"]
    change = {**change, "version": 2, "lines": [{**line, "discount_percent": "0"}]}
    assert made(agent.put(f"deliveries/{number}/", change))["lines"][0]["discount_percent"] == "0.00"


def test_a_year_that_nobody_means_is_refused_at_its_field(sales: Sales) -> None:
    body = {"customer": sales.customer().code, "lines": [{"sku": sales.product.sku, "quantity": 1}]}
    answer = made(Program(sales.representative).post("deliveries/", {**body, "wanted_on": "0202-12-01"}), 409)
    assert (answer["rule"], list(answer["fields"])) == ("year", ["wanted_on"])
    assert not Delivery.objects.exists()


def test_an_account_shows_each_what_its_page_does(sales: Sales) -> None:
    customer = sales.customer(limit=1_000)
    sales.overdue(customer, 50, days=1)
    put_on_hold(customer.pk, by=sales.finance, reason="Cheque returned")
    address = f"customers/{customer.code}/"
    supply = made(Program(sales.supply).get(address))
    assert (supply["is_on_hold"], supply["account"]) == (True, None)
    Group.objects.get(name=Role.SUPPLY).permissions.add(Permission.objects.get(codename="set_credit_terms"))
    terms = made(Program(User.objects.get(pk=sales.supply.pk)).get(address))["account"]
    assert (terms["limit"], terms["balance"], terms["committed"]) == ("1000.00", None, None)
    assert made(Program(sales.finance).get(address))["account"]["balance"] == "50.00"


@pytest.mark.parametrize("key", ["a b", "é", "x" * 101])
def test_a_key_that_is_none_is_named_and_nothing_is_kept(sales: Sales, key: str) -> None:
    body = {"customer": sales.customer().code, "amount": "1"}
    answer = made(Program(sales.finance).post("payments/", body, key=key), 400)
    assert list(answer["fields"]) == ["Idempotency-Key"]
    assert (Payment.objects.count(), KeptAnswer.objects.count()) == (0, 0)
